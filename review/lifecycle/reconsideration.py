"""The machine of a reconsideration: asked, admitted or not, decided by others, countersigned, closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.proofs import second_factor
from applications.reopening import RECONSIDERATION, resumes_at
from grants import rules as grants_rules
from review import taking_part
from review.querysets import ANSWERING
from web import clock
from workflows.actors import SystemActor
from workflows.engine import fire, record
from workflows.lifecycle import Data, Subject, verb

if TYPE_CHECKING:
    from datetime import datetime


class ReconsiderationState(models.TextChoices):
    """States of a reconsideration; the dossier keeps its own."""

    ASKED = "asked"
    ADMITTED = "admitted"
    INADMISSIBLE = "inadmissible"
    DECIDED = "decided"  # waits for its countersignature
    CLOSED = "closed"


FORMS = "review.reconsideration_forms"
OPEN = (ReconsiderationState.ASKED, ReconsiderationState.ADMITTED, ReconsiderationState.DECIDED)


# --- who ---------------------------------------------------------------------------------------------
def is_its_manager(row: Any, user: Any) -> bool:
    """A manager of the call: admits, names who answers, gives nobody's answer."""
    return grants_rules.is_manager(user, row.call)


def is_its_reconsiderer(row: Any, user: Any) -> bool:
    """The person named to answer, as long as he or she is of the ministry on this call."""
    return row.reconsiderer_id == user.pk and grants_rules.has_call_role(user, row.call, *ANSWERING)


def is_its_authority(row: Any, user: Any) -> bool:
    """An authority of the call that is not the person who answered."""
    return grants_rules.is_authority(user, row.call) and row.reconsiderer_id != user.pk


# --- guards ------------------------------------------------------------------------------------------
def took_no_part(row: Any, actor: Any, data: Data) -> str:
    """Whoever took part in the refused decision neither answers nor countersigns."""
    return taking_part.why_out(row.dossier, actor, apart_from=row.pk)


def person_took_no_part(row: Any, actor: Any, data: Data) -> str:
    """The person named holds a role of the ministry on the call, and took no part."""
    if "person" not in data:
        return ""
    person = User.objects.filter(pk=data["person"], is_active=True).first()
    if person is None or not grants_rules.has_call_role(person, row.call, *ANSWERING):
        return _("Choisissez une personne du ministère qui a un rôle dans cet appel.")
    return taking_part.why_out(row.dossier, person, apart_from=row.pk)


def answer_is_whole(row: Any, actor: Any, data: Data) -> list[str]:
    """Maintained or reversed, with reasons that the letter will give."""
    if "answer" not in data:
        return []
    said = []
    if data["answer"] not in ("maintained", "reversed"):
        said.append(_("Dites si la décision est maintenue ou renversée."))
    if not str(data.get("motives", "")).strip():
        said.append(_("Donnez les motifs de la réponse : la lettre les cite."))
    return said


def letter_is_written(row: Any, actor: Any, data: Data) -> str:
    """The answer leaves with its letter: the call has a text for it."""
    texts = apps.get_model("grants", "LetterText")._default_manager
    if texts.filter(call=row.call, kind="L8", language=row.call.language).exists():
        return ""
    return _("La lettre L8 n’a pas de texte : la ou le gestionnaire l’écrit dans les lettres de l’appel.")


def answer_is_what_was_read(row: Any, actor: Any, data: Data) -> str:
    """The countersignature is on the answer that the page showed."""
    if "decided" in data and data["decided"] != row.decided_at.isoformat():
        return _("La réponse a changé depuis que vous l’avez lue : relisez-la avant de contresigner.")
    return ""


# --- locks -------------------------------------------------------------------------------------------
def its_dossier(row: Any, actor: Any, data: Data) -> list[Any]:
    """The dossier on which the act is told."""
    return [row.dossier]


def its_panel_and_dossier(row: Any, actor: Any, data: Data) -> list[Any]:
    """The panel, whose lock decides whether the dossier can go on, and the dossier."""
    panels = apps.get_model("review", "Panel")._default_manager.filter(volet=row.dossier.volet_id)
    return [panels, row.dossier]


def resumed_stage(dossier: Any) -> Any:
    """The stage where a dossier refused before its review goes on, while its panel is still open; else nothing."""
    panels = apps.get_model("review", "Panel")._default_manager.filter(volet=dossier.volet_id)
    return None if panels.filter(state="locked").exists() else resumes_at(dossier)


class ReconsiderationLifecycle(Subject):
    """Verbs of a reconsideration."""

    if TYPE_CHECKING:
        admitted_at: datetime | None
        named_at: datetime | None
        decided_at: datetime | None
        closed_at: datetime | None

    class Meta:
        abstract = True

    def _tell(self: Any, step: str, actor: Any, text: str = "") -> None:
        """A line in the history of the dossier, where applicants read it."""
        record(self.dossier, "reconsideration", actor=actor, text=text, step=step, reconsideration=self.pk)

    @verb(
        source=ReconsiderationState.ASKED,
        target=ReconsiderationState.ADMITTED,
        who=is_its_manager,
        label=gettext_lazy("Admettre la demande"),
        help=gettext_lazy(
            "La demande est dans le délai et invoque une erreur de procédure ou de fait. "
            "Vous confierez ensuite la réponse à une personne qui n’a pas participé au refus."
        ),
        locks=its_dossier,
    )
    def admit(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The request will be answered."""
        self.admitted_at = clock.now()
        self._tell("admitted", actor)
        return {}

    @verb(
        source=ReconsiderationState.ASKED,
        target=ReconsiderationState.INADMISSIBLE,
        who=is_its_manager,
        label=gettext_lazy("Déclarer irrecevable…"),
        help=gettext_lazy(
            "Hors délai, ou sans motif qui permette un réexamen. Le motif est lu par l’organisme."
        ),
        form=f"{FORMS}.DismissForm",
        needs_reason=True,
        locks=its_dossier,
        order=1,
    )
    def dismiss(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The request is not looked into, and why is said."""
        self.dismissal, self.dismissal_words = str(data["dismissal"]), str(data["text"]).strip()
        self.closed_at = clock.now()
        self._tell("inadmissible", actor, self.dismissal_words)
        return {"dismissal": self.dismissal, "text": self.dismissal_words}

    @verb(
        source=ReconsiderationState.ADMITTED,
        target=None,
        who=is_its_manager,
        label=gettext_lazy("Confier la réponse…"),
        help=gettext_lazy(
            "Seules les personnes qui n’ont pas participé à la décision refusée sont proposées."
        ),
        guards=(person_took_no_part,),
        form=f"{FORMS}.NameForm",
        locks=its_dossier,
        order=2,
    )
    def name_reconsiderer(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Somebody who took no part is asked to answer."""
        self.reconsiderer_id, self.named_at = int(data["person"]), clock.now()
        return {"person": self.reconsiderer_id}

    @verb(
        source=ReconsiderationState.ADMITTED,
        target=ReconsiderationState.DECIDED,
        who=is_its_reconsiderer,
        label=gettext_lazy("Répondre à la demande…"),
        help=gettext_lazy(
            "Lisez la demande, le dossier et les motifs du refus, puis maintenez la décision ou renversez-la. "
            "Une autorité contresigne avant que la réponse parte."
        ),
        guards=(took_no_part, answer_is_whole),
        form=f"{FORMS}.AnswerForm",
        locks=its_dossier,
    )
    def decide(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Maintained or reversed, with reasons; nothing is said before the countersignature."""
        self.answer, self.motives = str(data["answer"]), str(data["motives"]).strip()
        self.decided_at, self.returned_words = clock.now(), ""
        return {"answer": self.answer, "text": self.motives}

    @verb(
        source=ReconsiderationState.DECIDED,
        target=ReconsiderationState.ADMITTED,
        who=is_its_authority,
        label=gettext_lazy("Renvoyer avec un motif…"),
        help=gettext_lazy("La réponse revient à la personne qui l’a écrite."),
        guards=(took_no_part,),
        needs_reason=True,
        locks=its_dossier,
        order=2,
    )
    def send_back(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The answer goes back to whoever wrote it, with a reason."""
        self.returned_words = str(data["text"]).strip()
        return {"text": self.returned_words}

    @verb(
        source=ReconsiderationState.DECIDED,
        target=ReconsiderationState.CLOSED,
        who=is_its_authority,
        label=gettext_lazy("Contresigner la réponse…"),
        help=gettext_lazy(
            "La réponse est lisible aussitôt par l’organisme et la lettre part. Un refus renversé avant "
            "l’évaluation reprend son cours; sinon, l’aide fait l’objet d’une décision distincte."
        ),
        guards=(took_no_part, answer_is_what_was_read, letter_is_written),
        proofs=(second_factor,),
        form=f"{FORMS}.CountersignForm",
        locks=its_panel_and_dossier,
        order=1,
    )
    def countersign(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The answer stands: the dossier goes on, or money may be decided, or the refusal is final."""
        self.countersigned_by, self.closed_at = actor, clock.now()
        if self.answer == "reversed":
            stage = resumed_stage(self.dossier) if self.gate == "eligibility" else None
            self.effect = "money" if stage is None else "reopened"
            if stage is not None:
                system = SystemActor(RECONSIDERATION, actor)
                fire(self.dossier, "reopen", actor=system, stage=stage.code, reconsideration=self.pk)
        self._tell("answered", actor)
        return {"answer": self.answer, "effect": self.effect}
