"""The funded list as 360Giving JSON 1.4: one file for all of it, or for a call, written row by row.

Each grant gives what the public page of its project shows, and nothing else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext, override

from accounts.models import Organisation, Scheme
from grants import addresses, funded, publication
from grants.models import Award, Call, Programme
from grants.opendata import plain
from web import formats
from web.formats import tr

VERSION = "1.4"
BATCH = 500
LONGEST_TITLE = 139
LOCAL = "GLS050"  # a local authority
LICENCE = "https://creativecommons.org/licenses/by/4.0/"
GEO_TYPES = {Scheme.QC: "QC-MUN", Scheme.MRC: "QC-MRC"}
MAIL = re.compile(r"\S+@\S+")
ODD = re.compile(r"[^A-Za-z0-9-]+")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def rows(now: datetime, call: Call | None = None) -> QuerySet[Award]:
    """The grants of a file: what is public now, of a call when one is named; an aid of nothing is no grant."""
    found = publication.published(now).filter(amount__gt=0)
    found = found.select_related("call__programme", "volet", "organisation")
    return (found.filter(call=call) if call else found).order_by("dossier_number")


def identifier(*parts: str) -> str:
    """`360G-<prefix>-<number>`, letters, digits and dashes only."""
    return "-".join(("360G", *(ODD.sub("-", one).strip("-") for one in (settings.OPEN_DATA_PREFIX, *parts))))


def publisher() -> str:
    """The identifier of the ministry that funds."""
    return settings.OPEN_DATA_PUBLISHER or identifier("ministere")


def file_address(call: Call | None = None) -> str:
    """The permanent address of a file."""
    path = reverse("call_giving", args=[call.code]) if call else reverse("giving")
    return addresses.whole(path)


def stream(now: datetime, call: Call | None = None) -> Iterator[bytes]:
    """The file in pieces; a batch of grants is in memory, never the list."""
    language = get_language()
    with override(language):
        head = json.dumps(about(now, call), ensure_ascii=False, indent=1)
    yield head.removesuffix("\n}").encode() + b',\n "grants": ['
    before, found = b"\n", rows(now, call).iterator(chunk_size=BATCH)
    regions = publication.region_names()
    while batch := list(islice(found, BATCH)):
        with override(language):
            texts = [json.dumps(grant(one, regions), ensure_ascii=False) for one in batch]
        yield before + ",\n".join(texts).encode("utf-8", "replace")
        before = b",\n"
    yield b"\n ]\n}\n"


def about(now: datetime, call: Call | None) -> dict[str, Any]:
    """What a file says of itself."""
    found = rows(now, call).order_by("publish_at")
    first, last = found.first(), found.last()
    programme = first.call.programme if first else Programme.objects.order_by("pk").first()
    title = tr(call.title) if call else gettext("tous les appels")
    return {
        "version": VERSION,
        "title": gettext("Projets soutenus : %(title)s") % {"title": title},
        "description": gettext(
            "Les projets soutenus dont la liste est publique : organisme, lieu, aide, dates et résumé."
        ),
        "identifier": identifier("projets", call.code) if call else identifier("projets"),
        "issued": formats.local(first.publish_at if first else now).date().isoformat(),
        "modified": instant(last.publish_at if last else now),
        "publisher": {
            "name": tr(programme.ministry) if programme else "Jalon",
            "identifier": publisher(),
            "website": addresses.whole(reverse("front")),
        },
        "accessURL": addresses.whole(reverse("open_data")),
        "downloadURL": file_address(call),
        "license": LICENCE,
    }


def instant(value: datetime) -> str:
    """An instant in UTC, to the second."""
    return value.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m-%dT%H:%M:%SZ")


def clean(text: str) -> str:
    """A text without addresses of mail nor signs that nobody sees."""
    return CONTROL.sub("", MAIL.sub(gettext("[adresse retirée]"), text)).strip()


def title_of(award: Award) -> str:
    """The title, cut between words when it is too long."""
    title = clean(award.title)
    if len(title) <= LONGEST_TITLE:
        return title
    return f"{title[: LONGEST_TITLE - 1].rsplit(' ', 1)[0].rstrip(' ,;:')}…"


def grant(award: Award, regions: dict[str, str]) -> dict[str, Any]:
    """One project."""
    title, body = title_of(award), award.organisation
    summary = clean(str(publication.public_answers(award).get("public_summary") or ""))
    told = " ".join(plain.sentences(award, regions.get(award.region_code, "")))
    made: dict[str, Any] = {
        "id": identifier(award.dossier_number),
        "title": title,
        "description": summary if summary and summary != title else clean(told),
        "currency": "CAD",
        "amountAwarded": award.amount,
        "awardDate": formats.local(min(award.letters_at, award.publish_at)).date().isoformat(),
        "url": funded.address(award.dossier_number),
        "recipientOrganization": [recipient(award, body)],
        "beneficiaryLocation": [location(award, body, regions)],
        "fundingOrganization": [{"id": publisher(), "name": tr(award.call.programme.ministry)}],
        "grantProgramme": [
            {
                "code": award.call.code,
                "title": tr(award.call.title),
                "url": addresses.whole(reverse("call", args=[award.call.code])),
            }
        ],
        "fromOpenCall": "Yes",
        "dateModified": instant(award.publish_at),
        "dataSource": addresses.whole(reverse("open_data")),
    }
    start, end = plain.dates(award)
    planned = {"startDate": start, "endDate": end}
    said = {key: value.isoformat() for key, value in planned.items() if value}
    if said:
        made["plannedDates"] = [said]
    if body.scheme in GEO_TYPES:
        made["locationScope"] = LOCAL
    if award.themes:
        made["classifications"] = [
            {"vocabulary": award.call.code, "code": one["code"], "title": tr(one["label"])}
            for one in award.themes
        ]
    return made


def recipient(award: Award, body: Organisation) -> dict[str, str]:
    """The body that receives the aid, named as on that day."""
    return {
        "id": identifier(body.scheme, body.code),
        "name": clean(award.beneficiary),
        "addressRegion": "Québec",
        "addressCountry": "Canada",
    }


def location(award: Award, body: Organisation, regions: dict[str, str]) -> dict[str, str]:
    """Where the project is: the code of the municipality or of the MRC."""
    made = {"name": clean(award.beneficiary), "countryCode": "CA"}
    if award.region_code in regions:
        made["description"] = regions[award.region_code]
    if body.scheme in GEO_TYPES:
        made |= {"geoCode": body.code, "geoCodeType": GEO_TYPES[Scheme(body.scheme)]}
    return made
