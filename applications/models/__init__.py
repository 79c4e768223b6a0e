"""Dossiers and what they are made of."""

from applications.models.answer import Answer, AnswerVersion
from applications.models.attachment import Attachment, ScanState
from applications.models.check import CompletionItem, CompletionRequest, Finding
from applications.models.dossier import Body, BodyRole, Dossier, Entry
from applications.models.pledge import Pledge, Tie
from applications.models.snapshot import Snapshot
from applications.models.wording import Wording

__all__ = [
    "Answer",
    "AnswerVersion",
    "Attachment",
    "Body",
    "BodyRole",
    "CompletionItem",
    "CompletionRequest",
    "Dossier",
    "Entry",
    "Finding",
    "Pledge",
    "ScanState",
    "Snapshot",
    "Tie",
    "Wording",
]
