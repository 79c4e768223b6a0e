"""A meeting as it goes: opened, who is there, the order, the note and the conclusion of each item."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.permissions import holders
from review import meetings, rules
from review.models import Item, Meeting, Panel, Presence
from web import clock
from workflows.engine import NotAllowed, Refused, locked, record, unit


def open_meeting(
    panel: Panel, held_on: date, place: str, chair: User, secretary: User, *, actor: Any
) -> Meeting:
    """A meeting with every member expected and every dossier before the committee, in the proposed order."""
    _require(panel, actor)
    with unit(locks=[panel]) as held:
        row = locked(held, panel)
        faults = _faults(row, chair, secretary)
        if faults:
            raise Refused(faults)
        rule = meetings.rule_of(row) or {}
        made = Meeting.objects.create(
            state="open",
            panel=row,
            held_on=held_on,
            place=place.strip(),
            chair=chair,
            secretary=secretary,
            quorum=rule.get("quorum", 1),
            is_odd=rule.get("odd", False),
            opened_at=clock.now(),
        )
        people = holders(list(rules.MEMBERS), row)
        Presence.objects.bulk_create(Presence(meeting=made, user=one) for one in people)
        order = meetings.proposed_order(row)
        Item.objects.bulk_create(
            Item(meeting=made, dossier=one, position=place) for place, one in enumerate(order, start=1)
        )
        record(made, "open", actor=actor, items=len(order), quorum=made.quorum)
    return made


def _require(panel: Panel, actor: Any) -> None:
    if not rules.may_judge(actor, panel):
        raise NotAllowed("the chair or the secretary holds the meeting")


def _faults(panel: Panel, chair: User, secretary: User) -> list[str]:
    faults = []
    if panel.state != "open":
        faults.append(_("Le comité est verrouillé : plus rien ne change."))
    if Meeting.objects.filter(panel=panel, state="open").exists():
        faults.append(_("Une séance de ce comité est déjà ouverte."))
    if not meetings.dossiers_before(panel).exists():
        faults.append(_("Aucun dossier n’est devant le comité."))
    if not rules.is_chair(chair, panel) or not rules.is_panel_secretary(secretary, panel):
        faults.append(
            _("La séance est présidée par la présidence du comité; le secrétariat est celui de l’appel.")
        )
    if chair.pk == secretary.pk:
        faults.append(_("La présidence et le secrétariat sont deux personnes."))
    return faults


def _open(meeting: Meeting, actor: Any) -> Any:
    _require(meeting.panel, actor)
    return unit(locks=[meeting.panel, meeting])


def _still_open(row: Meeting) -> None:
    if row.state != "open":
        raise Refused([_("La séance est close : plus rien ne change.")])


def set_present(meeting: Meeting, present: Collection[int], *, actor: Any) -> None:
    """Who is there; everybody else is absent."""
    with _open(meeting, actor) as held:
        row = locked(held, meeting)
        _still_open(row)
        row.presences.filter(user__in=present).update(is_present=True)
        row.presences.exclude(user__in=present).update(is_present=False)
        there = row.presences.filter(is_present=True).count()
        record(row, "presence", actor=actor, present=there)


def move(meeting: Meeting, item: Item, way: str, *, actor: Any) -> None:
    """One place up or down."""
    with _open(meeting, actor) as held:
        row = locked(held, meeting)
        _still_open(row)
        order = list(row.items.order_by("position", "pk"))
        at = next(place for place, one in enumerate(order) if one.pk == item.pk)
        to = at - 1 if way == "up" else at + 1
        if 0 <= to < len(order):
            order[at], order[to] = order[to], order[at]
            for place, one in enumerate(order, start=1):
                one.position = place
            Item.objects.bulk_update(order, ["position"])
            record(row, "order", actor=actor, item=item.pk, way=way)


def add_missing(meeting: Meeting, *, actor: Any) -> int:
    """Dossiers that came before the committee since the opening, at the end of the agenda."""
    with _open(meeting, actor) as held:
        row = locked(held, meeting)
        _still_open(row)
        known = set(row.items.values_list("dossier_id", flat=True))
        late = [one for one in meetings.proposed_order(row.panel) if one.pk not in known]
        last = row.items.count()
        Item.objects.bulk_create(
            Item(meeting=row, dossier=one, position=last + place) for place, one in enumerate(late, start=1)
        )
        if late:
            record(row, "add_items", actor=actor, items=len(late))
    return len(late)


def conclude_item(meeting: Meeting, item: Item, note: str, is_agreed: bool, *, actor: Any) -> None:
    """The note of the discussion, and whether the committee agreed; a divergence needs its answer first."""
    with _open(meeting, actor) as held:
        row = locked(held, meeting)
        _still_open(row)
        one = row.items.select_related("dossier").get(pk=item.pk)
        if is_agreed and one.dossier.divergent:
            raise Refused(
                [_("Les fiches divergent : concluez d’abord, par un consensus ou par la moyenne motivée.")]
            )
        one.note = note.strip()
        one.agreed_at = (one.agreed_at or clock.now()) if is_agreed else None
        one.save(update_fields=["note", "agreed_at"])
        record(row, "discuss", actor=actor, text=one.note, dossier=one.dossier.number, agreed=is_agreed)
