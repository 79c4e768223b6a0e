"""The people of the story: appointed, invited, claimed and confirmed by the same doors as anybody."""

from __future__ import annotations

from typing import Any

from django.db import models

from accounts import entries
from accounts.actions import claims, directory, invitations, people, roles
from accounts.models import Membership, Organisation, Scheme, User
from grants.models import Call, Programme
from notifications.demo import PASSWORD
from notifications.seeding import corpus
from workflows.actors import SystemActor
from workflows.engine import record, unit

PROGRAMME_MANAGER, SECOND_MANAGER = "G01", "G02"
SECRETARY, CHAIR, AUTHORITY, AUDITOR, TECHNICIAN = "S01", "PR1", "AU1", "V01", "T01"
ANALYSTS, SECOND_ANALYSTS = ("A01", "A02", "A03"), ("A04", "A05")
REVIEWERS = tuple(f"R{n:02d}" for n in range(1, 41))
FUNCTIONS = {
    "analyst": "Analyste",
    "programme_manager": "Gestionnaire de programme",
    "committee_secretary": "Secrétaire de comités",
    "committee_chair": "Présidence de comité",
    "decision_authority": "Sous-ministre adjointe",
    "auditor": "Vérificateur interne",
    "technical_admin": "Administratrice technique",
}
COUNCILS = {"62802": "Conseil de Manawan"}  # lands whose council applies


def person(code: str) -> User:
    """Somebody of the corpus, read anew: rights given since count."""
    return User.objects.get(email=corpus.people()[code]["email"])


def make(code: str) -> User:
    """The account of somebody of the corpus, made by its owner."""
    told = corpus.people()[code]
    known = User.objects.filter(email=told["email"]).first()
    if known is not None:
        return known
    language = told.get("language") or (told.get("languages") or ["fr"])[0]
    with unit():
        made = people.new_account(
            told["email"],
            given_name=told["given_name"],
            family_name=told["family_name"],
            password=PASSWORD,
            language="en" if language == "en" else "fr",
        )
        _describe(made, told)
        record(made, "create", actor=made)
    return made


def _describe(made: User, told: dict[str, Any]) -> None:
    made.function = told.get("title") or FUNCTIONS.get(told.get("role", ""), "")
    made.workplace = told.get("organisation", "")
    made.phone = f"418 555-{1000 + made.pk % 9000:04d}"
    home = told.get("home_municipality")
    if home:
        made.home = Organisation.objects.filter(scheme=Scheme.QC, code=home).first()
    made.save()


# --- the ministry -----------------------------------------------------------------------------------------
def import_directory() -> None:
    """The official directory, where it is not in place yet."""
    directory.apply(directory.plan(), actor=SystemActor(entries.DIRECTORY))


def appoint(programme: Programme) -> None:
    """The first manager, then by him or her the others; the authority by two managers."""
    for code in (PROGRAMME_MANAGER, SECOND_MANAGER, AUTHORITY, AUDITOR, TECHNICIAN):
        make(code)
    roles.appoint(person(PROGRAMME_MANAGER), programme, actor=SystemActor(entries.APPOINTING))
    people.appoint_technical(person(TECHNICIAN), actor=SystemActor(entries.APPOINTING))
    manager = person(PROGRAMME_MANAGER)
    roles.give_role(person(SECOND_MANAGER), "manager", programme, actor=manager)
    roles.give_role(person(AUDITOR), "auditor", programme, actor=manager)
    proposal = roles.give_role(person(AUTHORITY), "authority", programme, actor=manager)
    if proposal is not None:
        roles.approve_role(proposal, actor=person(SECOND_MANAGER))


def staff_call(call: Call) -> None:
    """Analysts, who countersigns, and the secretary of a call."""
    manager = person(PROGRAMME_MANAGER)
    held = [("analyst", ANALYSTS), ("second_analyst", SECOND_ANALYSTS), ("secretary", (SECRETARY,))]
    for role, codes in held:
        for code in codes:
            roles.give_role(make(code), role, call, actor=manager)


def give(code: str, role: str, thing: models.Model) -> None:
    """A role given by the manager."""
    roles.give_role(make(code), role, thing, actor=person(PROGRAMME_MANAGER))


def appointing() -> SystemActor:
    """Who names a first manager."""
    return SystemActor(entries.APPOINTING)


# --- municipalities ---------------------------------------------------------------------------------------
def body_of(code: str) -> Organisation:
    """A body of the directory by its code: three digits name an MRC."""
    return Organisation.objects.get(scheme=Scheme.MRC if len(code) == 3 else Scheme.QC, code=code)


def organisation_of(project: corpus.Project) -> Organisation:
    """Who applies: the municipality, or the council of a land (created on request)."""
    land = body_of(project.lead)
    name = COUNCILS.get(project.lead)
    if name is None:
        return land
    known = Organisation.objects.filter(scheme=Scheme.COUNCIL, code=project.lead).first()
    return known or directory.council(name, project.lead, land, actor=person(PROGRAMME_MANAGER))


def claim(project: corpus.Project) -> Membership:
    """Whoever signs makes an account and says so."""
    told = corpus.municipal(project.code)[0]
    return claims.claim(organisation_of(project), "signatory", actor=make(told["id"]))


def confirm(project: corpus.Project) -> None:
    """The ministry confirms the mandate; then the signatory says where the municipality is written to."""
    told = corpus.municipal(project.code)[0]
    organisation = organisation_of(project)
    mandate = Membership.objects.get(user=person(told["id"]), organisation=organisation)
    claims.confirm_claim(mandate, actor=person(SECOND_MANAGER))
    domain = told["email"].split("@")[1]
    signatory = person(told["id"])
    directory.set_contact(organisation, own_email=f"greffe@{domain}", phone=signatory.phone, actor=signatory)


def invite(project: corpus.Project) -> None:
    """The signatory invites the colleague who writes, and the colleague accepts."""
    signatory, *others = corpus.municipal(project.code)
    for told in others:
        sent = invitations.invite_member(
            organisation_of(project), told["email"], "drafter", actor=person(signatory["id"])
        )
        writer = invitations.open_account(
            sent,
            given_name=told["given_name"],
            family_name=told["family_name"],
            password=PASSWORD,
            language=told.get("language") or "fr",
        )
        _describe(writer, told)


def signatory_of(project: corpus.Project) -> User:
    """Who signs for a project."""
    return User.objects.get(email=project.people[0]["email"])


def writer_of(project: corpus.Project) -> User:
    """Who writes for a project: the colleague where there is one."""
    return User.objects.get(email=project.people[-1]["email"])
