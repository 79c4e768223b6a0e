"""What a search finds: identifiers from an index, cut in the database by what this person may see, newest first.

The index outside gives its answers piece by piece until there are enough rows *after* the cut: no hidden dossier takes
the place of a visible one. When it does not answer, or is known to be behind, the database's own index does.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q

from applications.models import Dossier
from applications.querysets import LABEL, open_to
from applications.rules import READERS, memberships
from grants.models import Call
from grants.rules import on_calls
from search import interface
from search.declare import Away
from web.lists import Filter
from workflows import deliveries, providers

OUTSIDE = "elastic"  # the consumer that feeds the index outside
Narrowed = Sequence[tuple[Filter, Sequence[str]]]


class Hit(NamedTuple):
    """What is read of every row found: enough to count and to order."""

    pk: int
    call: int
    code: str
    process: str
    state: str
    stage: str
    region: str
    is_open: bool  # this person reads its content

    @property
    def situation(self) -> str:
        """The value of the facet « Étape »."""
        return self.state if self.state != "in_progress" else f"etape-{self.stage}"


class Look:
    """One search of one person; `is_away`: the index outside did not answer, the database did."""

    def __init__(self, user: Any, now: datetime, text: str, bound: int) -> None:
        self.user, self.now, self.text, self.bound = user, now, text, bound
        self.is_away = False
        self._is_outside = interface.outside() is not None
        self._scores: dict[int, float] = {}
        self._at_head = 0.0
        self._places: list[str] | None = None
        if self._is_outside and deliveries.waits(OUTSIDE):
            self._give_up()

    def _give_up(self) -> None:
        self._is_outside, self.is_away = False, True

    def hits(self, narrowed: Narrowed = ()) -> list[Hit]:
        """The newest rows that this person may see and that hold the words: one more than the bound at most."""
        if self._is_outside:
            try:
                return self._from_outside(narrowed)
            except Away:
                self._give_up()
        rows: Any = Dossier.objects.visible_to(self.user).filed().matching(self.text, self.user, self.now)
        return self._read(rows, narrowed, self.bound + 1)

    def ranked(self, found: Sequence[Hit]) -> list[Hit]:
        """The best answers first, the newest first among equals."""
        scores: Mapping[int, float]
        if self._is_outside:
            scores = {hit.pk: self._scores[hit.pk] if hit.is_open else self._at_head for hit in found}
        else:
            unread = [hit.pk for hit in found if not hit.is_open]
            scores = interface.rank(LABEL, self.text, [hit.pk for hit in found if hit.is_open])
            scores |= interface.rank(LABEL, self.text, unread, head_only=True)
        return sorted(found, key=lambda hit: -scores.get(hit.pk, 0.0))

    def _from_outside(self, narrowed: Narrowed) -> list[Hit]:
        found: list[Hit] = []
        if self._places is None:
            self._places = places_of(self.user)
        for some in interface.look(LABEL, self.text, [self._places]):
            readable = open_to(self.user, self.now) | Q(pk__in=some.heads)
            rows: Any = Dossier.objects.visible_to(self.user).filed().filter(pk__in=list(some.scores))
            found += self._read(rows.filter(readable), narrowed, self.bound + 1 - len(found))
            self._scores |= some.scores
            self._at_head = some.score_at_head
            if len(found) > self.bound:
                break
        return found

    def _read(self, rows: Any, narrowed: Narrowed, most: int) -> list[Hit]:
        """The newest of these rows, as this person may read them."""
        if any(values for _one, values in narrowed):
            rows = rows.with_readable_outcome(self.user, self.now)
            for one, values in narrowed:
                rows = one.apply(rows, values) if values else rows
        newest = rows.order_by("-sort_at", "-pk").values("pk")[:most]
        read: Any = Dossier.objects.filter(pk__in=newest).with_readable_outcome(self.user, self.now)
        read = read.with_readable_content(self.user, self.now)
        names = ("call_id", "call__code", "edition__definition__digest")
        kinds = ("readable_state", "readable_stage", "region_code", "content_readable")
        return [Hit(*row) for row in read.order_by("-sort_at", "-pk").values_list("pk", *names, *kinds)]


def places_of(user: Any) -> list[str]:
    """Where everything is that this person may see, coarsely: the calls of a role, those of a dossier that an app
    above lets in, and the bodies he or she acts for. What is denied is cut later, with the rest, by `visible_to`.
    """
    let_in = Dossier.objects.filter(providers.allowed(LABEL, user)).order_by().values("call_id")
    reader = Call.objects.filter(on_calls(user, *READERS, path="") | Q(pk__in=let_in))
    calls = reader.order_by().values_list("pk", flat=True)
    return [*(f"call:{pk}" for pk in calls), *(f"body:{pk}" for pk in sorted(memberships(user)))]
