"""The machines of review: meeting, panel, assignment, score sheet."""

from review.lifecycle.assignment import AssignmentLifecycle, AssignmentState
from review.lifecycle.meeting import MeetingLifecycle, MeetingState
from review.lifecycle.panel import PanelLifecycle, PanelState
from review.lifecycle.reconsideration import ReconsiderationLifecycle, ReconsiderationState
from review.lifecycle.sheet import RECUSAL, SheetLifecycle, SheetState

__all__ = [
    "RECUSAL",
    "AssignmentLifecycle",
    "AssignmentState",
    "MeetingLifecycle",
    "MeetingState",
    "PanelLifecycle",
    "PanelState",
    "ReconsiderationLifecycle",
    "ReconsiderationState",
    "SheetLifecycle",
    "SheetState",
]
