"""Who a person is in a call: roles of the programme and of the call together. Rules speak of persons only."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Q

from accounts.permissions import roles_by_object

if TYPE_CHECKING:
    from grants.models import Call

STAFF_ROLES = frozenset({"manager", "authority", "auditor", "analyst", "second_analyst", "secretary"})
# Those who know the decision before it is readable.
DECISION_ROLES = frozenset({"manager", "authority", "secretary", "auditor"})


def roles_in_call(user: Any, call: Call) -> frozenset[str]:
    """Every role of a person that reaches this call: its own and its programme's."""
    own = roles_by_object(user, apps.get_model("grants", "Call")).get(call.pk, frozenset())
    above = roles_by_object(user, apps.get_model("grants", "Programme")).get(call.programme_id, frozenset())
    return own | above


def has_call_role(user: Any, call: Call, *roles: str) -> bool:
    """Tell whether a person holds one of these roles on the call or its programme."""
    return not roles_in_call(user, call).isdisjoint(roles)


def calls_with(user: Any, *roles: str) -> set[int]:
    """Keys of the calls on which a person holds one of these roles (any role when none is named)."""
    wanted = frozenset(roles) or STAFF_ROLES
    call_model = apps.get_model("grants", "Call")
    found = {pk for pk, held in roles_by_object(user, call_model).items() if not held.isdisjoint(wanted)}
    above = roles_by_object(user, apps.get_model("grants", "Programme"))
    programmes = [pk for pk, held in above.items() if not held.isdisjoint(wanted)]
    if programmes:
        found |= set(
            call_model._default_manager.filter(programme_id__in=programmes).values_list("pk", flat=True)
        )
    return found


def holds_anywhere(user: Any, *roles: str) -> bool:
    """Tell whether a person holds one of these roles on any call or programme: no statement of its own."""
    wanted = frozenset(roles) or STAFF_ROLES
    models = (apps.get_model("grants", name) for name in ("Call", "Programme"))
    return any(not held.isdisjoint(wanted) for one in models for held in roles_by_object(user, one).values())


def holds_beside(user: Any, roles: frozenset[str], others: frozenset[str]) -> bool:
    """Tell whether, wherever a person holds one of `roles`, one of `others` is held too: no statement of its own."""
    models = (apps.get_model("grants", name) for name in ("Call", "Programme"))
    every = (held for one in models for held in roles_by_object(user, one).values())
    return all(held.isdisjoint(roles) or not held.isdisjoint(others) for held in every)


def on_calls(user: Any, *roles: str, path: str = "call") -> Q:
    """Rows whose call is one of `calls_with`, as a filter: no statement of its own (calls themselves: no path)."""
    wanted = frozenset(roles) or STAFF_ROLES
    own = roles_by_object(user, apps.get_model("grants", "Call"))
    above = roles_by_object(user, apps.get_model("grants", "Programme"))
    calls = [pk for pk, held in own.items() if not held.isdisjoint(wanted)]
    programmes = [pk for pk, held in above.items() if not held.isdisjoint(wanted)]
    if not path:
        return Q(pk__in=calls) | Q(programme_id__in=programmes)
    return Q(**{f"{path}_id__in": calls}) | Q(**{f"{path}__programme_id__in": programmes})


def is_staff_of(user: Any, call: Call) -> bool:
    """Any role of the ministry on the call."""
    return has_call_role(user, call, *STAFF_ROLES)


def is_manager(user: Any, call: Call) -> bool:
    """Manager of the call's programme, or of the call itself."""
    return has_call_role(user, call, "manager")


def is_authority(user: Any, call: Call) -> bool:
    """The authority who decides."""
    return has_call_role(user, call, "authority")


def is_auditor(user: Any, call: Call) -> bool:
    """Reads everything, changes nothing."""
    return has_call_role(user, call, "auditor")


def is_analyst(user: Any, call: Call) -> bool:
    """Checks completeness and eligibility."""
    return has_call_role(user, call, "analyst")


def is_second_analyst(user: Any, call: Call) -> bool:
    """Countersigns refusals."""
    return has_call_role(user, call, "second_analyst")


def is_secretary(user: Any, call: Call) -> bool:
    """Prepares panels and records what they propose."""
    return has_call_role(user, call, "secretary")


def knows_decision(user: Any, call: Call) -> bool:
    """May read a decision before its instant: manager, authority, secretary, auditor."""
    return has_call_role(user, call, *DECISION_ROLES)
