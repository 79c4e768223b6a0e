"""Who may read and release messages and documents."""

from __future__ import annotations

from typing import Any

from grants.models import Call
from grants.rules import roles_in_call


def may_run_outbox(user: Any, call: Call) -> bool:
    """The manager and the secretary of a call read its outbox and release what is held."""
    return bool(roles_in_call(user, call) & {"manager", "secretary"})


def may_read_outbox(user: Any, call: Call) -> bool:
    """The auditor reads it too."""
    return bool(roles_in_call(user, call) & {"manager", "secretary", "auditor"})
