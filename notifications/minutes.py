"""The minutes of a panel, once its ranking is frozen: who sat, who stood back, the ranking and why it is what it is.

Everything comes from the rows as the lock left them; the motive of a recusal is never among them. They are one
document, single for the panel, drawn and sealed by the worker as letters are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import permissions
from notifications import codec, meeting_blocks, slots
from notifications.drafting import verification
from notifications.letters import document as model
from notifications.letters.code import new_code
from notifications.models import Document
from notifications.queues import wake
from review import facts, ranking, rules, steps
from review.meetings import minutes_awaited
from review.models import Assignment, Consensus, Panel, Recommendation, Recusal
from review.views import ranking as pages
from web import clock, formats

KIND = "PV"
CRITERIA_ABREAST = 5


def is_shut_out(user: Any, panel: Panel) -> bool:
    """The person is recused of a dossier that these minutes name."""
    found = ranking.frozen(panel, pages.without(user))
    return found is None or any(one.is_shut for one in found.dossiers)  # type: ignore[attr-defined]


def for_panel(panel: Panel) -> Document | None:
    """The minutes of a locked panel, written once; None while it is open."""
    if getattr(panel, "recommendation", None) is None or minutes_awaited(panel):
        return None
    key = f"panel:{panel.pk}:{KIND}:1"
    known: Document | None = Document.objects.filter(key=key).first()
    if known is not None:
        return known
    code, now = new_code(), clock.now()
    content = compose(panel, code)
    made, is_new = Document.objects.get_or_create(
        key=key,
        defaults={
            "kind": KIND,
            "call": panel.call,
            "panel": panel,
            "language": panel.call.language,
            "title": content.title,
            "content": codec.dumps(content),
            "code": code,
            "created_at": now,
            "left_at": now,
        },
    )
    if is_new:
        wake()
    return made


@dataclass
class _Frozen:
    """What the minutes are written from."""

    panel: Panel
    found: ranking.Computed
    board: pages.Board
    lang: model.Language
    named: dict[int, str] = field(default_factory=dict)  # numbers of dossiers by key

    @property
    def recommendation(self) -> Recommendation:
        """What the lock froze."""
        return self.panel.recommendation

    @property
    def grid(self) -> Mapping[str, Any]:
        """The criteria of the call."""
        edition = self.panel.call.edition
        assert edition is not None
        grid: Mapping[str, Any] = edition.content["grid"]
        return grid


def compose(panel: Panel, code: str) -> model.Report:
    """The document, all words chosen in the language of the call."""
    lang: model.Language = "en" if panel.call.language.startswith("en") else "fr"
    with translation.override("en" if lang == "en" else "fr-ca"):
        found = ranking.frozen(panel)
        assert found is not None
        named = {one.pk: one.number for one in found.dossiers}
        return _report(_Frozen(panel, found, pages.build(panel, found, set()), lang, named), code)


def _report(read: _Frozen, code: str) -> model.Report:
    panel, lang = read.panel, read.lang
    call, programme = panel.call, panel.call.programme
    held = meeting_blocks.signed_meeting(panel)
    told = meeting_blocks.parts(held, lang) if held is not None else []
    parts = (
        *told[:2],
        (_("Membres et déclarations"), _members(read)),
        (_("Récusations"), _recusals(read)),
        (_("Classement"), _ranking(read)),
        (_("Notes et seuils"), _thresholds(read)),
        (_("Égalités départagées"), _ties(read)),
        (_("Divergences entre les fiches"), _divergences(read)),
        (_("Écarts à l’ordre du mérite"), _departures(read)),
        *told[2:],
    )
    body: list[model.Block] = _opening(read)
    for number, (title, blocks) in enumerate(parts, start=1):
        body += [model.Heading(f"{number}. {title}"), *blocks]
    return model.Report(
        kind=_("Procès-verbal"),
        language=lang,
        title=_("Procès-verbal du comité"),
        reference=f"{call.code} – {panel.code}",
        issued=read.recommendation.frozen_at,
        date=formats.date_long(read.recommendation.frozen_at, lang),
        letterhead=model.Letterhead(formats.tr(programme.ministry, lang), formats.tr(programme.name, lang)),
        body=tuple(body),
        verification=verification(code, _("Vérifier ce procès-verbal")),
        outline=True,
        organisation=formats.tr(panel.volet.label, lang),
        notice=slots.notice(call, lang),
    )


def _opening(read: _Frozen) -> list[model.Block]:
    """What was frozen, when, by whom, under which hash."""
    panel, kept, lang = read.panel, read.recommendation, read.lang
    digest = (model.Run(kept.digest.removeprefix("sha256:"), digest=True),)
    rows: tuple[tuple[str, model.CellContent], ...] = (
        (_("Appel de projets"), formats.tr(panel.call.title, lang)),
        (_("Volet"), formats.tr(panel.volet.label, lang)),
        (_("Comité"), formats.tr(panel.name, lang)),
        (_("Verrouillé le"), formats.datetime_exact(kept.frozen_at, lang)),
        (_("Verrouillé par"), str(kept.frozen_by)),
        (_("Dossiers étudiés"), formats.number(len(read.found.dossiers), lang=lang)),
        (_("Empreinte SHA-256 du classement figé"), digest),
    )
    said = _(
        "Le comité a étudié les dossiers ci-dessous et propose leur classement à l’autorité. "
        "Depuis le verrouillage, ni les fiches ni le classement ne changent."
    )
    return [model.Paragraph(said), model.facts(_("Ce qui est figé"), rows)]


# --- people ---------------------------------------------------------------------------------------------
def _members(read: _Frozen) -> list[model.Block]:
    """Members with what was given to them, declared and handed in, then the secretary."""
    panel, lang = read.panel, read.lang
    people = {one.pk: one for one in permissions.holders(list(rules.MEMBERS), panel)}
    chairs = {one.pk for one in permissions.holders("chair", panel)}
    given: dict[int, list[Assignment]] = {}
    rows = panel.assignments.select_related("reviewer", "sheet").order_by("reviewer__sort_name", "pk")
    for one in rows:
        people.setdefault(one.reviewer_id, one.reviewer)
        given.setdefault(one.reviewer_id, []).append(one)
    lines = []
    for pk, person in people.items():
        own = given.get(pk, [])
        declared = [one.declared_at for one in own if one.declared_at is not None]
        counts = (len(own), len(declared), sum(1 for one in own if _is_handed_in(one)))
        role = _("Présidence") if pk in chairs else _("Membre")
        lines.append(
            (str(person), role, *(formats.number(n, lang=lang) for n in counts), _day(declared, lang))
        )
    columns = (
        model.Column(_("Personne"), "header"),
        model.Column(_("Fonction")),
        model.Column(_("Confiés"), "amount"),
        model.Column(_("Déclarés"), "amount"),
        model.Column(_("Fiches"), "amount"),
        model.Column(_("Dernière déclaration"), "amount"),
    )
    made: list[model.Block] = [
        model.Table(_("Dossiers confiés et déclarations d’intérêts"), columns, tuple(lines))
    ]
    secretaries = [str(one) for one in permissions.holders("secretary", panel.call)]
    if secretaries:
        made.append(
            model.Paragraph(_("Secrétariat, sans vote : %(names)s.") % {"names": ", ".join(secretaries)})
        )
    return made


def _is_handed_in(one: Assignment) -> bool:
    sheet = getattr(one, "sheet", None)
    return sheet is not None and sheet.state == "handed_in"


def _day(instants: list[datetime], lang: str) -> str:
    return formats.date_long(max(instants), lang) if instants else "–"


def _recusals(read: _Frozen) -> list[model.Block]:
    """Who stood back from which dossier; never why."""
    at = read.recommendation.frozen_at
    stood = Q(lifted_at__isnull=True) | Q(lifted_at__gt=at)
    rows = Recusal.objects.filter(stood, dossier__in=list(read.named), at__lte=at)
    lines = tuple(
        (read.named[one.dossier_id], str(one.user), formats.date_long(one.at, read.lang))
        for one in rows.select_related("user").order_by("dossier__number", "user__sort_name")
    )
    if not lines:
        return [model.Paragraph(_("Aucune récusation."))]
    columns = (
        model.Column(_("Dossier"), "header"),
        model.Column(_("Personne")),
        model.Column(_("Depuis le"), "amount"),
    )
    said = _("Aucune fiche de ces personnes ne compte pour le dossier. Le motif n’est pas repris ici.")
    return [model.Paragraph(said), model.Table(_("Personnes récusées"), columns, lines)]


# --- ranking --------------------------------------------------------------------------------------------
def _ranking(read: _Frozen) -> list[model.Block]:
    """The envelope, its reserves, and every dossier in its order."""
    board, lang = read.board, read.lang
    said = _("L’enveloppe est de %(pool)s. Proposé : %(spent)s; reste : %(left)s.") % {
        "pool": formats.money(board.pool, lang),
        "spent": formats.money(board.spent, lang),
        "left": formats.money(board.left, lang),
    }
    for name, amount, given in board.reserves:
        words = _("Réserve « %(name)s », %(amount)s : %(given)s proposés.")
        money = {"amount": formats.money(amount, lang), "given": formats.money(given, lang)}
        said += " " + words % {"name": name, **money}
    lines = tuple(_line(one, lang) for one in [*board.lines, *board.refused])
    columns = (
        model.Column(_("Rang"), "amount"),
        model.Column(_("Dossier"), "header"),
        model.Column(pgettext("score", "Note"), "amount"),
        model.Column(_("Aide confirmée"), "amount"),
        model.Column(_("Proposition")),
        model.Column(_("Proposée"), "amount"),
    )
    total = ("", _("Total"), "", formats.money(board.requested, lang), "", formats.money(board.spent, lang))
    table = model.Table(_("Dossiers dans l’ordre du classement"), columns, lines, total)
    return [model.Paragraph(said), table]


def _line(one: pages.Line, lang: str) -> tuple[model.CellContent, ...]:
    words = one.words
    if one.partial:
        words = _("%(words)s, %(share)s") % {"words": words, "share": one.partial}
    if one.source:
        words = _("%(words)s, réserve %(name)s") % {"words": words, "name": one.source}
    return (
        str(one.rank) if one.rank else "–",
        model.Cell(one.dossier.number, one.dossier.lead_name),
        one.score,
        formats.money(one.asked, lang),
        words,
        formats.money(one.amount, lang) if one.amount else "–",
    )


def _thresholds(read: _Frozen) -> list[model.Block]:
    """The result of each criterion against its threshold, then who is under one, in words."""
    criteria, lang, lines = read.grid["criteria"], read.lang, [*read.board.lines, *read.board.refused]
    names = tuple(
        (
            str(one["id"]),
            formats.tr(one["label"], lang),
            formats.percent(one["threshold"], lang) if one["threshold"] else _("aucun"),
        )
        for one in criteria
    )
    columns = (
        model.Column(_("Code"), "header"),
        model.Column(_("Critère")),
        model.Column(_("Seuil"), "amount"),
    )
    total = (_("Total"), _("Note globale sur 100"), str(read.grid["overall_threshold"]))
    made: list[model.Block] = [model.Table(_("Critères de l’appel"), columns, names, total)]
    for start in range(0, len(criteria), CRITERIA_ABREAST):
        codes = [str(one["id"]) for one in criteria[start : start + CRITERIA_ABREAST]]
        rows = tuple((one.dossier.number, *_percents(one, codes)) for one in lines)
        head = (model.Column(_("Dossier"), "header"), *(model.Column(code, "amount") for code in codes))
        made.append(model.Table(_("Résultat par critère"), head, rows))
    return [*made, *_under(read, lines)]


def _percents(one: pages.Line, codes: list[str]) -> tuple[str, ...]:
    told = {code: percent for code, percent, _passes in one.passes}
    return tuple(told.get(code, "–") for code in codes)


def _under(read: _Frozen, lines: list[pages.Line]) -> list[model.Block]:
    said = []
    for one in lines:
        failed = [code for code, _percent, passes in one.passes if not passes]
        if failed:
            words = _("%(number)s : sous le seuil à %(codes)s.")
            said.append(words % {"number": one.dossier.number, "codes": ", ".join(failed)})
        elif one.rank is None:
            said.append(_("%(number)s : sous le seuil de la note globale.") % {"number": one.dossier.number})
    if not said:
        return [model.Paragraph(_("Tous les dossiers atteignent leurs seuils."))]
    return [model.ItemList(tuple(said))]


def _ties(read: _Frozen) -> list[model.Block]:
    """Dossiers at the same score, and what told them apart."""
    rules_of = ", ".join(pages.tie_label(read.panel, one) for one in read.found.case["ties"])
    order = _("À égalité de note, on départage, dans l’ordre, par %(rules)s.") % {"rules": rules_of}
    said = tuple(
        _("%(number)s, rang %(rank)s : %(words)s.")
        % {"number": one.dossier.number, "rank": one.rank, "words": one.tie[:1].lower() + one.tie[1:]}
        for one in read.board.lines
        if one.tie
    )
    found: model.Block = model.ItemList(said) if said else model.Paragraph(_("Aucune égalité."))
    return [model.Paragraph(order), found]


def _divergences(read: _Frozen) -> list[model.Block]:
    """Spreads beyond what the call allows, and how the committee concluded."""
    concluded = {
        (one.dossier_id, one.criterion): one
        for one in Consensus.objects.filter(dossier__in=list(read.named)).select_related("by")
    }
    lines = []
    for dossier in read.found.dossiers:
        result = read.found.scoring[dossier.number]["result"]
        for one in result["divergences"]:
            kept = concluded.get((dossier.pk, one["on"]))
            what = _("Total") if one["on"] == "total" else one["on"]
            ended = (
                _("Moyenne des fiches") if kept is None or not kept.score else facts.shown_mark(kept.score)
            )
            reason = f"{kept.reason} ({kept.by})" if kept is not None else "–"
            spread = facts.two_decimals(one["spread"], read.lang)
            lines.append((f"{dossier.number}, {what}", spread, ended, reason))
    if not lines:
        return [model.Paragraph(_("Aucune divergence au-delà des écarts permis."))]
    columns = (
        model.Column(_("Dossier et critère"), "header"),
        model.Column(_("Écart"), "amount"),
        model.Column(_("Note retenue"), "amount"),
        model.Column(_("Motif")),
    )
    return [model.Table(_("Divergences et conclusions"), columns, tuple(lines))]


def _departures(read: _Frozen) -> list[model.Block]:
    """Offers to a dossier ranked after one that waits, with the cause; then the steps of the rule."""
    waiting, said = "", []
    for one in read.board.lines:
        if not one.amount:
            waiting = waiting or one.dossier.number
        elif waiting:
            words = (
                _(
                    "%(number)s, rang %(rank)s, est proposé avant %(other)s : l’aide vient de la réserve « %(name)s »."
                )
                if one.source
                else _(
                    "%(number)s, rang %(rank)s, est proposé avant %(other)s, dont la demande dépasse le reste."
                )
            )
            said.append(
                words % {"number": one.dossier.number, "rank": one.rank, "other": waiting, "name": one.source}
            )
    found: model.Block = (
        model.ItemList(tuple(said)) if said else model.Paragraph(_("Aucun : l’ordre des notes est suivi."))
    )
    trace = tuple(steps.said(one) for one in read.found.result["trace"])
    told = _("La règle de sélection de l’appel a été appliquée pas à pas :")
    return [found, model.Paragraph(told), model.ItemList(trace, ordered=True)]
