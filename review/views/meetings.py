"""Meetings of a committee: presences, the agenda in its order, each dossier, the screen of the room, signatures."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import holders
from applications.models import Dossier
from review import facts, meetings, ranking, rules
from review.actions import meetings as acts
from review.meeting_forms import ItemForm, MeetingForm
from review.models import Consensus, Item, Meeting
from review.querysets import recused_dossiers
from review.views.asking import me, panel_or_404, require
from web import clock, formats
from web.http import see_other
from workflows.engine import Refused, available
from workflows.pages import VerbPage, verb_page


def _meeting(request: HttpRequest, pk: int) -> Meeting:
    rows = Meeting.objects.visible_to(request.user).select_related(
        "panel__call__edition__definition", "panel__volet", "chair", "secretary"
    )
    return get_object_or_404(rows, pk=pk)


def _items(row: Meeting, user: Any) -> Any:
    """The items that this person may read: none of a dossier from which he or she is recused."""
    seen = Dossier.objects.visible_to(user).values("pk")
    rows = row.items.filter(dossier__in=seen).exclude(dossier__in=recused_dossiers(user))
    return rows.select_related("dossier")


def index(request: HttpRequest, pk: int) -> HttpResponse:
    """The meetings of a panel."""
    panel = panel_or_404(request, pk)
    require(rules.may_follow(me(request), panel))
    rows = panel.meetings.select_related("chair", "secretary").order_by("-held_on", "-pk")
    context = {
        "panel": panel,
        "rows": rows[:50],
        "rule": meetings.rule_of(panel),
        "may_open": rules.may_judge(me(request), panel)
        and panel.state == "open"
        and not panel.meetings.filter(state="open").exists(),
    }
    return render(request, "review/meetings.html", context)


def create(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Open a meeting: members and dossiers are put on it in one act."""
    panel = panel_or_404(request, pk)
    require(rules.may_judge(me(request), panel))
    form = MeetingForm(
        request.POST or None,
        chairs=holders("chair", panel),
        secretaries=holders("secretary", panel.call),
        initial={"held_on": clock.today()},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = acts.open_meeting(
                panel, data["held_on"], data["place"], data["chair"], data["secretary"], actor=me(request)
            )
        except Refused as said:
            form.add_error(None, " ".join(said.reasons))
        else:
            messages.success(request, _("Séance ouverte."))
            return see_other("meeting", made.pk)
    context = {
        "form": form,
        "title": _("Ouvrir une séance"),
        "lead": formats.tr(panel.name),
        "back": reverse("panel_meetings", args=[panel.pk]),
    }
    return render(request, "review/panel_form.html", context, status=422 if form.is_bound else 200)


def meeting(request: HttpRequest, pk: int) -> HttpResponse:
    """Presences, agenda, and what can be done."""
    row = _meeting(request, pk)
    user = me(request)
    out = meetings.recusals_of(row)
    items = list(_items(row, user))
    presences = list(row.presences.select_related("user").order_by("user__sort_name", "pk"))
    may_hold = rules.may_judge(user, row.panel) and row.state == "open"
    context = {
        "meeting": row,
        "panel": row.panel,
        "items": [(one, list(out.get(one.dossier_id, {}).values())) for one in items],
        "withheld": row.items.count() - len(items),
        "presences": presences,
        "there": sum(1 for one in presences if one.is_present),
        "may_hold": may_hold,
        "missing": _missing(row) if may_hold else 0,
        "offers": available(row, user),
        "signatures": row.signatures.select_related("user").order_by("at", "pk"),
    }
    return render(request, "review/meeting.html", context)


def _missing(row: Meeting) -> int:
    late = meetings.dossiers_before(row.panel).exclude(pk__in=row.items.values("dossier_id"))
    return int(late.count())


@require_POST
def presences(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Who is there."""
    row = _meeting(request, pk)
    require(rules.may_judge(me(request), row.panel))
    chosen = {int(one) for one in request.POST.getlist("present") if one.isdecimal() and len(one) < 10}
    _act(request, lambda: acts.set_present(row, chosen, actor=me(request)))
    return see_other("meeting", row.pk)


@require_POST
def order(request: HttpRequest, pk: int) -> HttpResponseBase:
    """One item a place up or down; or the dossiers that came late, at the end."""
    row = _meeting(request, pk)
    require(rules.may_judge(me(request), row.panel))
    if "add" in request.POST:
        _act(request, lambda: acts.add_missing(row, actor=me(request)))
        return see_other("meeting", row.pk)
    asked = request.POST.get("item", "")
    found = get_object_or_404(
        _items(row, me(request)), pk=int(asked) if asked.isdecimal() and len(asked) < 10 else 0
    )
    way = "up" if request.POST.get("way") == "up" else "down"
    _act(request, lambda: acts.move(row, found, way, actor=me(request)))
    return see_other(f"{reverse('meeting', args=[row.pk])}#p{found.pk}")


def _act(request: HttpRequest, done: Any) -> None:
    try:
        done()
    except Refused as said:
        messages.error(request, " ".join(said.reasons))


def _item(request: HttpRequest, pk: int, item: int) -> tuple[Meeting, Item]:
    row = _meeting(request, pk)
    rows = _items(row, request.user).select_related("dossier__edition", "dossier__volet")
    return row, get_object_or_404(rows, pk=item)


def _marks(found: Dossier) -> dict[str, Any]:
    """Means, spreads and what was concluded, without any name: what the room reads."""
    scored = ranking.score_dossier(found)
    result = scored["result"]
    spreads = {one["on"]: one["spread"] for one in result["divergences"]}
    agreed = {one.criterion: one for one in Consensus.objects.filter(dossier=found)}
    sheets = [one["scores"] for one in scored["input"]["sheets"]]
    rows = []
    for one in facts.grid_of(found)["criteria"]:
        code = one["id"]
        marks = [Fraction(sheet[code]) for sheet in sheets if code in sheet]
        mean = str(sum(marks, Fraction(0)) / len(marks)) if marks else ""
        kept = agreed.get(code)
        rows.append(
            {
                "code": code,
                "label": one["label"],
                "marks": [facts.shown_mark(sheet.get(code, "")) for sheet in sheets],
                "mean": facts.two_decimals(mean),
                "spread": facts.two_decimals(spreads[code]) if code in spreads else "",
                "consensus": facts.shown_mark(kept.score) if kept is not None and kept.score else "",
                "reason": kept.reason if kept is not None else "",
            }
        )
    return {
        "rows": rows,
        "score": facts.two_decimals((result["score"] or {}).get("exact", "")),
        "total_spread": facts.two_decimals(spreads["total"]) if "total" in spreads else "",
        "total_reason": agreed["total"].reason if "total" in agreed else "",
    }


def item(request: HttpRequest, pk: int, item: int) -> HttpResponseBase:
    """One dossier of the agenda: its marks, who left, the note, the conclusion."""
    row, found = _item(request, pk, item)
    may_hold = rules.may_judge(me(request), row.panel) and row.state == "open"
    initial = {"note": found.note, "is_agreed": found.agreed_at is not None}
    form = ItemForm(request.POST or None, initial=initial)
    if request.method == "POST":
        require(rules.may_judge(me(request), row.panel))
        if form.is_valid():
            data = form.cleaned_data
            try:
                acts.conclude_item(row, found, data["note"], data["is_agreed"], actor=me(request))
            except Refused as said:
                form.add_error(None, " ".join(said.reasons))
            else:
                messages.success(request, _("Point enregistré."))
                return see_other(f"{reverse('meeting', args=[row.pk])}#p{found.pk}")
    context = _item_context(row, found) | {"form": form, "may_hold": may_hold}
    return render(request, "review/meeting_item.html", context, status=422 if form.errors else 200)


@require_safe
def screen(request: HttpRequest, pk: int, item: int) -> HttpResponse:
    """The same dossier for the screen of the room: large, without the name of anybody who reviewed."""
    row, found = _item(request, pk, item)
    return render(request, "review/meeting_screen.html", _item_context(row, found))


def _item_context(row: Meeting, found: Item) -> dict[str, Any]:
    order = list(row.items.order_by("position", "pk").values_list("pk", flat=True))
    return {
        "meeting": row,
        "panel": row.panel,
        "item": found,
        "dossier": found.dossier,
        "place": order.index(found.pk) + 1,
        "items_count": len(order),
        "out": list(meetings.recusals_of(row).get(found.dossier_id, {}).values()),
        **_marks(found.dossier),
    }


def verb(request: HttpRequest, pk: int, verb: str) -> HttpResponseBase:
    """Close the meeting; sign its minutes, after reading them whole."""
    row = _meeting(request, pk)
    context: dict[str, Any] = {"subject": formats.tr(row.panel.name), "meeting": row}
    page = VerbPage(back=reverse("meeting", args=[row.pk]), context=context)
    if verb == "sign":
        if row.items.count() != _items(row, request.user).count():
            raise Http404
        context["signed"] = json.loads(row.body) if row.body else None
        page.template = "review/meeting_sign.html"
    return verb_page(request, row, verb, page)
