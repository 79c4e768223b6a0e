"""A dossier of the ready-made call, filled so that nothing stands against filing."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Organisation, User
from applications import filing, snapshots
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.actions.files import add_file
from applications.models import Dossier, Snapshot
from grants.models import Call
from tests import factories
from web import clock

PDF = (
    b"%PDF-1.7\n"
    b"1 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n"
    b"2 0 obj\n<</Type /Pages /Count 1 /Kids [3 0 R]>>\nendobj\n"
    b"3 0 obj\n<</Type /Page /Parent 2 0 R /MediaBox [0 0 72 72] /Resources <<>>>>\nendobj\n"
    b"xref\n0 4\n0000000000 65535 f \n0000000009 00000 n \n0000000056 00000 n \n0000000111 00000 n \n"
    b"trailer\n<</Size 4 /Root 1 0 R>>\nstartxref\n194\n%%EOF\n"
)

ANSWERS: dict[str, Any] = {
    "title": "Trouver les fuites avant le dégel",
    "summary": "Des débitmètres dans quatre zones du réseau d’aqueduc.",
    "themes": ["environnement"],
    "need": "Le tiers de l’eau est perdu.",
    "solution": "Quatre débitmètres et trente enregistreurs.",
    "results": "De 31 % à 18 % de pertes en deux ans.",
    "personal_data": False,
    "data": "Les volumes seront publiés chaque mois.",
    "start": "2027-01-11",
    "end": "2028-06-30",
    "budget": {
        "lines": [
            {"id": "l1", "category": "equipment", "description": "Débitmètres", "amount": 30000},
            {"id": "l2", "category": "training", "description": "Formation", "amount": 10000},
        ],
        "funding": [{"id": "f1", "source": "Municipalité", "kind": "own", "public": False, "amount": 8000}],
    },
    "requested": 32000,
    "resolution_number": "2026-02-034",
    "resolution_date": "2026-02-09",
    "declaration": True,
}


def pdf(name: str = "resolution.pdf", data: bytes = PDF) -> SimpleUploadedFile:
    """A small PDF as a browser sends it."""
    return SimpleUploadedFile(name, data, content_type="application/pdf")


def signatory_of(organisation: Organisation, *, status: str = "confirmed") -> User:
    """A signatory of an organisation, confirmed unless said."""
    user = factories.make_user()
    factories.make_member(user, organisation, "signatory", status=status)
    return user


def fill(dossier: Dossier, actor: User, **changes: Any) -> Dossier:
    """Answer every question and attach the resolution."""
    for code, value in {**ANSWERS, **changes}.items():
        save_answer(dossier, code, value, actor=actor)
    add_file(dossier, "resolution", pdf(), actor=actor)
    dossier.refresh_from_db()
    return dossier


def make_filled(call: Call, organisation: Organisation, actor: User, **changes: Any) -> Dossier:
    """A draft of the call with nothing against it."""
    dossier, _is_new = start_dossier(call, organisation, actor=actor)
    return fill(dossier, actor, **changes)


def file_now(dossier: Dossier, actor: User, *, key: str = "cle-1", **data: Any) -> Snapshot:
    """Sign what is shown now."""
    dossier.refresh_from_db()
    shown = snapshots.shown(dossier)
    return filing.submit(
        dossier,
        actor=actor,
        digest=data.pop("digest", shown.digest),
        submit_key=key,
        received_at=data.pop("received_at", clock.now()),
        **data,
    )
