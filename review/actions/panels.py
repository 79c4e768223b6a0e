"""Panels: made for a volet, dated, and what the committee concludes on a dossier before the lock."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from applications.models import Body, Dossier, Entry
from grants.models import Call, Volet
from grants.rules import has_call_role
from review import facts, ranking, rules
from review.models import Consensus, Panel
from web import clock
from workflows.engine import NotAllowed, Refused, fire, locked, record, unit


def create_panel(call: Call, volet: Volet, name: str, due_at: datetime, *, actor: Any) -> Panel:
    """A panel for a volet; one is enough for a volet."""
    if not has_call_role(actor, call, *rules.STAFF):
        raise NotAllowed("only the secretary or the manager makes a panel")
    if due_at <= clock.now():
        raise Refused([_("La date de remise des fiches est passée.")])
    with unit():
        if Panel.objects.filter(volet=volet).exists():
            raise Refused([_("Ce volet a déjà son comité.")])
        panel = Panel.objects.create(
            state="open",
            call=call,
            volet=volet,
            code=volet.code.lower(),
            name={"fr": name.strip()},
            due_at=due_at,
        )
        record(panel, "create", actor=actor, volet=volet.code)
    return panel


def change_due(panel: Panel, due_at: datetime, *, actor: Any) -> None:
    """Another date for the sheets; assignments not done yet follow it."""
    if not rules.is_panel_staff(actor, panel):
        raise NotAllowed("only the secretary or the manager dates a panel")
    if due_at <= clock.now():
        raise Refused([_("La date de remise des fiches est passée.")])
    with unit(locks=[panel, panel.assignments.filter(state__in=["offered", "accepted"])]) as held:
        row = locked(held, panel)
        if row.state != "open":
            raise Refused([_("Le comité est verrouillé : plus rien ne change.")])
        row.due_at = due_at
        row.save(update_fields=["due_at"])
        row.assignments.filter(state__in=["offered", "accepted"]).update(due_at=due_at)
        record(row, "date", actor=actor, due_at=facts.instant(due_at))
    panel.due_at = due_at


def conclude(
    panel: Panel, dossier: Dossier, criterion: str, score: str, reason: str, *, actor: Any
) -> Consensus:
    """A consensus score on one criterion, or the mean kept (no score), with its reason; sheets never change."""
    if not rules.may_judge(actor, panel):
        raise NotAllowed("only the chair or the secretary records a consensus")
    faults = _consensus_faults(dossier, criterion, score, reason)
    if faults:
        raise Refused(faults)
    with unit(locks=[panel, dossier]) as held:
        row, place = locked(held, dossier), locked(held, panel)
        _require_open(place, row)
        found, _made = Consensus.objects.update_or_create(
            dossier=row,
            criterion=criterion,
            defaults={
                "panel": place,
                "score": score,
                "reason": reason.strip(),
                "by": actor,
                "at": clock.now(),
            },
        )
        ranking.keep_figures(row)
        record(row, "conclude", actor=actor, text=reason, criterion=criterion, mark=score)
    return found


def forget_conclusion(panel: Panel, dossier: Dossier, criterion: str, *, actor: Any) -> None:
    """Take a consensus back: the mean stands again, the event stays."""
    if not rules.may_judge(actor, panel):
        raise NotAllowed("only the chair or the secretary takes a consensus back")
    with unit(locks=[panel, dossier]) as held:
        row = locked(held, dossier)
        _require_open(locked(held, panel), row)
        gone, _rows = Consensus.objects.filter(dossier=row, criterion=criterion).delete()
        if gone:
            ranking.keep_figures(row)
            record(row, "unconclude", actor=actor, criterion=criterion)


def _require_open(panel: Panel, dossier: Dossier) -> None:
    faults = []
    if panel.state != "open":
        faults.append(_("Le comité est verrouillé : plus rien ne change."))
    if dossier.state != "in_progress" or dossier.stage not in panel.open_stages():
        faults.append(_("Le dossier n’est pas devant ce comité."))
    if faults:
        raise Refused(faults)


def _consensus_faults(dossier: Dossier, criterion: str, score: str, reason: str) -> list[str]:
    grid = facts.grid_of(dossier)
    known = {one["id"] for one in grid["criteria"]} | {"total"}
    faults = []
    if criterion not in known:
        faults.append(_("Ce critère n’existe pas."))
    if score and (criterion == "total" or score not in facts.marks(grid)):
        faults.append(_("La note de consensus est une des notes de l’échelle."))
    if not reason.strip():
        faults.append(_("Écrivez le motif retenu par le comité."))
    return faults


def close_reviews(panel: Panel, dossiers: Iterable[Dossier], *, actor: Any) -> tuple[list[str], list[str]]:
    """Pass dossiers from review to the committee, one by one; numbers done, and sentences of those refused."""
    done: list[str] = []
    refused: list[str] = []
    process = panel.process()
    for dossier in dossiers:
        try:
            with unit(locks=close_locks(panel, dossier)):
                onward = process.stage(dossier.stage).outcomes[0].code
                fire(dossier, "advance", actor=actor, outcome=onward)
        except Refused as said:
            refused.append(f"{dossier.number}\u00a0: {' '.join(said.reasons)}")
        else:
            done.append(dossier.number)
    return done, refused


def close_locks(panel: Panel, dossier: Dossier) -> list[Any]:
    """Entries of the bodies, the panel and the dossier: what passing it on touches."""
    bodies = Body.objects.filter(dossier=dossier)
    entries = Entry.objects.filter(call_id=dossier.call_id, organisation__in=bodies.values("organisation_id"))
    return [entries, panel, dossier]


def spread_of(values: Iterable[str]) -> Fraction:
    """Highest less lowest of exact texts."""
    found = [Fraction(one) for one in values]
    return max(found) - min(found) if found else Fraction(0)
