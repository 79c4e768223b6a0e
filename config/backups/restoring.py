"""The way back: into empty places, checked byte by byte and row by row, and nothing mailed twice."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from config.backups import databases, manifest, pool, settling, taking
from config.backups.manifest import Manifest
from config.backups.trouble import Trouble
from notifications.restored import Holding
from web import clock
from workflows import triggers
from workflows.trail import chain_codes, head_of, verify_chain

Say = Callable[[str], None]


@dataclass
class Restored:
    """What a restore did."""

    manifest: Manifest
    files: int
    chains: int
    events: int
    held: Holding
    seconds: float
    steps: list[tuple[str, float]] = field(default_factory=list)

    def line(self) -> str:
        """One line for a log."""
        held = self.held
        return (
            f"OK restored the backup of {self.manifest.taken_at}: {sum(self.manifest.counts.values())} rows, "
            f"{self.files} files, {self.chains} chains and {self.events} events verified; "
            f"{held.uncertain} messages uncertain, {held.noted} held, {held.secrets} secret ones and "
            f"{held.nobodys} notices dropped; {self.seconds:.1f} s"
        )


def restore(
    wanted: Path, *, say: Say, replace: bool = False, other_key: bool = False, skip: int = 100
) -> Restored:
    """Put a backup back and make the site ready to start; Trouble, and nothing to start, when anything differs."""
    start = monotonic()
    clocked = _Clock(say)
    folder = taking.latest(wanted)
    told = manifest.read(folder)
    entries = manifest.read_entries(folder)
    refuse(told, other_key=other_key, say=say)
    make_room(replace=replace)
    clocked("read the manifest")
    databases.load(folder / str(told.database["file"]))
    _compare_counts(told)
    clocked("loaded the database")
    call_command("migrate", verbosity=0, interactive=False)
    held = settling.hold_at_once()
    clocked("brought it to this version, held what was to leave")
    put_files(entries, folder.parent / taking.POOL)
    missing = pointed_at_nothing()
    if missing:
        raise Trouble("Rows point to files that are not there:\n" + "\n".join(missing[:50]))
    clocked(f"put back {len(entries)} files, each digest agrees")
    events = verify(told)
    clocked(f"verified {events} events")
    databases.jump()
    held = held + settling.catch_up(told, skip=skip)
    clocked("caught up, holding every message")
    call_command("reindex", verbosity=0, stdout=_Quiet())
    clocked("built the search index again")
    return Restored(told, len(entries), len(told.heads), events, held, monotonic() - start, clocked.steps)


class _Clock:
    """Says each step with its seconds."""

    def __init__(self, say: Say) -> None:
        self.say, self.last = say, monotonic()
        self.steps: list[tuple[str, float]] = []

    def __call__(self, step: str) -> None:
        now = monotonic()
        self.steps.append((step, now - self.last))
        self.say(f"{now - self.last:7.1f} s  {step}")
        self.last = now


class _Quiet:
    """An output nobody reads."""

    def write(self, text: str) -> int:
        """Take the text and forget it."""
        return len(text)

    def flush(self) -> None:
        """Nothing waits."""


# --- before -------------------------------------------------------------------------------------------------
def refuse(told: Manifest, *, other_key: bool, say: Say) -> None:
    """Refuse what this site could not start with."""
    if told.engine != connection.vendor:
        raise Trouble(f"This backup is of {told.engine}; DATABASE_URL names {connection.vendor}.")
    if told.faults:
        say(f"This backup was taken without {len(told.faults)} files that were already missing or changed:")
        for fault in told.faults:
            say(f"  {fault}")
        raise Trouble("Restore another backup, or put these files back and take it again.")
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    late = sorted(
        name for name in told.migrations if name.split(".")[0] in _ours(known) and name not in known
    )
    if late:
        raise Trouble(
            f"This backup is of a later version ({told.product}; {', '.join(late)}): install that version."
        )
    if told.key not in manifest.fingerprints():
        lost = ", ".join(f"{count} {what}" for what, count in told.sealed.items() if count) or "nothing else"
        words = (
            f"This backup was made under the secret key {told.key}, and SECRET_KEY is {manifest.fingerprints()[0]}: "
            f"what that key sealed would not open ({lost}), and links already sent would die."
        )
        if not other_key:
            raise Trouble(f"{words} Put back the key kept as keys-{told.key}, or say --other-key.")
        say(words)


def _ours(known: set[str]) -> set[str]:
    return {name.split(".")[0] for name in known}


def make_room(*, replace: bool) -> None:
    """See that the places are empty; with `replace`, empty the database and set the present files aside."""
    files = Path(default_storage.path(""))
    has_files = files.is_dir() and any(files.iterdir())
    found = databases.obstacles()
    if replace:
        found = [one for one in found if "connections" in one]
    elif has_files:
        found.append(f"{files} holds files: restore goes into an empty folder (or --replace).")
    if found:
        raise Trouble(" ".join(found))
    if replace:
        databases.empty()
        if has_files:
            files.rename(files.with_name(f"{files.name}.before-{clock.now():%Y%m%dT%H%M%SZ}"))
    free = shutil.disk_usage(settings.DATA_DIR).free if Path(settings.DATA_DIR).is_dir() else None
    if free is not None and free < taking.ROOM:
        raise Trouble(f"Less than {taking.ROOM // 1024 // 1024} MiB are free in {settings.DATA_DIR}.")


# --- after --------------------------------------------------------------------------------------------------
def _compare_counts(told: Manifest) -> None:
    now = databases.counts(sorted(told.counts))
    other = [
        f"{name} ({now[name]}, not {count})" for name, count in told.counts.items() if now[name] != count
    ]
    if other:
        raise Trouble(f"Tables do not hold what the manifest counts: {', '.join(other)}.")


def put_files(entries: list[pool.Entry], kept: Path) -> None:
    """Put every file back, digested on the way."""
    folder = Path(default_storage.path(""))
    folder.mkdir(parents=True, exist_ok=True)
    faults = [fault for entry in entries if (fault := pool.give_back(entry, kept, folder))]
    if faults:
        raise Trouble("Files do not agree with their rows:\n" + "\n".join(faults[:50]))


def pointed_at_nothing() -> list[str]:
    """Rows whose file is not in the storage."""
    found = []
    with connection.cursor() as cursor:
        for pointer in pool.POINTERS:
            cursor.execute(pointer.statement())
            while rows := cursor.fetchmany(2000):
                for path, _digest, size, key in rows:
                    file = Path(default_storage.path(path))
                    if not file.is_file() or (size is not None and file.stat().st_size != size):
                        found.append(f"{pointer.table}:{key}: {path}")
    return found


def verify(told: Manifest) -> int:
    """Verify every chain against itself and against the heads that the manifest wrote; how many events."""
    if gone := triggers.missing(connection):
        raise Trouble(f"The triggers of the trail are not all there: {', '.join(gone)}.")
    events = 0
    for code in sorted({*chain_codes(), *told.heads}):
        count, head = head_of(code)
        if told.heads.get(code) != {"n": count, "head": head}:
            raise Trouble(f"The chain {code} ends elsewhere than the manifest says ({count} {head}).")
        result = verify_chain(code)
        if not result["ok"]:
            raise Trouble(f"The chain {code} does not verify: line {result['line']} {result['fault']}.")
        events += int(str(result["events"]))
    return events
