"""Giving dossiers to reviewers: what stands against a pair, the offer, the declarations in one pass, recusals."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import holders
from applications.models import Body, Dossier
from review import conflicts, facts, ranking, rules
from review.models import Assignment, Panel, Recusal, Sheet
from web import clock
from workflows.engine import NotAllowed, NotVisible, Refused, fire, locked, record, unit
from workflows.models import Event

CHECKS = ("check", "countersign")


@dataclass
class Matrix:
    """Dossiers and reviewers of a panel, with what stands between each pair; a fixed number of statements."""

    panel: Panel
    dossiers: list[Dossier]
    reviewers: list[User]
    bodies: dict[int, list[Body]] = field(default_factory=dict)
    given: dict[tuple[int, int], tuple[int, str]] = field(default_factory=dict)  # assignment and its state
    acted: set[tuple[int, int]] = field(default_factory=set)
    recused: set[tuple[int, int]] = field(default_factory=set)
    load: dict[int, int] = field(default_factory=dict)
    members: dict[int, set[int]] = field(default_factory=dict)

    def never(self, dossier: Dossier, reviewer: User) -> str:
        """Why this person may not score this dossier at all, or nothing."""
        pair = (dossier.pk, reviewer.pk)
        if pair in self.recused:
            return _("récusation")
        if pair in self.acted:
            return _("a vérifié le dossier")
        held = self.members.get(reviewer.pk, set())
        if any(one.organisation_id in held for one in self.bodies.get(dossier.pk, [])):
            return _("membre de l’organisme")
        return ""

    def hints(self, dossier: Dossier, reviewer: User) -> list[dict[str, str]]:
        """What the facts show between them; a person declares, this only points."""
        suppliers = facts.suppliers_of(dossier.snapshot, dossier.edition.content)
        case = facts.conflict_case(reviewer, self.bodies.get(dossier.pk, []), suppliers, clock.today())
        return conflicts.hints(case)


def reviewers_of(panel: Panel) -> QuerySet[User]:
    """People who may be given dossiers: reviewers and chair of the panel, by name."""
    return holders(list(rules.MEMBERS), panel)


def matrix(panel: Panel, dossiers: Iterable[Dossier], reviewers: Iterable[User]) -> Matrix:
    """Read everything that stands between dossiers and reviewers, in four statements."""
    found = Matrix(panel, list(dossiers), list(reviewers))
    keys, people = [one.pk for one in found.dossiers], [one.pk for one in found.reviewers]
    for body in (
        Body.objects.filter(dossier__in=keys).select_related("organisation").order_by("position", "pk")
    ):
        found.bodies.setdefault(body.dossier_id, []).append(body)
    for kind, key, dossier, person, state in _between(panel, keys, people):
        pair = (int(dossier), int(person))
        if kind == "acted":
            found.acted.add(pair)
        elif kind == "recused":
            found.recused.add(pair)
        elif kind == "member":
            found.members.setdefault(pair[1], set()).add(pair[0])
        else:
            found.given[pair] = (int(key), state)
            if state in ("offered", "accepted"):
                found.load[pair[1]] = found.load.get(pair[1], 0) + 1
    return found


def _between(panel: Panel, keys: list[int], people: list[int]) -> Iterable[tuple[Any, ...]]:
    """Assignments, recusals, acts in the checks and mandates as one union: kind, key, thing, person, state."""
    text, stages = CharField(), [c for c, s in panel.process().stages.items() if s.kind.code in CHECKS]
    from accounts.models import Membership

    given = panel.assignments.filter(reviewer__in=people).values_list(
        Value("given"),
        Cast("pk", text),
        Cast("dossier_id", text),
        Cast("reviewer_id", text),
        Cast("state", text),
    )
    recused = Recusal.objects.filter(dossier__in=keys, user__in=people, lifted_at__isnull=True).values_list(
        Value("recused"), Cast("pk", text), Cast("dossier_id", text), Cast("user_id", text), Value("")
    )
    acted = Event.objects.filter(
        subject_type=Dossier._meta.label_lower,
        subject_id__in=keys,
        stage__in=stages,
        actor__in=[f"user:{pk}" for pk in people],
    ).values_list(Value("acted"), Value("0"), Cast("subject_id", text), Cast("actor", text), Value(""))
    held = Membership.objects.filter(user__in=people, status="confirmed").values_list(
        Value("member"), Cast("pk", text), Cast("organisation_id", text), Cast("user_id", text), Value("")
    )
    for kind, key, thing, person, state in given.order_by().union(
        recused.order_by(), acted.order_by(), held.order_by(), all=True
    ):
        yield kind, key, thing, str(person).removeprefix("user:"), state


def offer(
    panel: Panel, dossier: Dossier, reviewer: User, due_at: datetime, *, actor: Any, reason: str = ""
) -> Assignment:
    """Give a dossier to a reviewer: the card is copied, the hints kept, the event tells the person.

    With a `reason`, one more reading of sheets that diverge: the chair may ask for it too.
    """
    if not rules.is_panel_staff(actor, panel) and not (reason.strip() and rules.may_judge(actor, panel)):
        raise NotAllowed("the secretary or the manager gives dossiers out, the chair one more reading")
    if not Dossier.objects.visible_to(actor).filter(pk=dossier.pk).exists():
        raise NotVisible(f"{dossier!r} is not visible to user {actor.pk}")
    known = Assignment.objects.filter(dossier=dossier, reviewer=reviewer)
    sheets = Sheet.objects.filter(assignment__dossier=dossier, assignment__reviewer=reviewer)
    with unit(locks=[panel, dossier, known, sheets]) as held:
        row, place = locked(held, dossier), locked(held, panel)
        faults = _offer_faults(place, row, reviewer, due_at)
        if reason:
            faults += _further_faults(row)
        if faults:
            raise Refused(faults)
        earlier = known.first()
        if earlier is not None and earlier.state in ("declined", "withdrawn"):
            fire(earlier, "offer", actor=actor, due_at=due_at)
            return earlier
        if earlier is not None:
            raise Refused([_("Ce dossier est déjà confié à cette personne, ou ne peut plus l’être.")])
        return _create(place, row, reviewer, due_at, actor, reason.strip())


def _further_faults(dossier: Dossier) -> list[str]:
    """One more reading at a time, of sheets that diverge: under the lock, so that of two who ask at once one does."""
    if not dossier.divergent:
        return [_("Les fiches de ce dossier ne divergent pas.")]
    live = Assignment.objects.filter(dossier=dossier, state__in=["offered", "accepted"])
    awaited = live.exclude(sheet__state="handed_in").select_related("reviewer").order_by("pk").first()
    if awaited is None:
        return []
    return [_("Une lecture de ce dossier est déjà attendue de %(name)s.") % {"name": awaited.reviewer.name}]


def others_for(panel: Panel, dossier: Dossier) -> list[User]:
    """Members who may give one more reading of a dossier: it was not given to them, nothing shuts them out."""
    people = list(reviewers_of(panel))
    found = matrix(panel, [dossier], people)
    return [
        one for one in people if (dossier.pk, one.pk) not in found.given and not found.never(dossier, one)
    ]


def _create(
    panel: Panel, dossier: Dossier, reviewer: User, due_at: datetime, actor: Any, reason: str
) -> Assignment:
    bodies = list(dossier.bodies.select_related("organisation").order_by("position", "pk"))
    card = facts.card_of(dossier, bodies)
    case = facts.conflict_case(reviewer, bodies, card["suppliers"], clock.today())
    made = Assignment.objects.create(
        state="offered",
        panel=panel,
        dossier=dossier,
        reviewer=reviewer,
        assigned_by=actor,
        assigned_at=clock.now(),
        due_at=due_at,
        card=card,
        hints=conflicts.hints(case),
    )
    record(made, "offer", actor=actor, text=reason, dossier=dossier.number, reviewer=reviewer.pk)
    return made


def _offer_faults(panel: Panel, dossier: Dossier, reviewer: User, due_at: datetime) -> list[str]:
    faults = []
    if panel.state != "open":
        faults.append(_("Le comité est verrouillé : plus rien ne change."))
    stage = panel.process().stages.get(dossier.stage)
    if dossier.state != "in_progress" or stage is None or stage.kind.code != "review":
        faults.append(_("Le dossier n’est pas à l’étape de l’évaluation."))
    if dossier.volet_id != panel.volet_id:
        faults.append(_("Ce dossier n’est pas du volet de ce comité."))
    if not reviewers_of(panel).filter(pk=reviewer.pk).exists():
        faults.append(_("Cette personne n’est pas du comité."))
    if due_at <= clock.now():
        faults.append(_("La date de remise des fiches est passée."))
    never = matrix(panel, [dossier], [reviewer]).never(dossier, reviewer)
    if never:
        faults.append(
            _("%(who)s ne peut pas évaluer ce dossier : %(why)s.") % {"who": reviewer.name, "why": never}
        )
    return faults


def recuse_person(panel: Panel, dossier: Dossier, person: User, reason: str, *, actor: Any) -> None:
    """Shut a person out of a dossier, whether or not it was given to him or her."""
    if not rules.may_judge(actor, panel) or person.pk == actor.pk:
        raise NotAllowed("only the chair or the secretary recuses somebody else")
    if not reason.strip():
        raise Refused([_("Indiquez le motif.")])
    given = Assignment.objects.filter(dossier=dossier, reviewer=person)
    standing = given.filter(state__in=["offered", "accepted"]).first()
    if standing is not None:
        fire(standing, "recuse", actor=actor, text=reason)
        return
    with unit(locks=[panel, dossier]):
        row, made = Recusal.objects.get_or_create(
            dossier=dossier,
            user=person,
            lifted_at=None,
            defaults={"at": clock.now(), "by": actor, "reason": reason.strip()},
        )
        if made:
            ranking.keep_figures(dossier)
            record(dossier, "recuse", actor=actor, text=reason, person=person.pk, recusal=row.pk)


@dataclass(frozen=True)
class Declaration:
    """What a reviewer answers for one assignment of the list."""

    assignment: Assignment
    verb: str
    text: str = ""


ANSWERS: Mapping[str, str] = {
    "none": "accept",
    "to_examine": "refer",
    "conflict": "declare_conflict",
    "decline": "decline",
}


def declare(answers: Iterable[Declaration], *, actor: Any) -> list[str]:
    """Do every answer of the pass; the sentences of those that could not be done."""
    refused: list[str] = []
    for one in answers:
        number = one.assignment.card.get("number", "")
        try:
            fire(one.assignment, one.verb, actor=actor, text=one.text)
        except Refused as said:
            refused.append(f"{number}\u00a0: {' '.join(said.reasons)}")
    return refused
