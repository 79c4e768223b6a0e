"""The same journeys by other means: scripts refused on the way, a browser that runs none, no pointer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from accounts.models import User
from tests.browser import axe

REFUSED, OFF, KEYBOARD = "refused", "off", "keyboard"
Opener = Callable[..., Page]


def opener(page_as: Opener, site: str, mode: str) -> Opener:
    """`page_as` for a mode: without scripts, each page is opened where none arrives or none runs."""

    def open_page(user: User | None = None, path: str = "", **options: Any) -> Page:
        if mode == OFF:
            options["java_script_enabled"] = False
        page = page_as(user, **options)
        if mode == REFUSED:
            page.context.route("**/*.js", lambda route: route.abort())
        if path:
            page.goto(f"{site}{path}")
        return page

    return open_page


def looker(mode: str) -> Callable[[Page, str], None]:
    """Hold a page against what the mode asks of it: what went wrong has the focus; axe where it can run."""

    def look(page: Page, name: str) -> None:
        said = page.locator("[data-focus]")
        if said.count():
            expect(said.first, f"{name}: what went wrong takes the focus").to_be_focused()
        if mode == REFUSED:
            found = axe.violations(page)
            assert not found, f"{name} ({page.url}):\n" + "\n".join(found)

    return look
