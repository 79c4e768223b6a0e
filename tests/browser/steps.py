"""Small steps that every journey takes: signing in, the worker's rounds, the mailbox, the passing of time."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, Page, expect

from accounts.models import User
from applications import quarantine, scanning
from notifications import documents, mail, mailbox
from notifications.models import Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState
from review import carrying
from search import declare, feed
from tests import factories
from workflows import deliveries
from workflows.models import Delivery


# --- people -----------------------------------------------------------------------------------------
def sign_in(page: Page, site: str, user: User, password: str = factories.PASSWORD) -> None:
    """Through the page, as a person does."""
    page.goto(f"{site}/connexion/")
    page.get_by_label("Courriel professionnel").fill(user.email)
    page.get_by_label("Mot de passe", exact=True).fill(password)
    page.get_by_role("button", name="Se connecter").click()
    page.wait_for_url(f"{site}/accueil/")


def give_session(context: BrowserContext, site: str, user: User) -> None:
    """Sign in without the page: the cookie of a new session."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": value, "url": site}])


# --- the worker -------------------------------------------------------------------------------------
def work() -> None:
    """What the worker does, until nothing is due; anything that failed fails the test."""
    for source in declare.sources():  # as the worker looks after it, whichever test comes first
        feed.keep_outside(source.label)
    for _round in range(20):
        done = deliveries.run_due(limit=500) + carrying.carry_out() + carrying.lapse()
        done += documents.draw_due(500) + mail.send_due(500) + quarantine.run_due(500)
        if not done:
            break
    faults = [f"{row.consumer}: {row.error}" for row in Delivery.objects.exclude(error="")]
    parked = [MessageState.PARKED, MessageState.UNCERTAIN]
    faults += [f"{row.kind}: {row.error}" for row in Message.objects.filter(state__in=parked)]
    faults += [f"{row.kind}: {row.error}" for row in Document.objects.filter(state=DocumentState.PARKED)]
    faults += [f"{row.kind}: {row.error}" for row in Document.objects.exclude(error="")]
    assert not faults, "\n".join(faults)


def scan_word() -> str:
    """What the page says of a file that was just received, with a scanner or without one."""
    return scanning.words(scanning.initial_state())


# --- the mailbox ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Mail:
    """A message that arrived."""

    message: EmailMessage

    @property
    def subject(self) -> str:
        """Its subject."""
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """Its words."""
        body = self.message.get_body(("plain",))
        return str(body.get_content()) if body is not None else ""

    @property
    def links(self) -> list[str]:
        """The addresses it gives."""
        return [link.rstrip(".,;)") for link in re.findall(r"https?://\S+", self.text)]

    @property
    def papers(self) -> list[str]:
        """The text of each PDF that came with it, as pdftotext reads it."""
        return [pdf_text(part.get_payload(decode=True)) for part in self.message.iter_attachments()]


def mail_to(address: str) -> list[Mail]:
    """Messages to this address, newest first."""
    return [Mail(message) for _name, message in mailbox.received(address)]  # type: ignore[arg-type]


def pdf_text(data: Any) -> str:
    """The words of a PDF, spaces evened out (no-break spaces too)."""
    assert bytes(data).startswith(b"%PDF"), "not a PDF"
    read = subprocess.run(["pdftotext", "-q", "-", "-"], input=bytes(data), capture_output=True, check=True)
    return " ".join(read.stdout.decode().split())


def evened(text: str) -> str:
    """A sentence with plain spaces, to compare with what a page or a PDF says."""
    return " ".join(text.split())


# --- time -------------------------------------------------------------------------------------------
@dataclass
class Travel:
    """Moves the product's clock (in every thread) away from the machine's; only forward."""

    shift: timedelta = timedelta(0)
    real: Callable[[], datetime] = field(default=lambda: datetime.now().astimezone())

    def now(self) -> datetime:
        """The present instant of the product."""
        return self.real() + self.shift

    def forward(self, **span: float) -> None:
        """Later by so much: `forward(days=15)`. Sessions older than eight hours are over: ask `page_as` again."""
        self.shift += timedelta(**span)

    def to(self, instant: datetime) -> None:
        """At this very instant (the clock goes on from there)."""
        self.shift = instant - self.real()


# --- pages ------------------------------------------------------------------------------------------
def press(page: Page, name: str | re.Pattern[str], *, exact: bool = False) -> None:
    """Press the button of this name in the content (the head has its own, to search for instance)."""
    page.get_by_role("main").get_by_role("button", name=name, exact=exact).first.click()


def follow(page: Page, name: str | re.Pattern[str], *, exact: bool = False) -> None:
    """Follow the link of this name."""
    page.get_by_role("link", name=name, exact=exact).first.click()


def sees(page: Page, *words: str) -> None:
    """The page shows each of these words (spaces of any kind are alike)."""
    for one in words:
        expect(page.locator("main")).to_contain_text(one)


def misses(page: Page, *words: str) -> None:
    """The page shows none of these words, anywhere in its text."""
    text = evened(page.locator("body").inner_text())
    for one in words:
        assert evened(one) not in text, f"{page.url} shows {one!r}"


def status_of(page: Page, url: str) -> int:
    """The status of an address for this person, without leaving the page."""
    return page.request.get(url, max_redirects=0).status


def read_pdf(page: Page, url: str) -> str:
    """The words of a PDF behind an address, fetched as this person."""
    answer = page.request.get(url)
    assert answer.status == 200, f"{url}: {answer.status}"
    return pdf_text(answer.body())


UNSENT = "code => Object.keys(sessionStorage).some((key) => key.endsWith(`:${code}`))"


def save(page: Page) -> bool:
    """Press the button that saves the section, which a page shows as long as no script saves for it."""
    page.wait_for_load_state("load")
    button = page.locator("form[data-autosave] button[data-plain]")
    if not button.is_visible():
        return False
    button.click()
    return True


def is_saved(page: Page, question: str) -> None:
    """Wait until nothing of this question is left to send and its line says that the text is kept."""
    if save(page):
        expect(page.locator(f"#q-{question} [data-line]")).to_contain_text("Enregistré")
        return
    page.wait_for_function(f"code => !({UNSENT})(code)", arg=question)
    expect(page.locator(f"#q-{question} [data-line]")).to_contain_text("Enregistré")


def upload(page: Page, slot: str, path: Path) -> None:
    """Choose a file in a place for files, and wait until it is listed."""
    page.locator(f"#q-{slot} input[type=file]").set_input_files(path)
    save(page)
    expect(page.locator(f"#q-{slot} [data-files]")).to_contain_text(path.name)
