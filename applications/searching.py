"""Search over dossiers: what the index names, cut by what this person may see, then counted, ordered and shown.

Everything on the page (count, facets, order, pages, excerpts) is made from the trimmed rows, the newest 1,000 at most.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import listing, standing
from applications.grouping import Group, process_with
from applications.looking import Hit, Look
from applications.models import Dossier
from applications.querysets import LABEL
from grants.models import Call
from search import excerpts, interface, words
from search.excerpts import Marked, Marker
from search.words import Word
from web import formats
from web.http import whole
from web.lists import LONGEST_SEARCH, PAGE, SEARCH, SORT, Chip, Choice, Facet, Filter, Params, State, href
from workflows.schema import Face

BOUND = 1000
SIZE = 20
MOST_VALUES, LONGEST_VALUE = 30, 80
BY_DATE = "date"
SORTS: Mapping[str, Any] = {"": gettext_lazy("Pertinence"), BY_DATE: gettext_lazy("Dépôt le plus récent")}


KEYS: Mapping[str, Callable[[Hit], str]] = {
    "etape": lambda hit: hit.situation,
    "region": lambda hit: hit.region,
    "appel": lambda hit: hit.code,
}


@dataclass(frozen=True)
class Result:
    """A dossier found, ready to show; text that is marked is escaped piece by piece."""

    href: str
    title: Marked
    number: Marked
    lead: Marked
    call: Any
    sign: State
    filed_at: datetime | None
    excerpt: Marked
    is_of_file: bool  # the excerpt is of one of its files
    is_closed: bool  # its content is not readable yet


@dataclass(frozen=True)
class Results:
    """A page of results; its names are those of a list, so that filters, chips and pages are the same parts."""

    search: str
    total_words: str = ""
    total: int = 0
    rows: list[Result] = field(default_factory=list)
    facets: list[Facet] = field(default_factory=list)
    chips: list[Chip] = field(default_factory=list)
    sorts: list[tuple[str, Any, bool]] = field(default_factory=list)
    place: str = ""
    previous_href: str = ""
    next_href: str = ""
    clear_href: str = ""
    kept_by_facets: list[tuple[str, str]] = field(default_factory=list)
    kept_by_search: list[tuple[str, str]] = field(default_factory=list)
    is_away: bool = False  # the index outside does not answer: the database did


@dataclass(frozen=True)
class Asked:
    """An address, read against the allow-lists."""

    text: str
    chosen: dict[str, list[str]]
    sort: str
    page: int

    def params(self, **changes: Any) -> Params:
        """The address of the same view, from its first page."""
        kept: Params = {SEARCH: [self.text], **self.chosen, SORT: [self.sort] if self.sort else []}
        return {**kept, **changes}


def read_address(sent: QueryDict) -> Asked:
    """What is looked for, where, in which order, which page."""
    chosen = {}
    for key in KEYS:
        values = [one for one in sent.getlist(key) if one and len(one) <= LONGEST_VALUE and "\x00" not in one]
        if values:
            chosen[key] = list(dict.fromkeys(values))[:MOST_VALUES]
    return Asked(
        text=sent.get(SEARCH, "").replace("\x00", "").strip()[:LONGEST_SEARCH],
        chosen=chosen,
        sort=BY_DATE if sent.get(SORT) == BY_DATE else "",
        page=max(whole(sent.get(PAGE, "")) or 1, 1),
    )


def results(user: Any, now: datetime, face: Face, sent: QueryDict) -> Results:
    """The page that an address asks for."""
    asked = read_address(sent)
    wanted = words.wanted(asked.text)
    if not wanted:
        return Results(search=asked.text)
    look = Look(user, now, asked.text, BOUND)
    everything = look.hits()
    filters = listing.search_filters(_groups(everything), face)
    found = [hit for hit in everything if _passes(hit, asked.chosen)]
    if asked.chosen and len(everything) > BOUND:
        found = look.hits([(one, asked.chosen.get(one.key, [])) for one in filters])
    is_more = len(found) > BOUND
    found = found[:BOUND]
    order = found if asked.sort == BY_DATE else look.ranked(found)
    last_page = max((len(order) + SIZE - 1) // SIZE, 1)
    page = min(asked.page, last_page)
    shown = order[(page - 1) * SIZE : page * SIZE]
    total = _("plus de %(n)s") % {"n": formats.number(BOUND)} if is_more else formats.number(len(found))
    first = (page - 1) * SIZE
    span = {"first": formats.number(first + 1), "last": formats.number(first + len(shown)), "total": total}
    return Results(
        search=asked.text,
        total_words=total,
        total=len(found),
        rows=_shown(user, now, face, shown, wanted),
        facets=_facets(filters, everything[:BOUND], asked.chosen),
        chips=_chips(filters, asked),
        sorts=[(key, label, key == asked.sort) for key, label in SORTS.items()],
        place=_("%(first)s à %(last)s sur %(total)s") % span if shown else "",
        previous_href=href(asked.params(**{PAGE: [str(page - 1)]})) if page > 1 else "",
        next_href=href(asked.params(**{PAGE: [str(page + 1)]})) if page < last_page else "",
        clear_href=href({SEARCH: [asked.text], SORT: [asked.sort] if asked.sort else []}),
        kept_by_facets=[(SEARCH, asked.text), *([(SORT, asked.sort)] if asked.sort else [])],
        kept_by_search=[(key, value) for key, values in asked.chosen.items() for value in values],
        is_away=look.is_away,
    )


# --- rows -------------------------------------------------------------------------------------------------
def _groups(hits: Sequence[Hit]) -> list[Group]:
    """The hits as the filters of the lists read them: one of each kind."""
    titles = (
        dict(Call.objects.filter(pk__in={hit.call for hit in hits}).values_list("pk", "title"))
        if hits
        else {}
    )
    kinds = dict.fromkeys(hit[1:7] for hit in hits)
    return [
        Group(call, state, stage, region, None, process, 1, code, titles[call])
        for call, code, process, state, stage, region in kinds
    ]


def _passes(hit: Hit, chosen: Mapping[str, Sequence[str]], but: str = "") -> bool:
    return all(KEYS[key](hit) in values for key, values in chosen.items() if key != but)


def _shown(user: Any, now: datetime, face: Face, hits: Sequence[Hit], wanted: Sequence[Word]) -> list[Result]:
    """The rows of a page in its order, with their excerpts."""
    keys = [hit.pk for hit in hits]
    if not keys:
        return []
    rows: Any = Dossier.objects.visible_to(user).filter(pk__in=keys)
    columns = ("pk", "title", "number", "lead_name", "last_filed_at", "call__title")
    by_key = {row.pk: row for row in rows.values_list(*columns, named=True)}
    marker = Marker(wanted)
    cut = _excerpts([hit.pk for hit in hits if hit.is_open], marker, len(wanted))
    return [_result(by_key[hit.pk], hit, cut.get(hit.pk), marker, face) for hit in hits if hit.pk in by_key]


def _excerpts(keys: Sequence[int], marker: Marker, most: int) -> dict[int, tuple[Marked, bool]]:
    """The best excerpt of each, and whether it comes from a file: files are read where the rest says too little."""
    cut: dict[int, tuple[Marked, bool]] = {}
    for key, text in interface.texts(LABEL, keys).items():
        found = [excerpts.excerpt(zone, marker) for zone in (text.summary, text.body)]
        cut[key] = (max(found, key=_told), False)
    poor = [key for key in keys if _told(cut[key][0] if key in cut else []) < most]
    for key, said in interface.texts_of_files(LABEL, poor).items() if poor else ():
        of_file = excerpts.excerpt(said, marker)
        if _told(of_file) > _told(cut[key][0]):
            cut[key] = (of_file, True)
    return cut


def _told(pieces: Marked) -> int:
    """How many different words an excerpt marks."""
    return len({part.casefold() for part, is_hit in pieces if is_hit})


def _result(row: Any, hit: Hit, cut: tuple[Marked, bool] | None, marker: Marker, face: Face) -> Result:
    excerpt, is_of_file = cut if cut is not None else ([], False)
    return Result(
        href=listing.page_of(row),
        title=excerpts.marked(row.title, marker) if hit.is_open else [],
        number=excerpts.marked(row.number, marker, starts=True),
        lead=excerpts.marked(row.lead_name, marker, starts=True),
        call=row.call__title,
        sign=_sign(hit, face),
        filed_at=row.last_filed_at,
        excerpt=excerpt,
        is_of_file=is_of_file,
        is_closed=not hit.is_open,
    )


def _sign(hit: Hit, face: Face) -> State:
    if hit.state == "in_progress":
        process = process_with(hit.process)
        return State("in_progress", standing.stage_label(process, hit.stage, face))
    return State(hit.state, standing.WORDS.get(hit.state, hit.state))


# --- facets -----------------------------------------------------------------------------------------------
def _facets(
    filters: Sequence[Filter], hits: Sequence[Hit], chosen: Mapping[str, Sequence[str]]
) -> list[Facet]:
    """Each facet counts what the others leave; a taken value stays, so that it can be given back."""
    made: list[Facet] = []
    for one in filters:
        taken = chosen.get(one.key, [])
        counted = Counter(KEYS[one.key](hit) for hit in hits if _passes(hit, chosen, but=one.key))
        choices = [
            (Choice(choice.value, choice.label, counted[choice.value]), choice.value in taken)
            for choice in one.accepted()
            if counted[choice.value] or choice.value in taken
        ]
        if len(choices) > 1 or taken:
            made.append(Facet(one.key, one.label, choices, len(taken)))
    return made


def _chips(filters: Sequence[Filter], asked: Asked) -> list[Chip]:
    """One chip a value at work, with the address that takes it away."""
    made: list[Chip] = []
    for one in filters:
        labels = {choice.value: choice.label for choice in one.accepted()}
        values = asked.chosen.get(one.key, [])
        for value in values:
            rest = asked.params(**{one.key: [other for other in values if other != value]})
            made.append(Chip(one.label, formats.tr(labels.get(value, value)), href(rest)))
    return made
