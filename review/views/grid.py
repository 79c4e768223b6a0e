"""Giving dossiers out by hand: dossiers × reviewers, with the load and what the facts show between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from applications.models import Dossier
from review import rules
from review.actions import assignments as acts
from review.forms import DueForm
from review.models import Panel
from review.querysets import not_recused
from review.views.asking import me, panel_or_404, require, say_refusals
from web import formats
from web.http import see_other, whole
from workflows.engine import NotVisible, Refused

SIZE = 40
STATES = {
    "offered": ("waitlisted", gettext_lazy("à déclarer")),
    "accepted": ("in_progress", gettext_lazy("confié")),
    "declined": ("withdrawn", gettext_lazy("décliné")),
    "handed_back": ("rejected", gettext_lazy("rendu, conflit")),
    "recused": ("rejected", gettext_lazy("récusation")),
    "withdrawn": ("withdrawn", gettext_lazy("repris")),
}
SHORT = {
    "same_municipality": gettext_lazy("même municipalité"),
    "same_mrc": gettext_lazy("même MRC"),
    "employer_is_body": gettext_lazy("employeur = organisme"),
    "employer_is_supplier": gettext_lazy("employeur = fournisseur"),
}


@dataclass(frozen=True)
class Cell:
    """What stands between a dossier and a reviewer."""

    name: str
    who: str
    label: str
    state: str
    words: str
    hints: str
    never: str
    is_free: bool
    href: int


@dataclass(frozen=True)
class Row:
    """A dossier of the grid."""

    dossier: Dossier
    given: int
    missing: int
    cells: list[Cell]


def rows_of(panel: Panel, user: Any, *, everything: bool) -> Any:
    """Dossiers in review that this person sees, those that lack sheets unless everything is asked for."""
    stages = [code for code, stage in panel.process().stages.items() if stage.kind.code == "review"]
    rows = Dossier.objects.visible_to(user).filter(
        not_recused(user),
        call_id=panel.call_id,
        volet_id=panel.volet_id,
        state="in_progress",
        stage__in=stages,
    )
    if not everything:
        rows = rows.filter(Q(sheets_done__lt=F("volet__sheets_required")))
    return rows.select_related("edition", "snapshot").order_by("number")


def _row(found: acts.Matrix, dossier: Dossier) -> Row:
    needed = found.panel.volet.sheets_required
    cells = [_cell(found, dossier, one) for one in found.reviewers]
    given = sum(1 for one in cells if one.state in ("waitlisted", "in_progress"))
    return Row(dossier, given, max(0, needed - given), cells)


def _cell(found: acts.Matrix, dossier: Dossier, reviewer: User) -> Cell:
    key, state = found.given.get((dossier.pk, reviewer.pk), (0, ""))
    sign, words = STATES.get(state, ("", ""))
    never = "" if state in ("offered", "accepted") else found.never(dossier, reviewer)
    hints = [SHORT[one["code"]] for one in found.hints(dossier, reviewer)]
    label = _("Confier %(number)s à %(who)s") % {"number": dossier.number, "who": reviewer.name}
    is_free = state in ("", "declined", "withdrawn") and not never
    return Cell(
        f"{dossier.pk}-{reviewer.pk}",
        reviewer.name,
        label,
        sign,
        str(words),
        ", ".join(str(one) for one in dict.fromkeys(hints)),
        never if never != words else "",
        is_free,
        key if state in ("offered", "accepted") else 0,
    )


def grid(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The grid; every box ticked is one offer."""
    panel = panel_or_404(request, pk)
    require(rules.is_panel_staff(me(request), panel))
    form = DueForm(request.POST or None, initial={"due": formats.local(panel.due_at).date()})
    if request.method == "POST" and form.is_valid():
        return _give(request, panel, form.due_at())
    everything = request.GET.get("vue") == "tous"
    first = whole(request.GET.get("debut", "")) or 0
    dossiers = list(rows_of(panel, me(request), everything=everything)[first : first + SIZE + 1])
    found = acts.matrix(panel, dossiers[:SIZE], acts.reviewers_of(panel).select_related("home"))
    context = {
        "panel": panel,
        "heads": [(one, found.load.get(one.pk, 0)) for one in found.reviewers],
        "rows": [_row(found, one) for one in found.dossiers],
        "everything": everything,
        "following": first + SIZE if len(dossiers) > SIZE else 0,
        "earlier": max(0, first - SIZE) if first else None,
        "form": form,
    }
    return render(request, "review/grid.html", context, status=422 if form.is_bound else 200)


def _give(request: HttpRequest, panel: Panel, due_at: Any) -> HttpResponse:
    """Offer each pair that was ticked; what cannot be is said, the rest is done."""
    pairs = [one.split("-", 1) for one in request.POST.getlist("pair")]
    numbers = [(whole(a), whole(b)) for a, b in (one for one in pairs if len(one) == 2)]
    keys = [(a, b) for a, b in numbers if a is not None and b is not None]
    dossiers = {
        one.pk: one
        for one in rows_of(panel, me(request), everything=True).filter(pk__in=[a for a, _b in keys])
    }
    people = {one.pk: one for one in acts.reviewers_of(panel).filter(pk__in=[b for _a, b in keys])}
    done, refused = 0, []
    for dossier, person in keys:
        if dossier not in dossiers or person not in people:
            continue
        try:
            acts.offer(panel, dossiers[dossier], people[person], due_at, actor=me(request))
        except Refused as said:
            refused.append(f"{dossiers[dossier].number}\u00a0: {' '.join(said.reasons)}")
        except NotVisible:
            continue
        else:
            done += 1
    if done:
        messages.success(
            request, _("Dossiers confiés : %(n)s. Chaque personne reçoit un message.") % {"n": done}
        )
    elif not refused:
        messages.info(request, _("Aucune case n’était cochée."))
    say_refusals(request, refused)
    return see_other("panel_grid", panel.pk)
