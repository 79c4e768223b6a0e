"""The files of all backups of a folder, each kept once under its digest: a nightly backup copies only new ones."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from django.core.files.storage import default_storage

from config.backups.databases import Snapshot
from web.discarding import AWAY

BLOCK = 1024 * 1024


@dataclass(frozen=True)
class Pointer:
    """A column that names a file of the storage, with those that hold its digest and its size."""

    table: str
    path: str
    digest: str
    size: str = ""

    def statement(self) -> str:
        """What reads every file that a row points to."""
        size = f'"{self.size}"' if self.size else "NULL"
        return (
            f'SELECT "{self.path}", "{self.digest}", {size}, "id" FROM "{self.table}" '  # noqa: S608
            f'WHERE "{self.path}" <> \'\' ORDER BY "id"'
        )


POINTERS = (
    Pointer("applications_attachment", "path", "digest", "size"),
    Pointer("notifications_document", "pdf_path", "pdf_digest"),
    Pointer("review_approvalfile", "path", "digest", "size"),
)
NOT_KEPT = ("web_export.path",)  # a worker makes an export again
"""With the pointers, every column of the product that names a file (a test compares)."""


@dataclass(frozen=True)
class Entry:
    """A file that a row points to: where it stands in the storage, what it must be, which row."""

    path: str
    digest: str
    size: int
    row: str

    def as_dict(self) -> dict[str, object]:
        """As the manifest writes it."""
        return asdict(self)


def digest_of(file: Path) -> str:
    """SHA-256 of a file, as rows write it."""
    sha256 = hashlib.sha256()
    with file.open("rb") as opened:
        while block := opened.read(BLOCK):
            sha256.update(block)
    return f"sha256:{sha256.hexdigest()}"


def place(pool: Path, digest: str) -> Path:
    """Where the file of a digest is kept."""
    name = digest.removeprefix("sha256:")
    return pool / name[:2] / name


def stored(path: str) -> Path | None:
    """The file in the storage: in its place, or set aside for a while after its row was deleted."""
    for name in (path, f"{AWAY}/{path}"):
        if (found := Path(default_storage.path(name))).is_file():
            return found
    return None


def wanted(snapshot: Snapshot) -> Iterable[tuple[str, str, int | None, str]]:
    """Path, digest, size and row of every file that the snapshot points to."""
    for pointer in POINTERS:
        if not snapshot.has(pointer.table):
            continue
        for path, digest, size, key in list(snapshot.rows(pointer.statement())):
            yield str(path), str(digest), None if size is None else int(size), f"{pointer.table}:{key}"


@dataclass
class Kept:
    """What a backup did with the files: those that agree, those that do not, and how much was copied."""

    entries: list[Entry]
    faults: list[str]
    copied: int = 0
    copied_bytes: int = 0


def keep(snapshot: Snapshot, pool: Path) -> Kept:
    """Copy what is not there yet; each byte is digested on the way and must agree with its row."""
    told = Kept([], [])
    for path, digest, size, row in wanted(snapshot):
        target = place(pool, digest)
        if not target.is_file():
            fault, count = _copy(path, digest, target)
            if fault:
                told.faults.append(f"{row}: {fault}")
                continue
            told.copied, told.copied_bytes = told.copied + 1, told.copied_bytes + count
        there = target.stat().st_size
        if size is not None and size != there:
            told.faults.append(f"{row}: its size is {there}, the row says {size}")
            continue
        told.entries.append(Entry(path, digest, there, row))
    return told


def _copy(path: str, digest: str, target: Path) -> tuple[str, int]:
    """Copy one file under its digest: what is wrong with it, or "" and its size."""
    source = stored(path)
    if source is None:
        return "its file is missing", 0
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    sha256, count = hashlib.sha256(), 0
    try:
        with source.open("rb") as opened, part.open("wb") as out:
            while block := opened.read(BLOCK):
                sha256.update(block)
                count += out.write(block)
            out.flush()
            os.fsync(out.fileno())
    except FileNotFoundError:  # set aside in this very moment: it is read where it went
        return (
            _copy(path, digest, target) if stored(path) not in (None, source) else ("its file is missing", 0)
        )
    if f"sha256:{sha256.hexdigest()}" != digest:
        part.unlink()
        return "its file has another digest", 0
    part.replace(target)
    return "", count


def give_back(entry: Entry, pool: Path, folder: Path) -> str:
    """Put one file back in a storage, digesting on the way: what is wrong, or nothing."""
    source, target = place(pool, entry.digest), folder / entry.path
    if not target.resolve().is_relative_to(folder.resolve()):
        return f"{entry.row}: its path leaves the folder of files"
    if not source.is_file():
        return f"{entry.row}: its file is not in the backup"
    target.parent.mkdir(parents=True, exist_ok=True)
    sha256 = hashlib.sha256()
    with source.open("rb") as opened, target.open("wb") as out:
        target.chmod(0o600)
        while block := opened.read(BLOCK):
            sha256.update(block)
            out.write(block)
    return (
        ""
        if f"sha256:{sha256.hexdigest()}" == entry.digest
        else f"{entry.row}: its file in the backup was changed"
    )


def drop_unused(pool: Path, used: set[str]) -> int:
    """Remove from the pool what no backup names; how many."""
    gone = 0
    for file in pool.glob("??/*"):
        if f"sha256:{file.name}" not in used:
            file.unlink()
            gone += 1
    return gone
