"""After the load: what time alone would have caused is caused now, and each message of it waits for a person.

Work that was due when the backup was taken may have been done in the lost hours, and its messages may have left. So
it is done here, before any worker starts, and every message that comes of it is held. What people do from now on is
new, and leaves as usual.
"""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.sessions.models import Session
from django.contrib.sites.models import Site
from django.db.models import F
from django.utils import timezone

from accounts.models import OpenSession
from config.backups.manifest import Manifest
from notifications import documents, reminders, restored
from notifications.restored import Holding
from review import carrying
from web.models import Export
from workflows import deliveries
from workflows.actors import SystemActor
from workflows.engine import record, unit
from workflows.models import ChainHead, Delivery

ROUNDS = 20
PARKED = "restored: try again when the outbox was read"


def hold_at_once() -> Holding:
    """First of all: nothing leaves, nobody is signed in, nothing is in anybody's hands."""
    held = restored.hold()
    Session.objects.all().delete()
    OpenSession.objects.all().delete()
    Export.objects.all().delete()
    Delivery.objects.filter(done_at__isnull=True).update(lease_until=None, due_at=timezone.now())
    return held


def catch_up(told: Manifest, *, skip: int) -> Holding:
    """Do what is due until nothing is, hold what comes of it, and write the restore in the chain of the site."""
    held = Holding()
    for _round in range(ROUNDS):
        done = sum(step() for step in _steps())
        held = held + restored.hold()
        if not done:
            break
    Delivery.objects.filter(done_at__isnull=True, consumer="messages").update(failed=True, error=PARKED)
    documents.draw_due(limit=1_000_000)
    ChainHead.objects.filter(counter__gt=0).update(counter=F("counter") + skip)
    _record(told)
    return held


def _steps() -> list[Callable[[], int]]:
    return [_deliver, carrying.carry_out, carrying.lapse, reminders.write_due]


def _deliver() -> int:
    """Every delivery that can be done now; the index is built anew, so those for it are done already."""
    waiting = Delivery.objects.filter(done_at__isnull=True, failed=False)
    for_search = waiting.filter(consumer__startswith="search")
    for_search.update(done_at=timezone.now(), lease_until=None)
    return deliveries.run_due(limit=1_000_000)


def _record(told: Manifest) -> None:
    """The fact, with the heads from which the chains go on: those of receipts given since are of the lost hours."""
    heads = {code: f"{one['n']}:{one['head']}" for code, one in told.heads.items()}
    with unit():
        site = Site.objects.get_current()
        record(site, "restore", actor=SystemActor("restore"), backup=told.taken_at, key=told.key, heads=heads)
