"""Drafts: begun (or found again), copied, deleted by their people."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Organisation
from applications import fields, prefilling, rules
from applications.lifecycle import DossierState
from applications.limits import entries_of
from applications.models import Answer, Body, Dossier, Entry
from applications.models.dossier import BodyRole
from grants.models import Call, Volet
from web import clock, formats
from web.discarding import discard
from workflows.engine import NotAllowed, NotVisible, Refused, locked, record, unit

DRAFTS = 3  # drafts of an organisation in a call at once, unless the call says otherwise
LEADS = 1
# Answers that a copy does not carry: said anew for each filing.
NOT_COPIED = ("resolution", "resolution_number", "resolution_date")


def start_dossier(
    call: Call, organisation: Organisation, *, actor: Any, volet: Volet | None = None, another: bool = False
) -> tuple[Dossier, bool]:
    """The organisation's dossier in a call: the draft already there, or a new one (True).

    Where every filing allowed was made, the filed one is given back. `another` insists on a new draft.
    """
    held = rules.memberships(actor).get(organisation.pk)
    if held is None:
        raise NotAllowed(f"user {actor.pk} does not act for {organisation}")
    _require_open(call, organisation)
    entry, _made = Entry.objects.get_or_create(call=call, organisation=organisation)
    with unit(locks=[entry]) as locks:
        counted: Entry = locked(locks, entry)
        found = None if another else _standing(counted, actor)
        if found is not None:
            return found, False
        _require_room(counted, call)
        dossier = _new(call, organisation, volet, actor)
        Entry.objects.filter(pk=counted.pk).update(drafts=F("drafts") + 1)
        _prefill(dossier, organisation, actor)
        record(dossier, "start", actor=actor, organisation=f"{organisation.scheme}:{organisation.code}")
    return dossier, True


def _require_open(call: Call, organisation: Organisation) -> None:
    now = clock.now()
    if not organisation.is_applicant or organisation.gone_at is not None:
        raise Refused([_("Cet organisme ne peut pas présenter de demande.")])
    if call.edition_id is None or call.state == "draft" or now < call.opens_at:
        raise Refused([_("L’appel n’est pas encore ouvert.")])
    if now > call.closes_at:
        when = formats.datetime_long(call.closes_at)
        raise Refused([_("L’appel est fermé depuis le %(when)s.") % {"when": when}])


def _standing(entry: Entry, actor: Any) -> Dossier | None:
    """The latest draft that this person may see; else, when no other may be filed, the dossier filed."""
    mine = Dossier.objects.applicant_side(actor).filter(
        call_id=entry.call_id, bodies__organisation_id=entry.organisation_id, bodies__role=BodyRole.LEAD
    )
    draft = mine.filter(state=DossierState.DRAFT).order_by("-created_at", "-pk").first()
    if draft is not None or entry.leads < _limit(entry.call, "leads", LEADS):
        return draft
    return mine.exclude(state__in=[DossierState.DRAFT, DossierState.WITHDRAWN]).order_by("-pk").first()


def _limit(call: Call, name: str, default: int) -> int:
    assert call.edition is not None
    return int(call.edition.content.get("limits", {}).get(name, default))


def _require_room(entry: Entry, call: Call) -> None:
    most = _limit(call, "drafts", DRAFTS)
    if entry.drafts >= most:
        raise Refused(
            [_("Votre organisme a déjà %(n)s brouillons dans cet appel : supprimez-en un.") % {"n": most}]
        )
    leads = _limit(call, "leads", LEADS)
    if entry.leads >= leads:
        words = _("Votre organisme a déjà déposé le nombre de demandes permis dans cet appel (%(n)s).")
        raise Refused([words % {"n": leads}])


def _new(call: Call, organisation: Organisation, volet: Volet | None, actor: Any) -> Dossier:
    now = clock.now()
    chosen = volet or call.volets.order_by("position").first()
    edition = call.edition
    if chosen is None or edition is None or chosen.call_id != call.pk:
        raise Refused([_("Choisissez un volet de cet appel.")])
    dossier = Dossier.objects.create(
        call=call,
        volet=chosen,
        edition=edition,
        state=DossierState.DRAFT,
        created_by=actor,
        created_at=now,
        sort_at=now,
        lead_name=organisation.name,
        lead_sort=organisation.sort_name,
        region_code=organisation.region_id,
        population=organisation.known_population,
    )
    Body.objects.create(dossier=dossier, organisation=organisation, role=BodyRole.LEAD, position=0)
    return dossier


def _prefill(dossier: Dossier, organisation: Organisation, actor: Any) -> None:
    """What the directory says already; the place of the project is, to begin with, the organisation's own."""
    found = prefilling.answers(
        dossier.edition.content, dossier.volet.code, organisation, dossier.call.language
    )
    now = clock.now()
    Answer.objects.bulk_create(
        Answer(dossier=dossier, question=code, value=value, updated_by=actor, updated_at=now)
        for code, value in found.items()
    )


# --- copied, deleted --------------------------------------------------------------------------------------
def copy_draft(dossier: Dossier, *, actor: Any, call: Call | None = None) -> Dossier:
    """A new draft with the same answers (declarations, resolution and files are given anew)."""
    if not Dossier.objects.applicant_side(actor).filter(pk=dossier.pk).exists():
        raise NotVisible(f"{dossier!r} is not of user {actor.pk}'s organisations")
    lead = next(iter(rules.bodies_of(dossier, lead_only=True)))
    target = call or dossier.call
    volet = target.volets.filter(code=dossier.volet.code).first()
    with transaction.atomic():
        made, _is_new = start_dossier(target, lead.organisation, actor=actor, volet=volet, another=True)
        _copy_answers(dossier, made, actor)
    return made


def _copy_answers(dossier: Dossier, made: Dossier, actor: Any) -> None:
    asked = {one.code: one for one in fields.questions(made.edition.content, made.volet.code)}
    now = clock.now()
    made.answers.all().delete()
    rows: list[Answer] = []
    for old in dossier.answers.order_by("pk"):
        question = asked.get(old.question)
        if question is None or question.type in ("file", "declaration") or question.role in NOT_COPIED:
            continue
        value, _wrong = fields.keep(question, old.value)
        if value is not None:
            rows.append(
                Answer(dossier=made, question=question.code, value=value, updated_by=actor, updated_at=now)
            )
            if question.role == "title":
                made.title = str(value)[:300]
    Answer.objects.bulk_create(rows)
    Dossier.objects.filter(pk=made.pk).update(title=made.title)


def delete_draft(dossier: Dossier, *, actor: Any) -> None:
    """Delete an unfiled draft with its answers and files, for good."""
    with unit(locks=[entries_of(dossier), dossier]) as held:
        row: Dossier = locked(held, dossier)
        if not Dossier.objects.visible_to(actor).filter(pk=row.pk).exists():
            raise NotVisible(f"{row!r} is not visible to user {actor.pk}")
        if not rules.may_write(row, actor):
            raise NotAllowed(f"user {actor.pk} may not delete {row!r}")
        if row.state != DossierState.DRAFT:
            raise Refused([_("Une demande déposée ne se supprime pas : elle se retire.")])
        paths = list(row.attachments.values_list("path", flat=True))
        lead = [body.organisation_id for body in rules.bodies_of(row, lead_only=True)]
        record(row, "delete", actor=actor)
        Entry.objects.filter(call_id=row.call_id, organisation_id__in=lead, drafts__gt=0).update(
            drafts=F("drafts") - 1
        )
        row.delete()
        transaction.on_commit(lambda: _drop_files(paths))


def _drop_files(paths: list[str]) -> None:
    for path in paths:
        discard(path)
