"""Who a person is for a panel. Rules speak of persons only; states are for guards."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps

from accounts.permissions import roles_by_object
from grants import rules as grants_rules

if TYPE_CHECKING:
    from review.models import Assignment, Panel, Sheet

MEMBERS = frozenset({"reviewer", "chair"})
# They prepare the panel.
STAFF = frozenset({"secretary", "manager"})
# They read the recommendation beside the committee.
READERS = frozenset({"secretary", "manager", "authority", "auditor"})


def roles_on_panel(user: Any, panel: Panel) -> frozenset[str]:
    """Roles of a person on this panel, active people only."""
    return roles_by_object(user, apps.get_model("review", "Panel")).get(panel.pk, frozenset())


def panels_with(user: Any, *roles: str) -> set[int]:
    """Keys of the panels on which a person holds one of these roles (any role when none is named)."""
    wanted = frozenset(roles) or MEMBERS
    held = roles_by_object(user, apps.get_model("review", "Panel"))
    return {pk for pk, codes in held.items() if not codes.isdisjoint(wanted)}


def is_member(user: Any, panel: Panel) -> bool:
    """Reviewer or chair of the panel."""
    return not roles_on_panel(user, panel).isdisjoint(MEMBERS)


def is_chair(user: Any, panel: Panel) -> bool:
    """Presides the panel."""
    return "chair" in roles_on_panel(user, panel)


def is_panel_staff(user: Any, panel: Panel) -> bool:
    """Secretary or manager of the call: prepares the panel and gives the dossiers out."""
    return grants_rules.has_call_role(user, panel.call, *STAFF)


def is_panel_secretary(user: Any, panel: Panel) -> bool:
    """Secretary of the call."""
    return grants_rules.is_secretary(user, panel.call)


def may_judge(user: Any, panel: Panel) -> bool:
    """Secretary or chair: judges what is « to examine » and shuts people out."""
    return is_panel_secretary(user, panel) or is_chair(user, panel)


def may_follow(user: Any, panel: Panel) -> bool:
    """Sees how the panel goes: chair, secretary, manager, auditor."""
    return is_chair(user, panel) or grants_rules.has_call_role(user, panel.call, *STAFF, "auditor")


def may_read_ranking(user: Any, panel: Panel) -> bool:
    """Reads the recommendation: the committee, secretary, manager, authority, auditor."""
    return is_member(user, panel) or grants_rules.has_call_role(user, panel.call, *READERS)


def may_read_minutes(user: Any, panel: Panel) -> bool:
    """Reads the minutes: chair, secretary, manager, authority, auditor (and none who is recused of a dossier)."""
    return is_chair(user, panel) or grants_rules.has_call_role(user, panel.call, *READERS)


def is_reviewer_of(user: Any, assignment: Assignment) -> bool:
    """The person to whom the dossier was given, as long as he or she is of the panel."""
    return bool(user.pk == assignment.reviewer_id and is_member(user, assignment.panel))


def is_author_of(user: Any, sheet: Sheet) -> bool:
    """The person whose sheet it is."""
    return is_reviewer_of(user, sheet.assignment)


def is_reviewer_anywhere(user: Any) -> bool:
    """Sits on some panel."""
    return user is not None and user.is_authenticated and bool(panels_with(user))


def is_panel_staff_anywhere(user: Any) -> bool:
    """Follows some panel: secretary, manager, auditor or chair somewhere."""
    if user is None or not user.is_authenticated:
        return False
    from accounts.permissions import holds_anywhere

    return holds_anywhere(user, "secretary", "manager", "auditor", "chair")
