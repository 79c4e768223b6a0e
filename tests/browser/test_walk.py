"""Every page that somebody reaches, in Chromium: axe, light and dark, telephone, 400 % zoom, motion, few colours.

The pages are asked of the product for the people of the permission table, then shown by the browser from memory.
"""

from __future__ import annotations

import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route

from tests.browser import axe
from tests.permissions import table
from tests.permissions.cases import ROUTES
from tests.permissions.conftest import _django_db_helper, _plain_rendering, world  # noqa: F401
from tests.permissions.world import World

pytestmark = pytest.mark.django_db
HOST = "http://jalon.example"
# Who looks, the rarest first: a page is looked at once by each kind of person who reaches it.
KINDS: dict[str, tuple[str, ...]] = {
    "visitor": ("anonymous",),
    "applicant": ("signatory", "other", "claimant", "drafter", "stranger"),
    "jury": ("chair", "late_chair", "reviewer", "peer", "undeclared"),
    "ministry": ("auditor", "authority", "technical", "secretary", "analyst", "manager"),
}
FILES = ("file", "export_file", "reconsideration_file")  # read from the disk as they are
WIDE, TELEPHONE, ZOOMED = (1280, 900), (320, 640), (320, 256)  # the last: 1280 × 1024 at 400 %


@dataclass(frozen=True)
class Shown:
    """A page as the product gave it to somebody."""

    name: str
    url: str
    html: str


def wanted(kind: str) -> Iterator[tuple[str, str, Any]]:
    """Route, person and case of each page of a kind of person; every route once, its last thing first."""
    cells = table.read()
    for name, route in ROUTES.items():
        if "get" not in route.methods.split() or name in FILES:
            continue
        for case in reversed(route.cases):
            cell = cells.get((name, case.relation, "get"), {})
            role = next((one for one in KINDS[kind] if table.expected_of(cell, one) == "200"), None)
            if role is not None:
                yield name, role, case
                break


def asked(world: World, kind: str) -> list[Shown]:  # noqa: F811
    """The pages themselves, as HTML; files and fragments are left out."""
    clients: dict[str, Client] = {}
    found = []
    for name, role, case in wanted(kind):
        if role not in clients:
            clients[role] = Client()
            if (person := world.who(role)) is not None:
                clients[role].force_login(person)
        cache.clear()
        url = reverse(name, args=case.args(world))
        answer = clients[role].get(url, case.sent(world) if "q" in case.data else {})
        if answer.status_code != 200 or answer.streaming or "text/html" not in answer.headers["Content-Type"]:
            continue
        html = answer.content.decode()
        if "<html" in html:
            found.append(Shown(f"{name} ({case.relation}) as {role}", url, html))
    return found


@pytest.fixture(scope="module")
def pages(world: World, django_db_blocker: Any) -> dict[str, list[Shown]]:  # noqa: F811
    """Every page, asked before the browser starts: its loop would have another connection."""
    with django_db_blocker.unblock():
        return {kind: asked(world, kind) for kind in KINDS}


@pytest.fixture
def window(pages: dict[str, list[Shown]], chromium: Browser) -> Iterator[Page]:
    """A page whose site is what was asked."""
    context = chromium.new_context(
        viewport={"width": WIDE[0], "height": WIDE[1]}, locale="fr-CA", reduced_motion="reduce"
    )
    context.set_default_timeout(20_000)
    page = context.new_page()
    yield page
    context.close()


def on_disk(name: str) -> Path | None:
    """A static file, where it was written or where it was collected under its hashed name."""
    found, collected = finders.find(name), Path(settings.STATIC_ROOT) / name
    return Path(str(found)) if found else collected if collected.is_file() else None


def show(page: Page, shown: Shown) -> None:
    """Open a page from memory, its style sheets and scripts from the disk."""

    def answer(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == shown.url and route.request.is_navigation_request():
            route.fulfill(body=shown.html, content_type="text/html; charset=utf-8")
        elif path.startswith("/static/") and (file := on_disk(path.removeprefix("/static/"))):
            body = file.read_bytes()
            route.fulfill(body=body, content_type=mimetypes.guess_type(str(file))[0] or "text/plain")
        else:
            route.fulfill(status=404, body="")

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(f"{HOST}{shown.url}")


# Controls outside the screen or cut by what holds them; what lies in a place that scrolls is left to it.
CUT_OFF = """() => {
  const most = document.scrollingElement.clientWidth;
  const scrolls = (one) => { for (let p = one.parentElement; p; p = p.parentElement) {
    const x = getComputedStyle(p).overflowX; if (x === "auto" || x === "scroll") return true; } return false; };
  const controls = "a[href],button,input:not([type=hidden]),select,textarea,summary";
  return [...document.querySelectorAll(controls)].filter((one) => {
    if (!one.checkVisibility({visibilityProperty: true, contentVisibilityAuto: true})) return false;
    if (one.matches(".vh,.vh *,.skip") || scrolls(one)) return false;
    const box = one.getBoundingClientRect();
    return box.width > 0 && (box.left < -1 || box.right > most + 1);
  }).slice(0, 5).map((one) => `cut off: ${one.outerHTML.slice(0, 120)}`);
}"""
# What stays on the screen while the rest scrolls leaves more than half of it.
STUCK = """() => {
  const high = innerHeight, rows = new Map();
  const style = (one) => getComputedStyle(one);
  const within = (one) => { for (let p = one.parentElement; p && p !== document.body; p = p.parentElement) {
    if (style(p).overflowX === "auto" || style(p).overflowY === "auto") return true; } return false; };
  [...document.querySelectorAll("body *")].forEach((one) => {
    if (!["fixed", "sticky"].includes(style(one).position) || within(one)) return;
    const box = one.getBoundingClientRect(), top = Math.round(box.top);
    rows.set(top, Math.max(box.height, rows.get(top) ?? 0));
  });
  const tall = [...rows.values()].reduce((sum, one) => sum + one, 0);
  return tall > high / 2 ? [`${tall} px stay on a screen of ${high}`] : [];
}"""


def faults(page: Page) -> list[str]:
    """What is wrong with the page that is open, in each light and at each width."""
    wrong = []
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    page.emulate_media(color_scheme="light")
    wrong += [f"light: {line}" for line in axe.violations(page)]
    page.emulate_media(color_scheme="dark")
    wrong += [f"dark: {line}" for line in axe.violations(page, rules=["color-contrast"])]
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": TELEPHONE[0], "height": TELEPHONE[1]})
    wrong += [f"320 px: {line}" for line in axe.violations(page, but=["color-contrast"])]
    page.set_viewport_size({"width": ZOOMED[0], "height": ZOOMED[1]})
    for script in (axe.WIDER, CUT_OFF, STUCK):
        wrong += [f"400 %: {line}" for line in page.evaluate(script)]
    return wrong


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_page(pages: dict[str, list[Shown]], window: Page, kind: str) -> None:
    """Axe finds nothing in light, in dark, at 320 px; nothing scrolls sideways at 400 %."""
    wrong = []
    assert len(pages[kind]) > 15
    for shown in pages[kind]:
        show(window, shown)
        wrong += [f"{shown.name}: {line}" for line in faults(window)]
    assert wrong == [], "\n".join(wrong)


def opened(pages: dict[str, list[Shown]], window: Page, kind: str, name: str) -> Page:
    """One of the pages, open."""
    show(window, next(one for one in pages[kind] if one.name.startswith(f"{name} (")))
    return window


MOVES = """() => {
  const lasts = (text) => text.split(",").some((one) => parseFloat(one) > 0);
  const moving = [...document.querySelectorAll("*")].map((one) => getComputedStyle(one))
    .filter((one) => lasts(one.transitionDuration) || lasts(one.animationDuration));
  return document.getAnimations().length + moving.length;
}"""
# Where the colour is the only trace of a shape cut out of a square: it must not be the colour of the ground.
LOST = """() => {
  const nothing = [getComputedStyle(document.body).backgroundColor, "rgba(0, 0, 0, 0)"];
  const lost = (one, part) => {
    const s = getComputedStyle(one, part);
    return !["none", "normal"].includes(s.content) && s.display !== "none" && s.clipPath !== "none"
      && s.borderTopStyle === "none" && nothing.includes(s.backgroundColor) && one.checkVisibility();
  };
  return [...document.querySelectorAll("body *")].flatMap((one) => ["::before", "::after"]
    .filter((part) => lost(one, part)).map((part) => `${one.tagName}.${one.className}${part}`)).slice(0, 5);
}"""


def test_nothing_moves_when_less_motion_is_asked(pages: dict[str, list[Shown]], window: Page) -> None:
    """No transition, no animation."""
    for kind, name in (("visitor", "call"), ("applicant", "section"), ("ministry", "dossiers")):
        assert opened(pages, window, kind, name).evaluate(MOVES) == 0, name


def test_signs_stay_where_the_person_chooses_the_colours(pages: dict[str, list[Shown]], window: Page) -> None:
    """High contrast: every shape beside a word is still drawn, and the page at hand is still told apart."""
    window.emulate_media(forced_colors="active")
    for kind, name in (
        ("visitor", "call"),
        ("visitor", "projects"),
        ("applicant", "section"),
        ("applicant", "dossier"),
        ("jury", "assignment"),
        ("ministry", "dossiers"),
        ("ministry", "decision"),
    ):
        page = opened(pages, window, kind, name)
        assert page.evaluate(LOST) == [], name
        tabs = page.locator(".tabs a, .head nav a")
        lines = {
            one.get_attribute("aria-current") is not None: one.evaluate(
                "one => getComputedStyle(one).borderBottomColor"
            )
            for one in tabs.all()
        }
        assert len(lines) < 2 or lines[True] != lines[False], name


PAPER = """() => {
  const shown = (one) => one.checkVisibility() && one.getBoundingClientRect().height > 1;
  const left = [...document.querySelectorAll("nav a, .btn, .filters, .facet, .tabs, .skip")].filter(shown);
  const style = getComputedStyle(document.body);
  const heads = [...document.querySelectorAll(".tbl thead")].map((one) => getComputedStyle(one).display);
  return [left.slice(0, 3).map((one) => one.outerHTML.slice(0, 120)), style.backgroundColor, style.color,
    heads.filter((one) => one !== "table-header-group")];
}"""


def test_paper_holds_the_text_alone(pages: dict[str, list[Shown]], window: Page) -> None:
    """Printed from a dark screen: black on white, no way to go and nothing to press, heads on every sheet."""
    for kind, name in (
        ("visitor", "call"),
        ("visitor", "projects"),
        ("applicant", "dossier_print"),
        ("applicant", "dossier_content"),
        ("ministry", "dossiers"),
        ("ministry", "decision"),
    ):
        page = opened(pages, window, kind, name)
        page.emulate_media(media="print", color_scheme="dark")
        assert page.evaluate(PAPER) == [[], "rgb(255, 255, 255)", "rgb(0, 0, 0)", []], name
        assert page.pdf(format="Letter").startswith(b"%PDF-")
