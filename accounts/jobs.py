"""Work seen by the technical administrator: the queue of deliveries, declared here, and what is put back in line."""

from __future__ import annotations

from django.db.models import F, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from web import jobs
from workflows import deliveries
from workflows.engine import Refused, record, unit
from workflows.models import Delivery


def retry_delivery(pk: int) -> bool:
    """Hand a parked delivery to its reader again."""
    changed = deliveries.retry(Delivery.objects.filter(pk=pk, failed=True))
    if changed:
        deliveries.nudge()
    return bool(changed)


DELIVERIES = jobs.Queue(
    "deliveries",
    gettext_lazy("Suites des actes"),
    Delivery,
    waiting=Q(done_at__isnull=True, failed=False, lease_until__isnull=True),
    running=Q(done_at__isnull=True, failed=False, lease_until__isnull=False),
    failed=Q(failed=True, done_at__isnull=True),
    due="due_at",
    done="done_at",
    kind=F("consumer"),
    kinds={
        "messages": gettext_lazy("Messages et lettres à écrire"),
        "search": gettext_lazy("Recherche"),
        "elastic": gettext_lazy("Index de recherche"),
    },
    retry=retry_delivery,
)


def register() -> None:
    """Called once, when the site starts."""
    jobs.register(DELIVERIES)


def retry(queue: jobs.Queue, pk: int, *, actor: User) -> None:
    """Put one failed row back in line, and say so in the chain of the site.

    Raises Refused when it did not fail, or when nobody but those who run its call may judge.
    """
    if queue.retry is None:
        raise Refused([_("Ce travail ne se reprend pas d’ici.")])
    with unit():
        if not queue.retry(pk):
            raise Refused([_("Ce travail n’est pas en panne : rien à reprendre.")])
        record(actor, "retry_job", actor=actor, queue=queue.code, row=pk)
