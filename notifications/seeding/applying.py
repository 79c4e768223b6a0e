"""Municipalities of the composed projects at work: accounts in place, a draft in one go, files, partners, a filing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, User
from applications import blockers, filing, snapshots
from applications.actions import departures, drafts, files
from applications.actions import partners as acts
from applications.models import Answer, Body, Dossier
from grants import editions
from grants.models import Call
from notifications.demo import PASSWORD
from notifications.seeding import cast, forms, papers
from notifications.seeding.composing import phrases
from notifications.seeding.corpus import Project
from web import clock, formats
from workflows.engine import fire


def settle_in(projects: Iterable[Project]) -> None:
    """Accounts of those who sign, with their confirmed mandate, in a few statements."""
    secret, now, told = make_password(PASSWORD), clock.now(), list(projects)
    for number, one in enumerate(told):
        person = one.people[0]
        made = User(
            email=person["email"],
            given_name=person["given_name"],
            family_name=person["family_name"],
            sort_name=f"{person['family_name']} {person['given_name']}".casefold(),
            function=person["title"],
            workplace=person["organisation"],
            phone=f"418 555-{1000 + number * 7:04d}",
            password=secret,
            created_at=now,
        )
        person["account"] = made
    User.objects.bulk_create(one.people[0]["account"] for one in told)
    accounts = {row.email: row for row in User.objects.filter(email__in=[p.people[0]["email"] for p in told])}
    Membership.objects.bulk_create(
        Membership(
            user=accounts[one.people[0]["email"]],
            organisation=cast.organisation_of(one),
            role="signatory",
            status="confirmed",
            created_at=now,
            confirmed_at=now,
        )
        for one in told
    )


def write_all(dossier: Dossier, told: dict[str, Any], actor: User) -> None:
    """Every answer of a sitting at once, as the page would have kept them one by one."""
    known = {row.question: row for row in dossier.answers.all()}
    now = clock.now()
    Answer.objects.bulk_create(
        Answer(dossier=dossier, question=code, value=value, updated_by=actor, updated_at=now)
        for code, value in told.items()
        if code not in known
    )
    changed = [row for code, row in known.items() if code in told and row.value != told[code]]
    for row in changed:
        row.value, row.version, row.updated_at = told[row.question], row.version + 1, now
    Answer.objects.bulk_update(changed, ["value", "version", "updated_at"])
    title = editions.answer_code(dossier.edition.content, "title")
    if title in told:
        Dossier.objects.filter(pk=dossier.pk).update(title=told[title][:300])


class Applicant:
    """One composed project and its dossier in a call."""

    def __init__(self, call: Call, project: Project, rank: int, rng: Random) -> None:
        self.call, self.project, self.rank, self.rng, self.pk = call, project, rank, rng, 0

    @property
    def dossier(self) -> Dossier:
        """The dossier, read anew."""
        rows = Dossier.objects.select_related("call", "volet__budget_line", "edition__definition", "snapshot")
        return rows.get(pk=self.pk)

    @property
    def signatory(self) -> User:
        """Who writes and signs."""
        return cast.signatory_of(self.project)

    @property
    def closing(self) -> date:
        """The day of the closing."""
        return formats.local(self.call.closes_at).date()

    def begin(self, *, part: int = 100) -> None:
        """The draft, its answers (a part of them where it stays a draft), its partners, its files."""
        actor, lead = self.signatory, cast.organisation_of(self.project)
        volet = self.call.volets.get(code=self.project.data["volet"])
        made, _new = drafts.start_dossier(self.call, lead, actor=actor, volet=volet)
        self.pk = made.pk
        told = forms.answers(self.project, made.edition.content, volet.code, self.closing, lead)
        kept = dict(list(told.items())[: len(told) * part // 100])
        write_all(made, kept, actor)
        if part < 100:
            return
        self.invite()
        self.join()

    def invite(self) -> None:
        """Partners asked, then confirmed by their own signatories under their resolutions."""
        for told in self.project.data["partners"]:
            body = acts.add(
                self.dossier,
                cast.body_of(str(told["code"])),
                part=told["role"],
                share=int(told["share_dollars"]),
                actor=self.signatory,
            )
            self._confirm(body, str(told["resolution"]["number"]))

    def _confirm(self, body: Body, number: str) -> None:
        organisation = body.organisation
        place = sum(map(ord, organisation.code))
        person, _made = User.objects.get_or_create(
            email=_address(body),
            defaults={
                "given_name": GIVEN[place % len(GIVEN)],
                "family_name": FAMILY[place // 3 % len(FAMILY)],
                "password": self.signatory.password,
                "workplace": organisation.name,
                "created_at": clock.now(),
            },
        )
        Membership.objects.get_or_create(
            user=person,
            organisation=organisation,
            role="signatory",
            defaults={"status": "confirmed", "created_at": clock.now(), "confirmed_at": clock.now()},
        )
        acts.confirm(body, number=number, day=clock.today() - timedelta(days=5), kind="final", actor=person)

    def join(self) -> None:
        """What the form misses: the resolution, proofs of price, a summary."""
        dossier, name = self.dossier, self.project.people[0]["organisation"]
        for slot in [one.question for one in blockers.in_answers(dossier) if one.kind == "file"]:
            make = papers.resolution if slot == "resolution" else papers.price
            paper = make(self.project, name, self.closing)
            files.add_file(dossier, slot, paper, actor=self.signatory, upload_key=f"{slot}-{self.pk}"[:64])

    def submit(self) -> None:
        """Read and filed."""
        dossier, seen = self.dossier, snapshots.shown(self.dossier)
        filing.submit(
            dossier,
            actor=self.signatory,
            digest=seen.digest,
            submit_key=f"{self.project.code}-{dossier.pk}",
            received_at=clock.now(),
            kind=filing.FILING,
        )

    def leave(self) -> None:
        """The last partner asked leaves the project that was filed, with its reason."""
        rows = Body.objects.filter(dossier_id=self.pk, role="partner", left_at__isnull=True)
        body = rows.select_related("organisation", "dossier").order_by("position").last()
        assert body is not None
        told = phrases()["left"]
        words = told[self.rank % len(told)].format_map(self.project.data["words"])
        departures.leave(body, words, actor=User.objects.get(email=_address(body)))

    def withdraw(self, words: str) -> None:
        """Taken back, with the reason."""
        text = words.format_map(self.project.data["words"])
        fire(self.dossier, "withdraw", actor=self.signatory, text=text)


def _address(body: Body) -> str:
    """Where the signatory of a partner is written to."""
    return f"signature@m{body.organisation.code}.example"


GIVEN = (
    "Lyne",
    "Régis",
    "Colette",
    "Martin",
    "Sonia",
    "Yvan",
    "Noémie",
    "Carl",
    "Estelle",
    "Rémi",
    "Josiane",
)
FAMILY = (
    "Beauchemin",
    "Côté-Roy",
    "Dufresne",
    "Gaudreau",
    "Hudon",
    "Laliberté",
    "Marquis",
    "Plante",
    "Turcotte",
)
