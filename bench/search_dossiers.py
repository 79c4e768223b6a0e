"""Search over N dossiers: `bench/search_dossiers.py [DOSSIERS] [--data FOLDER] [--database URL] [--elastic URL]`.

Makes a large set with `seed_demo` (or uses the one in FOLDER), rebuilds the index, then asks for pages of search
through the whole site. Prints milliseconds (median, 95th in a hundred) and statements of each, beside the same page
without words, which is the floor. With --elastic the index is Elasticsearch, the rows are still cut by the database.
"""

import argparse
import os
import platform
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.export_lists import Counter, prepare, processor  # noqa: E402

TIMES = 25
TARGET = 30.0
"""Milliseconds above the floor that a page of search may take at 20,000 dossiers."""
PAGES = {
    "floor": "",
    "rare word": "q=pompiers+remorque",
    "filtered": "q=capteurs&region=12",
    "by date": "q=numérique&tri=date",
    "by rank": "q=numérique",
    "every dossier": "q=municipalité",
    "last page": "q=municipalité&page=50",
    "nothing": "q=introuvable",
}


def start() -> dict[str, Any]:
    """The site; the manager of the large call, an analyst, somebody of one municipality."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from applications.models import Dossier
    from notifications.seeding import cast

    return {
        "manager": cast.person(cast.PROGRAMME_MANAGER),
        "analyst": cast.person(cast.ANALYSTS[0]),
        "municipality": Dossier.objects.filed().order_by("pk")[0].created_by,
    }


def rebuild() -> None:
    """Write the whole index again, and print."""
    from search import feed, interface

    began = time.perf_counter()
    written, _gone = feed.rebuild("applications.Dossier")
    seconds = time.perf_counter() - began
    print(f"rebuild        {written} documents in {seconds:.1f} s, {written / seconds:.0f} a second")
    if interface.outside() is not None:
        began = time.perf_counter()
        written = feed.rebuild_outside("applications.Dossier")
        seconds = time.perf_counter() - began
        print(f"outside        {written} documents in {seconds:.1f} s, {written / seconds:.0f} a second")


def ask(client: Any, query: str) -> tuple[list[float], int]:
    """Milliseconds of each time, statements of one."""
    from django.db import connection

    url, taken, counter = f"/recherche/?{query}", [], Counter()
    assert client.get(url).status_code == 200
    for _ in range(TIMES):
        began = time.perf_counter()
        client.get(url)
        taken.append((time.perf_counter() - began) * 1000)
    with connection.execute_wrapper(counter):
        client.get(url)
    return taken, counter.count


def report() -> int:
    """Ask for each page as each person, and print."""
    people = start()
    from django.conf import settings
    from django.db import connection
    from django.test import Client

    print(
        f"machine        {processor()}, {os.cpu_count()} cores, {platform.system()}, "
        f"Python {platform.python_version()}, {connection.vendor}, "
        f"search {settings.SEARCH_BACKEND}, load {os.getloadavg()[0]:.1f}"
    )
    rebuild()
    slowest = 0.0
    for role, person in people.items():
        client, floor = Client(HTTP_HOST="127.0.0.1"), 0.0
        client.force_login(person)
        for name, query in PAGES.items():
            taken, count = ask(client, query)
            median, late = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
            floor = floor or median
            slowest = max(slowest, median - floor)
            print(
                f"{role:13s}  {name:14s} {median:6.1f} ms (95th {late:6.1f}), "
                f"{median - floor:+6.1f} above the floor, {count} statements"
            )
    print(f"target         {TARGET:g} ms above the floor: {'met' if slowest <= TARGET else 'MISSED'}")
    return int(slowest > TARGET)


def main() -> int:
    """Read the command, prepare, report."""
    parser = argparse.ArgumentParser(description="Search over dossiers.")
    parser.add_argument("dossiers", type=int, nargs="?", default=20_000)
    parser.add_argument("--data", default="", help="a folder whose database is used, and kept")
    parser.add_argument("--database", default="", help="another database, as DATABASE_URL writes it")
    parser.add_argument("--elastic", default="", help="an Elasticsearch, as ELASTICSEARCH_URL writes it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=asked.data or folder, DEMO="1", FILE_SCANNER="none")
        if asked.database:
            os.environ["DATABASE_URL"] = asked.database
        if asked.elastic:
            os.environ.update(SEARCH_BACKEND="elasticsearch", ELASTICSEARCH_URL=asked.elastic)
            os.environ["ELASTICSEARCH_INDEX"] = f"bench-{os.getpid()}"
        prepare(asked.dossiers, dict(os.environ))
        return report()


if __name__ == "__main__":
    raise SystemExit(main())
