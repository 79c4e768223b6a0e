"""Programmes, calls, budgets, decisions and awards."""

from grants.models.award import Award, AwardTheme
from grants.models.call import BudgetLine, Call, CallRole, Edition, LetterText, Volet
from grants.models.decision import Decision, DecisionApproval, DecisionLine
from grants.models.programme import Programme, ProgrammeRole
from grants.models.question import CallQuestion, QuestionState

__all__ = [
    "Award",
    "AwardTheme",
    "BudgetLine",
    "Call",
    "CallQuestion",
    "CallRole",
    "Decision",
    "DecisionApproval",
    "DecisionLine",
    "Edition",
    "LetterText",
    "Programme",
    "ProgrammeRole",
    "QuestionState",
    "Volet",
]
