"""What messages tell the cockpit of a call: sheets and answers that are late, letters and messages by state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils.translation import gettext as _

from grants import cockpit
from grants.cockpit import Figure
from grants.models import Call
from grants.rules import has_call_role
from notifications.models.message import MessageState
from notifications.views import late, outbox

READ_BY = ("manager", "secretary", "auditor")


def register() -> None:
    """Called once, when the site starts."""
    cockpit.register_figures("30 late", late_figures)
    cockpit.register_figures("50 messages", message_figures)


def late_figures(user: Any, call: Call) -> Iterable[Figure]:
    """Who is late, for those who write to them."""
    if not has_call_role(user, call, *late.CHASERS):
        return
    counted = {f"late_{kind}": Coalesce(Subquery(_count(user, kind)), 0) for kind in late.KINDS}
    (found,) = Call.objects.filter(pk=call.pk).annotate(**counted).values(*counted)
    for kind, one in late.KINDS.items():
        n, href = found[f"late_{kind}"], f"{reverse(f'late_{kind}')}?appel={call.code}"
        yield Figure(one.title, n, href, state="warn" if n else "", group=_("Qui est en retard"))


def _count(user: Any, kind: str) -> Any:
    """The rows of a kind of delay in the call of the outer query, as a number."""
    rows = (
        late.rows_of(user, kind).filter(**{late.KINDS[kind].call_path: OuterRef("pk")}).select_related(None)
    )
    return rows.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n")


def message_figures(user: Any, call: Call) -> Iterable[Figure]:
    """Letters of decision, then every other message, by where they are: one statement."""
    if not has_call_role(user, call, *READ_BY):
        return
    states = {
        _("À libérer"): [MessageState.HELD],
        _("En attente d’envoi"): [MessageState.WAITING, MessageState.SENDING],
        _("Parties"): [MessageState.SENT],
        _("En panne ou incertaines"): [MessageState.PARKED, MessageState.UNCERTAIN],
    }
    counts = (
        outbox.visible(user)
        .filter(call=call)
        .aggregate(
            **{
                f"{nature}_{place}": Count("pk", filter=Q(test, state__in=wanted))
                for nature, (_label, test) in outbox.NATURES.items()
                for place, wanted in enumerate(states.values())
            }
        )
    )
    for nature, (label, _test) in outbox.NATURES.items():
        for place, (words, wanted) in enumerate(states.items()):
            found = counts[f"{nature}_{place}"]
            asked = "".join(f"&etat={state.value}" for state in wanted)
            href = f"{reverse('outbox')}?appel={call.code}&nature={nature}{asked}"
            is_pressing = found and wanted[0] in (MessageState.PARKED, MessageState.HELD)
            yield Figure(
                _masculine(words, nature), found, href, state="warn" if is_pressing else "", group=label
            )


def _masculine(words: str, nature: str) -> str:
    """« lettres parties », « messages partis »."""
    if nature == "lettres":
        return words
    return {_("Parties"): _("Partis"), _("En panne ou incertaines"): _("En panne ou incertains")}.get(
        words, words
    )
