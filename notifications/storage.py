"""Where the PDF of a document is kept, and nowhere near an address that could be guessed."""

from __future__ import annotations

import hashlib

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from notifications.models import Document


def write_pdf(document: Document, data: bytes) -> tuple[str, str]:
    """Store the bytes; returns (path, digest). The same bytes go to the same path."""
    digest = hashlib.sha256(data).hexdigest()
    path = f"documents/{document.call_id}/{document.pk}-{digest[:16]}.pdf"
    if not default_storage.exists(path):
        path = default_storage.save(path, ContentFile(data))
    return path, f"sha256:{digest}"


def read_pdf(document: Document) -> bytes:
    """The bytes of a drawn document."""
    with default_storage.open(document.pdf_path) as stored:
        data: bytes = stored.read()
    return data
