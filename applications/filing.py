"""Filing: the snapshot frozen under the lock, the number, the counters; and the door that a page uses.

The functions before `submit` are called by the verbs of a dossier, inside their transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.db import IntegrityError
from django.db.models import F
from django.utils.translation import gettext as _

from applications import blockers, pledges, rules, snapshots
from applications.snapshots import Material
from grants import editions
from web import clock
from workflows.codes import new_code
from workflows.engine import Refused, SystemActor, fire, next_number
from workflows.exceptions import EngineError

if TYPE_CHECKING:
    from applications.models import Dossier, Snapshot

FILING = "filing"
NUMBER = "%s-%04d"


class Unsigned(Refused):
    """The phrase that signs was not written."""


def signed_for(name: str) -> str:
    """The phrase that signs for an organisation of that name."""
    return _("je dépose pour %(name)s") % {"name": name}


def is_signed(phrase: str, name: str) -> bool:
    """Whether the phrase is that of the organisation, but for case, spaces and kinds of apostrophes."""
    return _plain(phrase) == _plain(signed_for(name))


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("\u00a0", " ").casefold().split())


def _lead_name(dossier: Any) -> str:
    return next((str(body.organisation.name) for body in rules.bodies_of(dossier, lead_only=True)), "")


# --- inside the verbs -------------------------------------------------------------------------------------
def freeze(
    dossier: Any,
    actor: Any,
    *,
    kind: str,
    digest: str = "",
    submit_key: str = "",
    received_at: datetime | None = None,
    prints: str = "",
    phrase: str | None = None,
    receipt: list[Any] | None = None,
    **_data: Any,
) -> dict[str, Any]:
    """Freeze what the signatory saw, or refuse with what has changed since; the event's data.

    The phrase that signs, when a page asked for it, is that of the lead under the lock. The snapshot made is
    given through `receipt`.
    """
    if phrase is not None and not is_signed(phrase, _lead_name(dossier)):
        raise Unsigned(
            [_("Pour signer, écrivez exactement : %(phrase)s") % {"phrase": signed_for(_lead_name(dossier))}]
        )
    made = blockers.taken(dossier)
    text = snapshots.text_of(dossier, made)
    real = snapshots.digest_of(text)
    if digest != real:
        raise Refused(_changed(dossier, prints, text))
    now = clock.now()
    arrived = received_at or now
    is_first = not dossier.number
    if is_first:
        dossier.number = NUMBER % (dossier.call.code, next_number(dossier.chain_code()))
    snapshot = dossier.snapshots.create(
        version=dossier.snapshot.version + 1 if dossier.snapshot_id else 1,
        kind=kind,
        edition=dossier.edition,
        text=text,
        digest=real,
        code=new_code(),
        received_at=arrived,
        filed_at=now,
        filed_by=actor,
        submit_key=submit_key or new_code(),
    )
    _copy_columns(dossier, made)
    pledges.store(snapshot, dossier.edition.content, made.answers)
    dossier.snapshot = snapshot
    if receipt is not None:
        receipt.append(snapshot)
    if kind == FILING:
        dossier.filed_at = dossier.filed_at or arrived
        dossier.last_filed_at = dossier.sort_at = arrived
        dossier.mandate_unconfirmed = _is_unconfirmed(dossier, actor)
        _sign(dossier, made, actor, arrived)
    return {
        "snapshot": snapshot.pk,
        "snapshot_version": snapshot.version,
        "digest": real,
        "number": dossier.number,
    }


def _changed(dossier: Any, prints: str, text: str) -> list[str]:
    """The sentences of a refusal: what differs from the page that was signed, by name."""
    changes = snapshots.changed_since(prints, text) if prints else []
    said = snapshots.sentences(changes, dossier.edition.content)
    return [_("La demande a changé depuis la page de vérification : relisez-la avant de déposer."), *said]


def _copy_columns(dossier: Any, made: Material) -> None:
    """What lists show, from the snapshot."""
    content = dossier.edition.content
    lead = next(one for one in made.bodies if one["role"] == "lead")
    result = made.budget.get("result") or {}
    asked = made.answers.get(editions.answer_code(content, "amount"))
    dossier.title = str(made.answers.get(editions.answer_code(content, "title")) or "")[:300]
    dossier.lead_name, dossier.region_code = lead["name"], lead["region"]
    dossier.lead_sort = next(b.organisation.sort_name for b in rules.bodies_of(dossier, lead_only=True))
    dossier.population, dossier.tags = lead["population"], list(made.tags)
    dossier.aid, dossier.kept_costs = int(result.get("aid", 0)), int(result.get("kept", 0))
    dossier.requested = asked if type(asked) is int else dossier.aid


def _is_unconfirmed(dossier: Any, actor: Any) -> bool:
    """Filed under « mandat à confirmer »: read again under the lock when the person's mandate was only claimed."""
    lead = next(iter(rules.bodies_of(dossier, lead_only=True)))
    held = rules.held_in(dossier, actor).get(lead.organisation_id)
    if held is None or held.status == "confirmed":
        return False
    return bool(type(held).objects.filter(pk=held.pk, status="claimed").exists())


def _sign(dossier: Any, made: Material, actor: Any, at: datetime) -> None:
    """The lead signs: who, when, under which resolution."""
    content = dossier.edition.content
    resolution = {
        name: made.answers.get(editions.answer_code(content, f"resolution_{name}"), "")
        for name in ("number", "date")
    }
    for body in rules.bodies_of(dossier, lead_only=True):
        body.signed_by, body.signed_at = actor, at
        body.confirmation, body.resolution = "confirmed", resolution
        body.save(update_fields=["signed_by", "signed_at", "confirmation", "resolution"])


def count_lead(dossier: Any) -> None:
    """The draft becomes a filing of its lead, under the lock of the entry."""
    _lead_entry(dossier).update(leads=F("leads") + 1, drafts=F("drafts") - 1)


def uncount_lead(dossier: Any) -> None:
    """A withdrawn dossier no longer counts against the limit of its lead."""
    _lead_entry(dossier).filter(leads__gt=0).update(leads=F("leads") - 1)


def _lead_entry(dossier: Any) -> Any:
    from django.apps import apps

    keys = [body.organisation_id for body in rules.bodies_of(dossier, lead_only=True)]
    entries = apps.get_model("applications", "Entry")._default_manager
    return entries.filter(call_id=dossier.call_id, organisation_id__in=keys)


# --- the door ---------------------------------------------------------------------------------------------
def submit(
    dossier: Dossier,
    *,
    actor: Any,
    digest: str,
    submit_key: str,
    received_at: datetime,
    seen: int | None = None,
    prints: str = "",
    kind: str = FILING,
    phrase: str | None = None,
) -> Snapshot:
    """File (or answer a request, kind "completion") once for each key of a check page; a second click gives the same.

    Raises Refused (Unsigned for a wrong phrase), Stale, NotAllowed or NotVisible, as any verb. Only the key of
    `dossier` is read before the lock.
    """
    verb = "submit" if kind == FILING else "resubmit"
    data: Mapping[str, Any] = {"digest": digest, "submit_key": submit_key, "received_at": received_at}
    receipt: list[Any] = []
    try:
        fire(dossier, verb, actor=actor, seen=seen, prints=prints, phrase=phrase, receipt=receipt, **data)
        snapshot: Snapshot = receipt[0]
        return snapshot
    except (EngineError, IntegrityError):
        again = filed_with(dossier, submit_key, actor)
        if again is None:
            raise
        dossier.refresh_from_db()
        return again


def filed_with(dossier: Dossier, submit_key: str, actor: Any) -> Snapshot | None:
    """The snapshot that this key of a check page made, if it did and the person may see it."""
    if not submit_key or isinstance(actor, SystemActor):
        return None
    mine = type(dossier).objects.visible_to(actor).filter(pk=dossier.pk)
    rows: Any = dossier.snapshots.filter(submit_key=submit_key, dossier__in=mine)
    found: Snapshot | None = rows.first()
    return found
