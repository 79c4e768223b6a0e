"""A refusal that was reversed: the dossier goes on where it was stopped, or is granted by a decision of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import checking
from grants import freeing
from web import clock
from workflows import schema, stages
from workflows.lifecycle import Subject, verb
from workflows.models import Event

if TYPE_CHECKING:
    from datetime import datetime

Data = dict[str, Any]
RECONSIDERATION = "reconsideration"  # the system actor that carries an answer out
DEPARTURE = "departure"  # takes a dossier back, on behalf of the analyst who concluded
REFUSED = "rejected"


def process_of(dossier: Any) -> schema.Process:
    """The process that the dossier's edition pins."""
    return schema.parse(dossier.edition.definition.body)


def resumes_at(dossier: Any) -> schema.Stage | None:
    """Where a dossier refused before its review goes on; nothing where there is no way on.

    The stage that proposed the refusal is taken again, unless it judged the rules: its findings stand as they were
    written, the answer says why they do not shut the dossier out, and the stage is left by its favourable outcome.
    """
    process = process_of(dossier)
    code, outcome = _proposed_in(dossier)
    stage = process.stages.get(code)
    if stage is None or stage.kind.code != "check":
        return None
    is_silence = stage.delay is not None and outcome == stage.delay.silence
    if is_silence or not checking.judges_rules(stage):
        return stage
    for way in stage.choices():
        if way.to is not None and process.stage(way.to).kind.code != "countersign":
            return process.stage(way.to)
    return None


def _proposed_in(dossier: Any) -> tuple[str, str]:
    """The stage in which the refusal was proposed, and its outcome: the last one left for where it was confirmed."""
    moves = Event.objects.filter(
        subject_type="applications.dossier", subject_id=dossier.pk, verb="applications.dossier.advance"
    )
    for event in moves.order_by("-id"):
        if event.data.get("to_stage") == dossier.stage:
            return event.stage, str(event.data.get("outcome", ""))
    return str(dossier.stage), str(dossier.outcome)


def stage_is_on_the_way(dossier: Any, actor: Any, data: Data) -> str | None:
    """It goes on in the stage where it was stopped, or in the one that follows."""
    found = resumes_at(dossier)
    if found is None or found.code != data.get("stage"):
        return _("Le dossier ne peut pas reprendre à cette étape.")
    return None


def end_is_an_acceptance(dossier: Any, actor: Any, data: Data) -> str | None:
    """The outcome named is one by which the authority accepts."""
    if _deciding_stage(process_of(dossier), data.get("outcome")) is None:
        return _("Cette issue n’accorde pas d’aide.")
    return None


def _deciding_stage(process: schema.Process, outcome: Any) -> schema.Stage | None:
    """The stage of decision whose outcome of that code accepts."""
    for stage in process.stages.values():
        accepted = {one.code for one in stage.outcomes if one.end == "accepted"}
        if stage.kind.code == "decision" and outcome in accepted:
            return stage
    return None


def _judging_stage(process: schema.Process) -> schema.Stage | None:
    """The stage that judges the rules."""
    return next((one for one in process.stages.values() if checking.judges_rules(one)), None)


def rules_are_judged_somewhere(dossier: Any, actor: Any, data: Data) -> str | None:
    """The process has a stage of eligibility."""
    if _judging_stage(process_of(dossier)) is None:
        return _("Cet appel ne juge pas de règles d’admissibilité.")
    return None


class Reopening(Subject):
    """Verbs of a dossier that takes its way again; nobody asks for them, an answer carries them out."""

    if TYPE_CHECKING:
        due_at: datetime | None
        stage_since: datetime | None
        secret: bool

    class Meta:
        abstract = True

    @verb(
        source=REFUSED,
        target="in_progress",
        who=lambda dossier, user: False,
        label=gettext_lazy("Reprendre après un réexamen"),
        guards=(stage_is_on_the_way,),
        system=(RECONSIDERATION,),
    )
    def reopen(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The reversed refusal of a dossier that was stopped before its review: it goes on."""
        process = process_of(self)
        stage = process.stage(str(data["stage"]))
        self.move(stage=stage.code, outcome="")
        now = clock.now()
        self.stage_since, self.due_at, self.end_cause = now, None, ""
        self.secret = process.is_secret(stage.code)
        stages.on_enter(stage.kind, self, actor)
        if self.due_at is not None and self.due_at <= now:  # the calendar of the call went on without it
            self.due_at = None
        return {"reconsideration": data.get("reconsideration")}

    @verb(
        source=REFUSED,
        target="accepted",
        who=lambda dossier, user: False,
        label=gettext_lazy("Accorder après un réexamen"),
        guards=(end_is_an_acceptance,),
        system=("release",),
    )
    def grant(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The line of a released decision that follows a reversed refusal accepts the dossier."""
        process = process_of(self)
        stage = _deciding_stage(process, data["outcome"])
        assert stage is not None
        self.move(stage=stage.code, outcome=str(data["outcome"]))
        self.secret = process.is_secret(stage.code)
        self.due_at = None
        return {"decision": data.get("decision"), "line": data.get("line")}

    @verb(
        source="in_progress",
        target="in_progress",
        who=lambda dossier, user: False,
        label=gettext_lazy("Ramener à l’admissibilité"),
        guards=(rules_are_judged_somewhere,),
        locks=lambda dossier, actor, data: freeing.locks_of(dossier.pk),
        system=(DEPARTURE,),
    )
    def take_back(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """A partner left and the rules say no: a line that promised money is voided, a refusal may be proposed."""
        stage = _judging_stage(process_of(self))
        assert stage is not None
        freed = freeing.free(self.pk, DEPARTURE, actor=actor)
        self.move(stage=stage.code, outcome="")
        self.stage_since, self.due_at = clock.now(), None
        self.secret = process_of(self).is_secret(stage.code)
        return {"freed": freed}
