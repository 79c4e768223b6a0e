"""What messages ask of people: held messages to read and release, items in trouble."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Min
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants.rules import calls_with
from notifications.models import Message
from notifications.models.message import MessageState, Mode
from web.formats import tr
from web.home import Todo, register_todo


def todos(user: Any) -> Iterable[Todo]:
    """One line a call for what is held, one for what is in trouble."""
    calls = calls_with(user, "manager", "secretary")
    if not calls:
        return
    rows = (
        Message.objects.filter(
            call__in=calls, state__in=[MessageState.HELD, MessageState.PARKED, MessageState.UNCERTAIN]
        )
        .exclude(mode=Mode.SECRET)
        .exclude(state=MessageState.HELD, kind__startswith="decision_")
        .order_by()
        .values("call__code", "call__title", "state")
        .annotate(n=Count("pk"), since=Min("created_at"))
    )
    for row in rows:
        held = row["state"] == MessageState.HELD
        text = (
            ngettext("%(n)s message à lire et à libérer", "%(n)s messages à lire et à libérer", row["n"])
            if held
            else ngettext("%(n)s message en panne", "%(n)s messages en panne", row["n"])
        )
        yield Todo(
            group=_("Envois"),
            who=tr(row["call__title"]),
            text=text % {"n": row["n"]},
            url=f"{reverse('outbox')}?appel={row['call__code']}&etat={row['state']}",
            since=row["since"],
            act=_("Lire"),
            state="warn",
            rank=30,
        )


def register() -> None:
    """Tell the home of every role."""
    register_todo("notifications", todos)
