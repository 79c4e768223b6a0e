"""The search server killed and started under load: `python bench/faults_search.py [DOSSIERS] [--outages N]`.

An Elasticsearch of its own is killed (SIGKILL) and started again while threads search through the pages of the site and
municipalities file. Prints how many pages were asked, how many failed (none may), how many the database answered, the
slowest of each, and how long after the last return everything filed was in the index. Ends with 1 when a page failed,
or when something filed is not found by the index.
"""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.export_lists import prepare, processor  # noqa: E402
from bench.stage import Server, machine, until  # noqa: E402

WORDS = ("capteurs", "municipalité", "numérique", "pompiers remorque", "introuvable")
READERS = 3
NOTE = "viennent de la base de données"
TOWNS = ("31056", "10043", "10070", "14050", "02005", "44037", "53052", "66023", "88057", "93080")
OUT = 12.0  # seconds away, each time


class Index(Server):
    """An Elasticsearch of its own, in a folder of its own."""

    name = "elasticsearch"

    def __init__(self, home: Path) -> None:
        from kinds import elasticsearch

        super().__init__(home)
        self.kind = elasticsearch
        elasticsearch.make_owner()
        self.place = Path(tempfile.mkdtemp(prefix="jalon-faults-", dir="/var/tmp"))
        self.place.chmod(0o755)
        self.server = elasticsearch.install(self.place)
        http, transport = machine.free_port(), machine.free_port()
        words = elasticsearch.SETTINGS.format(http=http, transport=transport, place=self.place)
        (self.server / "config" / "elasticsearch.yml").write_text(words)
        for name in ("data", "logs"):
            (self.place / name).mkdir()
        if elasticsearch.owner():
            machine.run("chown", "-R", f"{elasticsearch.USER}:", str(self.place))
        self.url = f"http://127.0.0.1:{http}"

    def command(self) -> list[str]:
        """In the foreground, so that killing it is killing it."""
        run = ["env", "-u", "JAVA_TOOL_OPTIONS", f"ES_JAVA_HOME={self.kind.java_home()}"]
        run.append(f"{self.server}/bin/elasticsearch")
        owner = self.kind.owner()
        return ["runuser", "-u", owner, "--", *run] if owner else run

    def answers(self) -> bool:
        """It is well."""
        return self.kind.answers({"ELASTICSEARCH_URL": self.url})

    def remove(self) -> None:
        """Leave nothing behind."""
        self.kill()
        shutil.rmtree(self.place, ignore_errors=True)


class Seen:
    """What readers met."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.times: dict[str, list[float]] = {"index": [], "database": []}
        self.faults: list[str] = []

    def add(self, who: str, seconds: float, fault: str) -> None:
        """One page."""
        with self.lock:
            self.times[who].append(seconds)
            if fault:
                self.faults.append(fault)


def read(person: Any, seen: Seen, is_over: threading.Event) -> None:
    """Search without end."""
    from django.db import connection
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1", raise_request_exception=False)
    client.force_login(person)
    n = 0
    while not is_over.is_set():
        n, began = n + 1, time.monotonic()
        answer = client.get("/recherche/", {"q": WORDS[n % len(WORDS)]})
        who = "database" if NOTE in answer.content.decode() else "index"
        fault = "" if answer.status_code == 200 else f"status {answer.status_code}"
        seen.add(who, time.monotonic() - began, fault)
    connection.close()


def work(is_over: threading.Event, faults: list[str]) -> None:
    """What a worker does: deliveries, and a look at the index."""
    from django.db import connection

    from search.tasks import keep
    from workflows import deliveries

    while not is_over.is_set():
        try:
            keep()
            deliveries.run_due(limit=50)
        except Exception as fault:  # noqa: BLE001 (counted)
            faults.append(f"worker: {type(fault).__name__}")
        time.sleep(0.5)
    connection.close()


def towns() -> list[tuple[Any, Any, str]]:
    """Dossiers that may be filed, their signatory, and a word that only each of them says."""
    from tests import factories
    from tests.applications import filled
    from tests.fixtures_calls import make_flin

    call, made = make_flin("FLIN-PANNE").call, []
    for n, code in enumerate(TOWNS):
        person, word = filled.signatory_of(factories.make_org(code)), f"panne{chr(97 + n) * 4}"
        organisation = factories.make_org(code)
        made.append((filled.make_filled(call, organisation, person, need=f"Besoin {word}."), person, word))
    return made


def is_found(person: Any, word: str, number: int) -> bool:
    """The index, not the database, finds it."""
    from django.test import Client

    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(person)
    page = client.get("/recherche/", {"q": word}).content.decode()
    return NOTE not in page and f"/dossiers/{number}/" in page


def torment(index: Index, outages: int, file_one: Callable[[], None]) -> float:
    """Kill and start again while dossiers are filed; when the server was back for the last time."""
    for _ in range(outages):
        for _step in range(2):
            file_one()
            time.sleep(2)
        index.kill()
        end = time.monotonic() + OUT
        while time.monotonic() < end:
            file_one()
            time.sleep(OUT / 3)
        index.start()
    return time.monotonic()


def report(index: Index, outages: int) -> int:
    """Everything at once, then what is found."""
    import django

    django.setup()
    from notifications.seeding import cast
    from search import feed
    from tests.applications import filled

    feed.rebuild_outside("applications.Dossier")
    waiting, done = towns(), []
    person, seen, is_over, faults = cast.person(cast.PROGRAMME_MANAGER), Seen(), threading.Event(), []

    def file_one() -> None:
        if waiting:
            dossier, who, word = waiting.pop()
            filled.file_now(dossier, who)
            done.append((dossier, who, word))

    threads = [threading.Thread(target=read, args=(person, seen, is_over)) for _ in range(READERS)]
    threads.append(threading.Thread(target=work, args=(is_over, faults)))
    for one in threads:
        one.start()
    began = time.monotonic()
    try:
        back = torment(index, outages, file_one)
        missing = list(done)

        def caught_up() -> bool:
            missing[:] = [(d, p, w) for d, p, w in missing if not is_found(p, w, d.pk)]
            return not missing

        until(caught_up, "everything filed found by the index", 300)
        late = time.monotonic() - back
    finally:
        is_over.set()
        for one in threads:
            one.join()
    print(f"machine        {processor()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(
        f"outages        {outages} of {OUT:g} s and the start, in {time.monotonic() - began:.0f} s; SIGKILL"
    )
    for who, times in seen.times.items():
        if times:
            print(
                f"{who:9s}      {len(times)} pages, median {statistics.median(times):.2f} s, slowest {max(times):.2f} s"
            )
    print(f"filed          {len(done)}, all found by the index {late:.1f} s after its last return")
    wrong = seen.faults + faults
    print(f"errors         {len(wrong)} {sorted(set(wrong))}")
    return int(bool(wrong))


def main() -> int:
    """Read the command; a database and a server of its own."""
    parser = argparse.ArgumentParser(description="The search server killed and started under load.")
    parser.add_argument("dossiers", type=int, nargs="?", default=500)
    parser.add_argument("--outages", type=int, default=2)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        index = Index(Path(folder))
        try:
            index.start()
            os.environ.update(DATA_DIR=folder, DEMO="1", FILE_SCANNER="none", SEARCH_BACKEND="elasticsearch")
            os.environ.update(ELASTICSEARCH_URL=index.url, DJANGO_SETTINGS_MODULE="config.settings")
            prepare(asked.dossiers, dict(os.environ))
            return report(index, asked.outages)
        finally:
            index.remove()


if __name__ == "__main__":
    sys.exit(main())
