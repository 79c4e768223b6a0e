"""Committees of a round: seated, fed, met with their quorum, locked, and their minutes signed by two persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from applications.models import Dossier
from grants.models import Call
from notifications.seeding import cast, rounds, sheeting
from notifications.seeding.agenda import Agenda
from notifications.seeding.applying import Applicant
from notifications.seeding.clock import at, on_weekday, weekdays_after
from notifications.seeding.composing import phrases
from notifications.seeding.marks import GOOD, STRONG, WEAK
from notifications.seeding.sheeting import IN, OFFERED, WRITING, Work
from review import ranking
from review.actions import meetings, panels
from review.models import Meeting, Panel
from workflows.engine import fire

SEATED, GIVEN, LOADED, PASSED = 33, 34, 42, 48  # days after the closing
NAMES = {
    "V1": "Comité du volet 1, amorcer",
    "V2": "Comité du volet 2, réaliser",
    "V3": "Comité du volet 3, partager",
}
# The forty reviewers over the three panels.
MEMBERS = {"V1": cast.REVIEWERS[:9], "V2": cast.REVIEWERS[9:31], "V3": cast.REVIEWERS[31:]}
PLACE = "En visioconférence"
APART = ("C3", "C6", "C1")


@dataclass
class Committees:
    """The three panels of a round."""

    agenda: Agenda
    round: rounds.Round
    call: Call
    today: date
    reviewed: list[Applicant]
    keys: dict[str, int] = field(default_factory=dict)
    members: dict[int, Sequence[Any]] = field(default_factory=dict)

    def day(self, after: int) -> date:
        """A working day counted from the closing."""
        return on_weekday(self.round.closing_day(self.today) + timedelta(days=after), back=False)

    def panel(self, volet: str) -> Panel:
        """The panel, read anew."""
        rows = Panel.objects.select_related("call__edition__definition", "volet__budget_line")
        return rows.get(pk=self.keys[volet])

    def of(self, volet: str) -> list[Applicant]:
        """The dossiers of a panel."""
        return [one for one in self.reviewed if one.project.data["volet"] == volet]

    def plan(self) -> None:
        """Seated before the sheets; fed and met where the round is decided."""
        add = self.agenda.add
        add(at(self.day(SEATED), 9), "panels", self.seat, lazy=True)
        add(at(self.day(LOADED), 8), "sheets", self.review)
        if self.round is rounds.SCORING:
            add(at(on_weekday(self.today - timedelta(days=1)), 8, 30), "first volet", self.feed_first)
            return
        for volet in rounds.VOLETS:
            add(at(self.day(PASSED), 10), f"{volet} to committee", partial(self.feed, volet), lazy=True)
            met = self.day(67)
            add(at(met, 9), f"{volet} meets", partial(self.meet, volet), lazy=True)
            signed = weekdays_after(met, 1)
            add(at(signed, 9), f"{volet} chair signs", partial(self.sign, volet, cast.CHAIR), lazy=True)
            add(at(signed, 14), f"{volet} secretary signs", partial(self.sign, volet, cast.SECRETARY))

    # --- acts -------------------------------------------------------------------------------------------
    def seat(self) -> None:
        """The secretary makes the panels; the manager names chair and members."""
        due = self.call.review_until
        assert due is not None
        for volet in self.call.volets.order_by("position", "pk"):
            made = panels.create_panel(
                self.call, volet, NAMES[volet.code], due, actor=cast.person(cast.SECRETARY)
            )
            self.keys[volet.code] = made.pk
            cast.give(cast.CHAIR, "chair", made)
            self.members[made.pk] = sheeting.seated(made, MEMBERS[volet.code])

    def review(self) -> None:
        """Every reviewer's work since the panels were seated."""
        works = []
        for volet in rounds.VOLETS:
            panel = self.panel(volet)
            for place, one in enumerate(self.of(volet)):
                stages = self._stages(volet, place, panel.volet.sheets_required)
                apart = APART[place % 3] if place % 7 == 3 else ""
                level = WEAK if place % 5 == 4 else STRONG if place % 3 == 0 else GOOD
                level = GOOD if apart else level
                works.append(Work(panel, one.dossier, one.project, level, apart, stages))
        sheeting.load(works, self.members, at(self.day(GIVEN), 9))

    def _stages(self, volet: str, place: int, count: int) -> list[str]:
        """How far the sheets of a dossier are: all in, but for the round in scoring."""
        if self.round is not rounds.SCORING or volet == "V1" or place % 4 == 3:
            return [IN] * count
        late = ([IN, IN, WRITING], [IN, WRITING, OFFERED], [IN, IN, OFFERED])
        return late[place % 3][:count]

    def feed_first(self) -> None:
        """In scoring: the first volet is before its committee already, which sits and has heard some dossiers."""
        self.feed("V1")
        chair, secretary = cast.person(cast.CHAIR), cast.person(cast.SECRETARY)
        today = on_weekday(self.today - timedelta(days=1))
        made = meetings.open_meeting(self.panel("V1"), today, PLACE, chair, secretary, actor=secretary)
        self._sit(made, chair, secretary)
        for rank, item in enumerate(made.items.select_related("dossier").order_by("position")):
            if not item.dossier.divergent and rank % 2:
                note = phrases()["agreed"][rank % len(phrases()["agreed"])]
                meetings.conclude_item(made, item, note, is_agreed=True, actor=secretary)

    def _sit(self, made: Meeting, chair: Any, secretary: Any) -> None:
        """An odd number of members is there, the chair among them."""
        there = [row.user_id for row in made.presences.order_by("pk")]
        there = [key for key in there if key != chair.pk][: (len(there) - 2) // 2 * 2]
        meetings.set_present(made, [chair.pk, *there], actor=secretary)

    def feed(self, volet: str) -> None:
        """The secretary passes the dossiers to the committee."""
        rows = [one.dossier for one in self.of(volet)]
        _done, refused = panels.close_reviews(self.panel(volet), rows, actor=cast.person(cast.SECRETARY))
        if refused:
            raise RuntimeError(" ".join(refused))

    def meet(self, volet: str) -> None:
        """Opened, the presences, each divergence answered, each dossier agreed, closed; then the chair locks."""
        panel, chair = self.panel(volet), cast.person(cast.CHAIR)
        secretary = cast.person(cast.SECRETARY)
        made = meetings.open_meeting(panel, self.day(67), PLACE, chair, secretary, actor=secretary)
        self._sit(made, chair, secretary)
        told = {one.pk: one for one in self.of(volet)}
        for rank, item in enumerate(made.items.select_related("dossier").order_by("position")):
            project = told[item.dossier_id].project
            self._settle(panel, item.dossier, project.data["words"], rank)
            note = phrases()["agreed"][rank % len(phrases()["agreed"])]
            meetings.conclude_item(made, item, note, is_agreed=True, actor=secretary)
        fire(made, "close", actor=secretary)
        fire(self.panel(volet), "lock", actor=chair)

    def _settle(self, panel: Panel, dossier: Dossier, words: dict[str, str], rank: int) -> None:
        """A mark agreed on, or the mean kept, with the reason."""
        if not dossier.divergent:
            return
        scored: dict[str, Any] = ranking.score_dossier(dossier)["result"]
        for one in scored["divergences"]:
            agrees = rank % 2 == 0 and one["on"] != "total"
            text = phrases()["consensus" if agrees else "kept"].format_map(words)
            score = "4" if agrees else ""
            panels.conclude(panel, dossier, str(one["on"]), score, text, actor=cast.person(cast.CHAIR))

    def sign(self, volet: str, code: str) -> None:
        """One of the two signatures on the minutes."""
        row = Meeting.objects.get(panel=self.keys[volet])
        fire(row, "sign", actor=cast.person(code), digest=row.digest)
