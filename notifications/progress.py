"""How far a batch is: how fast, how long still, what is in trouble and why, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils.translation import gettext as _

from notifications import restored
from notifications.certificate import cause_words
from notifications.models import Batch, Document, Message
from notifications.models.document import DocumentState
from notifications.models.message import MessageState
from web import clock

LATELY = timedelta(minutes=2)  # the pace of the last minutes says more than that of the whole
MOST_TOLD = 6
SILENT = (
    "SMTPServerDisconnected",
    "ConnectionRefusedError",
    "ConnectionResetError",
    "TimeoutError",
    "gaierror",
    "OSError",
)


@dataclass(frozen=True)
class Pace:
    """Where a batch is now. `rate` is messages a minute, `minutes` what is left at this pace."""

    is_stopped: bool
    is_moving: bool
    rate: int
    minutes: int | None
    next_at: Any  # when the first of what waits may leave


@dataclass(frozen=True)
class Drawing:
    """The documents of a batch: how many there are, are drawn, could not be."""

    total: int
    drawn: int
    parked: int
    cause: str


def drawing(batch: Batch) -> Drawing:
    """One statement."""
    counted = Document.objects.filter(batch=batch).aggregate(
        total=Count("pk", filter=~Q(state=DocumentState.VOID)),
        drawn=Count("pk", filter=Q(state=DocumentState.DRAWN)),
        parked=Count("pk", filter=Q(state=DocumentState.PARKED)),
        cause=Min("error", filter=Q(state=DocumentState.PARKED)),
    )
    said = counted["cause"] or ""
    known = cause_words(said)
    words = known if known != said else _("le document n’a pas pu être dessiné") if said else ""
    return Drawing(counted["total"], counted["drawn"], counted["parked"], words)


def pace(counts: dict[str, Any], batch: Batch, drawn: Drawing) -> Pace:
    """How fast it goes and how long it takes still, from the counts of its messages."""
    now, left = clock.now(), counts["left"]
    rate = 0
    if counts["lately"] > 1 and counts["since"]:
        seconds = max((now - counts["since"]).total_seconds(), 1)
        rate = int(60 * counts["lately"] / seconds)
    stopped = batch.stopped_at is not None
    is_due = bool(counts["due"] or drawn.drawn + drawn.parked < drawn.total or counts["lately"])
    return Pace(
        is_stopped=stopped,
        is_moving=not stopped and bool(left) and is_due,
        rate=rate,
        minutes=max(1, -(-left // rate)) if rate and left and not stopped else None,
        next_at=counts["next"] if counts["next"] and counts["next"] > now else None,
    )


def troubles(rows: QuerySet[Message]) -> list[tuple[str, int, str]]:
    """Why messages are in trouble: words, how many, and the state that lists them; one statement."""
    wanted = [MessageState.PARKED, MessageState.UNCERTAIN]
    found = rows.filter(state__in=wanted).order_by().values("state", "error").annotate(n=Count("pk"))
    return [
        (why(row["state"], row["error"]), row["n"], row["state"]) for row in found.order_by("-n")[:MOST_TOLD]
    ]


def why(state: str, error: str) -> str:
    """The fault of a message in words; the class of one that nobody foresaw."""
    name, _space, number = error.partition(" ")
    if error == restored.MARK:
        return restored.words(state)
    if state == MessageState.UNCERTAIN:
        return _(
            "Le serveur de courriel n’a pas répondu après avoir reçu le message : il est peut-être arrivé. "
            "Vérifiez auprès de la personne avant de le reprendre."
        )
    if name == "SMTPRecipientsRefused":
        return _(
            "Le serveur de courriel refuse l’adresse (%(code)s). Corrigez-la, puis reprenez l’envoi."
        ) % {"code": number or "?"}
    if name in SILENT:
        return _("Le serveur de courriel ne répond pas : l’envoi est tenté de nouveau.")
    if name.startswith("SMTP"):
        return _("Le serveur de courriel refuse le message (%(code)s).") % {"code": number or name}
    return _("L’envoi n’a pas pu se faire (%(cause)s).") % {"cause": name} if name else ""
