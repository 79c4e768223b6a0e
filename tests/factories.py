"""Makers of people, organisations and roles for tests; nothing here is random."""

from __future__ import annotations

from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.db import models

from accounts import permissions
from accounts.models import Membership, Organisation, OrganisationKind, Region, Scheme, Territory, User
from web import clock

PASSWORD = "un-mot-de-passe-assez-long"

REGIONS = {
    "01": "Bas-Saint-Laurent",
    "02": "Saguenay–Lac-Saint-Jean",
    "03": "Capitale-Nationale",
    "05": "Estrie",
    "06": "Montréal",
    "08": "Abitibi-Témiscamingue",
    "10": "Nord-du-Québec",
    "11": "Gaspésie–Îles-de-la-Madeleine",
    "12": "Chaudière-Appalaches",
    "16": "Montérégie",
}

# code: name, designation code, designation, kind, region, MRC code, MRC, territory, population
# (real rows of the official directory)
DIRECTORY: dict[str, tuple[str, str, str, OrganisationKind, str, str, str, str, int]] = {
    "02005": (
        "Percé",
        "10",
        "Ville",
        OrganisationKind.MUNICIPALITY,
        "11",
        "020",
        "Le Rocher-Percé",
        "02",
        3129,
    ),
    "10043": (
        "Rimouski",
        "10",
        "Ville",
        OrganisationKind.MUNICIPALITY,
        "01",
        "100",
        "Rimouski-Neigette",
        "10",
        51598,
    ),
    "10070": (
        "Saint-Fabien",
        "04",
        "Paroisse",
        OrganisationKind.MUNICIPALITY,
        "01",
        "100",
        "Rimouski-Neigette",
        "10",
        1864,
    ),
    "14050": (
        "Kamouraska",
        "05",
        "Municipalité",
        OrganisationKind.MUNICIPALITY,
        "01",
        "140",
        "Kamouraska",
        "14",
        613,
    ),
    "21904": (
        "Lac-Jacques-Cartier",
        "25",
        "Territoire non organisé",
        OrganisationKind.UNORGANISED,
        "03",
        "210",
        "La Côte-de-Beaupré",
        "21",
        0,
    ),
    "31045": (
        "Saint-Joseph-de-Coleraine",
        "05",
        "Municipalité",
        OrganisationKind.MUNICIPALITY,
        "12",
        "310",
        "Les Appalaches",
        "31",
        1920,
    ),
    "31056": (
        "Adstock",
        "05",
        "Municipalité",
        OrganisationKind.MUNICIPALITY,
        "12",
        "310",
        "Les Appalaches",
        "31",
        3198,
    ),
    "31084": (
        "Thetford Mines",
        "10",
        "Ville",
        OrganisationKind.MUNICIPALITY,
        "12",
        "310",
        "Les Appalaches",
        "31",
        27075,
    ),
    "44037": (
        "Coaticook",
        "10",
        "Ville",
        OrganisationKind.MUNICIPALITY,
        "05",
        "440",
        "Coaticook",
        "44",
        9163,
    ),
    "53052": (
        "Sorel-Tracy",
        "10",
        "Ville",
        OrganisationKind.MUNICIPALITY,
        "16",
        "530",
        "Pierre-De Saurel",
        "53",
        36386,
    ),
    "66023": ("Montréal", "10", "Ville", OrganisationKind.MUNICIPALITY, "06", "", "", "66", 1913561),
    "88057": ("Amos", "10", "Ville", OrganisationKind.MUNICIPALITY, "08", "880", "Abitibi", "88", 13849),
    "93080": (
        "Saint-Ludger-de-Milot",
        "05",
        "Municipalité",
        OrganisationKind.MUNICIPALITY,
        "02",
        "930",
        "Lac-Saint-Jean-Est",
        "93",
        654,
    ),
    "99025": ("Chibougamau", "10", "Ville", OrganisationKind.MUNICIPALITY, "10", "", "", "991", 7244),
    "99030": ("Mistissini", "07", "Village cri", OrganisationKind.MUNICIPALITY, "10", "", "", "993", 10),
}

_numbers = count(1)


def make_region(code: str) -> Region:
    """A region of the small directory."""
    region, _ = Region.objects.get_or_create(code=code, defaults={"name": REGIONS[code]})
    return region


def make_org(code: str = "31056", **fields: Any) -> Organisation:
    """A municipality of the small directory (`DIRECTORY`), made once; other fields as given."""
    name, designation_code, designation, kind, region_code, mrc_code, mrc, territory_code, population = (
        DIRECTORY[code]
    )
    region = make_region(region_code)
    territory, _ = Territory.objects.get_or_create(
        code=territory_code,
        defaults={"name": mrc or name, "kind": "MRC", "mrc_code": mrc_code, "region": region},
    )
    values: dict[str, Any] = {
        "name": name,
        "kind": kind,
        "designation_code": designation_code,
        "designation": designation,
        "region": region,
        "territory": territory,
        "mrc_code": mrc_code,
        "mrc_name": mrc,
        "population": population,
        "address": "35, rue Principale",
        "locality": name,
        "postal_address": "35, rue Principale",
        "postal_locality": name,
        "postal_code": "G0N 1S0",
        "own_email": f"greffe@m{code}.example",
        "is_applicant": kind is not OrganisationKind.UNORGANISED,
        **fields,
    }
    organisation, _ = Organisation.objects.get_or_create(scheme=Scheme.QC, code=code, defaults=values)
    return organisation


def make_user(email: str = "", *, given_name: str = "", family_name: str = "", **fields: Any) -> User:
    """An active person with a mail address at .example and the password `PASSWORD`."""
    number = next(_numbers)
    found = User.objects.filter(email=email.lower()).first() if email else None
    if found is not None:
        return found
    user = User.objects.create_user(
        email or f"personne{number}@exemple.example",
        PASSWORD,
        given_name=given_name or "Camille",
        family_name=family_name or f"Essai{number}",
        **fields,
    )
    _verify(user)
    return user


def _verify(user: User) -> None:
    """Sign-in wants a verified address."""
    from allauth.account.models import EmailAddress

    EmailAddress.objects.get_or_create(
        user=user, email=user.email, defaults={"verified": True, "primary": True}
    )


def make_member(
    user: User, org: Organisation, role: str = "signatory", *, status: str = "confirmed"
) -> Membership:
    """`user` acts for `org`: drafter or signatory, confirmed unless said."""
    now = clock.now()
    membership, _ = Membership.objects.update_or_create(
        user=user,
        organisation=org,
        defaults={
            "role": role,
            "status": status,
            "created_at": now,
            "confirmed_at": now if status == "confirmed" else None,
        },
    )
    return membership


def make_staff(role: str, on: models.Model, user: User | None = None, *, email: str = "") -> User:
    """A person holding a role on a programme, a call or a panel, straight in the role table."""
    person = user or make_user(
        email, family_name=role.capitalize(), workplace="Ministère des Territoires (fictif)"
    )
    table = permissions.role_model(type(on))
    permission = Permission.objects.get(
        content_type__app_label=on._meta.app_label, content_type__model=on._meta.model_name, codename=role
    )
    table._default_manager.get_or_create(user=person, permission=permission, content_object=on)
    permissions.forget(person)
    return person
