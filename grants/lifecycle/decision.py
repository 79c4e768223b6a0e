"""The machine of a decision: proposed by the manager, signed by the authority, released by both."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.proofs import second_factor
from grants import rules
from web import clock
from workflows.lifecycle import Subject, verb


class DecisionState(models.TextChoices):
    """States of a decision; the lines are carried out one by one by the sweep once it is released."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    RETURNED = "returned"
    SIGNED = "signed"
    RELEASED = "released"


EDITABLE = (DecisionState.DRAFT, DecisionState.RETURNED)
COMMITTED = (DecisionState.SIGNED, DecisionState.RELEASED)


# --- who ---------------------------------------------------------------------------------------------
def is_its_manager(decision: Any, user: Any) -> bool:
    """A manager of the call."""
    return rules.is_manager(user, decision.call)


def is_its_authority(decision: Any, user: Any) -> bool:
    """An authority of the call that did not propose it: nobody approves an own proposal."""
    return rules.is_authority(user, decision.call) and decision.proposer_id() != user.pk


# --- guards ------------------------------------------------------------------------------------------
def lines_are_whole(decision: Any, actor: Any, data: dict[str, Any]) -> list[str]:
    """Lines exist, each departure from the rule has its reason, instants are in order and ahead."""
    said = []
    lines = list(decision.lines.all())
    if not any(line.voided_at is None for line in lines):
        said.append(_("La décision n’a aucune ligne qui tient."))
    bare = [line.dossier_number for line in lines if line.departs() and not line.departure_reason.strip()]
    if bare:
        said.append(
            _("Il manque le motif d’un écart à la règle : %(numbers)s.") % {"numbers": ", ".join(bare)}
        )
    if decision.publish_at < decision.letters_at:
        said.append(_("La publication ne peut pas précéder les lettres."))
    return said


def instants_are_ahead(decision: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """Letters cannot leave in the past."""
    if decision.letters_at <= clock.now():
        return _("L’instant des lettres est passé : choisissez-en un autre avant de proposer.")
    return None


def money_is_there(decision: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """The envelope holds what the lines promise, beside what is already committed."""
    line = decision.budget_line()
    missing = decision.promised() - decision.money_back() - (line.amount - line.committed)
    if missing > 0:
        return _("L’enveloppe du volet est dépassée de %(dollars)s $.") % {
            "dollars": f"{missing:,}".replace(",", "\u00a0")
        }
    return None


def lines_may_be_signed(decision: Any, actor: Any, data: dict[str, Any]) -> list[str]:
    """What can stop an award (final resolution missing …) stops the signature of its line."""
    found: list[str] = decision.line_obstacles()
    return found


def dossiers_stand(decision: Any, actor: Any, data: dict[str, Any]) -> list[str]:
    """No line is about a dossier that ended since it was proposed: money is never committed to it."""
    return [
        _(
            "%(number)s a pris fin depuis la proposition : renvoyez la décision, "
            "elle sera proposée de nouveau sans cette ligne."
        )
        % {"number": line.dossier_number}
        for line in decision.ended_lines()
    ]


def replaced_lines_stand(decision: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """A correction replaces lines that still stand and were not carried out, or nothing."""
    if decision.is_correction() and decision.replaced_lines().count() != decision.standing().count():
        return _("Une ligne que cette décision corrige a été exécutée ou annulée entre-temps.")
    return None


def digest_is_what_was_read(decision: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """The page carries the hash of what it shows, and the signature is on that hash."""
    if "digest" in data and data["digest"] != decision.digest:
        return _("La décision a changé depuis que vous l’avez lue : relisez-la avant de signer.")
    return None


def manager_released_first(decision: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """The release is signed by the manager, then by the authority."""
    if not decision.has_approval("release_manager"):
        return _("La ou le gestionnaire libère d’abord, l’autorité ensuite.")
    return None


def manager_has_not_released(decision: Any, actor: Any, data: dict[str, Any]) -> str | None:
    """Once is enough."""
    if decision.has_approval("release_manager"):
        return _("La libération est déjà demandée : elle attend l’autorité.")
    return None


def locks_of_signing(decision: Any, actor: Any, data: dict[str, Any]) -> list[Any]:
    """The decisions whose lines it replaces, and the budget line."""
    return [decision.supersedes, decision.budget_line()]


class DecisionLifecycle(Subject):
    """Verbs of a decision."""

    class Meta:
        abstract = True

    @verb(
        source=EDITABLE,
        target=DecisionState.PROPOSED,
        who=is_its_manager,
        label=gettext_lazy("Proposer à l’autorité"),
        help=gettext_lazy(
            "L’autorité reçoit une page : lignes, sommes, écarts, régions, empreinte. Elle signe ou renvoie."
        ),
        guards=(lines_are_whole, instants_are_ahead, money_is_there),
    )
    def propose(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Freeze the text and its hash, without the dossiers that ended meanwhile; earlier approvals fall."""
        self.drop_ended()
        self.freeze()
        self.cancel_approvals()
        self.approve("proposed", actor)
        return {"digest": self.digest, "lines": self.standing().count()}

    @verb(
        source=DecisionState.PROPOSED,
        target=DecisionState.RETURNED,
        who=is_its_authority,
        label=gettext_lazy("Renvoyer avec un motif…"),
        help=gettext_lazy("La proposition revient à la ou au gestionnaire, avec votre motif."),
        needs_reason=True,
    )
    def send_back(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Give the proposal back with a reason; nothing is committed."""
        self.cancel_approvals()
        self.returned_reason = str(data["text"]).strip()
        return {"digest": self.digest, "text": self.returned_reason}

    @verb(
        source=DecisionState.PROPOSED,
        target=DecisionState.SIGNED,
        who=is_its_authority,
        label=gettext_lazy("Signer la décision…"),
        help=gettext_lazy(
            "Votre mot de passe est demandé de nouveau. La signature engage l’argent sur l’enveloppe du volet."
        ),
        guards=(
            digest_is_what_was_read,
            lines_are_whole,
            instants_are_ahead,
            dossiers_stand,
            replaced_lines_stand,
            lines_may_be_signed,
            money_is_there,
        ),
        proofs=(second_factor,),
        form="review.decision_forms.SignForm",
        locks=locks_of_signing,
        order=-1,
    )
    def sign(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """Commit the money of the lines in the same transaction."""
        moved = self.take_over_lines()
        self.commit_money()
        self.approve("signed", actor)
        return {"digest": self.digest, "dollars": self.promised(), "replaced": moved}

    @verb(
        source=DecisionState.SIGNED,
        target=None,
        who=is_its_manager,
        label=gettext_lazy("Libérer les lettres et la publication"),
        help=gettext_lazy(
            "Premier de deux accords : l’autorité confirme ensuite. Rien ne part avant l’instant des lettres."
        ),
        guards=(manager_has_not_released,),
        proofs=(second_factor,),
        form="review.decision_forms.ReleaseForm",
    )
    def ask_release(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The manager's half of the release."""
        self.approve("release_manager", actor)
        return {"digest": self.digest}

    @verb(
        source=DecisionState.SIGNED,
        target=DecisionState.RELEASED,
        who=is_its_authority,
        label=gettext_lazy("Confirmer la libération"),
        help=gettext_lazy("Les lettres partent à leur instant, la liste paraît au sien."),
        guards=(manager_released_first,),
        proofs=(second_factor,),
        form="review.decision_forms.ReleaseForm",
    )
    def release(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """The authority's half; from here on readable means that the instant has come."""
        self.approve("release_authority", actor)
        return {"digest": self.digest}

    @verb(
        source=COMMITTED,
        target=None,
        who=lambda decision, user: False,
        label=gettext_lazy("Annuler une ligne"),
        system=("withdrawal",),
        locks=lambda decision, actor, data: [decision.budget_line()],
    )
    def void_line(self: Any, *, actor: Any, **data: Any) -> dict[str, Any]:
        """A dossier that withdraws before its letter voids its line and frees its money."""
        freed = self.void(int(data["line"]), str(data.get("cause", "withdrawn")))
        return {"line": int(data["line"]), "dollars": freed}
