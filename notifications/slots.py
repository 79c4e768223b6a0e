"""The tables that a letter's text asks for by name, and the fixed words around its body."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Membership, User
from applications import checking, keeping, reading
from applications.models import Snapshot
from grants.models import Call
from notifications import addressing, reasons
from notifications.letters import document as model
from notifications.values import Subject
from review import reconsidering
from review.models import Sheet
from web import formats

LONGEST_ANSWER = 140


def blocks_of(slot: str, subject: Subject, language: str) -> list[model.Block]:
    """The blocks of a slot; an empty one leaves nothing behind."""
    return SLOTS[slot](subject, language)


# --- words around the body ------------------------------------------------------------------------
def notice(call: Call, language: str) -> str:
    """What must be said on every page of a fictional call."""
    return _("Document fictif") if call.fictional else ""


def reader(subject: Subject) -> User | None:
    """The confirmed signatory of the lead, to whom letters are written."""
    lead = subject.dossier.bodies.get(role="lead")
    found = Membership.objects.filter(
        organisation=lead.organisation_id, role="signatory", status="confirmed", user__is_active=True
    )
    first = found.select_related("user").order_by("id").first()
    return first.user if first is not None else None


def salutation(subject: Subject, language: str) -> str:
    """The appel: the title of the reader, no name after it."""
    if language != "fr":
        return "Dear Madam or Sir:"
    person = reader(subject)
    return f"{addressing.of(person.function if person is not None else '').words},"


def closing(subject: Subject, language: str) -> str:
    """The closing, which repeats the appel."""
    if language != "fr":
        return "Yours truly,"
    return f"Veuillez recevoir, {salutation(subject, language)} nos salutations distinguées."


def signature(subject: Subject, language: str) -> model.Signature:
    """The authority for its decisions, the countersigner for a refusal, else the person to write to."""
    from notifications.values import NAMES

    if subject.kind == "L3" and subject.decider is not None:
        return model.Signature(str(subject.decider), _("Pour le ministère, contreseing du refus"))
    if subject.kind == "L8" and subject.decider is not None:
        return model.Signature(str(subject.decider), _("Autorité décisionnelle"))
    if subject.decision is not None or subject.kind in ("L3", "L8"):
        return model.Signature(NAMES["authority_name"](subject, language), _("Autorité décisionnelle"))
    return model.Signature(subject.call.contact_name, _("Personne-ressource de l’appel"))


POINTS = {"N.": "Nord", "S.": "Sud", "E.": "Est", "O.": "Ouest"}


def address_lines(subject: Subject) -> tuple[str, ...]:
    """The vedette: name and function of the signatory, organisation, address, place (Québec) and postal code."""
    body = subject.dossier.bodies.select_related("organisation").get(role="lead")
    organisation = body.organisation
    lines: list[str] = []
    person = reader(subject)
    if person is not None:
        civility = addressing.of(person.function).civility
        lines.append(f"{civility} {person}".strip())
        lines += [addressing.capital(person.function)] if person.function else []
    lines.append(organisation.name)
    street = " ".join((organisation.postal_address or organisation.address).split())
    if street:
        head, _space, last = street.rpartition(" ")
        lines.append(f"{head} {POINTS.get(last, last)}" if head else street)
    place = organisation.postal_locality or organisation.locality or organisation.name
    lines.append(f"{place} (Québec)\u00a0\u00a0{organisation.postal_code}".strip())
    return tuple(lines)


# --- slots ----------------------------------------------------------------------------------------
def _pieces(subject: Subject, language: str) -> list[model.Block]:
    """Files received with their digests."""
    files = subject.filed.get("files", [])
    if not files:
        return [model.Paragraph(_("Aucune pièce n’a été jointe."))]
    rows = tuple(
        (
            model.Cell(str(file["name"]), formats.size(int(file["size"]), language)),
            (model.Run(str(file["digest"]).removeprefix("sha256:"), digest=True),),
        )
        for file in files
    )
    return [
        model.Table(
            _("Empreinte SHA-256 de chaque pièce"),
            (model.Column(_("Pièce"), "header"), model.Column(_("Empreinte"), "digest")),
            rows,
        )
    ]


def _questions(subject: Subject) -> dict[str, str]:
    """Labels of questions by code, in the language of the letter."""
    sections = subject.edition.get("form", {}).get("sections", [])
    return {q["code"]: formats.tr(q["label"]) for section in sections for q in section["questions"]}


def _items(subject: Subject, language: str) -> list[model.Block]:
    """What is missing and why."""
    labels = _questions(subject)
    request = subject.request
    if request is None:
        return []
    rows = tuple(
        (labels.get(item.question, item.question), item.reason) for item in request.items.order_by("id")
    )
    columns = (model.Column(_("Ce qui manque"), "header"), model.Column(_("Pourquoi")))
    blocks: list[model.Block] = [model.Table(_("Compléments demandés"), columns, rows)]
    if request.message:
        blocks += model.paragraphs(request.message)
    return blocks


def _rules(subject: Subject, language: str) -> list[model.Block]:
    """Rules that are not met: article, fact, what was examined; or the silence that closed the file."""
    snapshot = subject.snapshot or subject.dossier.snapshot
    if snapshot is None:
        return _silence(subject, language)
    rules = {rule["id"]: rule for rule in subject.edition.get("rules", [])}
    rows = []
    for finding in snapshot.findings.filter(confirmed="no").order_by("rule"):
        rule = rules.get(finding.rule, {})
        cause = formats.tr(finding.cause, language) if finding.cause else ""
        fact = " ".join(part for part in (cause, finding.note) if part) or _("constat de l’analyste")
        label = f"{finding.rule} {formats.tr(rule.get('label', ''), language)}".strip()
        article = _("article %(article)s") % {"article": rule.get("article", "–")}
        rows.append((model.Cell(label, article), fact, _examined(rule, snapshot, subject, language)))
    if not rows:
        return _silence(subject, language)
    columns = (
        model.Column(_("Règle et article"), "header"),
        model.Column(_("Faits retenus")),
        model.Column(_("Pièces et renseignements examinés")),
    )
    return [model.Table(_("Règles qui ne sont pas respectées"), columns, tuple(rows))]


def _examined(rule: Mapping[str, Any], snapshot: Snapshot, subject: Subject, language: str) -> str:
    """What was read to judge a rule: answers, files by name and facts with their source, as the analyst saw them."""
    files = reading.files_of(snapshot, {})
    seen = []
    for one in reading.evidence(checking.facts_read(rule), snapshot, subject.edition, files):
        said = ", ".join(file.name for file in one.files) or one.text or _("sans réponse")
        said = said if len(said) <= LONGEST_ANSWER else f"{said[:LONGEST_ANSWER].rstrip()}…"
        source = f" ({one.source})" if one.source else ""
        label = formats.tr(one.label, language)
        words = "%(what)s %(said)s" if label.endswith("?") else _("%(what)s : %(said)s")
        seen.append(words % {"what": label, "said": said} + f"{source}.")
    if seen:
        return " ".join(seen)
    at = formats.date_long(snapshot.received_at, language)
    return _("La demande et ses pièces, version %(n)s reçue le %(when)s.") % {
        "n": snapshot.version,
        "when": at,
    }


def _silence(subject: Subject, language: str) -> list[model.Block]:
    """What was asked, when, until when, and that no answer came."""
    request = subject.request
    if request is None:
        return [model.Paragraph(_("La demande est restée incomplète."))]
    dates = {
        "asked": formats.datetime_long(request.asked_at, language),
        "due": formats.datetime_long(request.due_at, language),
    }
    said = _(
        "La demande est restée incomplète. Les compléments ci-dessous vous ont été demandés le %(asked)s. "
        "Aucune réponse n’est parvenue dans le délai accordé, jusqu’au %(due)s."
    )
    return [model.Paragraph(said % dates), *_items(subject, language)]


def _reductions(subject: Subject, language: str) -> list[model.Block]:
    """What reduced the aid, with its rule, when anything did."""
    names = {
        "ADMIN10": _("Frais d’administration au-delà de la part permise"),
        "DEMANDE": _("Aide limitée à la somme demandée"),
        "PLAFOND": _("Aide limitée au maximum du volet"),
        "CUMUL": _("Cumul des aides publiques au-delà du plafond"),
        "MINIMUM": _("Aide sous le minimum du volet"),
    }
    rows = tuple(
        (names.get(one["code"], one["code"]), formats.money(one["amount"], language))
        for one in subject.result.get("reductions", [])
    )
    if not rows:
        return _kept(subject, language)
    columns = (model.Column(_("Motif"), "header"), model.Column(_("Montant retranché"), "amount"))
    return [*_kept(subject, language), model.Table(_("Réductions appliquées"), columns, rows)]


def _kept(subject: Subject, language: str) -> list[model.Block]:
    """Costs that the analysis does not keep whole: asked, kept, and the reason."""
    found = keeping.cuts(subject.dossier, subject.standing.lines) if subject.standing is not None else []
    if not found:
        return []
    rows = tuple(
        (
            model.Cell(f"{one.number}. {one.description}", one.reason),
            formats.money(one.asked, language),
            formats.money(one.kept, language),
        )
        for one in found
    )
    columns = (
        model.Column(_("Dépense et raison"), "header"),
        model.Column(_("Demandé"), "amount"),
        model.Column(_("Retenu"), "amount"),
    )
    said = model.paragraphs(subject.standing.explanation) if subject.standing is not None else []
    return [model.Table(_("Coûts retenus en partie"), columns, rows), *said]


def _conditions(subject: Subject, language: str) -> list[model.Block]:
    """Conditions before the first payment: those of the call, then those that a rule leaves open."""
    texts = subject.edition.get("texts", {}).get("conditions", [])
    items = [formats.tr(text, language) for text in texts]
    items = items or [
        _("la convention d’aide financière est signée par les deux parties;"),
        _("la résolution finale du conseil est reçue;"),
        _("les coûts sont engagés après la date de cette lettre."),
    ]
    snapshot = subject.dossier.snapshot
    if snapshot is not None and snapshot.findings.filter(confirmed="provisional").exists():
        items.append(_("la résolution provisoire du conseil est remplacée par la résolution finale."))
    return [model.ItemList(tuple(items))]


def _scope(subject: Subject, language: str) -> list[model.Block]:
    """Asked and offered, side by side."""
    line = subject.line
    if line is None or not line.requested:
        return []
    share = Fraction(line.amount * 1000, line.requested)
    tenths = (2 * share.numerator + share.denominator) // (2 * share.denominator)
    rows = (
        (_("Aide calculée et confirmée"), formats.money(line.requested, language)),
        (_("Aide offerte"), formats.money(line.amount, language)),
        (_("Part offerte"), formats.percent(f"{tenths // 10}.{tenths % 10}", language)),
        (
            _("À retrancher du projet ou à trouver ailleurs"),
            formats.money(line.requested - line.amount, language),
        ),
    )
    return [model.facts(_("Ce qui est demandé et ce qui est offert"), rows)]


def _reasons(subject: Subject, language: str) -> list[model.Block]:
    """Score by criterion against its threshold, as frozen in the recommendation."""
    result = subject.scoring.get("result", {}).get("criteria", {})
    rows = []
    for criterion in subject.edition["grid"]["criteria"]:
        found = result.get(criterion["id"])
        if found is None:
            continue
        threshold = formats.percent(criterion["threshold"], language) if criterion["threshold"] else "–"
        rows.append(
            (
                f"{criterion['id']} {formats.tr(criterion['label'], language)}",
                formats.percent(found["percent"]["rounded"], language, places=2),
                threshold,
                _("sans seuil")
                if not criterion["threshold"]
                else _("atteint")
                if found["passes"]
                else _("non atteint"),
            )
        )
    columns = (
        model.Column(_("Critère"), "header"),
        model.Column(_("Résultat"), "amount"),
        model.Column(_("Seuil"), "amount"),
        model.Column(_("Constat")),
    )
    return [model.Table(_("Résultat du projet et seuil de l’appel"), columns, tuple(rows))] if rows else []


def _comments(subject: Subject, language: str) -> list[model.Block]:
    """Strong points and points to strengthen, never with a name."""
    sheets = Sheet.objects.filter(assignment__dossier=subject.dossier, state="handed_in").order_by("id")
    strong = dict.fromkeys(sheet.strengths.strip() for sheet in sheets if sheet.strengths.strip())
    weak = dict.fromkeys(sheet.weaknesses.strip() for sheet in sheets if sheet.weaknesses.strip())
    blocks: list[model.Block] = []
    for title, texts in ((_("Points forts"), strong), (_("Points à renforcer"), weak)):
        if texts:
            blocks += [model.Heading(title, 3), model.ItemList(tuple(texts))]
    return blocks or [
        model.Paragraph(_("Votre personne-ressource peut vous présenter les motifs de l’évaluation."))
    ]


def _grounds(subject: Subject, language: str) -> list[model.Block]:
    """What the applicant asked: ground, words, file."""
    row = subject.reconsideration
    if row is None:
        return []
    rows = [
        (_("Reçue"), formats.datetime_long(row.asked_at, language)),
        (_("Motif invoqué"), reconsidering.ground_words(row.ground)),
    ]
    if row.file is not None:
        rows.append((_("Pièce à l’appui"), row.file.name))
    return [model.facts(_("Demande de réexamen"), tuple(rows)), *model.paragraphs(row.words)]


def _motives(subject: Subject, language: str) -> list[model.Block]:
    """Why the decision is maintained or reversed."""
    row = subject.reconsideration
    return list(model.paragraphs(row.motives)) if row is not None else []


SLOTS: dict[str, Callable[[Subject, str], list[model.Block]]] = {
    "pieces": _pieces,
    "items": _items,
    "rules": _rules,
    "reductions": _reductions,
    "conditions": _conditions,
    "scope": _scope,
    "reasons": _reasons,
    "comments": _comments,
    "causes": reasons.causes,
    "support": reasons.support,
    "grounds": _grounds,
    "motives": _motives,
}
