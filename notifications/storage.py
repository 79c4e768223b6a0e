"""Where the PDF of a document is kept, and nowhere near an address that could be guessed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from notifications.letters.seal import stands
from notifications.models import Document


def write_pdf(document: Document, data: bytes) -> tuple[str, str]:
    """Store the bytes; returns (path, digest). A file left by an interrupted try is taken if it is whole."""
    digest = hashlib.sha256(data).hexdigest()
    path = f"documents/{document.call_id}/{document.pk}-{digest[:16]}.pdf"
    if default_storage.exists(path):
        with default_storage.open(path) as stored:
            if stored.read() == data:
                return path, f"sha256:{digest}"
        default_storage.delete(path)
    return default_storage.save(path, ContentFile(data)), f"sha256:{digest}"


def write_sealed(document: Document, plain: bytes, seal: Callable[[bytes], bytes]) -> tuple[str, str]:
    """Store the sealed file, single for its content: one left by an interrupted try is taken if it is whole."""
    path = f"documents/{document.call_id}/{document.pk}-{hashlib.sha256(plain).hexdigest()[:16]}-s.pdf"
    if default_storage.exists(path):
        with default_storage.open(path) as stored:
            data: bytes = stored.read()
        if stands(data, plain):
            return path, f"sha256:{hashlib.sha256(data).hexdigest()}"
        default_storage.delete(path)
    data = seal(plain)
    return default_storage.save(path, ContentFile(data)), f"sha256:{hashlib.sha256(data).hexdigest()}"


def read_pdf(document: Document) -> bytes:
    """The bytes of a drawn document."""
    with default_storage.open(document.pdf_path) as stored:
        data: bytes = stored.read()
    return data
