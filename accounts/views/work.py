"""Queues and jobs, for the technical administrator: counts, ids, instants and classes of faults."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts import jobs as acts
from accounts.views.account import admin
from accounts.views.asking import sentence
from web import clock, jobs
from web.http import see_other, whole
from workflows.engine import Refused

SHOWN = 50
RUNNING_SHOWN = 20


@require_safe
def work(request: HttpRequest) -> HttpResponse:
    """Every queue, by kind."""
    admin(request)
    stands = jobs.stands()
    groups = [(queue, list(rows)) for queue, rows in groupby(stands, key=lambda one: one.queue)]
    context = {"groups": groups, **_alive(stands), **_sums(stands)}
    return render(request, "accounts/work.html", context)


def _alive(stands: list[jobs.Stand]) -> dict[str, Any]:
    """When a worker was last seen: its pulse, else the last thing it finished."""
    beaten = jobs.beaten_at()
    done = [one.last for one in stands if one.last is not None]
    seen = beaten or max(done, default=None)
    return {"seen": seen, "is_alive": seen is not None and clock.now() - seen < jobs.ALIVE}


def _sums(stands: list[jobs.Stand]) -> dict[str, Any]:
    figures = [
        {"label": _("En attente"), "value": sum(one.waiting for one in stands)},
        {"label": _("En cours"), "value": sum(one.running for one in stands)},
        {"label": _("En panne"), "value": sum(one.failed for one in stands)},
        {"label": _("Retenus"), "value": sum(one.held for one in stands)},
        {"label": _("Faits en 24 heures"), "value": sum(one.done for one in stands)},
    ]
    oldest = [one.oldest for one in stands if one.oldest is not None]
    return {
        "figures": figures,
        "failed": figures[2]["value"],
        "busy": any(one.waiting or one.running for one in stands),
        "oldest": min(oldest, default=None),
    }


def _queue(code: str) -> jobs.Queue:
    found = jobs.find(code)
    if found is None:
        raise Http404
    return found


@require_safe
def work_queue(request: HttpRequest, code: str) -> HttpResponse:
    """One queue: its kinds, what runs, what failed and why."""
    admin(request)
    queue, after = _queue(code), whole(request.GET.get("apres", "")) or 0
    stands = jobs.stands(queue)
    failed = jobs.items(queue, queue.failed, SHOWN + 1, after)
    late = queue.waiting & Q(**{f"{queue.due}__lte": clock.now()})
    context = {
        "queue": queue,
        "stands": stands,
        "failed": failed[:SHOWN],
        "next": failed[SHOWN - 1].pk if len(failed) > SHOWN else None,
        "running": jobs.items(queue, queue.running, RUNNING_SHOWN),
        "waiting": jobs.items(queue, late, RUNNING_SHOWN),
        "busy": any(one.waiting or one.running for one in stands),
    }
    return render(request, "accounts/work_queue.html", context)


@require_POST
def work_retry(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """Put one failed row back in line."""
    user, queue = admin(request), _queue(code)
    if not queue.rows().filter(pk=pk).exists():
        raise Http404
    try:
        acts.retry(queue, pk, actor=user)
        messages.success(request, _("Le travail est repris : il passe dans la minute."))
    except Refused as refused:
        messages.error(request, sentence(refused))
    return see_other("work_queue", code)
