"""`make pictures`: the demonstration, seeded under var/pictures, photographed into docs/pictures.

`python -m tests.browser.pictures [--keep]`: --keep takes the demonstration that an earlier run seeded.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "var" / "pictures"
OUT = ROOT / "docs" / "pictures"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"]
TALLEST = 1700  # pixels
Shot = tuple[str, str, str, bool]  # who signs in ("" for nobody), address, name, also on a telephone


def free_port() -> int:
    """A port that nobody uses now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def environment(port: int) -> None:
    """The embedded demonstration, whatever else this shell points at."""
    for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PRODUCTION"):
        os.environ.pop(name, None)
    os.environ.update(
        DJANGO_SETTINGS_MODULE="config.settings",
        DATA_DIR=str(WORK / "data"),
        DEMO="1",
        SITE_URL=f"http://127.0.0.1:{port}",
        DJANGO_ALLOW_ASYNC_UNSAFE="1",
    )


def seed() -> None:
    """Migrate and seed, unless it is there and kept."""
    if "--keep" in sys.argv and (WORK / "data" / "jalon.sqlite3").exists():
        return
    shutil.rmtree(WORK, ignore_errors=True)
    (WORK / "data").mkdir(parents=True)
    for words in (["migrate", "-v0"], ["createcachetable"], ["seed_demo"]):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def shots() -> list[Shot]:
    """What is photographed, and as whom; read from the demonstration itself."""
    from applications.models import Dossier, Snapshot
    from grants.models import Call, Decision
    from review.models import Assignment, Panel

    opened = Call.objects.get(code__endswith="A")
    draft = (
        Dossier.objects.filter(call=opened, state="draft").select_related("created_by").order_by("pk").last()
    )
    filed = Snapshot.objects.filter(dossier__call=opened).select_related("filed_by").order_by("pk").first()
    checked = Dossier.objects.filter(call__code__endswith="B", stage="contreseing").order_by("pk").first()
    scoring = Assignment.objects.filter(state="accepted", sheet__state="draft").order_by("pk").first()
    panel = Panel.objects.get(call__code__endswith="C")
    decision = Decision.objects.get(call=panel.call)
    assert draft is not None
    assert filed is not None
    assert checked is not None
    assert scoring is not None
    manager = "sophie.marchildon-roy@ministere.example"
    author, analyst = draft.created_by.email, "josiane.thibeault@ministere.example"
    return [
        ("", f"/appels/{opened.code}/", "call", True),
        ("", "/projets/", "projects", True),
        (author, f"/dossiers/{draft.pk}/sections/budget/", "section-error", True),
        (author, f"/dossiers/{draft.pk}/verification/", "check", False),
        (filed.filed_by.email, f"/dossiers/{filed.dossier_id}/accuse/{filed.version}/", "receipt", True),
        (analyst, "/dossiers/", "queue", False),
        (analyst, "/recherche/?q=capteurs+d%27eau", "search", True),
        (analyst, f"/dossiers/{checked.pk}/admissibilite/", "eligibility", False),
        (scoring.reviewer.email, f"/evaluations/{scoring.pk}/", "score", True),
        (manager, f"/comites/{panel.pk}/classement/", "ranking", False),
        (manager, f"/decisions/{decision.pk}/", "decision", True),
        (manager, "/gestion/envois/", "outbox", False),
    ]


def letters() -> None:
    """First pages of an acceptance, a refusal and a partial offer."""
    from notifications.models import Document
    from notifications.storage import read_pdf

    for kind, name in (("L4", "acceptance"), ("L5", "refusal"), ("L7", "partial")):
        document = Document.objects.filter(kind=kind, state="drawn").order_by("pk").first()
        assert document is not None
        file = WORK / f"{kind}.pdf"
        file.write_bytes(read_pdf(document))
        target = str(OUT / f"letter-{name}")
        subprocess.run(
            ["pdftoppm", "-r", "96", "-l", "1", "-png", "-singlefile", str(file), target], check=True
        )


def photograph(site: str, wanted: list[Shot]) -> None:
    """Sign in through the cards, open each page, keep what a person sees."""
    from playwright.sync_api import sync_playwright

    from notifications.demo import PASSWORD
    from tests import services

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium(), args=FLAGS)
        for person in dict.fromkeys(who for who, *_rest in wanted):
            page = browser.new_context(locale="fr-CA").new_page()
            if person:
                page.goto(f"{site}/connexion/")
                page.fill("input[name=login]", person)
                page.fill("input[name=password]", PASSWORD)
                page.click("main button[type=submit]")
                page.wait_for_url("**/accueil/")
            for _who, path, name, on_telephone in (one for one in wanted if one[0] == person):
                for width in (1280, 360) if on_telephone else (1280,):
                    page.set_viewport_size({"width": width, "height": 900})
                    answer = page.goto(site + path, wait_until="networkidle")
                    assert answer is not None, path
                    assert answer.ok, f"{path}: {answer.status}"
                    shrink(page.screenshot(full_page=True), OUT / f"{name}-{width}.png")
            page.context.close()
        browser.close()


def shrink(data: bytes, target: Path) -> None:
    """Cut at a sensible height, few colours: a picture for a page of documentation."""
    import io

    from PIL import Image

    picture = Image.open(io.BytesIO(data)).convert("RGB")
    picture = picture.crop((0, 0, picture.width, min(picture.height, TALLEST)))
    picture.quantize(128).save(target, optimize=True)


def main() -> None:
    """Seed, serve, photograph."""
    port = free_port()
    environment(port)
    seed()
    import django

    django.setup()
    OUT.mkdir(parents=True, exist_ok=True)
    wanted = shots()
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
