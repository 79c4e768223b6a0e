"""Taking a backup: the database first, then every file that a row of that instant points to, the manifest last.

Files are written before their rows and set aside, not erased, when a row goes: so each file of the snapshot is
there whatever people do meanwhile.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from django.db import connection

from config.backups import keys, manifest, pool
from config.backups.databases import Snapshot, snapshot
from config.backups.manifest import Manifest
from config.backups.trouble import Trouble
from web import clock

POOL, LOCK, PART = "files", ".lock", ".part"
ROOM = 50 * 1024 * 1024  # that must be free at least
SEALED = {
    "second factors": "SELECT count(*) FROM mfa_authenticator",
    "secret messages": "SELECT count(*) FROM notifications_message WHERE mode = 'secret' AND state <> 'sent'",
}


@dataclass
class Taken:
    """A backup as it was written."""

    folder: Path
    manifest: Manifest
    digest: str
    copied: int
    copied_bytes: int
    seconds: float
    dropped: list[str] = field(default_factory=list)
    keys: Path | None = None

    def line(self) -> str:
        """One line for a log."""
        told = self.manifest
        said = (
            f"{self.folder.name}: database {told.database['size'] // 1024} KiB, {told.files['count']} files "
            f"{told.files['bytes'] // 1024} KiB ({self.copied} new), {len(told.heads)} chains, "
            f"{self.seconds:.1f} s, key {told.key}, {self.digest[:19]}"
        )
        return f"INCOMPLETE {said}: {len(told.faults)} files" if told.faults else f"OK {said}"


def take(folder: Path, *, keys_in: Path | None = None, keep: int = 0) -> Taken:
    """Write one more backup in a folder, verified; the oldest go when `keep` says how many stay."""
    start, now = monotonic(), clock.now()
    os.umask(0o077)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if shutil.disk_usage(folder).free < ROOM:
        raise Trouble(f"Less than {ROOM // 1024 // 1024} MiB are free in {folder}: make room first.")
    with _alone(folder):
        for left in folder.glob(f"*{PART}"):
            shutil.rmtree(left)
        kept_keys = keys.keep(keys_in, folder) if keys_in else None
        part = folder / f"{now:%Y-%m-%dT%H%M%SZ}{PART}"
        part.mkdir(mode=0o700)
        try:
            with snapshot(part) as found:
                kept = pool.keep(found, folder / POOL)
                told = _describe(found, f"{now:%Y-%m-%dT%H:%M:%SZ}")
        except OSError as fault:
            shutil.rmtree(part, ignore_errors=True)
            raise Trouble(f"The backup could not be written: {fault.strerror or fault}.") from fault
        told.faults = kept.faults
        told.database = manifest.about(found.file)
        told.files = manifest.write_entries(part, kept.entries)
        digest = manifest.write(part, told)
        target = part.with_suffix("")
        part.rename(target)
        manifest.read(target)  # what was written is what was meant
        dropped = drop_old(folder, keep) if keep and not told.faults else []
    seconds = monotonic() - start
    return Taken(target, told, digest, kept.copied, kept.copied_bytes, seconds, dropped, kept_keys)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One backup at a time in a folder."""
    with (folder / LOCK).open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise Trouble(f"Another backup is being taken in {folder}.") from busy
        yield


def _describe(found: Snapshot, taken_at: str) -> Manifest:
    """What the snapshot holds, read from the snapshot itself."""
    applied = "SELECT app, name FROM django_migrations ORDER BY app, name"
    heads = "SELECT code, n, head FROM workflows_chainhead ORDER BY code"
    tables = {"second factors": "mfa_authenticator", "secret messages": "notifications_message"}
    sealed = {what: sql for what, sql in SEALED.items() if found.has(tables[what])}
    return Manifest(
        format=manifest.FORMAT,
        product=manifest.product_version(),
        taken_at=taken_at,
        engine=connection.vendor,
        migrations=[f"{app}.{name}" for app, name in found.rows(applied)],
        database={},
        files={},
        counts=found.counts(),
        heads={code: {"n": int(n), "head": head} for code, n, head in found.rows(heads)},
        key=manifest.fingerprints()[0],
        sealed={what: int(next(found.rows(sql))[0]) for what, sql in sealed.items()},
    )


def backups(folder: Path) -> list[Path]:
    """The backups of a folder, oldest first."""
    return sorted(
        one.parent for one in folder.glob(f"*/{manifest.NAME}") if not one.parent.name.endswith(PART)
    )


def latest(folder: Path) -> Path:
    """A backup, or the last one of a folder of backups."""
    if (folder / manifest.NAME).is_file():
        return folder
    found = backups(folder)
    if not found:
        raise Trouble(f"There is no backup in {folder}.")
    return found[-1]


def drop_old(folder: Path, keep: int) -> list[str]:
    """Remove all but the last backups, then the files that none of those names."""
    gone = backups(folder)[:-keep]
    for one in gone:
        shutil.rmtree(one)
    if gone:
        used = {entry.digest for one in backups(folder) for entry in manifest.read_entries(one)}
        pool.drop_unused(folder / POOL, used)
    return [one.name for one in gone]


def check(folder: Path) -> list[str]:
    """Read a backup again, each byte of it: what no longer agrees."""
    manifest.read(folder)
    faults = []
    for entry in manifest.read_entries(folder):
        file = pool.place(folder.parent / POOL, entry.digest)
        if not file.is_file():
            faults.append(f"{entry.row}: its file is not in the backup")
        elif pool.digest_of(file) != entry.digest:
            faults.append(f"{entry.row}: its file in the backup was changed")
    return faults
