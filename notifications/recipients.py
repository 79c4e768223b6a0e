"""Who receives a message, from the subject of an event; only people that still hold the right count."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from accounts import permissions
from accounts.models import Membership, Organisation, User
from applications.models import Body, Dossier
from workflows.models import Event


@dataclass(frozen=True)
class Recipient:
    """One address, with the person behind it where there is one."""

    email: str
    name: str
    language: str
    user: User | None = None
    is_copy: bool = False  # of a letter written to somebody else


def _person(user: User, *, is_copy: bool = False) -> Recipient:
    return Recipient(user.email, str(user), user.language, user, is_copy)


def _once(found: list[Recipient]) -> list[Recipient]:
    seen: dict[str, Recipient] = {}
    for one in found:
        if one.email:
            seen.setdefault(one.email.lower(), one)
    return list(seen.values())


def lead_people(dossier: Any, event: Event) -> list[Recipient]:
    """Signatories, drafters and the municipality's own address, for every lead body (through `Body` rows)."""
    found: list[Recipient] = []
    for body in dossier.bodies.filter(role="lead").select_related("organisation"):
        members = (
            Membership.objects.filter(
                organisation=body.organisation, status__in=["confirmed", "claimed"], user__is_active=True
            )
            .select_related("user")
            .order_by("-role", "id")
        )
        for membership in members:
            if membership.status == "confirmed" or membership.user_id == dossier.created_by_id:
                found.append(_person(membership.user))
        organisation = body.organisation
        if organisation.own_email:
            found.append(Recipient(organisation.own_email, organisation.name, dossier.call.language))
    return _once(found)


def partner_people(dossier: Any, event: Event) -> list[Recipient]:
    """Who answers for the partners of an event: their confirmed people, and each organisation's own address."""
    found: list[Recipient] = []
    keys = event.data.get("bodies") or [event.data.get("body")]
    for body in dossier.bodies.filter(pk__in=keys, role="partner").select_related("organisation"):
        members = Membership.objects.filter(
            organisation=body.organisation, status="confirmed", user__is_active=True
        ).select_related("user")
        found += [_person(one.user) for one in members.order_by("-role", "id")]
        organisation = body.organisation
        if organisation.own_email:
            found.append(Recipient(organisation.own_email, organisation.name, dossier.call.language))
    return _once(found)


def copied_bodies(dossier: Any) -> list[Any]:
    """Partners to whom the letters of a dossier are copied: those that confirmed and did not leave."""
    rows = dossier.bodies.filter(role="partner", confirmation="confirmed", left_at__isnull=True)
    return list(rows.select_related("organisation").order_by("position", "pk"))


def copies(dossier: Any) -> list[Recipient]:
    """The confirmed signatories of those partners."""
    members = Membership.objects.filter(
        organisation__in=[one.organisation_id for one in copied_bodies(dossier)],
        role="signatory",
        status="confirmed",
        user__is_active=True,
    ).select_related("user")
    return _once([_person(one.user, is_copy=True) for one in members.order_by("id")])


def letter_people(dossier: Any, event: Event) -> list[Recipient]:
    """The people of the lead, then copies to the partners: one release, one message to each address."""
    return _once(lead_people(dossier, event) + copies(dossier))


def award_people(award: Any, event: Event) -> list[Recipient]:
    """The same people, from an award."""
    return letter_people(Dossier.objects.select_related("call").get(pk=award.dossier_id), event)


def reviewer(assignment: Any, event: Event) -> list[Recipient]:
    """The reviewer of an assignment, while active and while it stands."""
    stands = assignment.state in ("offered", "accepted") and assignment.reviewer.is_active
    return [_person(assignment.reviewer)] if stands else []


def member(membership: Any, event: Event) -> list[Recipient]:
    """The person of a membership."""
    return [_person(membership.user)] if membership.user.is_active else []


def signatories(membership: Any, event: Event) -> list[Recipient]:
    """Confirmed signatories of the organisation that somebody asks to act for."""
    found = Membership.objects.filter(
        organisation=membership.organisation, role="signatory", status="confirmed", user__is_active=True
    ).exclude(user=membership.user)
    return _once([_person(one.user) for one in found.select_related("user")])


def _holders(role: str, call: Any) -> list[Recipient]:
    users = list(permissions.holders(role, call.programme)) + list(permissions.holders(role, call))
    return _once([_person(user) for user in users])


def asking_people(row: Any, event: Event) -> list[Recipient]:
    """Whoever asked for a reconsideration, and the people of the lead."""
    asker = [_person(row.asked_by)] if row.asked_by.is_active else []
    return _once(asker + lead_people(row.dossier, event))


def answered_people(row: Any, event: Event) -> list[Recipient]:
    """The same, and copies to the partners."""
    return _once(asking_people(row, event) + copies(row.dossier))


def reconsiderer(row: Any, event: Event) -> list[Recipient]:
    """The person named to answer, while this event still names him or her."""
    stands = row.reconsiderer is not None and row.reconsiderer.is_active
    return [_person(row.reconsiderer)] if stands else []


def authorities(decision: Any, event: Event) -> list[Recipient]:
    """Who may sign a decision."""
    return _holders("authority", decision.call)


def managers(decision: Any, event: Event) -> list[Recipient]:
    """Managers of the call."""
    return _holders("manager", decision.call)


def applicants(call: Any, event: Event) -> list[Recipient]:
    """Everybody whose draft or dossier on a call is still going: its authors, its lead's people and own address."""
    rows = Dossier.objects.filter(call=call).exclude(state__in=["withdrawn", "rejected"])
    leads = Body.objects.filter(dossier__in=rows, role="lead")
    organisations = Organisation.objects.filter(pk__in=leads.values("organisation_id"))
    members = Membership.objects.filter(organisation__in=leads.values("organisation_id"), status="confirmed")
    people = User.objects.filter(
        Q(pk__in=rows.values("created_by_id")) | Q(pk__in=members.values("user_id")), is_active=True
    )
    own = [
        Recipient(one.own_email, one.name, call.language)
        for one in organisations.exclude(own_email="").order_by("pk")
    ]
    return _once([_person(user) for user in people.order_by("pk")] + own)
