"""Preparing decisions: from a frozen recommendation, from money that came back, or as a correction."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from applications.models import Dossier
from grants.models import Call, Decision, DecisionLine, Volet
from grants.models.decision import PAID, DecisionKind, LineOutcome
from review import selection
from review.models import Panel, Recommendation
from web import clock, formats
from workflows.chain import canonical
from workflows.engine import Refused, locked, record, unit

EDITABLE = ("draft", "returned")


@dataclass(frozen=True)
class Change:
    """What a correction does to a line."""

    line: DecisionLine
    outcome: str
    amount: int
    reason: str


def draft_main(panel: Panel, *, actor: Any) -> Decision:
    """The decision on a panel's recommendation; asking twice gives the same draft."""
    with unit(locks=[panel]):
        known = Decision.objects.filter(volet=panel.volet, kind=DecisionKind.MAIN).first()
        if known is not None:
            return known
        found = Recommendation.objects.filter(panel=panel).first()
        if found is None:
            raise Refused([_("Le comité n’est pas verrouillé : la recommandation n’existe pas encore.")])
        return _write(panel.call, panel.volet, DecisionKind.MAIN, found.input, found.result, actor=actor)


def draft_waiting_list(volet: Volet, *, actor: Any) -> Decision:
    """A decision that offers money that came back to the waiting list, by the same rule, in rank order.

    One that is being prepared is given again. Raises Refused when the list is over, nothing came back or nobody waits.
    """
    until = volet.call.waiting_valid_until
    if until is not None and clock.today() > until:
        day = {"day": formats.date_long(until)}
        raise Refused([_("La liste d’attente a pris fin le %(day)s : on n’y offre plus d’aide.") % day])
    with unit(locks=[volet.budget_line]):
        line = volet.budget_line
        line.refresh_from_db()
        left = line.amount - line.committed
        open_one = Decision.objects.filter(
            volet=volet, kind=DecisionKind.WAITING_LIST, state__in=["draft", "proposed", "returned"]
        ).first()
        if open_one is not None:
            return open_one
        case = waiting_case(volet, left)
        if not case["dossiers"]:
            raise Refused([_("Personne n’attend sur la liste de ce volet.")])
        if left <= 0:
            raise Refused([_("Aucun argent n’est revenu à l’enveloppe de ce volet.")])
        result = selection.select(case)
        return _write(
            volet.call,
            volet,
            DecisionKind.WAITING_LIST,
            canonical(case),
            canonical(result),
            actor=actor,
            only_paid=True,
        )


def draft_waiting_end(volet: Volet, *, actor: Any) -> Decision:
    """A decision that refuses those who still wait once the list is no longer valid; each gets its reasons.

    Raises Refused while the list is valid, when nobody waits, or when an offer to the list is being prepared.
    """
    until = volet.call.waiting_valid_until
    if until is None or clock.today() <= until:
        raise Refused([_("La liste d’attente de ce volet est encore valide.")])
    with unit(locks=[volet.budget_line]):
        begun = Decision.objects.filter(
            volet=volet, kind=DecisionKind.WAITING_LIST, state__in=["draft", "proposed", "returned"]
        ).first()
        if begun is not None:
            return begun
        case = waiting_case(volet, 0)
        if not case["dossiers"]:
            raise Refused([_("Personne n’attend sur la liste de ce volet.")])
        result = {**selection.select(case), "waiting": []}  # the list is over: nobody waits any more
        kind, said = DecisionKind.WAITING_LIST, (canonical(case), canonical(result))
        return _write(volet.call, volet, kind, *said, actor=actor)


def past_their_list(volets: QuerySet[Volet]) -> list[Volet]:
    """Those whose waiting list is no longer valid while dossiers still wait and nothing is being prepared."""
    begun = Decision.objects.filter(
        kind=DecisionKind.WAITING_LIST, state__in=["draft", "proposed", "returned", "signed"]
    )
    over = volets.filter(dossiers__state="waitlisted", call__waiting_valid_until__lt=clock.today())
    found = over.exclude(pk__in=begun.values("volet_id")).exclude(pk__in=_leaving().values("decision__volet"))
    return list(found.select_related("call").distinct())


def money_back(volets: QuerySet[Volet]) -> list[Volet]:
    """Those whose decided envelope has money left while the list is valid, dossiers wait and nothing is prepared."""
    begun = Decision.objects.filter(
        kind=DecisionKind.WAITING_LIST, state__in=["draft", "proposed", "returned"]
    )
    waits = Dossier.objects.filter(volet=OuterRef("pk"), state="waitlisted")
    valid = Q(call__waiting_valid_until__isnull=True) | Q(call__waiting_valid_until__gte=clock.today())
    found = (
        volets.filter(valid, Exists(waits.exclude(pk__in=_promised().values("dossier_id"))))
        .filter(budget_line__committed__lt=F("budget_line__amount"))
        .exclude(pk__in=begun.values("volet_id"))
    )
    return list(found.select_related("call", "budget_line").order_by("pk"))


def _promised() -> QuerySet[DecisionLine]:
    """Lines of signed decisions that are not carried out yet: an offer under embargo is not made a second time."""
    return DecisionLine.objects.filter(
        decision__state__in=["signed", "released"], voided_at__isnull=True, executed_at__isnull=True
    )


def _leaving() -> QuerySet[DecisionLine]:
    """Lines of decisions on waiting lists that are released and not carried out yet."""
    return DecisionLine.objects.filter(
        decision__kind=DecisionKind.WAITING_LIST,
        decision__state="released",
        voided_at__isnull=True,
        executed_at__isnull=True,
    )


def waiting_case(volet: Volet, money: int) -> dict[str, Any]:
    """The selection input of the waiting list: the dossiers that wait, as they were ranked, and the money there is."""
    promised = _promised().filter(decision__volet=volet)
    rows = Dossier.objects.filter(volet=volet, state="waitlisted", call=volet.call)
    waiting = set(rows.exclude(pk__in=promised.values("dossier_id")).values_list("number", flat=True))
    main = (
        Decision.objects.filter(volet=volet, kind=DecisionKind.MAIN, state__in=["signed", "released"])
        .order_by("-number")
        .first()
    )
    case: dict[str, Any] = json.loads(main.selection_input) if main is not None else {"dossiers": []}
    case["dossiers"] = [one for one in case["dossiers"] if one["id"] in waiting]
    case["pool"] = max(0, money)
    case["reserves"] = []
    return case


def draft_correction(decision: Decision, changes: Iterable[Change], *, actor: Any) -> Decision:
    """A decision that replaces lines of a signed one before its letters, each with its reason."""
    wanted = list(changes)
    faults = []
    if decision.state not in ("signed", "released") or decision.letters_at <= clock.now():
        faults.append(_("Une ligne ne se corrige qu’entre la signature et l’instant des lettres."))
    if not wanted:
        faults.append(_("Aucune ligne n’est changée."))
    if decision.is_after_refusal() and any(change.outcome not in PAID for change in wanted):
        faults.append(_("Une décision qui suit un refus renversé accorde une aide, entière ou partielle."))
    if any(not change.reason.strip() for change in wanted):
        faults.append(_("Chaque ligne corrigée porte son motif."))
    if faults:
        raise Refused(faults)
    with unit(locks=[decision]):
        made = head(
            decision.call,
            decision.volet,
            DecisionKind.CORRECTION,
            decision.selection_input,
            decision.selection_result,
        )
        made.supersedes, made.created_by = decision, actor
        made.letters_at, made.publish_at = decision.letters_at, decision.publish_at
        made.reason = "\n".join(change.reason for change in wanted)
        made.save()
        for change in wanted:
            row = change.line
            row.pk = None
            row.decision, row.outcome, row.amount, row.departure_reason = (
                made,
                change.outcome,
                change.amount,
                change.reason,
            )
            row.save()
        record(made, "draft", actor=actor, kind=made.kind, lines=len(wanted))
    return made


def edit_line(line: DecisionLine, outcome: str, amount: int, reason: str, *, actor: Any) -> None:
    """Depart from the rule on one line of a draft, with a reason; any earlier approval falls."""
    faults = _line_faults(line, outcome, amount, reason)
    with unit(locks=[line.decision]) as held:
        if locked(held, line.decision).state not in EDITABLE:
            faults.append(_("La décision est déjà proposée : faites-la d’abord renvoyer."))
        if faults:
            raise Refused(faults)
        line.outcome, line.amount, line.departure_reason = outcome, amount, reason.strip()
        line.save(update_fields=["outcome", "amount", "departure_reason"])
        line.decision.cancel_approvals()
        record(
            line.decision,
            "edit_line",
            actor=actor,
            text=reason,
            line=line.pk,
            dollars=amount,
            line_outcome=outcome,
        )


def _line_faults(line: DecisionLine, outcome: str, amount: int, reason: str) -> list[str]:
    faults = []
    if outcome not in LineOutcome.values:
        faults.append(_("Choisissez une issue pour la ligne."))
    if outcome in PAID and not 0 < amount <= line.requested:
        faults.append(_("Le montant doit être entre 1 $ et l’aide confirmée."))
    if outcome == LineOutcome.PARTIAL and amount >= line.requested:
        faults.append(_("Une offre partielle est plus petite que l’aide confirmée."))
    if outcome == LineOutcome.ACCEPTED and amount != line.requested:
        faults.append(
            _("Une ligne acceptée en entier porte l’aide confirmée; sinon, choisissez l’offre partielle.")
        )
    if outcome not in PAID and amount:
        faults.append(_("Une ligne sans aide ne porte aucun montant."))
    if outcome not in PAID and line.decision.is_after_refusal():
        faults.append(_("Une décision qui suit un refus renversé accorde une aide, entière ou partielle."))
    departs = (outcome, amount) != (line.proposed, line.proposed_amount)
    if departs and not reason.strip():
        faults.append(_("Un écart à la règle demande un motif."))
    return faults


def set_instants(decision: Decision, letters_at: datetime, publish_at: datetime, *, actor: Any) -> None:
    """Change the two instants of a decision that is still being prepared."""
    faults = []
    if letters_at <= clock.now():
        faults.append(_("L’instant des lettres est passé."))
    if publish_at < letters_at:
        faults.append(_("La publication ne peut pas précéder les lettres."))
    with unit(locks=[decision]) as held:
        if locked(held, decision).state not in EDITABLE:
            faults.append(_("La décision est déjà proposée : faites-la d’abord renvoyer."))
        if faults:
            raise Refused(faults)
        decision.letters_at, decision.publish_at = letters_at, publish_at
        decision.save(update_fields=["letters_at", "publish_at"])
        decision.cancel_approvals()
        record(
            decision,
            "set_instants",
            actor=actor,
            letters_at=f"{letters_at:%Y-%m-%dT%H:%M}",
            publish_at=f"{publish_at:%Y-%m-%dT%H:%M}",
        )


# --- writing --------------------------------------------------------------------------------------
def head(call: Call, volet: Volet, kind: str, case: str, result: str) -> Decision:
    """A decision without lines yet; its number follows within the call."""
    last = Decision.objects.filter(call=call).aggregate(n=Max("number"))["n"] or 0
    now = clock.now()
    letters, publish = call.letters_at, call.publish_at
    if letters <= now:
        letters = now + timedelta(days=1)
        publish = max(publish, letters)
    return Decision(
        state="draft",
        call=call,
        volet=volet,
        kind=kind,
        number=last + 1,
        selection_input=case,
        selection_result=result,
        letters_at=letters,
        publish_at=publish,
        created_at=now,
    )


def _write(
    call: Call, volet: Volet, kind: str, case: str, result: str, *, actor: Any, only_paid: bool = False
) -> Decision:
    """A decision with one line a dossier of the selection, in ranking order, as the rule proposes it."""
    decision = head(call, volet, kind, case, result)
    decision.created_by = actor
    decision.save()
    given, said = json.loads(case), json.loads(result)
    inputs = {one["id"]: one for one in given["dossiers"]}
    offers = {one["id"]: one for one in said["offers"]}
    dossiers = {one.number: one for one in Dossier.objects.filter(call=call, number__in=list(inputs))}
    order = [*said["ranking"], *said["not_recommended"]]
    lines = []
    for place, number in enumerate(order, start=1):
        if only_paid and number not in offers:
            continue
        rank = place if place <= len(said["ranking"]) else None
        lines.append(_line(decision, dossiers[number], inputs[number], offers.get(number), rank, place, said))
    DecisionLine.objects.bulk_create(lines)
    record(decision, "draft", actor=actor, kind=kind, lines=len(lines))
    return decision


def _line(
    decision: Decision,
    dossier: Dossier,
    given: Mapping[str, Any],
    offer: Mapping[str, Any] | None,
    rank: int | None,
    place: int,
    said: Mapping[str, Any],
) -> DecisionLine:
    if offer is not None:
        outcome = LineOutcome.PARTIAL if offer["partial"] else LineOutcome.ACCEPTED
    elif dossier.number in said["waiting"]:
        outcome = LineOutcome.WAITLISTED
    else:
        outcome = LineOutcome.REJECTED
    amount = int(offer["amount"]) if offer is not None else 0
    return DecisionLine(
        decision=decision,
        dossier_id=dossier.pk,
        dossier_number=dossier.number,
        title=dossier.title,
        beneficiary=dossier.lead_name,
        region_code=dossier.region_code,
        position=place,
        rank=rank,
        score=str(given["score"]),
        proposed=outcome,
        proposed_amount=amount,
        outcome=outcome,
        amount=amount,
        requested=int(given["requested"]),
        source=str(offer["source"]) if offer is not None else "",
    )
