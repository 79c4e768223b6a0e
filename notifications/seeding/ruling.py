"""Decisions of a round, volet by volet: approvals referred, signed, released; offers answered; money offered again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache, partial
from typing import Any

from django.core.files.base import ContentFile

from grants.bands import asked_of, bands_of
from grants.models import Award, Decision
from notifications.letters import document as model
from notifications.seeding import cast, papers, rounds
from notifications.seeding.applying import Applicant
from notifications.seeding.clock import at, on_weekday, weekdays_after
from notifications.seeding.meeting import Committees
from review import approving, carrying, deciding
from web.clock import eastern
from workflows.engine import fire

BODIES = {"treasury_board": "Conseil du trésor", "decree": "Conseil exécutif"}
REFERENCES = {"treasury_board": "C.T. {n}", "decree": "Décret {n}-2026"}
DECLINED, UNANSWERED = (
    0,
    3,
)  # places, among the largest offers of the second volet: turned down, never answered
DECLINED_BECAUSE = (
    "Le conseil a reporté d’un an la réfection dont ce projet dépendait. Il préfère laisser l’aide à une autre "
    "municipalité et se présenter de nouveau."
)
AGAIN = 35  # days after the letters


@dataclass
class Rulings:
    """The decisions of a round."""

    committees: Committees
    turned: dict[int, int] = field(default_factory=dict)  # dossiers by the rank of their offer

    def plan(self) -> None:
        """Prepared after the meeting, signed on the day of the call, released, carried out, answered."""
        call, add = self.committees.call, self.committees.agenda.add
        assert call.panel_on is not None
        assert call.decision_on is not None
        drafted = weekdays_after(call.panel_on, 3)
        for place, volet in enumerate(rounds.VOLETS):
            add(at(drafted, 9 + place), f"{volet} drafted", partial(self.draft, volet), lazy=True)
            day = max(call.decision_on, weekdays_after(drafted, 3))
            add(at(day, 9 + place), f"{volet} signed", partial(self.sign, volet), lazy=True)
            add(at(day, 13 + place), f"{volet} released", partial(self.release, volet))
        if self.committees.round is not rounds.PUBLISHED:
            return
        letters = eastern(call.letters_at).date()
        add(at(letters, 8, 31), "letters", self.carry_out)
        for place, one in enumerate(self.committees.reviewed):
            day = on_weekday(letters + timedelta(days=2 + place % 11), back=False)
            add(
                at(day, 9 + place % 8, place),
                f"{one.project.code} replies",
                partial(self.reply, one),
                lazy=True,
            )
        again = on_weekday(letters + timedelta(days=AGAIN), back=False)
        add(at(again, 9), "offered again", partial(self.offer_again, again))

    def decision(self, volet: str) -> Decision:
        """The latest decision of a volet, read anew."""
        rows = Decision.objects.select_related("call__programme", "volet__budget_line", "call__edition")
        return rows.filter(volet__call=self.committees.call, volet__code=volet).order_by("-number")[:1].get()

    def draft(self, volet: str) -> None:
        """From the frozen recommendation, with the approvals that the sums ask for; then proposed."""
        manager = cast.person(cast.PROGRAMME_MANAGER)
        deciding.draft_main(self.committees.panel(volet), actor=manager)
        self.refer(volet, manager)
        fire(self.decision(volet), "propose", actor=manager)

    def refer(self, volet: str, manager: Any) -> None:
        """Under which act outside each large sum is authorised."""
        decision = self.decision(volet)
        edition = decision.call.edition
        bands = bands_of(edition.content) if edition is not None else ()
        day = self.committees.day(66)
        for line in decision.lines.select_related("decision__call").order_by("position"):
            band = asked_of(line, bands)
            if band is None:
                continue
            code = str(band["code"])
            number = REFERENCES[code].format(
                n=231_400 + line.pk % 500 if code == "treasury_board" else 700 + line.pk % 90
            )
            paper = _act(code, number, day)
            approving.refer(line, BODIES[code], number, day, paper, actor=manager)

    def sign(self, volet: str) -> None:
        """Signed on the hash that was read, and the release asked."""
        decision = self.decision(volet)
        fire(decision, "sign", actor=cast.person(cast.AUTHORITY), digest=decision.digest)
        fire(self.decision(volet), "ask_release", actor=cast.person(cast.PROGRAMME_MANAGER))

    def release(self, volet: str) -> None:
        """The second person of the release."""
        fire(self.decision(volet), "release", actor=cast.person(cast.AUTHORITY))

    # --- after the letters --------------------------------------------------------------------------------
    def carry_out(self) -> None:
        """The letters leave; whoever will turn an offer down is known from its sum."""
        carrying.carry_out()
        offers = Award.objects.filter(call=self.committees.call, volet__code="V2", state="offered")
        keys = list(offers.order_by("-amount", "pk").values_list("dossier_id", flat=True))
        self.turned = dict(enumerate(keys))

    def reply(self, one: Applicant) -> None:
        """The offer confirmed, declined, or not answered yet."""
        award = Award.objects.filter(dossier_id=one.pk, state="offered").first()
        if award is None or one.pk == self.turned.get(UNANSWERED):
            return
        if one.pk == self.turned.get(DECLINED):
            fire(award, "decline", actor=one.signatory, text=DECLINED_BECAUSE)
        else:
            fire(award, "confirm", actor=one.signatory)

    def offer_again(self, day: date) -> None:
        """Money that came back, down the waiting list of the second volet, with instants of its own."""
        manager = cast.person(cast.PROGRAMME_MANAGER)
        volet = self.committees.call.volets.select_related("budget_line", "call").get(code="V2")
        made = deciding.draft_waiting_list(volet, actor=manager)
        letters = at(weekdays_after(day, 10), 8, 30)
        deciding.set_instants(made, letters, letters + timedelta(days=7, hours=2), actor=manager)
        self.refer("V2", manager)
        fire(self.decision("V2"), "propose", actor=manager)
        add = self.committees.agenda.add
        add(at(weekdays_after(day, 2), 10), "again signed", partial(self.sign, "V2"), lazy=True)
        add(at(weekdays_after(day, 2), 14), "again released", partial(self.release, "V2"))
        add(letters + timedelta(minutes=1), "again letters", carrying.carry_out)
        replies = at(weekdays_after(day, 13), 11)
        add(replies, "again answered", self.reply_all)

    def reply_all(self) -> None:
        """Whoever was offered the money that came back takes it."""
        offered = set(
            Award.objects.filter(call=self.committees.call, state="offered").values_list(
                "dossier_id", flat=True
            )
        )
        for one in self.committees.reviewed:
            if one.pk in offered:
                self.reply(one)


def _act(code: str, number: str, day: date) -> ContentFile[bytes]:
    """The document of an approval: its first page, said to be fictional."""
    return ContentFile(_drawn(code, day), name=f"{papers.plain(number)}.pdf")


@lru_cache(maxsize=8)
def _drawn(code: str, day: date) -> bytes:
    words = (
        "L’organisme autorise le ministère à verser les aides dont la liste est jointe, dans la limite des sommes "
        "recommandées par le comité et des crédits de l’exercice."
    )
    body = (model.Paragraph(words), model.Paragraph("La liste porte la même date que la recommandation."))
    return papers.drawn(f"Autorisation, {BODIES[code]}", BODIES[code], day, body)
