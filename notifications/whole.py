"""The whole dossier as one document: a filed version as its page shows it, section by section, with its files.

It holds what is frozen and nothing else (no stage, no outcome, no hour of printing), in the language of the
call: the same version read by the same kind of person gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from applications import diagnosis, explaining, pledges, reading, tables
from applications.models import Dossier, Snapshot
from applications.snapshots import content_of
from notifications import slots
from notifications.letters import document as model
from notifications.letters.render import render
from web import formats

SHORT = 90  # signs: a shorter answer stands in a row beside its question
LONG_LABEL = 120  # signs: a longer question (a declaration) is read as a sentence with its answer
BREAKS = ("\n", "\r")


@dataclass
class Copy:
    """A version of a dossier that is to be printed: its edition and the present state of each file's scan."""

    dossier: Dossier
    snapshot: Snapshot
    edition: Mapping[str, Any]
    scans: Mapping[int, str]

    @property
    def language(self) -> model.Language:
        """The language of the call."""
        return "en" if self.dossier.call.language.startswith("en") else "fr"

    @property
    def content(self) -> dict[str, Any]:
        """What was frozen."""
        return content_of(self.snapshot)

    @property
    def title(self) -> str:
        """The title of the project as filed, else the number."""
        for code, question in reading.questions_of(self.edition).items():
            if question.role == "title":
                return str(self.content["answers"].get(code) or self.dossier.number)
        return self.dossier.number


def file_name(copy: Copy) -> str:
    """`FLIN-2026-0042-v2.pdf`."""
    return f"{copy.dossier.number or copy.dossier.pk}-v{copy.snapshot.version}.pdf"


def pdf(copy: Copy) -> bytes:
    """The dossier as a PDF, tagged, with its outline."""
    return render(compose(copy))


def compose(copy: Copy) -> model.Report:
    """The document, all words chosen in the language of the call."""
    with translation.override("en" if copy.language == "en" else "fr-ca"):
        return _report(copy)


def _report(copy: Copy) -> model.Report:
    call, snapshot, lang = copy.dossier.call, copy.snapshot, copy.language
    programme = call.programme
    files = reading.files_of(snapshot, copy.scans)
    parts = reading.sections(snapshot, copy.edition, files, str(copy.content.get("volet") or ""))
    body: list[model.Block] = [*_replaced(copy), *_identity(copy), *_figures(copy)]
    for number, part in enumerate(parts, start=1):
        body += _section(number, part, lang)
    body += _aid(copy)
    body += _files(files, copy)
    body += _proof(copy)
    return model.Report(
        kind=_("Demande déposée"),
        language=lang,
        title=copy.title,
        reference=copy.dossier.number,
        issued=snapshot.filed_at,
        date=formats.date_long(snapshot.received_at, lang),
        letterhead=model.Letterhead(formats.tr(programme.ministry, lang), formats.tr(programme.name, lang)),
        body=tuple(body),
        contact=model.Contact(call.contact_name, call.contact_phone, call.contact_email),
        outline=True,
        organisation=" · ".join([copy.dossier.number, _lead_name(copy)]),
        notice=slots.notice(call, lang),
    )


# --- first page -----------------------------------------------------------------------------------------
def _replaced(copy: Copy) -> list[model.Block]:
    """That a later version stands, on a copy of an earlier one."""
    if copy.dossier.snapshot_id == copy.snapshot.pk:
        return []
    said = _("Ceci n’est pas la version en vigueur : une version plus récente la remplace.")
    return [model.Paragraph((model.Run(said, alert=True),))]


def _bodies(copy: Copy) -> list[Mapping[str, Any]]:
    return list(copy.content.get("bodies") or [])


def _lead_name(copy: Copy) -> str:
    lead = next((one for one in _bodies(copy) if one.get("role") == "lead"), None)
    return str(lead["name"]) if lead else copy.dossier.lead_name


def _body_cell(body: Mapping[str, Any], lang: str) -> model.Cell:
    """An organisation with what tells it apart."""
    told = [str(body.get("code") or ""), str(body.get("mrc_name") or ""), str(body.get("region_name") or "")]
    people = body.get("population")
    if people:
        words = _("%(n)s habitants") if people > 1 else _("%(n)s habitant")
        told.append(words % {"n": formats.number(people, lang=lang)})
    return model.Cell(str(body["name"]), ", ".join(dict.fromkeys(one for one in told if one)))


def _identity(copy: Copy) -> list[model.Block]:
    dossier, snapshot, lang = copy.dossier, copy.snapshot, copy.language
    rows: list[tuple[str, model.CellContent]] = [
        (_("Numéro"), (model.Run(dossier.number, strong=True),)),
        (_("Appel de projets"), formats.tr(dossier.call.title, lang)),
        (_("Volet"), formats.tr(dossier.volet.label, lang)),
    ]
    names = {"lead": _("Organisme responsable"), "partner": _("Partenaire")}
    for body in _bodies(copy):
        rows.append((names.get(str(body.get("role")), _("Organisme")), _body_cell(body, lang)))
    rows += [
        (_("Déposée le"), formats.datetime_exact(snapshot.received_at, lang)),
        (_("Version"), _version(copy)),
        (_("Accusé de réception"), snapshot.code),
        (_("Empreinte SHA-256"), (model.Run(snapshot.digest.removeprefix("sha256:"), digest=True),)),
    ]
    return [model.facts(_("Le dossier"), tuple(rows))]


def _version(copy: Copy) -> str:
    words = {"filing": _("%(n)s (dépôt)"), "completion": _("%(n)s (compléments)")}
    return words.get(copy.snapshot.kind, "%(n)s") % {"n": copy.snapshot.version}


def _figures(copy: Copy) -> list[model.Block]:
    """What the page of the dossier says in figures."""
    lang, computed = copy.language, copy.content.get("budget") or {}
    made = explaining.explain(computed, copy.dossier)
    if not made:
        return []
    rows: list[tuple[str, model.CellContent]] = [
        (_("Coûts du projet"), formats.money(made["total"], lang)),
        (_("Coûts retenus"), formats.money(made["kept"], lang)),
    ]
    asked = copy.content.get("facts", {}).get("asked")
    if isinstance(asked, int):
        rows.append((_("Aide demandée"), formats.money(asked, lang)))
    aid = (model.Run(formats.money(made["aid"], lang), strong=True),)
    rows += [
        (_("Aide calculée"), model.Cell(aid, _("Taux de %(rate)s") % {"rate": made["rate"]})),
        (_("Mise de fonds"), formats.money(made["own"], lang)),
    ]
    return [model.facts(_("Le projet en chiffres"), tuple(rows))]


# --- answers --------------------------------------------------------------------------------------------
def _section(number: int, part: reading.Section, lang: model.Language) -> list[model.Block]:
    """A section: short answers side by side with their questions, long ones under a heading."""
    made: list[model.Block] = [model.Heading(f"{number}. {formats.tr(part.title, lang)}")]
    waiting: list[tuple[str, model.CellContent]] = []

    def flush() -> None:
        if waiting:
            made.append(model.facts("", tuple(waiting)))
            waiting.clear()

    for shown in part.questions:
        label = formats.tr(shown.question.label, lang)
        if shown.question.type == "budget" and shown.value:
            flush()
            made += _budget(label, shown.value)
        elif isinstance(shown.value, diagnosis.Diagnosis) and shown.value:
            flush()
            made += _diagnosis(label, shown.value)
        elif isinstance(shown.value, tables.Table) and shown.value:
            flush()
            made += _table(label, shown.value)
        elif len(label) > LONG_LABEL and _is_short(shown):
            flush()
            made.append(model.Paragraph((f"{label} ", *_strong(_short(shown)))))
        elif _is_short(shown):
            waiting.append((label, _short(shown)))
        else:
            flush()
            made += [model.Heading(label, 3), *model.paragraphs(str(shown.value))]
    flush()
    return made


def _table(label: str, table: tables.Table) -> list[model.Block]:
    """A table of the form under its question."""
    columns = tuple(
        model.Column(words, "header" if place == 0 else "amount" if is_number else "text")
        for place, (words, is_number) in enumerate(table.columns)
    )
    rows = tuple(tuple(cell or "–" for cell in row) for row in table.rows)
    tied = (model.ItemList(table.targets),) if isinstance(table, pledges.Pledged) and table.targets else ()
    return [model.Heading(label, 3), *tied, *((model.Table(label, columns, rows),) if rows else ())]


def _diagnosis(label: str, found: diagnosis.Diagnosis) -> list[model.Block]:
    """The levels as a table, then what was chosen, statement by statement."""
    said = [_("Contexte, jamais noté.")]
    if found.done_on:
        said.append(_("Autodiagnostic du %(day)s.") % {"day": found.done_on})
    made: list[model.Block] = [
        model.Heading(label, 3),
        model.Paragraph(" ".join(said)),
        *_table(label, found)[1:],
    ]
    for one in found.levels:
        rows = tuple(
            (statement, model.Cell(f"{level} / 4", words)) for statement, level, words in one.statements
        )
        if rows:
            columns = (model.Column(_("Énoncé"), "header"), model.Column(_("Niveau choisi")))
            made.append(model.Table(one.label, columns, rows))
    return made


def _strong(content: model.Content) -> tuple[model.Run, ...]:
    return tuple(model.Run(run.text, strong=True) for run in model.runs(content))


def _is_short(shown: reading.Shown) -> bool:
    if shown.is_empty or shown.files or not isinstance(shown.value, str):
        return True
    if shown.question.type == "text":
        return True
    return len(shown.value) <= SHORT and not any(sign in shown.value.strip() for sign in BREAKS)


def _short(shown: reading.Shown) -> model.Content:
    """What stands beside a question: a value, a list in a line, the names of files, or that nothing was said."""
    if shown.files:
        return "; ".join(file.name for file in shown.files)
    if isinstance(shown.value, list):
        return ", ".join(str(one) for one in shown.value)
    if shown.is_empty:
        words = _("Sans réponse (obligatoire)") if shown.required else _("Sans réponse")
        return (model.Run(words, emphasis=True),)
    return str(shown.value).strip()


def _budget(label: str, value: Mapping[str, Any]) -> list[model.Block]:
    """Costs and funding with their sums."""
    made: list[model.Block] = [model.Heading(label, 3)]
    captions = (
        (_("Coûts"), _("Total des coûts")),
        (_("Autres sources de financement"), _("Total du financement")),
    )
    for part, (caption, total) in zip((value["lines"], value["funding"]), captions, strict=True):
        if part is None:
            continue
        columns = tuple(
            model.Column(head, "header" if place == 0 else "amount" if is_sum else "text")
            for place, (head, is_sum) in enumerate(part.heads)
        )
        rows = tuple(tuple(cell or "–" for cell in row) for row in part.rows)
        made.append(model.Table(caption, columns, rows, (total, *[""] * (part.span - 1), part.total)))
    return made


# --- end ------------------------------------------------------------------------------------------------
def _aid(copy: Copy) -> list[model.Block]:
    """How the aid was computed at filing, step by step."""
    steps = explaining.explain(copy.content.get("budget") or {}, copy.dossier).get("steps", [])
    if not steps:
        return []
    rows = [
        (f"{step['sign']} {step['label']}".strip(), formats.money(step["amount"], copy.language))
        for step in steps
    ]
    columns = (model.Column(_("Étape"), "header"), model.Column(_("Montant"), "amount"))
    return [
        model.Heading(_("Calcul de l’aide")),
        model.Table(_("De la demande à l’aide calculée"), columns, tuple(rows[:-1]), rows[-1]),
    ]


def _files(files: list[reading.File], copy: Copy) -> list[model.Block]:
    """Files with their size, what the scanner says of them, and their digests."""
    made: list[model.Block] = [model.Heading(_("Pièces déposées"))]
    if not files:
        return [*made, model.Paragraph(_("Aucun fichier n’a été joint à cette version."))]
    questions, lang = reading.questions_of(copy.edition), copy.language
    rows = []
    for file in files:
        asked = questions.get(file.slot)
        label = formats.tr(asked.label, lang) if asked is not None else file.slot
        told = [label, formats.size(file.size, lang), formats.tr(file.scan.label, lang)]
        digest = (model.Run(file.digest.removeprefix("sha256:"), digest=True),)
        rows.append((model.Cell(file.name, " · ".join(told)), digest))
    columns = (model.Column(_("Pièce"), "header"), model.Column(_("Empreinte SHA-256"), "digest"))
    return [*made, model.Table(_("Fichiers de cette version"), columns, tuple(rows))]


def _proof(copy: Copy) -> list[model.Block]:
    """What the copy is worth, and how to check it."""
    said = _(
        "Ce document reprend la version %(n)s de la demande, figée le %(when)s. Son empreinte est celle de "
        "l’accusé de réception %(code)s; celle de chaque fichier se recalcule avec tout outil SHA-256."
    )
    when = formats.datetime_exact(copy.snapshot.received_at, copy.language)
    words = {"n": copy.snapshot.version, "when": when, "code": copy.snapshot.code}
    return [model.Heading(_("Authenticité")), model.Paragraph(said % words)]
