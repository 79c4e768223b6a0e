"""How long `verify_trail` takes over a large chain in a database: `python bench/trail_verify.py [EVENTS]`.

On the database of DATABASE_URL, which must be empty, or on a SQLite file of its own. Writes the events in bulk, one in
ten with words beside it, then verifies them as an operator does, in a process of its own, and prints figures.
"""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LIMIT = 60
"""Seconds allowed for a million events."""
CODE = "TI-2026"
START = datetime(2026, 3, 27, 8, tzinfo=UTC)


EVENT = (
    *("id", "chain", "n", "at", "verb", "subject_type", "subject_id", "actor", "behalf", "request"),
    *("from_state", "to_state", "stage", "line", "hash"),
)


def events(count: int) -> Iterator[tuple[tuple[Any, ...], tuple[Any, ...] | None]]:
    """Rows of one chain, and the words of some."""
    from workflows import chain

    head = chain.ZERO
    for n in range(1, count + 1):
        at = START + timedelta(seconds=n, microseconds=n % 1_000_000)
        salt, text = n.to_bytes(16, "big"), f"Motif {n}." if n % 10 == 0 else ""
        verb, subject, actor, request = "applications.dossier.submit", n % 900, f"user:{n % 300}", f"{n:032x}"
        fields = {
            "v": 1,
            "chain": CODE,
            "n": n,
            "at": at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "verb": verb,
            "subject": f"applications.dossier:{subject}",
            "actor": actor,
            "behalf": None,
            "request": request,
            "from": "draft",
            "to": "in_progress",
            "data": {"version": n % 7, "digest": chain.ZERO, "fields": [n % 11, n % 13]},
            "text": chain.text_digest(salt, text) if text else None,
            "prev": head,
        }
        line, head = chain.seal(fields)
        told = at.strftime("%Y-%m-%d %H:%M:%S.%f+00:00")
        facts = (n, CODE, n, told, verb, "applications.dossier", subject, actor, "", request)
        yield (*facts, "draft", "in_progress", "", line, head), (n, salt, text) if text else None


def write(count: int) -> None:
    """The events, their words and the head, in transactions of ten thousand."""
    from django.db import connection, transaction

    from workflows.models import ChainHead

    marks = ", ".join(["%s"] * len(EVENT))
    insert = f"INSERT INTO workflows_event ({', '.join(EVENT)}) VALUES ({marks})"  # noqa: S608
    beside = "INSERT INTO workflows_eventtext (event_id, salt, text) VALUES (%s, %s, %s)"
    made, head = events(count), ""
    while some := list(islice(made, 10_000)):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, [row for row, _text in some])
            cursor.executemany(beside, [text for _row, text in some if text is not None])
        head = some[-1][0][-1]
    ChainHead.objects.update_or_create(code=CODE, defaults={"n": count, "head": head})


def main() -> int:
    """Write, verify, print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        os.environ.setdefault("DATA_DIR", folder)
        os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", FILE_SCANNER="none")
        import django

        django.setup()
        from django.core.management import call_command
        from django.db import connection

        from bench.chain_verify import processor
        from workflows.models import Event

        call_command("migrate", verbosity=0)
        if Event.objects.exists():
            raise SystemExit("This database holds events: the bench wants an empty one.")
        start = time.perf_counter()
        write(count)
        written = time.perf_counter() - start
        connection.close()
        start = time.perf_counter()
        command = [sys.executable, "manage.py", "verify_trail"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    allowed = LIMIT * max(count, 1) / 1_000_000
    whole = done.returncode == 0 and f"{count} events" in done.stdout
    print(
        f"machine   {processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    print(f"written   {count} events in {written:.1f} s on {connection.vendor}")
    print(
        f"verified  in {seconds:.1f} s ({used.ru_utime + used.ru_stime:.1f} s of processor), "
        f"{used.ru_maxrss // 1024} MiB of memory at most"
    )
    print(f"said      {done.stdout.strip() or done.stderr.strip()[-300:]}")
    print(f"target    {allowed:.1f} s: {'met' if seconds <= allowed and whole else 'MISSED'}")
    return 0 if whole and seconds <= allowed else 1


if __name__ == "__main__":
    raise SystemExit(main())
