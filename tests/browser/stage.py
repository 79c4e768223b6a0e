"""Earlier stages of a call made through the domain, so that a journey begins where it wants to in the browser.

Dossiers are really filed, judged complete and eligible, and, where asked, scored, locked and decided.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from playwright.sync_api import Page

from accounts.models import User
from applications.models import Dossier
from grants.models import Award, BudgetLine, Call, Decision
from notifications.models import Document
from review import deciding
from review.models import Panel
from tests import factories
from tests.applications.checked import confirm_all
from tests.applications.filled import file_now, make_filled
from tests.browser.steps import Mail, Travel
from tests.fixtures_calls import Flin, make_flin
from tests.review.conftest import House
from workflows.engine import fire

TOWNS = ("31056", "02005", "10070", "14050", "31045", "93080")
# What may differ between two readings of a page that says the same.
CHANGING = re.compile(r'name="csrfmiddlewaretoken" value="[^"]*"|data-left="\d+"')


@dataclass
class Stage:
    """A call whose dossiers are in review, with the people of both sides."""

    flin: Flin
    travel: Travel
    dossiers: dict[str, Dossier]
    signatories: dict[str, User]
    house: House | None = None

    @property
    def call(self) -> Call:
        """The call."""
        return self.flin.call

    @property
    def panel(self) -> Panel:
        """The panel of its volet."""
        return Panel.objects.get(volet=self.flin.volet)

    def committed(self) -> int:
        """Dollars committed on the envelope, as stored."""
        return BudgetLine.objects.get(volet=self.flin.volet).committed

    def dossier(self, name: str) -> Dossier:
        """A dossier as it is stored now."""
        return Dossier.objects.get(pk=self.dossiers[name].pk)

    def award(self, name: str) -> Award:
        """The award of a dossier."""
        return Award.objects.get(dossier_id=self.dossiers[name].pk)

    def lock(self, marks: Mapping[str, str]) -> Panel:
        """Two reviewers give each dossier these marks, the committee takes them, the chair locks."""
        panel = Panel.objects.create(
            state="open",
            call=self.call,
            volet=self.flin.volet,
            code="unique",
            name={"fr": "Comité d’évaluation"},
            due_at=self.travel.now() + timedelta(days=10),
        )
        chair = factories.make_staff("chair", panel, named("Solange", "Présidente"))
        judges = [named("Aubert", "Premier"), named("Bianca", "Deuxième")]
        self.house = House(
            self.flin, panel, chair, [factories.make_staff("reviewer", panel, one) for one in judges]
        )
        for name, mark in marks.items():
            for judge in judges:
                self.house.sheet(self.dossiers[name], judge, mark)
            fire(self.dossier(name), "advance", actor=self.flin.secretary, outcome="complete")
        fire(panel, "lock", actor=chair)
        return panel

    def decide(self, *, minutes: int = 30, days: int = 10) -> Decision:
        """The decision (prepared already or not), proposed, signed, released; letters in minutes, list in days."""
        decision = deciding.draft_main(self.panel, actor=self.flin.manager)
        letters = (self.travel.now() + timedelta(minutes=minutes)).replace(microsecond=0)
        deciding.set_instants(decision, letters, letters + timedelta(days=days), actor=self.flin.manager)
        fire(decision, "propose", actor=self.flin.manager)
        fire(decision, "sign", actor=self.flin.authority, digest=decision.digest)
        fire(decision, "ask_release", actor=self.flin.manager)
        fire(decision, "release", actor=self.flin.authority)
        return decision


def named(given: str, family: str) -> User:
    """A person with a name that is easy to find on a page."""
    plain = family.lower().encode("ascii", "ignore").decode()
    return factories.make_user(
        f"{plain}@jury.example", given_name=given, family_name=family, workplace="Cabinet de l’Essai"
    )


def filed(
    travel: Travel, titles: Mapping[str, str], *, code: str = "FLIN-PARCOURS", pool: int = 0, small: int = 0
) -> Stage:
    """A call past its closing, with one dossier a title, each eligible and at the stage of review."""
    sums: dict[str, Any] = {"envelopes": {"UNIQUE": pool}, "reserves": {"small": small}} if pool else {}
    flin = make_flin(code, **sums)
    dossiers, signatories = {}, {}
    for (name, title), town in zip(titles.items(), TOWNS, strict=False):
        organisation = factories.make_org(town)
        signatory = factories.make_user(
            f"greffe@m{town}.example", given_name="Odette", family_name=f"Greffe {name}"
        )
        factories.make_member(signatory, organisation, "signatory")
        dossier = make_filled(flin.call, organisation, signatory, title=title)
        file_now(dossier, signatory, key=f"cle-{name}")
        dossiers[name], signatories[name] = dossier, signatory
    travel.to(flin.call.closes_at + timedelta(days=2))
    for dossier in dossiers.values():
        dossier.refresh_from_db()
        fire(dossier, "advance", actor=flin.analyst, outcome="complet")
        confirm_all(dossier, flin.analyst)
        dossier.refresh_from_db()
        fire(dossier, "advance", actor=flin.analyst, outcome="admissible")
        dossier.refresh_from_db()
    return Stage(flin, travel, dossiers, signatories)


@dataclass
class Windows:
    """The people of a journey, each with a window of the browser."""

    site: str
    made: Stage
    open_page: Callable[..., Page]
    look: Callable[[Page, str], None]
    work: Callable[[], None]
    mail_to: Callable[[str], list[Mail]]
    people: dict[str, User | None] = field(default_factory=dict)
    opened: dict[str, Page] = field(default_factory=dict)

    def __post_init__(self) -> None:
        roles = ("manager", "authority", "analyst", "second_analyst", "secretary", "auditor")
        self.people |= {role: getattr(self.made.flin, role) for role in roles}
        self.people |= {f"applicant {name}": one for name, one in self.made.signatories.items()}
        self.people["anonymous"] = None

    def at(self, who: str, path: str = "") -> Page:
        """The window of a person (« authority, telephone » is another one), at an address."""
        if who not in self.opened:
            self.opened[who] = self.open_page(self.people[who.partition(",")[0]])
        page = self.opened[who]
        if path:
            page.goto(f"{self.site}{path}")
        return page

    def get(self, who: str, path: str) -> tuple[int, str]:
        """Status and whole text of a page for a person, without what changes at each reading."""
        answer = self.at(who).request.get(f"{self.site}{path}", max_redirects=0)
        is_text = "text" in answer.headers.get("content-type", "")
        return answer.status, CHANGING.sub("", answer.text()) if is_text else ""

    def pk(self, name: str) -> int:
        """The key of a dossier."""
        return int(self.made.dossiers[name].pk)

    def number(self, name: str) -> str:
        """The number of a dossier."""
        return str(self.made.dossiers[name].number)

    def letters(self, name: str) -> list[Document]:
        """The letters of decisions on a dossier, latest first."""
        return list(Document.objects.filter(dossier_id=self.pk(name), line_id__isnull=False).order_by("-pk"))

    def received(self, name: str) -> list[Mail]:
        """What the signatory of a dossier received, latest first."""
        return self.mail_to(self.made.signatories[name].email)

    def wait_until(self, instant: datetime) -> None:
        """Let time pass, and the worker work; people signed in too long ago sign in again."""
        far = instant - self.made.travel.now() > timedelta(hours=7)
        self.made.travel.to(instant)
        self.work()
        if far:
            self.opened.clear()
