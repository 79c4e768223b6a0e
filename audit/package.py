"""A zip written as it is sent: one piece at a time, each file with its digest in the manifest."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from web import formats
from workflows.chain import canonical

Pieces = Iterable[bytes]
Entry = tuple[str, Pieces]
MANIFEST = "manifest.json"


class _Tail(io.RawIOBase):
    """Where the zip writes: what was not sent yet, and nothing else."""

    def __init__(self) -> None:
        self.waiting: list[bytes] = []
        self.place = 0

    def writable(self) -> bool:
        """It can only be written; the zip then never asks to go back."""
        return True

    def write(self, data: Any) -> int:
        """Keep a piece until it is sent."""
        piece = bytes(data)
        self.waiting.append(piece)
        self.place += len(piece)
        return len(piece)

    def tell(self) -> int:
        """How far the zip is."""
        return self.place

    def taken(self) -> bytes:
        """What waits, given once."""
        sent, self.waiting = b"".join(self.waiting), []
        return sent


def stream(entries: Iterable[Entry], told: dict[str, Any], at: datetime) -> Iterator[bytes]:
    """The bytes of the zip, in pieces; the manifest, last, holds what is told and the digest of each file."""
    tail, listed = _Tail(), []
    stamp = formats.local(at).timetuple()[:6]
    with zipfile.ZipFile(tail, "w", zipfile.ZIP_DEFLATED) as made:
        for name, pieces in entries:
            size, digest = 0, hashlib.sha256()
            with made.open(_info(name, stamp), "w", force_zip64=True) as place:
                for piece in pieces:
                    size += len(piece)
                    digest.update(piece)
                    place.write(piece)
                    if sent := tail.taken():
                        yield sent
            listed.append({"path": name, "size": size, "sha256": f"sha256:{digest.hexdigest()}"})
            yield tail.taken()
        text = canonical({**told, "files": listed}) + "\n"
        made.writestr(_info(MANIFEST, stamp), text.encode())
    yield tail.taken()


def _info(name: str, stamp: Any) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name, stamp)
    info.compress_type = zipfile.ZIP_DEFLATED
    info.external_attr = 0o644 << 16
    return info
