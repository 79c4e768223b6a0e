"""Lists of N dossiers taken away: `python bench/export_lists.py [DOSSIERS] [--data FOLDER] [--database URL]`.

Makes a large set with `seed_demo` (or uses the one in FOLDER), then exports the list of dossiers of its
manager as CSV and XLSX through the code of the site, each in a process of its own. Prints the growth of the
process, the time to the first byte, seconds, rows a second and statements, beside the targets.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

TARGETS = {"seconds": 3.5, "first": 0.1, "growth": 30.0}
"""Of the CSV of 20,000 dossiers: seconds, seconds to the first byte, MiB."""
COLUMNS = [
    "numero",
    "organisme",
    "projet",
    "etape",
    "reste",
    "aide",
    "depot",
    "analyste",
    "appel",
    "volet",
    "mandat",
]


def processor() -> str:
    """The name of the processor, where the machine tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def peak() -> float:
    """The most this process has held, in MiB."""
    unit = 1024 if sys.platform != "darwin" else 1024 * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


CONTROL = ("BEGIN", "SAVEPOINT", "RELEASE", "COMMIT", "ROLLBACK")


class Counter:
    """Counts statements, those that only begin or end a transaction apart."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        """Pass on."""
        self.count += not str(sql).lstrip().startswith(CONTROL)
        return execute(sql, params, many, context)


def start() -> Any:
    """The site, and the manager of the large call."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from notifications.seeding import cast

    return cast.person(cast.PROGRAMME_MANAGER)


def chunks(way: str, user: Any) -> Iterator[bytes]:
    """The export in pieces, from the name of the list and its address to the last byte."""
    from django.http import QueryDict

    from web import export_jobs, exports, tables

    query = "&".join(f"col={one}" for one in COLUMNS)
    table = tables.build(user, "dossiers")
    chosen = table.select(QueryDict(query))
    if way == "csv":
        yield from exports.csv_chunks(chosen, table.share)
        return
    with tempfile.TemporaryFile() as target:
        exports.write_xlsx(chosen, target, export_jobs.about("dossiers", "", query, user), table.share)
        target.seek(0)
        while piece := target.read(1 << 16):
            yield piece


def measure(way: str) -> dict[str, Any]:
    """Export once in this process."""
    user = start()
    from django.db import connection
    from django.test import Client

    from applications.models import Dossier
    from web import export_jobs, tables
    from web.models import Export

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(user)
    client.get("/dossiers/")  # the process is warm, as a worker is
    before, counter, size, first = peak(), Counter(), 0, [0.0, 0.0]
    with connection.execute_wrapper(counter):
        began = time.perf_counter()
        if way.startswith("job"):
            table = tables.build(user, "dossiers")
            job = export_jobs.ask(user, table, "", "fr-ca", way.removeprefix("job-"), 0)
            export_jobs.run_due()
            size = Export.objects.get(pk=job.pk).size
        else:
            for place, piece in enumerate(chunks(way, user)):
                if place < 2:
                    first[place] = time.perf_counter() - began
                size += len(piece)
        seconds = time.perf_counter() - began
    rows = Dossier.objects.visible_to(user).filed().count()
    told = {"rows": rows, "bytes": size, "first": first[0], "row": first[1], "seconds": seconds}
    told["growth"] = peak() - before
    return {**told, "peak": peak(), "statements": counter.count}


def prepare(count: int, env: dict[str, str], *, call: str = "flin") -> None:
    """A database with a large set of a ready-made call, made when it is not there."""
    manage = [sys.executable, "manage.py"]
    subprocess.run([*manage, "migrate", "-v0"], cwd=ROOT, env=env, check=True)
    subprocess.run([*manage, "createcachetable"], cwd=ROOT, env=env, check=True)
    asked = "from applications.models import Dossier; print(Dossier.objects.count())"
    told = subprocess.run(
        [*manage, "shell", "-v0", "-c", asked], cwd=ROOT, env=env, check=True, capture_output=True, text=True
    )
    if int(told.stdout.split()[-1]) < count:
        command = [*manage, "seed_demo", "--dossiers", str(count), "--call", call]
        subprocess.run(command, cwd=ROOT, env=env, check=True)


def report(count: int, env: dict[str, str]) -> int:
    """Measure each way in a process of its own, and print."""
    print(
        f"machine    {processor()}, {os.cpu_count()} cores, {platform.system()}, Python {platform.python_version()}"
    )
    missed = False
    for way in ("csv", "xlsx", "job-csv", "job-xlsx"):
        command = [sys.executable, __file__, str(count), "--measure", way]
        done = subprocess.run(command, cwd=ROOT, env=env, check=True, capture_output=True, text=True)
        told = json.loads(done.stdout.splitlines()[-1])
        first = f"first byte {told['first'] * 1000:.0f} ms, " if told["first"] else ""
        if way == "csv":
            first += f"first rows {told['row'] * 1000:.0f} ms, "
        print(
            f"{way:10s} {told['rows']} rows, {told['bytes'] / 1e6:.1f} MB in {told['seconds']:.2f} s, "
            f"{told['rows'] / told['seconds']:.0f} rows a second, {first}"
            f"+{told['growth']:.0f} MiB (peak {told['peak']:.0f}), {told['statements']} statements"
        )
        if way == "csv":
            share = max(told["rows"], 1) / 20_000
            allowed = {**TARGETS, "seconds": TARGETS["seconds"] * share}
            wrong = [name for name, most in allowed.items() if told[name] > most]
            missed = bool(wrong)
            words = ", ".join(f"{name} {most:g}" for name, most in allowed.items())
            print(f"target     {words}: {'MISSED ' + ' '.join(wrong) if wrong else 'met'}")
    return int(missed)


def main() -> int:
    """Read the command, measure or report."""
    parser = argparse.ArgumentParser(description="Lists of dossiers taken away.")
    parser.add_argument("dossiers", type=int, nargs="?", default=20_000)
    parser.add_argument("--data", default="", help="a folder whose database is used, and kept")
    parser.add_argument("--database", default="", help="another database, as DATABASE_URL writes it")
    parser.add_argument("--measure", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.measure:
        print(json.dumps(measure(asked.measure)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        env = {**os.environ, "DATA_DIR": asked.data or folder, "DEMO": "1", "FILE_SCANNER": "none"}
        if asked.database:
            env["DATABASE_URL"] = asked.database
        prepare(asked.dossiers, env)
        return report(asked.dossiers, env)


if __name__ == "__main__":
    raise SystemExit(main())
