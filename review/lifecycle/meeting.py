"""The machine of a meeting: open while it is held, closed with its quorum, signed by chair and secretary."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.proofs import second_factor
from review import meetings, rules
from web import clock
from workflows.actors import Actor
from workflows.lifecycle import Data, LockTarget, Subject, verb


class MeetingState(models.TextChoices):
    """States of a meeting."""

    OPEN = "open"
    CLOSED = "closed"


def _rows(name: str) -> Any:
    return apps.get_model(name)._default_manager


def _told(dossiers: Iterable[tuple[int, str]], actor: Actor) -> list[str]:
    """Numbers of dossiers, those from which the person is recused left unnamed."""
    rows = _rows("review.Recusal").filter(user_id=getattr(actor, "pk", None), lifted_at__isnull=True)
    shut = set(rows.values_list("dossier_id", flat=True))
    return list(
        dict.fromkeys(
            _("un dossier que vous ne voyez pas") if pk in shut else number for pk, number in dossiers
        )
    )


def enough_people_are_there(meeting: Any, actor: Actor, data: Data) -> list[str]:
    """The quorum of the call, counted on voting members who are present; an odd number where the call wants one."""
    there = meeting.presences.filter(is_present=True).count()
    said = []
    if there < meeting.quorum:
        words = _("Quorum non atteint : membres présents, %(there)s; exigés, %(quorum)s.")
        said.append(words % {"there": there, "quorum": meeting.quorum})
    if meeting.is_odd and there % 2 == 0:
        said.append(_("Le nombre de membres présents doit être impair : %(there)s.") % {"there": there})
    return said


def every_dossier_is_agreed(meeting: Any, actor: Actor, data: Data) -> list[str]:
    """Each dossier before the committee was discussed and agreed."""
    waiting = meetings.dossiers_before(meeting.panel)
    left = waiting.exclude(pk__in=meeting.items.filter(agreed_at__isnull=False).values("dossier_id"))
    numbers = _told(left.order_by("number").values_list("pk", "number"), actor)
    return [_("Dossiers sans conclusion : %(list)s.") % {"list": ", ".join(numbers)}] if numbers else []


def every_item_had_quorum(meeting: Any, actor: Actor, data: Data) -> list[str]:
    """Without the persons recused of it, each item still had its quorum."""
    short = _told(meetings.short_items(meeting), actor)
    words = _("Quorum non atteint sans les personnes récusées : %(list)s.")
    return [words % {"list": ", ".join(short)}] if short else []


def the_minutes_are_frozen(meeting: Any, actor: Actor, data: Data) -> str:
    """What is signed exists once the ranking is locked."""
    return "" if meeting.digest else _("Le procès-verbal se signe une fois le classement verrouillé.")


def digest_is_what_was_read(meeting: Any, actor: Actor, data: Data) -> str:
    """The signature is on the hash that the page showed."""
    if "digest" in data and data["digest"] != meeting.digest:
        return _("Le procès-verbal a changé depuis que vous l’avez lu : relisez-le avant de signer.")
    return ""


def not_signed_yet(meeting: Any, actor: Actor, data: Data) -> str:
    """Each signs once."""
    if meeting.signatures.filter(user_id=getattr(actor, "pk", None)).exists():
        return _("Vous avez déjà signé ce procès-verbal.")
    return ""


def nothing_is_hidden(meeting: Any, actor: Actor, data: Data) -> str:
    """Who signs may read all that is signed."""
    keys = meeting.items.values("dossier_id")
    shut = _rows("review.Recusal").filter(
        user_id=getattr(actor, "pk", None), dossier_id__in=keys, lifted_at__isnull=True
    )
    return _("Vous êtes en récusation sur un dossier de ce procès-verbal.") if shut.exists() else ""


def with_panel(meeting: Any, actor: Actor, data: Data) -> list[LockTarget]:
    """The panel of the meeting."""
    return [meeting.panel]


class MeetingLifecycle(Subject):
    """Verbs of a meeting."""

    class Meta:
        abstract = True

    @verb(
        source=MeetingState.OPEN,
        target=MeetingState.CLOSED,
        who=lambda meeting, user: rules.may_judge(user, meeting.panel),
        label=gettext_lazy("Clore la séance"),
        help=gettext_lazy(
            "Les présences, l’ordre et les conclusions ne changent plus. Le classement peut être verrouillé."
        ),
        guards=(enough_people_are_there, every_dossier_is_agreed, every_item_had_quorum),
        locks=with_panel,
        order=10,
    )
    def close(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """Keep the instant; the rows stand as they are."""
        meeting: Any = self
        meeting.closed_at = clock.now()
        there = meeting.presences.filter(is_present=True).count()
        return {"present": there, "quorum": meeting.quorum, "items": meeting.items.count()}

    @verb(
        source=MeetingState.CLOSED,
        target=None,
        who=lambda meeting, user: user.pk in (meeting.chair_id, meeting.secretary_id),
        label=gettext_lazy("Signer le procès-verbal…"),
        help=gettext_lazy(
            "Deux personnes signent : celle qui a présidé et celle qui a tenu le secrétariat. "
            "Le document est produit après la seconde signature."
        ),
        guards=(the_minutes_are_frozen, digest_is_what_was_read, not_signed_yet, nothing_is_hidden),
        proofs=(second_factor,),
        form="review.meeting_forms.MinutesForm",
        locks=with_panel,
        order=20,
    )
    def sign(self, *, actor: Actor, **data: Any) -> dict[str, Any]:
        """One of the two signatures, on the present hash."""
        meeting: Any = self
        part = "chair" if getattr(actor, "pk", None) == meeting.chair_id else "secretary"
        meeting.signatures.create(part=part, user=actor, at=clock.now(), digest=meeting.digest)
        return {"part": part, "digest": meeting.digest, "signatures": meeting.signatures.count()}
