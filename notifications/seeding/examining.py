"""Checks of a round of the reference call: completeness, requests, silence, rules, refusals with their letters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from typing import Any

from applications import departures, filing, keeping, kept, snapshots, verifying
from applications.actions import departures as conclusions
from applications.kept import Line
from applications.models import Dossier
from notifications import actions as posts
from notifications.models import Message
from notifications.seeding import cast, plan, rounds
from notifications.seeding import filing as sittings
from notifications.seeding.agenda import Agenda
from notifications.seeding.applying import Applicant
from notifications.seeding.clock import at, on_weekday, weekdays_after
from notifications.seeding.composing import phrases
from web import clock, formats
from workflows.engine import fire

REFUSAL = "refusal_eligibility"
SHUT = {
    "E04": plan.E04_NOTE,
    "E08": "Le registre des ententes montre un rapport final en retard de quatorze mois, rappelé deux fois.",
    "E10": "Le bon de commande joint est daté d’avant le dépôt : le projet est commencé, et l’article 4.3 l’exclut.",
}
NOTES = {
    **plan.NOTES,
    "E10": "Rien n’est commandé ni commencé selon le budget et les preuves de prix.",
}
ANSWERED_DAYS = 2  # since the reply that waits for the analyst
LEFT_DAYS = 2  # since a partner left, of which nothing is concluded
CUT_EVERY, CUT_PERCENT = 6, 85  # a dossier out of so many has its first cost kept in part
REOPENED = ("need", "results")


class Examiner:
    """The ministry at work on the dossiers of a round."""

    def __init__(self, agenda: Agenda, one: rounds.Round, today: date) -> None:
        self.agenda, self.round, self.today = agenda, one, today
        self.closing = one.closing_day(today)

    def day(self, after: int) -> date:
        """A working day counted from the closing, never to come."""
        found = on_weekday(self.closing + timedelta(days=after), back=False)
        return min(found, on_weekday(self.today - timedelta(days=1)))

    def plan(self, applicant: Applicant, end: str, gone: str = "") -> None:
        """What happens to a dossier until it leaves the checks, and once more when a partner leaves it."""
        rank = applicant.rank
        steps: list[tuple[date, str, Callable[[Applicant], Any]]] = []
        if end == rounds.WITHDRAWN:
            steps.append((self.day(4), "withdraws", _withdraw))
        elif end in (rounds.AWAITED, rounds.ANSWERED, rounds.SILENT, rounds.COUNTERSIGNED):
            steps += self._asked(end)
        elif end != rounds.RECEIVED:
            steps.append((self.day(2 + rank % 9), "complete", self.complete))
            if gone == rounds.SETTLED:
                steps.append((self.day(11), "partner leaves", Applicant.leave))
            steps += self._judged(end, rank)
            if gone == rounds.OPENED:
                left = on_weekday(self.today - timedelta(days=LEFT_DAYS))
                steps.append((left, "partner leaves", Applicant.leave))
        last = self.closing
        for place, (wanted, label, step) in enumerate(steps):
            day = last = max(wanted, weekdays_after(last, 1))
            when = at(day, 9 + (rank + 2 * place) % 8, (11 * rank) % 60)
            self.agenda.add(when, f"{applicant.project.code} {label}", partial(step, applicant), lazy=True)

    def _asked(self, end: str) -> list[tuple[date, str, Callable[[Applicant], Any]]]:
        recent = {rounds.AWAITED: 5, rounds.ANSWERED: 5}.get(end)
        asked = self.day(5) if recent is None else on_weekday(self.today - timedelta(days=recent))
        steps: list[tuple[date, str, Callable[[Applicant], Any]]] = [(asked, "asked", self.ask)]
        if end == rounds.ANSWERED:
            steps.append((on_weekday(self.today - timedelta(days=ANSWERED_DAYS)), "answers", self.answer))
        if end in (rounds.SILENT, rounds.COUNTERSIGNED):
            steps.append((self.day(23), "silent", self.note_silence))
        if end == rounds.COUNTERSIGNED:
            steps += [(self.day(26), "countersigned", countersign), (self.day(27), "letter", release)]
        return steps

    def _judged(self, end: str, rank: int) -> list[tuple[date, str, Callable[[Applicant], Any]]]:
        if end == rounds.CHECKED:
            return []
        judged = self.day(13 + rank % 13)
        if end != rounds.REFUSED:
            return [(judged, "eligible", self.admit)]
        return [
            (judged, "judged", self.refuse),
            (self.day(28), "countersigned", countersign),
            (self.day(29), "letter", release),
        ]

    # --- acts -------------------------------------------------------------------------------------------
    def analyst(self, applicant: Applicant) -> Any:
        """Each in turn."""
        return cast.person(cast.ANALYSTS[applicant.rank % len(cast.ANALYSTS)])

    def complete(self, applicant: Applicant) -> None:
        """Everything is there."""
        fire(applicant.dossier, "advance", actor=self.analyst(applicant), outcome="complet")

    def ask(self, applicant: Applicant) -> None:
        """Two questions reopened, each with its reason."""
        words, told = applicant.project.data["words"], phrases()
        place = applicant.rank
        items = {
            code: told["why"][(place + n) % len(told["why"])].format_map(words)
            for n, code in enumerate(REOPENED)
        }
        message = told["request"][place % len(told["request"])].format_map(words)
        actor = self.analyst(applicant)
        fire(applicant.dossier, "send_back", actor=actor, items=items, message=message)

    def answer(self, applicant: Applicant) -> None:
        """The municipality answers, and files again."""
        dossier, actor, told = applicant.dossier, applicant.signatory, phrases()["reply"]
        for place, code in enumerate(REOPENED, start=1):
            before = dossier.answers.get(question=code).value
            more = told[place % len(told)].format_map(applicant.project.data["words"])
            sittings.save(dossier, code, f"{before}\n\n{more}", actor, f"complement-{dossier.pk}", place)
        seen = snapshots.shown(applicant.dossier)
        filing.submit(
            applicant.dossier,
            actor=actor,
            digest=seen.digest,
            submit_key=f"complement-{dossier.pk}",
            received_at=clock.now(),
            kind="completion",
        )

    def note_silence(self, applicant: Applicant) -> None:
        """The delay passed without an answer."""
        fire(applicant.dossier, "advance", actor=self.analyst(applicant), outcome="silence")

    def admit(self, applicant: Applicant) -> None:
        """What a departure changed, every rule confirmed, and the aid of the costs that are kept."""
        actor, words = self.analyst(applicant), applicant.project.data["words"]
        if departures.waiting(applicant.dossier, applicant.dossier.bodies.all()):
            said, most = phrases()["left_kept"].format_map(words), conclusions.most_of(applicant.dossier)
            conclusions.conclude(applicant.dossier, departures.KEPT, said, amount=most, actor=actor)
        else:
            lines, why = _kept(applicant)
            verifying.confirm_aid(applicant.dossier, actor=actor, lines=lines, reason=why)
        self._confirm(applicant.dossier, actor, "")
        fire(applicant.dossier, "advance", actor=actor, outcome="admissible")

    def refuse(self, applicant: Applicant) -> None:
        """A « no » with what it rests on."""
        actor = self.analyst(applicant)
        self._confirm(applicant.dossier, actor, self.round.shut_by)
        fire(applicant.dossier, "advance", actor=actor, outcome="inadmissible")

    def _confirm(self, dossier: Dossier, actor: Any, shut: str) -> None:
        assert dossier.snapshot is not None
        for finding in dossier.snapshot.findings.filter(rule=shut):
            verifying.confirm(finding, "no", actor=actor, note=SHUT[shut])
        verifying.confirm_proposed(dossier, actor=actor)
        for finding in dossier.snapshot.findings.filter(confirmed="").order_by("rule"):
            note = NOTES.get(finding.rule, "Vérifié dans la demande.")
            verifying.confirm(finding, "yes", actor=actor, note=note)


def _kept(applicant: Applicant) -> tuple[list[Line], str]:
    """The costs as the analyst keeps them, with what is said of the first when it is kept in part."""
    found = keeping.base(applicant.dossier)
    if found is None:
        return [], ""
    lines = kept.whole(found.input)
    if applicant.rank % CUT_EVERY != 1:
        return lines, ""
    first = lines[0]
    part = first.asked * CUT_PERCENT // 100 // 10 * 10
    words, costs = applicant.project.data["words"], applicant.project.data["costs"]
    label = next(str(one["label"]) for one in costs if one["id"] == first.id)
    said = phrases()["kept_part"].format_map({**words, "label": label, "kept": formats.money(part)})
    return [Line(first.id, first.asked, part, "unproven"), *lines[1:]], said


def _withdraw(applicant: Applicant) -> None:
    applicant.withdraw(phrases()["withdrawn"][applicant.rank % 2])


def countersign(applicant: Applicant) -> None:
    """A manager countersigns the refusal."""
    actor = cast.person(cast.PROGRAMME_MANAGER)
    fire(applicant.dossier, "reject", actor=actor, outcome="confirme")


def release(applicant: Applicant) -> None:
    """The held letter is read in the outbox and let go."""
    held = Message.objects.filter(dossier_id=applicant.pk, kind=REFUSAL)
    posts.release(held, actor=cast.person(cast.SECOND_MANAGER))
