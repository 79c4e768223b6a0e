"""Messages and documents: rows that a worker sends or draws."""

from notifications.models.batch import Batch
from notifications.models.document import Document
from notifications.models.message import Message

__all__ = ["Batch", "Document", "Message"]
