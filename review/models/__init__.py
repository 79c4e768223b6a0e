"""Panels, assignments, conflicts, score sheets, recommendations."""

from review.models.approval import ApprovalFile
from review.models.meeting import Item, Meeting, Presence, Signature
from review.models.panel import Assignment, Panel, PanelRole, Recusal
from review.models.ranking import Consensus, Recommendation
from review.models.reconsideration import Reconsideration
from review.models.sheet import Sheet

__all__ = [
    "ApprovalFile",
    "Assignment",
    "Consensus",
    "Item",
    "Meeting",
    "Panel",
    "PanelRole",
    "Presence",
    "Recommendation",
    "Reconsideration",
    "Recusal",
    "Sheet",
    "Signature",
]
