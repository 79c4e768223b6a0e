"""The words of a PDF or DOCX, read from standard input: `python -m applications.extracting KIND`, JSON on the output.

A program of its own: a file made to exhaust memory or time ends this process, and no other. It limits itself before
it looks at the first byte.
"""

from __future__ import annotations

import io
import json
import logging
import re
import resource
import sys
import time
import warnings
import zipfile
from collections.abc import Iterator
from typing import Any

SECONDS = 20  # of processor
MEMORY = 1 << 30
PAGES = 300
CHARACTERS = 200_000
ENTRIES = 2_000
UNPACKED = 100 << 20
KINDS = (".pdf", ".docx")
NOISE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\xad\ufffe\uffff]|[\ud800-\udfff]")


class Unreadable(Exception):
    """Nothing can be read of it."""


def limit() -> None:
    """Bounds of this process: it can neither run on, nor swell, nor write a file."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def words_of(data: bytes, kind: str) -> tuple[str, bool]:
    """The text, and whether it was cut at a limit."""
    pieces, length = [], 0
    end = time.monotonic() + SECONDS - 5
    for piece in pdf(data) if kind == ".pdf" else docx(data):
        clean = " ".join(NOISE.sub(" ", piece).split())
        pieces.append(clean)
        length += len(clean) + 1
        if length > CHARACTERS or time.monotonic() > end:
            return "\n".join(one for one in pieces if one)[:CHARACTERS], True
    return "\n".join(one for one in pieces if one), False


def pdf(data: bytes) -> Iterator[str]:
    """Page by page."""
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not reader.decrypt(""):
        raise Unreadable("locked by a password")
    for number, page in enumerate(reader.pages):
        if number >= PAGES:
            return
        yield page.extract_text()


def docx(data: bytes) -> Iterator[str]:
    """Paragraph by paragraph, those of tables and frames among them."""
    from docx import Document
    from docx.oxml.ns import qn

    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = packed.infolist()
        if len(parts) > ENTRIES or sum(one.file_size for one in parts) > UNPACKED:
            raise Unreadable("too much once unpacked")
    body: Any = Document(io.BytesIO(data)).element.body
    for paragraph in body.iter(qn("w:p")):
        yield "".join(one.text or "" for one in paragraph.iter(qn("w:t")))


def main() -> int:
    """Read, print; what cannot be read is said, never a traceback."""
    kind = sys.argv[1] if len(sys.argv) == 2 else ""
    if kind not in KINDS:
        print("usage: python -m applications.extracting .pdf|.docx < FILE", file=sys.stderr)  # noqa: T201
        return 2
    limit()
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    try:
        text, is_cut = words_of(sys.stdin.buffer.read(), kind)
    except (Exception, RecursionError, MemoryError) as fault:  # noqa: BLE001 - whatever a parser thinks of
        print(json.dumps({"text": "", "state": "unreadable", "why": type(fault).__name__}))  # noqa: T201
        return 0
    print(json.dumps({"text": text, "state": "cut" if is_cut else "read", "why": ""}))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
