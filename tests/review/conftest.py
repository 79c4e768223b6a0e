"""Dossiers in review, a panel with its people, sheets: made straight in the tables, as filing would leave them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from applications.models import Body, Dossier, Entry, Snapshot
from applications.snapshots import digest_of
from review.actions import assignments as acts
from review.actions import sheets
from review.models import Assignment, Panel, Sheet
from tests import factories
from tests.fixtures_calls import Flin, flin, make_flin  # noqa: F401
from web import clock
from workflows.chain import canonical
from workflows.codes import new_code
from workflows.engine import fire

SECRET_WORD = "Zirconium-planté"
ANSWERS = {
    "title": "Capteurs de lacs",
    "summary": "Nous mesurons l’eau de sept lacs.",
    "need": f"Les riverains manquent d’avis. {SECRET_WORD}",
    "solution": "Des stations et une alerte.",
    "results": "Cinq avis par an au lieu de zéro.",
    "suppliers": "Capteurs du Nord inc., Logiciels Boréal",
    "personal_data": False,
    "data": "Les données restent à la municipalité.",
    "budget": {
        "lines": [{"id": "l1", "category": "equipment", "description": "Stations", "amount": 40000}],
        "funding": [{"id": "f1", "source": "Municipalité", "kind": "own", "public": True, "amount": 10000}],
    },
}


@dataclass
class House:
    """A call past its closing, its panel, three reviewers and a chair."""

    flin: Flin
    panel: Panel
    chair: User
    reviewers: list[User]
    codes: Iterator[str] = field(default_factory=lambda: iter(()))

    @property
    def secretary(self) -> User:
        """The secretary of the call."""
        return self.flin.secretary

    def dossier(self, number: int = 1, code: str = "31056", **fields: Any) -> Dossier:
        """A dossier in review, filed by a municipality of the small directory."""
        call = self.flin.call
        org = factories.make_org(code)
        filer = factories.make_user(f"greffe{code}@municipalite.example")
        Entry.objects.get_or_create(call=call, organisation=org)
        now = clock.now() - timedelta(days=40) + timedelta(minutes=number)
        values: dict[str, Any] = {
            "title": f"Projet {number}",
            "lead_name": org.name,
            "lead_sort": org.sort_name,
            "region_code": org.region.code,
            "population": org.population,
            "tags": ["small"] if (org.population or 0) <= 5000 else [],
            "requested": 40000,
            "aid": 40000,
            "kept_costs": 50000,
            **fields,
        }
        made = Dossier.objects.create(
            state="in_progress",
            stage="evaluation",
            secret=True,
            call=call,
            volet=self.panel.volet,
            edition=call.edition,
            number=f"{call.code}-{number:04d}",
            created_by=filer,
            created_at=now,
            filed_at=now,
            last_filed_at=now,
            sort_at=now,
            **values,
        )
        Body.objects.create(dossier=made, organisation=org, role="lead")
        made.snapshot = snapshot(made, filer)
        made.save()
        return made

    def give(self, dossier: Dossier, reviewer: User, *, accept: bool = True) -> Assignment:
        """Give a dossier, accepted at once unless said."""
        row = acts.offer(
            self.panel, dossier, reviewer, clock.now() + timedelta(days=10), actor=self.secretary
        )
        if accept:
            fire(row, "accept", actor=reviewer)
        return Assignment.objects.get(pk=row.pk)

    def sheet(self, dossier: Dossier, reviewer: User, marks: str = "4 4 4", *, hand_in: bool = True) -> Sheet:
        """A sheet with these marks for C1, C2, C4, handed in unless said."""
        row = Assignment.objects.filter(dossier=dossier, reviewer=reviewer).first() or self.give(
            dossier, reviewer
        )
        scores = dict(zip(("C1", "C2", "C4"), marks.split(), strict=True))
        comments = {code: f"Parce que {code}." for code in scores}
        written = sheets.Written(scores=scores, comments=comments, strengths="Clair.", weaknesses="Court.")
        sheet = sheets.save(sheets.sheet_of(row.sheet.pk), written, actor=reviewer)
        if hand_in:
            fire(sheet, "hand_in", actor=reviewer)
        return Sheet.objects.get(pk=sheet.pk)

    def scored(self, number: int, marks: str, other: str = "", **fields: Any) -> Dossier:
        """A dossier with two sheets, passed to the committee."""
        codes = list(factories.DIRECTORY)
        row = self.dossier(number, **{"code": codes[number % len(codes)], **fields})
        self.sheet(row, self.reviewers[0], marks)
        self.sheet(row, self.reviewers[1], other or marks)
        row.refresh_from_db()
        fire(row, "advance", actor=self.secretary, outcome="complete")
        return row


def snapshot(dossier: Dossier, filer: User) -> Snapshot:
    """The frozen version that a filing would have left."""
    text = canonical(
        {
            "v": 1,
            "edition": dossier.edition.digest,
            "volet": dossier.volet.code,
            "answers": {**ANSWERS, "title": dossier.title},
            "files": [],
            "bodies": [],
            "facts": {},
            "budget": {},
            "tags": [],
        }
    )
    return Snapshot.objects.create(
        dossier=dossier,
        version=1,
        kind="filing",
        edition=dossier.edition,
        text=text,
        digest=digest_of(text),
        code=new_code(),
        received_at=dossier.sort_at,
        filed_at=dossier.sort_at,
        filed_by=filer,
        submit_key=new_code(),
    )


def make_house(code: str = "FLIN-REVUE", **options: Any) -> House:
    """A call closed ten days ago, its panel and its people."""
    made = make_flin(code, closes=(clock.now() - timedelta(days=10)).replace(microsecond=0), **options)
    panel = Panel.objects.create(
        state="open",
        call=made.call,
        volet=made.volet,
        code="unique",
        name={"fr": "Comité d’essai"},
        due_at=clock.now() + timedelta(days=10),
    )
    chair = factories.make_staff("chair", panel, email=f"chair@{code.lower()}.example")
    reviewers = [
        factories.make_staff(
            "reviewer",
            panel,
            factories.make_user(f"r{n}@{code.lower()}.example", given_name="Camille", family_name=f"Juge{n}"),
        )
        for n in (1, 2, 3)
    ]
    return House(made, panel, chair, reviewers)


@pytest.fixture
def house(db: None) -> House:
    """A call in review."""
    return make_house()


@pytest.fixture
def page(client: Any) -> Callable[..., Any]:
    """Ask for a page as somebody: `page(user, "name", pk)`; `data=` posts."""
    from django.urls import reverse

    def ask(user: User, name: str, *args: Any, data: Any = None, query: str = "", **extra: Any) -> Any:
        client.force_login(user)
        url = reverse(name, args=args) + query
        return client.get(url, **extra) if data is None else client.post(url, data, **extra)

    return ask
