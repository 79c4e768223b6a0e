"""Earlier stages of a call made through the domain, so that a journey begins where it wants to in the browser.

Dossiers are really filed, judged complete and eligible, and, where asked, scored, locked and decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from accounts.models import User
from applications.models import Dossier
from grants.models import Award, BudgetLine, Call, Decision
from review import deciding
from review.models import Panel
from tests import factories
from tests.applications.checked import confirm_all
from tests.applications.filled import file_now, make_filled
from tests.browser.steps import Travel, evened
from tests.fixtures_calls import Flin, make_flin
from tests.review.conftest import House
from workflows.engine import fire

TOWNS = ("31056", "02005", "10070", "14050", "31045", "93080")
OUTCOMES = {"complet": "analyst", "admissible": "analyst"}


@dataclass
class Stage:
    """A call whose dossiers are in review, with the people of both sides."""

    flin: Flin
    travel: Travel
    dossiers: dict[str, Dossier]
    signatories: dict[str, User]
    house: House | None = None
    decisions: list[Decision] = field(default_factory=list)

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

    def decide(self, *, minutes: int = 30) -> Decision:
        """The decision of the rule, proposed, signed and released; its letters leave in so many minutes."""
        decision = deciding.draft_main(self.panel, actor=self.flin.manager)
        letters = (self.travel.now() + timedelta(minutes=minutes)).replace(microsecond=0)
        deciding.set_instants(decision, letters, letters + timedelta(days=10), actor=self.flin.manager)
        fire(decision, "propose", actor=self.flin.manager)
        fire(decision, "sign", actor=self.flin.authority, digest=decision.digest)
        fire(decision, "ask_release", actor=self.flin.manager)
        fire(decision, "release", actor=self.flin.authority)
        self.decisions.append(decision)
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


def words(page: Any) -> str:
    """What the page says in its main part, spaces evened out."""
    return evened(page.locator("main").inner_text())
