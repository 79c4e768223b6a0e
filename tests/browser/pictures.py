"""`make pictures`: the demonstration, seeded under var/pictures, photographed into docs/pictures.

`python -m tests.browser.pictures [--keep] [NAME …]`: --keep takes the demonstration that an earlier run seeded; names
take only the pictures that begin with one of them.
"""

from __future__ import annotations

import io
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "var" / "pictures"
OUT = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]
TALLEST = 1700  # pixels
WORDS = sys.argv[1:]


@dataclass(frozen=True)
class Shot:
    """A page: who opens it ("" for nobody), where, and how it is taken."""

    name: str
    who: str
    path: str
    telephone: bool = False  # at 360 px too
    dark: bool = False
    printed: bool = False  # its first sheet of paper
    plain: bool = False  # scripts are refused
    act: Callable[[Any], None] = lambda page: None  # done on the page before the picture

    @property
    def is_wanted(self) -> bool:
        """Whether this run takes it."""
        only = [one for one in WORDS if not one.startswith("-")]
        return not only or self.name.startswith(tuple(only))


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment() -> None:
    """The embedded demonstration, whatever else this shell points at."""
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PRODUCTION"):
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DATA_DIR=str(WORK / "data"),
        DEMO="1",
        FILE_SCANNER="none",
        SITE_URL="http://127.0.0.1:8000",
        DJANGO_ALLOW_ASYNC_UNSAFE="1",
    )


def seed() -> None:
    """Migrate and seed, unless it is there and kept."""
    if "--keep" in WORDS and (WORK / "data" / "jalon.sqlite3").exists():
        return
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "data").mkdir(parents=True)
    for words in (["migrate", "-v0"], ["createcachetable"], ["seed_demo"]):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def first(rows: Any) -> Any:
    """The first of these rows: the demonstration has one."""
    found = rows.order_by("pk").first()
    assert found is not None, rows.query
    return found


def taken_away(email: str) -> None:
    """A long list that the worker made, so that the page of exports shows one."""
    from accounts.models import User
    from web import export_jobs, tables
    from web.models import Export

    person = User.objects.get(email=email)
    if not Export.objects.filter(user_id=person.pk).exists():
        for kind in ("csv", "xlsx"):
            export_jobs.ask(person, tables.build(person, "dossiers"), "", "fr-ca", kind, 0)
            export_jobs.run_due()


def shots() -> list[Shot]:
    """What is photographed, and as whom; read from the demonstration itself."""
    from accounts.permissions import holders
    from applications.models import Dossier, Snapshot
    from grants.models import Award, Call, Decision
    from review.models import Assignment, Panel
    from web import clock

    opened = Call.objects.select_related("programme").get(code__endswith="A")
    draft = Dossier.objects.filter(call=opened, state="draft").select_related("created_by").latest("pk")
    filed = first(Snapshot.objects.filter(dossier__call=opened).select_related("filed_by"))
    rounds = Dossier.objects.filter(call__code__startswith="TI-")  # of the reference call
    checked = first(rounds.filter(call__code__endswith="-B", stage="admissibilite"))
    begun = Assignment.objects.filter(dossier__in=rounds, state="accepted", sheet__state="draft")
    scoring = first(begun.select_related("reviewer"))
    panel = Panel.objects.get(call__code__startswith="TI-", call__code__endswith="-C", volet__code="V2")
    decision = Decision.objects.get(volet=panel.volet)
    meeting = first(panel.meetings.select_related("secretary"))
    line = first(decision.lines.filter(outcome="accepted"))
    public = first(Award.objects.published(clock.now()))
    manager, analyst = "sophie.marchildon-roy@ministere.example", "josiane.thibeault@ministere.example"
    auditor, author = first(holders("auditor", opened.programme)).email, draft.created_by.email
    reference = Dossier.objects.filter(call__code="TI-2026", state="draft", answers__question="budget")
    grid = first(reference.filter(bodies__role="partner").select_related("created_by").distinct())
    taken_away(manager)
    in_review = f"/gestion/appels/{checked.call.code}/"
    return [
        Shot("call", "", f"/appels/{opened.code}/", telephone=True),
        Shot("call-english", "", f"/en/appels/{opened.code}/"),
        Shot("call-print", "", f"/appels/{opened.code}/", printed=True),
        Shot("projects", "", "/projets/", telephone=True),
        Shot("projects-dark", "", "/projets/?carte=aide", telephone=True, dark=True),
        Shot("open-data", "", "/donnees-ouvertes/", telephone=True),
        Shot("project", "", f"/projets/{public.dossier_number}/", telephone=True),
        Shot(
            "section-error", author, f"/dossiers/{draft.pk}/sections/budget/", True, plain=True, act=mistake
        ),
        Shot("budget", grid.created_by.email, f"/dossiers/{grid.pk}/sections/budget/", telephone=True),
        Shot("check", author, f"/dossiers/{draft.pk}/verification/"),
        Shot("receipt", filed.filed_by.email, f"/dossiers/{filed.dossier_id}/accuse/{filed.version}/", True),
        Shot("dossier-print", filed.filed_by.email, f"/dossiers/{filed.dossier_id}/demande/", printed=True),
        Shot("queue", analyst, "/dossiers/"),
        Shot("queue-dark", analyst, "/dossiers/", dark=True),
        Shot("queue-print", analyst, "/dossiers/", printed=True),
        Shot("search", analyst, "/recherche/?q=donn%C3%A9es+capteurs"),
        Shot("eligibility", analyst, f"/dossiers/{checked.pk}/admissibilite/"),
        Shot("score", scoring.reviewer.email, f"/evaluations/{scoring.pk}/", telephone=True),
        Shot("score-dark", scoring.reviewer.email, f"/evaluations/{scoring.pk}/", dark=True),
        Shot("cockpit", manager, in_review, telephone=True),
        Shot("calendar", manager, f"/gestion/appels/{opened.code}/calendrier/"),
        Shot("committee", meeting.secretary.email, f"/seances/{meeting.pk}/", telephone=True),
        Shot("ranking", manager, f"/comites/{panel.pk}/classement/"),
        Shot("decision", manager, f"/decisions/{decision.pk}/", telephone=True),
        Shot("decision-print", manager, f"/decisions/{decision.pk}/", printed=True),
        Shot("outbox", manager, "/gestion/envois/"),
        Shot("exports", manager, "/exports/"),
        Shot("auditor", auditor, f"/audit/{panel.call.code}/"),
        Shot("why", auditor, f"/decisions/{decision.pk}/pourquoi/{line.pk}/"),
    ]


def mistake(page: Any) -> None:
    """An end before the beginning, an amount in words: the server says so."""
    page.fill("#start", "2027-06-01")
    page.fill("#end", "2027-01-31")
    page.fill("#requested", "environ trente mille")
    page.click("form[data-autosave] button[data-plain]")
    page.wait_for_url("**revoir=1**")


def letters() -> None:
    """First pages of an acceptance, a refusal and a partial offer."""
    from notifications.models import Document
    from notifications.storage import read_pdf

    for kind, name in (("L4", "acceptance"), ("L5", "refusal"), ("L7", "partial")):
        if Shot(f"letter-{name}", "", "").is_wanted:
            paper(read_pdf(first(Document.objects.filter(kind=kind, state="drawn"))), f"letter-{name}")


def paper(data: bytes, name: str) -> None:
    """The first sheet of a PDF."""
    file = WORK / f"{name}.pdf"
    file.write_bytes(data)
    words = ["pdftoppm", "-r", "110", "-l", "1", "-png", "-singlefile", str(file)]
    made = subprocess.run(words, check=True, capture_output=True).stdout
    shrink(made, OUT / f"{name}.png")


def photograph(site: str, wanted: list[Shot]) -> None:
    """Sign in through the page, open each page, keep what a person sees."""
    from playwright.sync_api import sync_playwright

    from notifications.demo import PASSWORD
    from tests import services

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium(), args=FLAGS)
        for person in dict.fromkeys(one.who for one in wanted):
            page = browser.new_context(locale="fr-CA", reduced_motion="reduce").new_page()
            if person:
                page.goto(f"{site}/connexion/")
                page.fill("input[name=login]", person)
                page.fill("input[name=password]", PASSWORD)
                page.click("main button[type=submit]")
                page.wait_for_url("**/accueil/")
            for shot in (one for one in wanted if one.who == person):
                take(page, site, shot)
            page.context.close()
        browser.close()


def take(page: Any, site: str, shot: Shot) -> None:
    """One page: on the screen at each width, or on paper."""
    page.unroute_all()
    if shot.plain:
        page.route("**/*.js", lambda route: route.abort())
    page.emulate_media(color_scheme="dark" if shot.dark else "light")
    for width in (1280, 360) if shot.telephone else (1280,):
        page.set_viewport_size({"width": width, "height": 900})
        answer = page.goto(site + shot.path, wait_until="networkidle")
        assert answer is not None, shot.path
        assert answer.ok, f"{shot.path}: {answer.status}"
        shot.act(page)
        if shot.printed:
            paper(page.pdf(prefer_css_page_size=True, format="Letter"), shot.name)
        else:
            page.evaluate("scrollTo(0, 0)")
            shrink(page.screenshot(full_page=True), OUT / f"{shot.name}-{width}.png")


def shrink(data: bytes, target: Path) -> None:
    """Cut at a sensible height, few colours: a picture for a page of documentation."""
    from PIL import Image

    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    picture.quantize(128).save(target, optimize=True)


def main() -> None:
    """Seed, serve, photograph."""
    port = free_port()
    environment()
    seed()
    import django

    django.setup()
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = [one for one in shots() if one.is_wanted]
    letters()
    site = f"http://127.0.0.1:{port}"
    serve = [sys.executable, "-m", "gunicorn", "config.wsgi", "-b", f"127.0.0.1:{port}", "--threads", "4"]
    server = subprocess.Popen(serve, cwd=ROOT)
    try:
        for _ in range(100):
            try:
                urllib.request.urlopen(site, timeout=5).close()
                break
            except OSError:
                time.sleep(0.2)
        photograph(site, wanted)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
