"""Panels, assignments, conflicts, score sheets, recommendations."""

from review.models.approval import ApprovalFile
from review.models.panel import Assignment, Panel, PanelRole, Recusal
from review.models.ranking import Consensus, Recommendation
from review.models.reconsideration import Reconsideration
from review.models.sheet import Sheet

__all__ = [
    "ApprovalFile",
    "Assignment",
    "Consensus",
    "Panel",
    "PanelRole",
    "Recommendation",
    "Reconsideration",
    "Recusal",
    "Sheet",
]
