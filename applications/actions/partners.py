"""Partners of a joint project before the filing: asked by the lead, answered by their own signatory."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.models import Organisation
from accounts.proofs import second_factor
from applications import rules
from applications.lifecycle import DossierState
from applications.models import Body, Dossier
from applications.models.dossier import BodyRole, Confirmation
from web import clock, formats
from workflows.engine import NotAllowed, Refused, locked, record, unit

MOST = 12
KINDS = ("final", "provisional")


# --- the lead -----------------------------------------------------------------------------------------------
def add(dossier: Dossier, organisation: Organisation, *, part: str, share: int, actor: Any) -> Body:
    """Ask an organisation to be a partner, with what it does and its share of the costs in dollars."""
    with unit(locks=[dossier]) as held:
        row = _open(held, dossier, actor)
        said = _against(row, organisation, part)
        if said:
            raise Refused(said)
        last = row.bodies.aggregate(last=Max("position"))["last"] or 0
        body = Body.objects.create(
            dossier=row,
            organisation=organisation,
            role=BodyRole.PARTNER,
            position=last + 1,
            part=part.strip()[:200],
            share=share,
            asked_at=clock.now(),
        )
        record(row, "partner_ask", actor=actor, body=body.pk, organisation=_code(organisation), dollars=share)
    return body


def _against(dossier: Dossier, organisation: Organisation, part: str) -> list[str]:
    said = []
    if organisation.gone_at is not None or not organisation.is_applicant:
        if organisation.kind == "land":
            said.append(_("Un territoire ne participe pas en son nom : choisissez son conseil."))
        else:
            named = {"mrc": organisation.mrc_name or organisation.place}
            said.append(
                _("Ce territoire ne participe pas en son nom : la MRC %(mrc)s le représente.") % named
            )
    if dossier.bodies.filter(organisation=organisation).exists():
        said.append(_("%(name)s est déjà dans le projet.") % {"name": organisation.name})
    if dossier.bodies.count() >= MOST:
        said.append(_("Un projet réunit au plus %(n)s organismes.") % {"n": MOST})
    if not part.strip():
        said.append(_("Dites en quelques mots ce que fait ce partenaire dans le projet."))
    return said


def change(body: Body, *, part: str, share: int, actor: Any) -> None:
    """Change what a partner does or pays; a confirmation given for something else is asked again."""
    with unit(locks=[body.dossier]) as held:
        row = _open(held, body.dossier, actor)
        mine = partner_of(row, body)
        if not part.strip():
            raise Refused([_("Dites en quelques mots ce que fait ce partenaire dans le projet.")])
        if (mine.part, mine.share) == (part.strip()[:200], share):
            return
        mine.part, mine.share = part.strip()[:200], share
        _ask_again(mine)
        mine.save()
        record(row, "partner_change", actor=actor, body=mine.pk, dollars=share)


def remind(body: Body, *, actor: Any) -> None:
    """Ask again, once a day at most; a partner who declined may be asked once more."""
    with unit(locks=[body.dossier]) as held:
        row = _open(held, body.dossier, actor)
        mine = partner_of(row, body)
        if mine.confirmation == Confirmation.CONFIRMED:
            raise Refused([_("%(name)s a déjà confirmé.") % {"name": mine.organisation.name}])
        if not may_be_reminded(mine):
            raise Refused(
                [_("La demande est partie aujourd’hui : on relance un partenaire une fois par jour.")]
            )
        if mine.confirmation == Confirmation.DECLINED:
            _ask_again(mine)
        mine.reminded_at = clock.now()
        mine.save()
        record(row, "partner_remind", actor=actor, body=mine.pk, organisation=_code(mine.organisation))


def may_be_reminded(body: Body) -> bool:
    """Nothing was sent to it today."""
    last = max((at for at in (body.asked_at, body.reminded_at) if at is not None), default=None)
    return last is None or formats.local(last).date() < clock.today()


def remove(body: Body, *, actor: Any) -> None:
    """Take a partner out of a draft; the others confirm again, since their shares may change."""
    with unit(locks=[body.dossier]) as held:
        row = _open(held, body.dossier, actor)
        mine = partner_of(row, body)
        code, was_confirmed = _code(mine.organisation), mine.confirmation == Confirmation.CONFIRMED
        mine.delete()
        record(row, "partner_remove", actor=actor, organisation=code)
        if was_confirmed:
            _reopen_others(row, actor)


# --- the partner --------------------------------------------------------------------------------------------
def confirm(body: Body, *, number: str, day: date | None, kind: str, actor: Any, proof: Any = None) -> None:
    """The partner's own signatory confirms its part, under the resolution of its council."""
    with unit(locks=[body.dossier]) as held:
        row, mine = _answering(held, body, actor)
        said = []
        if not number.strip():
            said.append(_("Inscrivez le numéro de la résolution."))
        if day is None or day > clock.today():
            said.append(_("Inscrivez la date de la résolution; elle ne peut pas être à venir."))
        if kind not in KINDS:
            said.append(_("Dites si la résolution est définitive ou provisoire."))
        lacking = second_factor(row, actor, {"proof": proof})
        if lacking:
            said.append(lacking)
        if said:
            raise Refused(said)
        assert day is not None
        mine.confirmation, mine.reason = Confirmation.CONFIRMED, ""
        mine.confirmed_by, mine.confirmed_at = actor, clock.now()
        mine.resolution = {"number": number.strip()[:60], "date": day.isoformat(), "kind": kind}
        mine.save()
        record(
            row,
            "partner_confirm",
            actor=actor,
            body=mine.pk,
            organisation=_code(mine.organisation),
            dollars=mine.share,
        )


def decline(body: Body, reason: str, *, actor: Any) -> None:
    """The partner's signatory says no, with the reason; confirmations of the others are asked again."""
    with unit(locks=[body.dossier]) as held:
        row, mine = _answering(held, body, actor)
        if not reason.strip():
            raise Refused([_("Dites pourquoi : le responsable du projet lira ces mots.")])
        mine.confirmation, mine.reason, mine.resolution = Confirmation.DECLINED, reason.strip(), {}
        mine.confirmed_by = mine.confirmed_at = None
        mine.save()
        record(
            row,
            "partner_decline",
            actor=actor,
            text=reason.strip(),
            body=mine.pk,
            organisation=_code(mine.organisation),
        )
        _reopen_others(row, actor)


# --- what they share ----------------------------------------------------------------------------------------
def _open(held: Any, dossier: Dossier, actor: Any) -> Dossier:
    row: Dossier = locked(held, dossier)
    rules.read_under_lock(row, actor)
    if not rules.may_write(row, actor):
        raise NotAllowed(f"user {actor.pk} may not write {row!r}")
    if row.state != DossierState.DRAFT:
        raise Refused([_("Les partenaires d’une demande déposée ne changent plus ici.")])
    return row


def partner_of(dossier: Dossier, body: Body) -> Body:
    """The fresh row of a partner of this dossier, refused when it is gone from the project."""
    found = (
        Body.objects.filter(pk=body.pk, dossier=dossier, role=BodyRole.PARTNER)
        .select_related("organisation")
        .first()
    )
    if found is None:
        raise Refused([_("Cet organisme n’est plus partenaire du projet.")])
    return found


def _answering(held: Any, body: Body, actor: Any) -> tuple[Dossier, Body]:
    row: Dossier = locked(held, body.dossier)
    mine = partner_of(row, body)
    require_signatory(mine, actor)
    if row.state != DossierState.DRAFT:
        raise Refused([_("La demande est déposée : une participation ne se confirme plus.")])
    return row, mine


def require_signatory(body: Body, actor: Any) -> None:
    """Refuse everybody but a confirmed signatory of the partner, read afresh."""
    rules.forget_memberships(actor)
    if not may_answer(body, actor):
        raise NotAllowed(f"user {actor.pk} does not sign for {body!r}")


def may_answer(body: Body, user: Any) -> bool:
    """A confirmed signatory of the partner: nobody else speaks for it."""
    mine = rules.memberships(user).get(body.organisation_id)
    return mine is not None and mine.status == "confirmed" and mine.role == "signatory"


def _ask_again(body: Body) -> None:
    body.confirmation, body.asked_at, body.reason, body.resolution = Confirmation.PENDING, clock.now(), "", {}
    body.confirmed_by = body.confirmed_at = body.reminded_at = None


def _reopen_others(dossier: Dossier, actor: Any) -> None:
    """The shares of those who stay may change: what they confirmed is asked again, and they are told."""
    rows = dossier.bodies.filter(role=BodyRole.PARTNER, confirmation=Confirmation.CONFIRMED)
    keys = sorted(rows.values_list("pk", flat=True))
    Body.objects.filter(pk__in=keys).update(
        confirmation=Confirmation.PENDING, confirmed_at=None, confirmed_by=None, asked_at=clock.now()
    )
    if keys:
        record(dossier, "partner_reopen", actor=actor, bodies=keys)


def _code(organisation: Organisation) -> str:
    return f"{organisation.scheme}:{organisation.code}"
