"""Bringing the directory up to date: the difference first, then one transaction, with its events."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from accounts import places, registry, rules
from accounts.models import Organisation, OrganisationKind, Region, Scheme, Territory, User
from accounts.names import fold
from web import clock
from workflows.actors import Actor
from workflows.engine import NotAllowed, Refused, record, unit

FOLDER = Path(__file__).resolve().parent.parent / "directory"
SCHEMES = (Scheme.QC, Scheme.MRC)
COORDINATES = ("lat", "lon")


@dataclass(frozen=True)
class Plan:
    """What an import would do."""

    regions: registry.Difference
    territories: registry.Difference
    organisations: registry.Difference
    replaced: dict[str, str]  # code géographique that leaves or left → its successor

    def __bool__(self) -> bool:
        return bool(self.regions or self.territories or self.organisations)


def plan(folder: Path = FOLDER) -> Plan:
    """Compare the files with what is stored; nothing is written."""
    files = registry.read_files(folder)
    return Plan(
        regions=registry.difference(
            files.regions, _stored(Region.objects.all(), ("code",), ("name",)), ("code",)
        ),
        territories=registry.difference(
            files.territories,
            _stored(Territory.objects.all(), ("code",), tuple(files.territories[0])),
            ("code",),
        ),
        organisations=registry.difference(
            files.organisations,
            _stored(
                Organisation.objects.filter(scheme__in=SCHEMES, gone_at__isnull=True),
                ("scheme", "code"),
                tuple(files.organisations[0]),
            ),
            ("scheme", "code"),
        ),
        replaced=files.replaced,
    )


def _stored(
    rows: models.QuerySet[Any], keys: tuple[str, ...], names: tuple[str, ...]
) -> dict[registry.Key, registry.Row]:
    """What is stored, in the words of the files (coordinates are text there)."""
    found: dict[registry.Key, registry.Row] = {}
    for row in rows.values(*{*keys, *names}):
        for name in COORDINATES:
            if row.get(name) is not None:
                row[name] = str(row[name])
        found[tuple(str(row[key]) for key in keys)] = row
    return found


def apply(found: Plan, *, actor: Actor) -> None:
    """Write a plan: bulk rows, one event an organisation that changed or left, one for what was added."""
    places.forget()
    with unit():
        _write(Region, found.regions, ("code",))
        _write(Territory, found.territories, ("code",))
        _write(Organisation, found.organisations, ("scheme", "code"))
        _leave(found, actor)
        keys = [change.key for change in found.organisations.changed]
        ids = _ids(keys)
        for change in found.organisations.changed:
            row = Organisation(pk=ids[change.key], scheme=change.key[0], code=change.key[1])
            record(row, "update", actor=actor, code=":".join(change.key), fields=sorted(change.fields))
        if found.organisations.added:
            first = Organisation.objects.order_by("pk")[:1].get()
            record(first, "import", actor=actor, added=len(found.organisations.added))


def _write(model: type[models.Model], found: registry.Difference, keys: tuple[str, ...]) -> None:
    """Add and change rows in bulk; `sort_name` follows the name."""
    manager = model._default_manager
    rows = [{**row, "sort_name": fold(row["name"])} for row in found.added]
    if model is Organisation:  # a code that left and comes back is the same organisation
        back = set(_ids([(row["scheme"], row["code"]) for row in rows]))
        for row in rows:
            if (row["scheme"], row["code"]) in back:
                manager.filter(scheme=row["scheme"], code=row["code"]).update(
                    **row, gone_at=None, successor=None
                )
        rows = [row for row in rows if (row["scheme"], row["code"]) not in back]
    manager.bulk_create([model(**row) for row in rows], batch_size=500)
    for change in found.changed:
        values = {name: after for name, (_before, after) in change.fields.items()}
        if "name" in values:
            values["sort_name"] = fold(values["name"])
        manager.filter(**dict(zip(keys, change.key, strict=True))).update(**values)


def _leave(found: Plan, actor: Actor) -> None:
    """Rows that are no longer in the directory are kept, marked, and tied to what replaces them."""
    keys = found.organisations.gone
    ids = _ids(keys)
    heirs = _ids([("qc", code) for code in found.replaced.values()])
    for scheme, code in keys:
        row = Organisation.objects.get(pk=ids[scheme, code])
        new = found.replaced.get(code, "") if scheme == Scheme.QC else ""
        row.gone_at, row.successor_id = clock.now(), heirs.get(("qc", new))
        row.save(update_fields=["gone_at", "successor"])
        record(row, "leave", actor=actor, code=f"{scheme}:{code}", successor=f"qc:{new}" if new else None)


def _ids(keys: list[registry.Key] | list[tuple[str, str]]) -> dict[registry.Key, int]:
    """Keys of the rows by (scheme, code)."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = Organisation.objects.filter(scheme__in={key[0] for key in wanted}).values_list(
        "scheme", "code", "pk"
    )
    return {(scheme, code): pk for scheme, code, pk in rows if (scheme, code) in wanted}


def council(name: str, code: str, land: Organisation, *, actor: Actor) -> Organisation:
    """Create the council of an Indigenous land, on request: region and designation are the land's."""
    return _create(
        actor,
        scheme=Scheme.COUNCIL,
        code=code,
        name=name,
        kind=OrganisationKind.COUNCIL,
        designation_code=land.designation_code,
        designation=land.designation,
        region=land.region,
        territory=land.territory,
        population=land.population,
        language_regime=land.language_regime,
        lat=land.lat,
        lon=land.lon,
        land=land,
    )


def regie(name: str, code: str, region: Region, *, actor: Actor) -> Organisation:
    """Create an intermunicipal board, on request: its population is unknown."""
    return _create(
        actor, scheme=Scheme.REGIE, code=code, name=name, kind=OrganisationKind.REGIE, region=region
    )


def _create(actor: Actor, **fields: Any) -> Organisation:
    if Organisation.objects.filter(scheme=fields["scheme"], code=fields["code"]).exists():
        raise Refused([_("Ce code est déjà pris.")])
    with unit():
        row = Organisation.objects.create(**fields)
        record(row, "create", actor=actor, code=f"{row.scheme}:{row.code}")
    return row


def set_contact(organisation: Organisation, *, own_email: str, phone: str, actor: User) -> bool:
    """The signatory, or the ministry, says where the organisation itself is written to."""
    if not (rules.may_manage_people(actor, organisation) or rules.is_manager(actor)):
        raise NotAllowed("only the signatory or the ministry writes the address of an organisation")
    wanted = {"own_email": own_email.strip(), "phone": phone.strip()}
    changed = {name: value for name, value in wanted.items() if getattr(organisation, name) != value}
    if not changed:
        return False
    with unit():
        Organisation.objects.filter(pk=organisation.pk).update(**changed)
        record(organisation, "contact", actor=actor, fields=sorted(changed))
    organisation.refresh_from_db(fields=list(changed))
    return True
