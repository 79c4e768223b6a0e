"""The machine of a dossier on one screen: states, verbs, guards. The stages are data; they say where outcomes lead."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.proofs import second_factor
from applications import rules
from applications.limits import entries_of, lead_limit_holds
from grants import freeing
from web import clock, formats
from workflows import schema, stages
from workflows.engine import SystemActor, has_acted
from workflows.lifecycle import Subject, verb

if TYPE_CHECKING:
    from datetime import datetime


class DossierState(models.TextChoices):
    """The seven states; what people read comes from the stage and its outcome."""

    DRAFT = "draft"
    IN_PROGRESS = "in_progress"
    WITH_APPLICANT = "with_applicant"
    WAITLISTED = "waitlisted"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


OPEN = (DossierState.IN_PROGRESS, DossierState.WITH_APPLICANT, DossierState.WAITLISTED)
Data = dict[str, Any]


def process_of(dossier: Any) -> schema.Process:
    """The process that the dossier's edition pins."""
    return schema.parse(dossier.edition.definition.body)


# --- who ---------------------------------------------------------------------------------------------
def is_stage_actor(dossier: Any, user: Any) -> bool:
    """Holds the role that the present stage names."""
    return bool(dossier.stage) and rules.has_stage_role(
        dossier, user, process_of(dossier).stage(dossier.stage).actor
    )


def is_signatory_or_manager(dossier: Any, user: Any) -> bool:
    """The signatory withdraws for the applicant, the manager for the ministry."""
    return rules.may_sign(dossier, user) or rules.is_call_manager(dossier, user)


# --- guards ------------------------------------------------------------------------------------------
def call_is_open(dossier: Any, actor: Any, data: Data) -> str | None:
    """Between opening and closing, closing included; the instant that counts is that of arrival."""
    at = data.get("received_at") or clock.now()
    if at < dossier.call.opens_at:
        return _("L’appel n’est pas encore ouvert.")
    if at > dossier.call.closes_at:
        return _("L’appel est fermé depuis le %(when)s.") % {
            "when": formats.datetime_long(dossier.call.closes_at)
        }
    return None


def nothing_blocks(dossier: Any, actor: Any, data: Data) -> list[str]:
    """Every answer, file and declaration that filing needs is there."""
    from applications import blockers

    return [blocker.sentence for blocker in blockers.under_lock(dossier)]


def no_staff_act_yet(dossier: Any, actor: Any, data: Data) -> str | None:
    """A filed dossier is filed again only while nobody of the ministry has acted on it."""
    if dossier.state == DossierState.DRAFT:
        return None
    process = process_of(dossier)
    second = process.next_stage(process.start, _first_outcome(dossier))
    if second is None or dossier.stage != second.code:
        return _("La vérification de la demande a commencé : elle ne peut plus être déposée de nouveau.")
    if dossier.completion_requests.exists():
        return _("Des compléments ont déjà été demandés : répondez à la demande.")
    return None


def stage_may_ask(dossier: Any, actor: Any, data: Data) -> str | None:
    """Only some stages ask the applicant for more."""
    if not process_of(dossier).stage(dossier.stage).may_ask:
        return _("À cette étape, on ne demande plus de compléments.")
    return None


def content_is_readable(dossier: Any, actor: Any, data: Data) -> str | None:
    """Staff act on content from the closing on."""
    if clock.now() <= dossier.call.closes_at:
        return _("Les demandes se lisent après la fermeture de l’appel, le %(when)s.") % {
            "when": formats.datetime_long(dossier.call.closes_at)
        }
    return None


def another_person(dossier: Any, actor: Any, data: Data) -> str | None:
    """Whoever closed the stages named by `other_than` does not close this one."""
    if isinstance(actor, SystemActor):
        return None
    others = process_of(dossier).stage(dossier.stage).other_than
    if others and has_acted(dossier, actor, others):
        return _("Une autre personne que celle qui a vérifié le dossier doit faire cet acte.")
    return None


def stage_blocks_nothing(dossier: Any, actor: Any, data: Data) -> list[str]:
    """What the kind of the stage says must be done first; silence is judged by its due instant instead.

    It speaks to people: the release carries out what the authority decided.
    """
    if isinstance(actor, SystemActor) and actor.code == "release":
        return []
    stage = process_of(dossier).stage(dossier.stage)
    if dossier.state == DossierState.WITH_APPLICANT or (
        stage.delay and data.get("outcome") == stage.delay.silence
    ):
        return []
    from applications import checking

    return [*stages.blocks(stage.kind, dossier), *checking.against(dossier, data.get("outcome"))]


def outcome_fits(dossier: Any, actor: Any, data: Data) -> str | None:
    """The outcome asked for exists in this stage; silence only after the due instant."""
    code = data.get("outcome")
    if code is None:
        return None
    stage = process_of(dossier).stage(dossier.stage)
    if code not in {one.code for one in stage.outcomes}:
        return _("Cette issue n’existe pas à cette étape.")
    silence = stage.delay.silence if stage.delay else None
    waiting = dossier.state == DossierState.WITH_APPLICANT
    if code == silence and not (waiting and dossier.due_at is not None and clock.now() > dossier.due_at):
        return _("Le délai de réponse n’est pas écoulé.")
    if waiting and code != silence:
        return _("La municipalité n’a pas encore répondu et son délai court.")
    return None


def outcome_leads_on(dossier: Any, actor: Any, data: Data) -> str | None:
    """A dossier advances along an outcome that leads to another stage; ends have verbs of their own."""
    code = data.get("outcome")
    known = {one.code: one for one in process_of(dossier).stage(dossier.stage).outcomes}
    return _("Cette issue termine le dossier.") if code in known and known[code].to is None else None


def outcome_ends_in(end: str) -> Any:
    """The outcome named ends the dossier as the verb does."""

    def outcome_ends_so(dossier: Any, actor: Any, data: Data) -> str | None:
        """Hold the verb and its outcome together."""
        code = data.get("outcome")
        known = {one.code: one for one in process_of(dossier).stage(dossier.stage).outcomes}
        if code is None and not any(one.end == end for one in known.values()):
            return _("À cette étape, aucune issue ne termine ainsi le dossier.")
        return (
            _("Cette issue ne termine pas ainsi le dossier.")
            if code in known and known[code].end != end
            else None
        )

    return outcome_ends_so


def in_time(dossier: Any, actor: Any, data: Data) -> str | None:
    """Answers to a request for completion arrive before its due instant, included."""
    at = data.get("received_at") or clock.now()
    if dossier.due_at is not None and at > dossier.due_at:
        return _("Le délai pour répondre est passé depuis le %(when)s.") % {
            "when": formats.datetime_long(dossier.due_at)
        }
    return None


# --- locks -------------------------------------------------------------------------------------------
def entry_locks(dossier: Any, actor: Any, data: Data) -> list[Any]:
    """Verbs that change the counters."""
    return [entries_of(dossier)]


def withdrawal_locks(dossier: Any, actor: Any, data: Data) -> list[Any]:
    """Counters, decisions whose lines fall, awards and budget lines."""
    return [*entry_locks(dossier, actor, data), *freeing.locks_of(dossier.pk)]


def _first_outcome(dossier: Any) -> str:
    process = process_of(dossier)
    return process.stage(process.start).outcomes[0].code


class DossierLifecycle(Subject):
    """Verbs of a dossier."""

    if TYPE_CHECKING:
        due_at: datetime | None
        stage_since: datetime | None

    class Meta:
        abstract = True

    # --- moving along the process -----------------------------------------------------------------
    def _leave(self: Any, code: str, actor: Any) -> None:
        """Take an outcome: the next stage is entered, or the end keeps the stage and its outcome."""
        process = process_of(self)
        following = process.next_stage(self.stage, code)
        self.move(outcome=code)
        self.due_at = None
        if following is None:
            return
        self.move(stage=following.code)
        self.stage_since = clock.now()
        self.secret = process.is_secret(following.code)
        stages.on_enter(following.kind, self, actor)

    @verb(
        source=(DossierState.DRAFT, DossierState.IN_PROGRESS),
        target=DossierState.IN_PROGRESS,
        who=rules.may_sign,
        label=gettext_lazy("Déposer la demande"),
        help=gettext_lazy(
            "Jusqu’à la fermeture, la demande peut être modifiée et déposée de nouveau; ce dépôt compte d’ici là."
        ),
        guards=(call_is_open, no_staff_act_yet, lead_limit_holds, nothing_blocks),
        locks=entry_locks,
    )
    def submit(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Freeze what the signatory saw; the first filing gives the number."""
        from applications import filing

        first = self.state == DossierState.DRAFT
        made: dict[str, Any] = filing.freeze(self, actor, kind="filing", **data)
        if first:
            process = process_of(self)
            self.move(stage=process.start)
            filing.count_lead(self)
            self._leave(_first_outcome(self), actor)
        else:  # where the first stage judges, it judges the new version
            stages.on_enter(process_of(self).stage(self.stage).kind, self, actor)
        return made

    @verb(
        source=DossierState.IN_PROGRESS,
        target=DossierState.WITH_APPLICANT,
        who=is_stage_actor,
        label=gettext_lazy("Demander des compléments…"),
        help=gettext_lazy("Seules les questions choisies sont rouvertes, jusqu’à l’instant indiqué."),
        guards=(stage_may_ask, content_is_readable, another_person),
        form="applications.staff_forms.SendBackForm",
        system=("scanner",),
        order=2,
    )
    def send_back(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Open the named questions to the applicant until the due instant."""
        from applications import checking

        asked: dict[str, Any] = checking.ask(self, actor, **data)
        return asked

    @verb(
        source=DossierState.WITH_APPLICANT,
        target=DossierState.IN_PROGRESS,
        who=rules.may_sign,
        label=gettext_lazy("Envoyer les compléments"),
        help=gettext_lazy("Vos réponses forment une nouvelle version, gardée à côté de l’ancienne."),
        guards=(in_time, nothing_blocks),
    )
    def resubmit(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Freeze the answers to a request for completion beside the version before."""
        from applications import checking, filing

        made: dict[str, Any] = filing.freeze(self, actor, kind="completion", **data)
        checking.close_request(self, answered=True)
        self.due_at = None
        stages.on_enter(process_of(self).stage(self.stage).kind, self, actor)
        return made

    @verb(
        source=(DossierState.IN_PROGRESS, DossierState.WITH_APPLICANT),
        target=DossierState.IN_PROGRESS,
        who=is_stage_actor,
        label=gettext_lazy("Passer à l’étape suivante"),
        guards=(outcome_fits, outcome_leads_on, content_is_readable, another_person, stage_blocks_nothing),
        form="applications.staff_forms.AdvanceForm",
        system=("silence",),
        order=1,
    )
    def advance(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Close the stage with one of its outcomes and enter the next one."""
        from applications import checking

        if self.state == DossierState.WITH_APPLICANT:
            checking.close_request(self, answered=False)
        self._leave(str(data["outcome"]), actor)
        return {key: data[key] for key in ("note", "text") if key in data}

    @verb(
        source=(DossierState.IN_PROGRESS, DossierState.WAITLISTED),
        target=DossierState.ACCEPTED,
        who=lambda dossier, user: False,
        label=gettext_lazy("Accepter"),
        guards=(outcome_fits, outcome_ends_in("accepted")),
        system=("release",),
    )
    def accept(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The line of a released decision accepts the dossier."""
        self._leave(str(data["outcome"]), actor)
        return {"decision": data.get("decision"), "line": data.get("line")}

    @verb(
        source=DossierState.IN_PROGRESS,
        target=DossierState.WAITLISTED,
        who=lambda dossier, user: False,
        label=gettext_lazy("Inscrire à la liste d’attente"),
        guards=(outcome_fits, outcome_ends_in("waitlisted")),
        system=("release",),
    )
    def waitlist(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The line of a released decision puts the dossier on the waiting list."""
        self._leave(str(data["outcome"]), actor)
        return {"decision": data.get("decision"), "line": data.get("line")}

    @verb(
        source=(DossierState.IN_PROGRESS, DossierState.WAITLISTED),
        target=DossierState.REJECTED,
        who=lambda dossier, user: is_stage_actor(dossier, user) and not dossier.secret,
        label=gettext_lazy("Contresigner le refus…"),
        help=gettext_lazy("Le refus est lisible aussitôt; la lettre attend dans les envois qu’on la libère."),
        guards=(outcome_fits, outcome_ends_in("rejected"), another_person, stage_blocks_nothing),
        proofs=(second_factor,),
        form="applications.staff_forms.RejectForm",
        system=("release",),
        order=3,
    )
    def reject(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """End in a refusal: countersigned for eligibility, or carried out by a released decision."""
        self._leave(str(data["outcome"]), actor)
        return {key: data[key] for key in ("decision", "line", "text") if key in data}

    @verb(
        source=OPEN,
        target=DossierState.WITHDRAWN,
        who=is_signatory_or_manager,
        label=gettext_lazy("Retirer la demande…"),
        help=gettext_lazy(
            "Le dossier prend fin; l’argent promis, s’il y en a, retourne à l’enveloppe. C’est définitif."
        ),
        needs_reason=True,
        locks=withdrawal_locks,
        system=("claim_refused",),
        order=9,
    )
    def withdraw(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """End at the applicant's or the ministry's word; a promised line is voided and its money freed."""
        from applications import checking, filing

        if isinstance(actor, SystemActor):
            self.end_cause = actor.code
        else:
            self.end_cause = "applicant" if rules.may_sign(self, actor) else "ministry"
        checking.close_request(self, answered=False)
        filing.uncount_lead(self)
        freed = freeing.free(self.pk, "withdrawn", actor=actor)
        self.due_at = None
        return {"cause": self.end_cause, "freed": freed, "text": str(data.get("text", ""))}
