"""What a person may begin or take up again in a call, municipality by municipality."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Prefetch
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Membership
from applications.models import Body, BodyRole, Dossier
from grants.cockpit import Start


@dataclass
class Choice:
    """A municipality of the person, with what it already has in the call."""

    membership: Any
    drafts: list[Any] = field(default_factory=list)
    filed: list[Any] = field(default_factory=list)

    @property
    def organisation(self) -> Any:
        """The municipality."""
        return self.membership.organisation


def _held(user: Any) -> list[Any]:
    """Open memberships with their municipality, read once a request."""
    kept: list[Any] | None = user.__dict__.get("_held_read")
    if kept is None:
        rows = Membership.objects.filter(user_id=user.pk, status__in=["claimed", "confirmed"])
        kept = list(rows.select_related("organisation__region").order_by("organisation__sort_name"))
        user.__dict__["_held_read"] = kept
    return kept


def _dossiers(user: Any) -> dict[int, list[Any]]:
    """Dossiers of these municipalities by call, newest first: one reading however many calls a page lists."""
    kept: dict[int, list[Any]] | None = user.__dict__.get("_dossiers_read")
    if kept is None:
        kept = {}
        if _held(user):
            rows: Any = Dossier.objects.all().applicant_side(user).exclude(state="withdrawn")
            leads = Prefetch("bodies", queryset=Body.objects.filter(role=BodyRole.LEAD), to_attr="leads")
            for row in rows.prefetch_related(leads).order_by("-sort_at"):
                kept.setdefault(row.call_id, []).append(row)
        user.__dict__["_dossiers_read"] = kept
    return kept


def choices(user: Any, call: Any) -> list[Choice]:
    """The municipalities one acts for; their drafts and filed dossiers in this call, newest first."""
    person = user._wrapped if hasattr(user, "_wrapped") else user
    found = {row.organisation_id: Choice(row) for row in _held(person)}
    for row in _dossiers(person).get(call.pk, []):
        for body in row.leads:
            if body.organisation_id in found:
                mine = found[body.organisation_id]
                (mine.drafts if row.state == "draft" else mine.filed).append(row)
    return list(found.values())


def offer(user: Any, call: Any) -> Start | None:
    """The act of the call page: take up the one draft, see the one filing, or choose a municipality."""
    if not getattr(user, "is_authenticated", False):
        return None
    found = choices(user, call)
    begin = reverse("start", args=[call.code])
    drafts = [row for one in found for row in one.drafts]
    filed = [row for one in found for row in one.filed]
    if len(drafts) == 1:
        title = drafts[0].title or drafts[0].lead_name
        href = reverse("dossier_edit", args=[drafts[0].pk])
        return Start(_("Reprendre"), href, title, _("Commencer une autre demande"), begin)
    if drafts:
        return Start(_("Reprendre"), begin)
    if filed:
        href = reverse("dossier", args=[filed[0].pk])
        return Start(_("Voir la demande"), href, filed[0].number, _("Commencer une autre demande"), begin)
    return Start(_("Commencer"), begin)
