"""The funded list as an entry of a catalogue of data: DCAT-AP in JSON-LD, in both languages, for Données Québec."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, override

from grants import addresses, publication
from grants.models import Programme
from grants.opendata import dictionary, giving
from web import formats
from web.formats import tr

CONTEXT = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vcard": "http://www.w3.org/2006/vcard/ns#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
EUROPE = "http://publications.europa.eu/resource/authority/"
QUEBEC = "http://sws.geonames.org/6115047/"
BOX = "POLYGON((-79.77 44.99,-57.1 44.99,-57.1 62.59,-79.77 62.59,-79.77 44.99))"
TYPES = {"csv": "text/csv", "json": "application/json", "ld": "application/ld+json"}


def both(say: Any) -> list[dict[str, str]]:
    """A text in both languages; `say` gives it in the language of the moment."""
    made = []
    for code, locale in dictionary.LANGUAGES:
        with override(locale):
            made.append({"@value": str(say()), "@language": code})
    return made


def typed(kind: str, value: str) -> dict[str, str]:
    """A value of a type of XML Schema."""
    return {"@type": f"xsd:{kind}", "@value": value}


def dataset(now: datetime) -> dict[str, Any]:
    """The entry."""
    found = publication.published(now).order_by("publish_at")
    first, last = found.first(), found.last()
    programme = Programme.objects.order_by("pk").first()
    page = addresses.whole(reverse("open_data"))
    made: dict[str, Any] = {
        "@context": CONTEXT,
        "@id": f"{page}#projets",
        "@type": "dcat:Dataset",
        "dct:identifier": giving.identifier("projets"),
        "dct:title": both(lambda: gettext("Projets soutenus")),
        "dct:description": both(
            lambda: gettext(
                "Les projets soutenus dont la liste est publique : organisme, lieu, aide, dates et résumé."
            )
        ),
        "dcat:keyword": both(lambda: gettext("subventions"))
        + both(lambda: gettext("municipalités"))
        + both(lambda: gettext("appels de projets")),
        "dcat:theme": [{"@id": f"{EUROPE}data-theme/GOVE"}, {"@id": f"{EUROPE}data-theme/REGI"}],
        "dct:language": [{"@id": f"{EUROPE}language/FRA"}, {"@id": f"{EUROPE}language/ENG"}],
        "dct:license": {"@id": giving.LICENCE},
        "dct:accessRights": {"@id": f"{EUROPE}access-right/PUBLIC"},
        "dct:accrualPeriodicity": {"@id": f"{EUROPE}frequency/IRREG"},
        "dct:spatial": {
            "@id": QUEBEC,
            "@type": "dct:Location",
            "dcat:bbox": {"@type": "http://www.opengis.net/ont/geosparql#wktLiteral", "@value": BOX},
        },
        "dcat:landingPage": {"@id": page},
        "foaf:page": {"@id": addresses.whole(reverse("dictionary"))},
        "dcat:distribution": distributions(page),
    }
    if programme:
        made["dct:publisher"] = {
            "@id": addresses.whole(reverse("front")),
            "@type": "foaf:Organization",
            "foaf:name": both(lambda: tr(programme.ministry)),
        }
    if first and last:
        days = [formats.local(one.publish_at).date().isoformat() for one in (first, last)]
        made["dct:issued"] = typed("date", days[0])
        made["dct:modified"] = typed("dateTime", giving.instant(last.publish_at))
        made["dct:temporal"] = {
            "@type": "dct:PeriodOfTime",
            "dcat:startDate": typed("date", days[0]),
            "dcat:endDate": typed("date", days[1]),
        }
    return made


def distributions(page: str) -> list[dict[str, Any]]:
    """The files, each in each language."""
    files: tuple[tuple[str, str, str, Callable[[], str], str], ...] = (
        ("projects_file", "CSV", "csv", lambda: gettext("Projets soutenus, CSV"), "csvw"),
        ("giving", "JSON", "json", lambda: gettext("Projets soutenus, JSON de 360Giving"), ""),
        ("dictionary_file", "CSV", "csv", lambda: gettext("Dictionnaire des données, CSV"), ""),
    )
    made = []
    for name, form, media, say, described in files:
        for code, locale in dictionary.LANGUAGES:
            with override(locale):
                href, title = addresses.whole(reverse(name)), say()
                metadata = addresses.whole(reverse(described)) if described else ""
            if name == "dictionary_file" and code == "en":
                continue  # both languages are in one file
            entry: dict[str, Any] = {
                "@id": href,
                "@type": "dcat:Distribution",
                "dct:title": {"@value": title, "@language": code},
                "dcat:accessURL": {"@id": page},
                "dcat:downloadURL": {"@id": href},
                "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{TYPES[media]}"},
                "dct:format": {"@id": f"{EUROPE}file-type/{form}"},
                "dct:license": {"@id": giving.LICENCE},
            }
            if metadata:
                entry["dct:conformsTo"] = {"@id": metadata}
            if name == "giving":
                entry["dct:conformsTo"] = {"@id": "https://standard.threesixtygiving.org/en/1.4/"}
            made.append(entry)
    return made
