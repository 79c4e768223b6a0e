"""The values that a letter's text may ask for by name: one function a name, computed only when it is asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.models import User
from accounts.names import fold
from applications import keeping
from applications.models import CompletionRequest, Dossier, Snapshot
from grants.models import Call, Decision, DecisionLine
from notifications.letters.words import dollars
from review import reconsidering
from review.models import Recommendation, Reconsideration
from web import calendar, formats
from workflows.models import Event

NBSP = "\u00a0"


@dataclass
class Subject:
    """What a letter is about."""

    dossier: Dossier
    kind: str
    at: datetime
    snapshot: Snapshot | None = None
    event: Event | None = None
    line: DecisionLine | None = None
    decision: Decision | None = None

    @property
    def call(self) -> Call:
        """The call of the dossier."""
        return self.dossier.call

    @cached_property
    def filed(self) -> dict[str, Any]:
        """The content of the snapshot."""
        content: dict[str, Any] = json.loads(self.snapshot.text) if self.snapshot is not None else {}
        return content

    @cached_property
    def standing(self) -> keeping.Standing | None:
        """The computed aid that stands: what an analyst kept of it, else what departures or the filing left."""
        return keeping.standing(self.dossier)

    @property
    def result(self) -> Mapping[str, Any]:
        """Its figures; those that were filed where nothing stands."""
        filed: Mapping[str, Any] = self.filed.get("budget", {}).get("result") or {}
        return self.standing.result if self.standing is not None else filed

    @cached_property
    def edition(self) -> dict[str, Any]:
        """The configuration that the dossier was filed under."""
        content: dict[str, Any] = json.loads(self.dossier.edition.body)
        return content

    @cached_property
    def request(self) -> CompletionRequest | None:
        """The request for completion that the letter carries."""
        return self.dossier.completion_requests.order_by("-id").first()

    @cached_property
    def decider(self) -> User | None:
        """The person whose act the letter tells."""
        kind, _colon, key = (self.event.actor if self.event is not None else "").partition(":")
        return User.objects.filter(pk=int(key)).first() if kind == "user" and key.isdigit() else None

    @cached_property
    def reconsideration(self) -> Reconsideration | None:
        """The reconsideration whose answer the letter gives."""
        rows = Reconsideration.objects.filter(dossier=self.dossier.pk).select_related("file")
        if self.event is not None and self.event.subject_type == "review.reconsideration":
            rows = rows.filter(pk=self.event.subject_id)
        return rows.order_by("-pk").first()

    @cached_property
    def scoring(self) -> dict[str, Any]:
        """Input and result of the scoring of this dossier, as frozen in the recommendation."""
        for row in Recommendation.objects.filter(panel__call=self.call):
            found = json.loads(row.scoring).get("dossiers", {}).get(self.dossier.number)
            if found:
                result: dict[str, Any] = found
                return result
        return {}


def values_for(subject: Subject, language: str) -> Mapping[str, str]:
    """A mapping that computes each name when it is asked; an unknown name is a KeyError."""
    return _Values(subject, language)


class _Values(Mapping[str, str]):
    def __init__(self, subject: Subject, language: str) -> None:
        self.subject, self.language = subject, language

    def __getitem__(self, name: str) -> str:
        return NAMES[name](self.subject, self.language)

    def __iter__(self) -> Iterator[str]:
        return iter(NAMES)

    def __len__(self) -> int:
        return len(NAMES)


def _rounded(text: str, language: str) -> str:
    """A score held as an exact fraction, with two decimals, half up."""
    if not text:
        return "–"
    cents = Fraction(text) * 100
    whole = (2 * cents.numerator + cents.denominator) // (2 * cents.denominator)
    return formats.number(f"{whole // 100}.{whole % 100:02d}", 2, language)


def _money(dollars: int | None, language: str) -> str:
    return formats.money(dollars or 0, language)


def _amount(subject: Subject) -> int:
    return subject.line.amount if subject.line is not None else subject.dossier.aid


def _rate(subject: Subject, language: str) -> str:
    exact = subject.result.get("rate", {}).get("exact", "0")
    return formats.percent(_hundredths(Fraction(exact)), language)


def _hundredths(rate: Fraction) -> str:
    """A rate of one as a percent with at most two decimals, half up."""
    scaled = rate * 10_000
    whole = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    text = f"{whole // 100}.{whole % 100:02d}".rstrip("0").rstrip(".")
    return text


def _waiting_rank(subject: Subject) -> str:
    line = subject.line
    if line is None:
        return "–"
    before = line.decision.lines.filter(
        outcome="waitlisted", voided_at__isnull=True, position__lt=line.position
    )
    return str(before.count() + 1)


def _lowest_funded(subject: Subject, language: str) -> str:
    """Of the decisions on the volet whose letters left by then, this one among them: it may fund nobody itself."""
    if subject.decision is None:
        return "–"
    funded = DecisionLine.objects.filter(
        decision__volet=subject.decision.volet_id,
        decision__letters_at__lte=subject.decision.letters_at,
        decision__state__in=["signed", "released"],
        voided_at__isnull=True,
        amount__gt=0,
    )
    scores = [Fraction(score) for score in funded.values_list("score", flat=True) if score]
    return _rounded(str(min(scores)), language) if scores else "–"


def _requests(subject: Subject) -> Any:
    return Dossier.objects.filter(volet=subject.dossier.volet_id).exclude(state="draft")


def _reconsider_until(subject: Subject, language: str) -> str:
    """The last day of the delay when the letter leaves on its date; it runs from the sending, never from before."""
    return formats.date_long(calendar.due_in_days(subject.at, subject.call.reconsideration_days), language)


def _asked_at(subject: Subject, language: str) -> str:
    row = subject.reconsideration
    return formats.date_long(row.asked_at, language) if row is not None else "–"


def _answer(subject: Subject, language: str) -> str:
    """What was answered, in the middle of a sentence."""
    row = subject.reconsideration
    said = {"maintained": _("la décision est maintenue"), "reversed": _("la décision est renversée")}
    return said.get(row.answer, "–") if row is not None else "–"


def _follow_up(subject: Subject, language: str) -> str:
    row = subject.reconsideration
    return (reconsidering.follow_up(row) if row is not None else "") or "–"


def _next_recourse(subject: Subject, language: str) -> str:
    """The recourse that is left, in the words of the call."""
    return formats.tr(subject.edition.get("texts", {}).get("next_recourse", ""), language) or _(
        "Cette réponse met fin au réexamen. Vous pouvez porter plainte au ministère sur la qualité de ses services, "
        "et vous adresser au Protecteur du citoyen, qui peut recommander, sans ordonner."
    )


def _cause(subject: Subject, language: str) -> str:
    causes = {
        "applicant": _("retrait demandé par l’organisme"),
        "ministry": _("annulation par le ministère"),
        "claim_refused": _("le mandat de la personne qui a déposé n’a pas été confirmé"),
        "grants.award.decline": _("l’organisme renonce à l’aide annoncée"),
        "grants.award.lapse": _("l’offre n’a pas été confirmée dans le délai accordé"),
    }
    verb = subject.event.verb if subject.event is not None else ""
    said = causes.get(verb) or causes.get(subject.dossier.end_cause, causes["ministry"])
    words = subject.event.words if subject.event is not None else ""
    return f"{said} ({words.strip().rstrip('.')})" if words.strip() else said


def _freed(subject: Subject, language: str) -> str:
    """What a withdrawal frees, or the whole of an award that is given back or lapses."""
    data = subject.event.data if subject.event is not None else {}
    freed = data.get("freed", data.get("dollars", 0))
    return _money(int(freed), language)


def _authority(subject: Subject) -> str:
    """Who signs: the person whose signature stands on the decision, else an authority of the call."""
    if subject.decision is not None:
        signed = subject.decision.approvals.filter(step="signed", cancelled_at__isnull=True).select_related(
            "user"
        )
        for approval in signed:
            return str(approval.user)
    for holder in (subject.call, subject.call.programme):
        person = permissions.holders("authority", holder).first()
        if person is not None:
            return str(person)
    return subject.call.contact_name


def _of(name: str, language: str) -> str:
    """« de Stanstead », « d’Inverness »."""
    if language != "fr":
        return f"of {name}"
    return f"d’{name}" if fold(name)[:1] in set("aeiou") else f"de {name}"


def _recourse(name: str) -> Callable[[Subject, str], str]:
    return lambda subject, language: formats.tr(subject.call.recourse_contact.get(name, ""), language) or "–"


def _recourse_function(subject: Subject, language: str) -> str:
    """The function as it reads in the middle of a sentence."""
    said = _recourse("function")(subject, language)
    return said[:1].lower() + said[1:]


def _date(name: str) -> Callable[[Subject, str], str]:
    def read(subject: Subject, language: str) -> str:
        value = getattr(subject.call, name)
        return formats.date_long(value, language) if value else "–"

    return read


def _instant(name: str) -> Callable[[Subject, str], str]:
    def read(subject: Subject, language: str) -> str:
        value = getattr(subject.decision or subject.call, name)
        return formats.datetime_long(value, language)

    return read


NAMES: dict[str, Callable[[Subject, str], str]] = {
    "number": lambda s, lang: s.dossier.number,
    "title": lambda s, lang: s.dossier.title,
    "organisation": lambda s, lang: s.dossier.lead_name,
    "of_organisation": lambda s, lang: _of(s.dossier.lead_name, lang),
    "call_title": lambda s, lang: formats.tr(s.call.title, lang),
    "programme": lambda s, lang: formats.tr(s.call.programme.name, lang),
    "ministry": lambda s, lang: formats.tr(s.call.programme.ministry, lang),
    "volet": lambda s, lang: formats.tr(s.dossier.volet.label, lang),
    "filed_at": lambda s, lang: formats.datetime_exact(
        s.snapshot.received_at if s.snapshot else s.dossier.filed_at or s.at, lang
    ),
    "digest": lambda s, lang: s.snapshot.digest if s.snapshot else "–",
    "requested": lambda s, lang: _money(s.line.requested if s.line else s.dossier.requested, lang),
    "closes_at": lambda s, lang: formats.datetime_long(s.call.closes_at, lang),
    "letters_at": _instant("letters_at"),
    "publish_at": _instant("publish_at"),
    "decision_date": lambda s, lang: formats.date_long(s.at, lang),
    "reply_by": lambda s, lang: formats.datetime_long(s.request.due_at, lang) if s.request else "–",
    "confirm_by": lambda s, lang: formats.datetime_long(
        (s.decision.letters_at if s.decision else s.at) + timedelta(days=s.call.confirm_days), lang
    ),
    "valid_until": _date("waiting_valid_until"),
    "costs_from": lambda s, lang: formats.date_long(s.at, lang),
    "ended_at": lambda s, lang: formats.datetime_long(s.at, lang),
    "next_call": lambda s, lang: (
        formats.tr(s.edition.get("texts", {}).get("next_call", ""), lang)
        or _("la date sera annoncée sur la page des appels")
    ),
    "convention_days": lambda s, lang: str(s.edition.get("delays", {}).get("convention_days", 60)),
    "amount": lambda s, lang: _money(_amount(s), lang),
    "amount_words": lambda s, lang: dollars(_amount(s), "en" if lang == "en" else "fr"),
    "rate": _rate,
    "kept_costs": lambda s, lang: _money(s.dossier.kept_costs, lang),
    "own": lambda s, lang: _money(s.result.get("own", 0), lang),
    "freed": _freed,
    "envelope": lambda s, lang: _money(s.dossier.volet.budget_line.amount, lang),
    "requests_count": lambda s, lang: str(_requests(s).count()),
    "requested_total": lambda s, lang: _money(_requests(s).aggregate(t=Sum("requested"))["t"], lang),
    "score": lambda s, lang: _rounded(s.line.score if s.line else s.dossier.score, lang),
    "threshold": lambda s, lang: str(s.edition["grid"]["overall_threshold"]),
    "lowest_funded": _lowest_funded,
    "waiting_rank": lambda s, lang: _waiting_rank(s),
    "cause": _cause,
    "contact_name": lambda s, lang: s.call.contact_name,
    "contact_phone": lambda s, lang: s.call.contact_phone,
    "contact_email": lambda s, lang: s.call.contact_email,
    "recourse_name": _recourse("name"),
    "recourse_function": _recourse_function,
    "recourse_email": _recourse("email"),
    "recourse_address": _recourse("address"),
    "reconsideration_days": lambda s, lang: str(s.call.reconsideration_days),
    "reconsideration_until": _reconsider_until,
    "asked_at": _asked_at,
    "answer": _answer,
    "follow_up": _follow_up,
    "next_recourse": _next_recourse,
    "authority_name": lambda s, lang: _authority(s),
    "authority_function": lambda s, lang: _("Autorité décisionnelle"),
}
