"""« Pourquoi cette décision ? »: one page a line, computed again on demand, and the files of an outsider."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from audit.why import Why, why
from grants.models import Decision, DecisionLine
from review.ledger import SIGNS, outcome_words
from review.models import Recusal
from workflows.chain import canonical

AGAIN = "recalculer"


def _read(request: HttpRequest, pk: int, line: int) -> Why:
    """The line as this person may read it: who knows the decision, and is not recused of the dossier."""
    user: Any = request.user
    rows = Decision.objects.visible_to(user).select_related("call__programme", "volet", "supersedes")
    decision = get_object_or_404(rows, pk=pk)
    out = Recusal.objects.filter(user_id=user.pk, lifted_at__isnull=True)
    shut = dict(out.values_list("dossier_id", "dossier__number"))
    found = get_object_or_404(DecisionLine.objects.exclude(dossier_id__in=shut), pk=line, decision=decision)
    return why(found, decision, user, frozenset(shut.values()))


@require_safe
def page(request: HttpRequest, pk: int, line: int) -> HttpResponse:
    """Input, rule, sheets, people, instants and hashes; with `?recalculer=1`, what the cores give now."""
    found = _read(request, pk, line)
    asked = request.GET.get(AGAIN) == "1"
    computed = [(one, one.agrees()) for one in found.kept] if asked else []
    row = found.line
    voided = row.voided_at is not None
    context: dict[str, Any] = {
        "why": found,
        "line": row,
        "decision": found.decision,
        "call": found.decision.call,
        "state": "withdrawn" if voided else SIGNS[row.outcome],  # type: ignore[index]
        "words": _("Annulée") if voided else outcome_words(row.outcome),
        "computed": computed,
        "agrees": all(same for _one, same in computed),
    }
    return render(request, "audit/why.html", context)


@require_safe
def case(request: HttpRequest, pk: int, line: int, kind: str) -> HttpResponse:
    """One case exactly as its core reads it, as a download."""
    found = next((one for one in _read(request, pk, line).files() if one.kind == kind), None)
    if found is None:
        raise Http404
    answer = HttpResponse(canonical(found.case) + "\n", content_type="application/json; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{kind}.json"'
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
