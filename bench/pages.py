"""Pages over N dossiers: `bench/pages.py [DOSSIERS] [--call ti] [--data FOLDER] [--database URL]`.

Makes a large set of the call with `seed_demo` (or uses the one in FOLDER), then asks for each page through the whole
site. Prints milliseconds (median, 95th in a hundred) and statements beside a floor measured in the same run: a bare
view of as many rows under the same middleware. The last line tells which targets were missed.
"""

import argparse
import os
import platform
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from html import unescape
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.export_lists import Counter, prepare, processor  # noqa: E402

TIMES = 25
SUBMITS = 8
# Page: milliseconds above the floor at most, statements at most (docs/performance.md).
TARGETS = {
    "list": (20, 10),
    "list by state": (20, 10),
    "list, deep page": (20, 10),
    "search": (30, 12),
    "dossier, staff": (35, 15),
    "dossier, municipality": (35, 15),
    "form section": (25, 12),
    "budget section": (25, 12),
    "check page": (35, 15),
    "submit": (20, 15),
}


def start() -> None:
    """The site with the floor beside it, collected once as a worker does."""
    import gc

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = "bench.floor"
    gc.collect()
    gc.freeze()


def clock(act: Callable[[], Any], times: int = TIMES) -> tuple[list[float], int]:
    """Milliseconds of each time, statements of one."""
    from django.db import connection

    act()
    taken, counter = [], Counter()
    for _ in range(times):
        began = time.perf_counter()
        act()
        taken.append((time.perf_counter() - began) * 1000)
    with connection.execute_wrapper(counter):
        act()
    return taken, counter.count


def page(client: Any, url: str) -> Callable[[], Any]:
    """Ask for an address and insist on a page."""

    def ask() -> None:
        answer = client.get(url)
        assert answer.status_code == 200, f"{url}: {answer.status_code}"
        assert answer.content

    return ask


def say(name: str, taken: list[float], count: int, floor: float, missed: list[str]) -> None:
    """One line, and the target."""
    median, late = statistics.median(taken), statistics.quantiles(taken, n=20)[-1]
    most, statements = TARGETS[name]
    if median - floor > most or count > statements:
        missed.append(name)
    print(
        f"{name:24s} {median:6.1f} ms (95th {late:6.1f}), {median - floor:+6.1f} above the floor (at most {most}), "
        f"{count} statements (at most {statements})"
    )


def deep(client: Any) -> str:
    """The address of a page far down the list, by its own links."""
    url = "/dossiers/?taille=25"
    for _ in range(40):
        found = re.search(
            r'rel="next"[^>]*href="([^"]+)"|href="([^"]+)"[^>]*rel="next"', client.get(url).content.decode()
        )
        if found is None:
            return url
        wanted = unescape(found[1] or found[2])
        url = wanted if wanted.startswith("/") else f"/dossiers/{wanted}"
    return url


def report(ready: str) -> int:
    """Ask for each page, and print."""
    start()
    from django.db import connection
    from django.test import Client

    from applications.models import Dossier
    from notifications.seeding import cast, opened

    print(
        f"machine        {processor()}, {os.cpu_count()} cores, {platform.system()}, Python "
        f"{platform.python_version()}, {connection.vendor}, load {os.getloadavg()[0]:.1f}, "
        f"{Dossier.objects.count()} dossiers of {ready}"
    )
    staff, town = Client(HTTP_HOST="127.0.0.1"), Client(HTTP_HOST="127.0.0.1")
    staff.force_login(cast.person(cast.PROGRAMME_MANAGER))
    filed = Dossier.objects.filter(state="in_progress").select_related("created_by").order_by("pk")[0]
    missed: list[str] = []
    taken, count = clock(page(staff, "/plancher/25/"))
    floor = statistics.median(taken)
    late = statistics.quantiles(taken, n=20)[-1]
    print(f"{'floor, 25 rows':24s} {floor:6.1f} ms (95th {late:6.1f}), {count} statements")
    lists = {
        "list": "/dossiers/",
        "list by state": "/dossiers/?etat=rejected",
        "list, deep page": deep(staff),
        "search": "/recherche/?q=capteurs",
        "dossier, staff": f"/dossiers/{filed.pk}/",
    }
    for name, url in lists.items():
        say(name, *clock(page(staff, url)), floor, missed)
    town.force_login(filed.created_by)
    say("dossier, municipality", *clock(page(town, f"/dossiers/{filed.pk}/")), floor, missed)
    drafts = opened.write(ready, SUBMITS + 2)
    town.force_login(drafts[0].created_by)
    sections = [one["code"] for one in drafts[0].edition.content["form"]["sections"]]
    money = next(
        one["code"]
        for one in drafts[0].edition.content["form"]["sections"]
        if any(each["type"] == "budget" for each in one["questions"])
    )
    own = {
        "form section": f"/dossiers/{drafts[0].pk}/sections/{sections[0]}/",
        "budget section": f"/dossiers/{drafts[0].pk}/sections/{money}/",
        "check page": f"/dossiers/{drafts[0].pk}/verification/",
    }
    for name, url in own.items():
        say(name, *clock(page(town, url)), floor, missed)
    say("submit", *submits(drafts), floor, missed)
    print(f"targets        {'MISSED ' + ', '.join(missed) if missed else 'all met'}")
    return int(bool(missed))


def submits(drafts: list[Any]) -> tuple[list[float], int]:
    """Each draft filed once through its page: milliseconds of the filing, statements of the last."""
    from django.db import connection
    from django.test import Client

    taken, counter = [], Counter()
    for place, draft in enumerate(drafts):
        client = Client(HTTP_HOST="127.0.0.1")
        client.force_login(draft.created_by)
        words = client.get(f"/dossiers/{draft.pk}/verification/").content.decode()
        hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', words)
        sent = {name: unescape(value) for name, value in hidden}
        phrase = re.search(r"<(?:b|strong|q|kbd|code)[^>]*>(je dépose [^<]+)<", words)
        sent["phrase"] = unescape(phrase[1]) if phrase else f"je dépose pour {draft.lead_name}"
        counter.count = 0
        with connection.execute_wrapper(counter):
            began = time.perf_counter()
            answer = client.post(f"/dossiers/{draft.pk}/deposer/", sent)
            spent = (time.perf_counter() - began) * 1000
        if answer.status_code != 303:
            against = re.findall(r"#q-[^>]*>([^<]+)</a>", answer.content.decode())
            raise SystemExit(f"{draft} was not filed ({answer.status_code}): {against}")
        if place > 1:
            taken.append(spent)
    return taken, counter.count


def main() -> int:
    """Read the command, prepare, report."""
    parser = argparse.ArgumentParser(description="Pages over dossiers.")
    parser.add_argument("dossiers", type=int, nargs="?", default=5_000)
    parser.add_argument("--call", default="ti", help="the ready-made call whose form is filled")
    parser.add_argument("--data", default="", help="a folder whose database is used, and kept")
    parser.add_argument("--database", default="", help="another database, as DATABASE_URL writes it")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=asked.data or folder, DEMO="1", FILE_SCANNER="none")
        if asked.database:
            os.environ["DATABASE_URL"] = asked.database
        prepare(asked.dossiers, dict(os.environ), call=asked.call)
        return report(asked.call)


if __name__ == "__main__":
    raise SystemExit(main())
