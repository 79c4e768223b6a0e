"""A joint project of the ready-made call: three bodies wanted, each confirmed; fixtures and acts of its tests."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Organisation, User
from applications.actions import partners as acts
from applications.actions.drafts import start_dossier
from applications.models import Body, Dossier, Snapshot
from grants.actions.calls import Options, load_call, loader
from grants.reading import folder, read_source
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import CALL_STAFF, STAFF
from web import clock
from workflows.engine import fire

QUESTION = {
    **dict.fromkeys(("help", "role", "show_when", "require_when")),
    "code": "partners",
    "type": "partners",
    "label": {"fr": "Les partenaires", "en": "Partners"},
    "sensitivity": "public",
    "required": False,
    "min_bodies": {"UNIQUE": 3},
    "all_confirmed": True,
}
RULE = {
    "id": "E14",
    "label": {"fr": "Trois organismes ont confirmé", "en": "Three bodies confirmed"},
    "article": "3.1",
    "consequence": "ineligible",
    "manual": False,
    "when": None,
    "cases": [
        {
            "if": {
                "op": "lt",
                "left": {"op": "count", "fact": "partners_confirmed"},
                "right": {"value": 3},
            },
            "then": "no",
            "cause": {
                "fr": "Moins de trois organismes ont confirmé.",
                "en": "Fewer than three bodies confirmed.",
            },
        }
    ],
    "else": "yes",
}


@pytest.fixture
def staff() -> dict[str, User]:
    return {}


@pytest.fixture
def lead(db: None) -> User:
    return filled.signatory_of(factories.make_org("31056"))


@pytest.fixture
def draft(lead: User, staff: dict[str, User]) -> Dossier:
    """A draft of a call that wants three confirmed bodies."""
    source = read_source(folder("flin"))
    source["form"]["sections"][0]["questions"].append(QUESTION)
    source["rules"]["rules"].append(RULE)
    closes = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    call = load_call(source, options=Options(code="JOINT", closes=closes)).call
    staff.update({role: factories.make_staff(role, call.programme) for role in STAFF})
    staff.update({role: factories.make_staff(role, call) for role in CALL_STAFF})
    fire(call, "publish", actor=loader(), past=True)
    call.refresh_from_db()
    dossier, _made = start_dossier(call, factories.make_org("31056"), actor=lead)
    return filled.fill(dossier, lead)


def town(code: str) -> tuple[Organisation, User]:
    """A municipality and its signatory."""
    organisation = factories.make_org(code)
    return organisation, filled.signatory_of(organisation)


def joined(dossier: Dossier, lead: User, *codes: str) -> list[tuple[Body, User]]:
    """Partners asked for a tenth of the costs each."""
    found = []
    for code in codes:
        organisation, signatory = town(code)
        found.append((acts.add(dossier, organisation, part="Essais", share=4000, actor=lead), signatory))
    return found


def confirm(body: Body, signatory: User, number: str = "2026-03-11") -> None:
    """Under a final resolution of today."""
    acts.confirm(body, number=number, day=clock.today(), kind="final", actor=signatory)


def confirmed(dossier: Dossier, lead: User, *codes: str) -> list[tuple[Body, User]]:
    """Partners asked, each confirmed."""
    found = joined(dossier, lead, *codes)
    for body, signatory in found:
        confirm(body, signatory)
    return found


def filed(dossier: Dossier, lead: User) -> Snapshot:
    """Filed as it stands."""
    return filled.file_now(Dossier.objects.get(pk=dossier.pk), lead)


def page_of(dossier: Dossier) -> str:
    """The page of its bodies."""
    return f"/dossiers/{dossier.pk}/partenaires/"
