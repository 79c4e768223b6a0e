"""Fifty megabytes sent to a web process: read to nowhere past the limit, its memory stays flat."""

from __future__ import annotations

import io
import tracemalloc
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import User
from applications.models import Dossier

pytestmark = pytest.mark.django_db
MEBIBYTE = 1024 * 1024
SIZE = 50 * MEBIBYTE
MARK = b"----jalon"
HEAD = (
    MARK
    + b'\r\nContent-Disposition: form-data; name="file"; filename="gros.pdf"\r\n'
    + b"Content-Type: application/pdf\r\n\r\n%PDF-1.7\n"
)
TAIL = b"\r\n" + MARK + b"--\r\n"


class Body(io.RawIOBase):
    """A form with one file of fifty megabytes, made while it is read."""

    def __init__(self, size: int) -> None:
        self.left, self.head, self.tail = size, HEAD, TAIL

    def readable(self) -> bool:
        return True

    def read(self, count: int = -1) -> bytes:
        if self.head:
            given, self.head = self.head[:count], self.head[count:]
        elif self.left:
            given = b"0" * min(count, self.left)
            self.left -= len(given)
        else:
            given, self.tail = self.tail[:count], self.tail[count:]
        return given


def send(client: Client, dossier: Dossier, size: int) -> Any:
    """What the server answers to a body that is read as it comes."""
    length = len(HEAD) + size + len(TAIL)
    return client.generic(
        "POST",
        f"/dossiers/{dossier.pk}/pieces/resolution/",
        headers={
            "accept": "application/json",
            "content-type": f"multipart/form-data; boundary={MARK[2:].decode()}",
            "content-length": str(length),
        },
        **{"wsgi.input": Body(size)},  # type: ignore[arg-type]
    )


def test_fifty_megabytes_leave_the_memory_flat(ready: Dossier, signatory: User) -> None:
    size = SIZE
    client = Client()
    client.force_login(signatory)
    send(client, ready, 1000)  # what is loaded once
    before = ready.attachments.count()
    tracemalloc.start()
    try:
        answer = send(client, ready, size)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.status_code == 422
    assert "trop gros" in answer.json()["line"]
    assert ready.attachments.count() == before
    assert peak < 12 * MEBIBYTE, f"{peak / MEBIBYTE:.1f} MiB for {size / MEBIBYTE:.0f} MiB"
    assert size > settings.FILE_MAX_BYTES
