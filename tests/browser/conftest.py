"""A real Chromium against a live server on the test database.

`page_as(user)`: a page signed in as that person, in a window of its own · `page_as(None)`: anonymous ·
`look(page, name)`: axe and width at 1280 and 360 px · `work()`: the worker · `mail_to(address)`: the mailbox ·
`travel.forward(days=15)`: later · `site`: the address. Steps are in `tests/browser/steps.py`.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from accounts.models import User
from tests import services
from tests.browser import axe, steps

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--font-render-hinting=none"]
PATIENCE = 20_000  # milliseconds: the machine may be busy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here is a journey."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a file (its loop must not outlive them)."""
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # playwright's loop is not Django's
    try:
        with sync_playwright() as playwright:
            expect.set_options(timeout=PATIENCE)
            browser = playwright.chromium.launch(executable_path=services.chromium(), args=FLAGS)
            yield browser
            browser.close()
    finally:
        os.environ.pop("DJANGO_ALLOW_ASYNC_UNSAFE")
        if before is not None:
            os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = before


@pytest.fixture(autouse=True)
def _static_as_in_production(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """With production's settings WhiteNoise serves what was collected, under its hashed names."""
    if settings.PRODUCTION:
        monkeypatch.setattr(StaticFilesHandler, "_should_handle", lambda self, path: False)


@pytest.fixture
def site(transactional_db: None, live_server: Any, settings: Any, tmp_path: Path) -> str:
    """Address of the live server; files and messages in a folder of the test's own."""
    settings.EMAIL_BACKEND = "notifications.mailbox.MailboxBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    stored = {
        **settings.STORAGES["default"],
        "OPTIONS": {"location": str(tmp_path / "files"), "base_url": None},
    }
    settings.STORAGES = {**settings.STORAGES, "default": stored}
    settings.SITE_URL = live_server.url
    cache.clear()
    return str(live_server.url)


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> steps.Travel:
    """The product's clock, which the test may move forward."""
    moved = steps.Travel(real=timezone.now)
    monkeypatch.setattr(timezone, "now", moved.now)
    return moved


@pytest.fixture
def page_as(site: str, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Open a page as somebody; faults of the server, of a script or of the content policy fail the test."""
    opened: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(user: User | None = None, path: str = "", **options: Any) -> Page:
        context = chromium.new_context(
            viewport={"width": axe.WIDTHS[0], "height": axe.HEIGHT},
            locale="fr-CA",
            timezone_id="America/Toronto",
            reduced_motion="reduce",
            **options,
        )
        opened.append(context)
        context.set_default_timeout(PATIENCE)
        if user is not None:
            steps.give_session(context, site, user)
        page = context.new_page()
        page.on("dialog", lambda dialog: dialog.accept())
        page.on("pageerror", lambda error: faults.append(f"script: {error}"))
        page.on("console", lambda said: _note_policy(said, faults))
        page.on("response", lambda answer: _note_fault(answer, faults))
        if path:
            page.goto(f"{site}{path}")
        return page

    yield open_page
    for context in opened:
        context.close()
    _wait_for_answers()
    assert not faults, "\n".join(faults)


def _wait_for_answers(seconds: float = 15) -> None:
    """Until the server has answered what pages asked for last: tables are emptied next."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not any("process_request_thread" in one.name for one in threading.enumerate()):
            return
        time.sleep(0.05)


def _note_policy(said: Any, faults: list[str]) -> None:
    if said.type == "error" and "Content Security Policy" in said.text:
        faults.append(said.text)


def _note_fault(answer: Any, faults: list[str]) -> None:
    if answer.status >= 500:
        faults.append(f"{answer.status} {answer.request.method} {answer.url}")


@pytest.fixture
def look() -> Callable[[Page, str], None]:
    """Axe and width at 1280 and 360 px."""
    return axe.look_at


@pytest.fixture
def work(site: str) -> Callable[[], None]:
    """The worker's rounds until nothing is due."""
    return steps.work


@pytest.fixture
def mail_to(site: str) -> Callable[[str], list[steps.Mail]]:
    """What reached an address, newest first."""
    return steps.mail_to


@pytest.fixture
def in_days(travel: steps.Travel) -> Callable[[float], datetime]:
    """An instant so many days from the product's present, to the second."""

    def later(days: float) -> datetime:
        return (travel.now() + timedelta(days=days)).replace(microsecond=0)

    return later
