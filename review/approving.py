"""The approval that a sum asks for: who gave it outside, under which number, when, by which document."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.files.base import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from applications import parsing, quarantine, scanning
from applications.actions.files import Stored, store
from applications.fields import Question
from applications.scanning import BadFile
from grants.bands import asked_of, bands_of
from grants.models import DecisionLine
from grants.rules import is_manager
from review.deciding import EDITABLE
from review.models import ApprovalFile
from web import clock
from workflows.engine import NotAllowed, Refused, locked, record, unit

SLOT = "autorisation"
ACCEPTED = (".pdf",)
LONGEST = 200


def slot() -> Question:
    """What the document of an approval may be."""
    return Question(SLOT, "file", _("Document"), accept=ACCEPTED, max_mb=20)


def refer(
    line: DecisionLine, body: str, number: str, on: date, upload: File[bytes] | None, *, actor: Any
) -> None:
    """Write the reference on the line of a decision in preparation; any earlier approval falls."""
    if not is_manager(actor, line.decision.call):
        raise NotAllowed("a manager writes the reference of a line")
    faults = _faults(line, body, number, on, upload)
    if faults:
        raise Refused(faults)
    stored, by = _received(upload)
    try:
        _write(line, body.strip(), number.strip(), on, stored, by, actor)
    except BaseException:
        if stored is not None:
            default_storage.delete(stored.path)
        raise


def _faults(line: DecisionLine, body: str, number: str, on: date, upload: File[bytes] | None) -> list[str]:
    faults = []
    if not (body.strip() and number.strip()):
        faults.append(_("Indiquez l’organisme qui a autorisé et le numéro de son acte."))
    if on > clock.today():
        faults.append(_("La date de l’autorisation est à venir."))
    if upload is None and not line.reference.get("document"):
        faults.append(_("Joignez le document de l’autorisation."))
    return faults


def _received(upload: File[bytes] | None) -> tuple[Stored | None, str]:
    """The file in the storage, scanned at once: nobody waits for it but the manager who sends it."""
    if upload is None:
        return None, ""
    stored = store(slot(), upload)
    try:
        return stored, "" if scanning.is_off() else _scanned(stored)
    except BaseException:
        default_storage.delete(stored.path)
        raise


def _scanned(stored: Stored) -> str:
    try:
        with default_storage.open(stored.path) as opened:
            by, found = quarantine.scan(opened)
            if not found:
                parsing.check_apart(opened, stored.name)
    except quarantine.Away as away:
        said = _("Le service d’analyse des fichiers ne répond pas : réessayez dans quelques minutes.")
        raise Refused([said]) from away
    except (quarantine.Unscannable, BadFile) as refused:
        raise Refused([str(refused)]) from refused
    if found:
        raise Refused([_("Ce fichier porte un logiciel malveillant : il n’est pas gardé.")])
    return by


def _write(
    line: DecisionLine, body: str, number: str, on: date, stored: Stored | None, by: str, actor: Any
) -> None:
    """The reference and its document, under the lock of the decision."""
    with unit(locks=[line.decision]) as held:
        decision = locked(held, line.decision)
        row = decision.lines.get(pk=line.pk)
        edition = decision.call.edition
        band = asked_of(row, bands_of(edition.content) if edition is not None else ())
        faults = []
        if decision.state not in EDITABLE:
            faults.append(_("La décision est déjà proposée : faites-la d’abord renvoyer."))
        if band is None or row.voided_at is not None:
            faults.append(_("Le montant de cette ligne ne demande aucune autorisation."))
        if stored is None and not row.reference.get("document"):
            faults.append(_("Joignez le document de l’autorisation."))
        if faults or band is None:
            raise Refused(faults)
        kept = row.reference.get("document") if stored is None else _keep(row, stored, by, actor)
        row.reference = {
            "band": band["code"],
            "body": body,
            "number": number,
            "date": on.isoformat(),
            "document": kept,
        }
        row.save(update_fields=["reference"])
        decision.cancel_approvals()
        record(decision, "refer", actor=actor, line=row.pk, band=band["code"], document=kept["digest"])
    line.reference = row.reference


def _keep(line: DecisionLine, stored: Stored, by: str, actor: Any) -> dict[str, Any]:
    made = ApprovalFile.objects.create(
        line=line,
        name=stored.name,
        content_type=stored.media,
        size=stored.size,
        digest=stored.digest,
        path=stored.path,
        scanned_by=by[:120],
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    return {"file": made.pk, "name": made.name, "digest": made.digest}
