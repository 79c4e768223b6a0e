"""The one thing that an auditor does and that is written down: taking a call away whole."""

from __future__ import annotations

from typing import Any

from audit import rules
from audit.contents import Export, Step
from grants.models import Call
from workflows.engine import Refused, record


def export(call: Call, *, actor: Any, step: Step | None = None) -> Export:
    """Record the export as the last event it holds, and give what is to be sent; refused with its reasons."""
    said = rules.against_export(call, actor)
    if said:
        raise Refused(said)
    event = record(call, "export_whole", actor=actor)
    return Export(call, event.n, event.hash, {actor.pk}, step)
