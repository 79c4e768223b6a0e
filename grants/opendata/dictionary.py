"""What each column of the CSV of the funded list means: name, type, unit, meaning in both languages, source."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from grants import addresses, funded
from web.exports import kind_words
from web.formats import language
from web.lists import Column, Label

LANGUAGES = (("fr", "fr-ca"), ("en", "en"))
FORM, DIRECTORY, DECISION = (
    _("Dossier déposé par l’organisme"),
    _("Répertoire des municipalités (MAMH), le jour de l’offre"),
    _("Décision du ministère"),
)
CALL, SITE = _("Appel"), _("Ce site")
# Meaning and source of each column, by key.
MEANINGS: dict[str, tuple[Label, Label]] = {
    "projet": (_("Titre du projet, comme l’organisme l’a écrit."), FORM),
    "municipalite": (_("Nom de l’organisme qui reçoit l’aide."), DIRECTORY),
    "region": (_("Région administrative de l’organisme."), DIRECTORY),
    "appel": (_("Code de l’appel de projets."), CALL),
    "themes": (_("Thèmes du projet, séparés par des virgules."), FORM),
    "aide": (_("Aide accordée, au plus. Le versement peut être moindre."), DECISION),
    "numero": (_("Numéro du dossier : il désigne le projet pour toujours."), SITE),
    "code": (_("Code géographique de la municipalité, ou code de la MRC."), DIRECTORY),
    "mrc": (_("MRC ou territoire équivalent de l’organisme."), DIRECTORY),
    "taille": (_("Taille de la municipalité, par classe de population."), DIRECTORY),
    "volet": (_("Volet de l’appel."), CALL),
    "resume": (_("Résumé public du projet, comme l’organisme l’a écrit."), FORM),
    "couts": (_("Coûts que le ministère a retenus pour calculer l’aide."), DECISION),
    "debut": (_("Jour où le projet doit commencer."), FORM),
    "fin": (_("Jour où le projet doit finir."), FORM),
    "etat": (_("Où en est le projet le jour des données."), SITE),
    "offert": (_("Jour où l’aide a été annoncée à l’organisme."), DECISION),
    "publie": (_("Jour où le projet est devenu public."), DECISION),
    "adresse": (_("Page du projet, à une adresse qui ne change pas."), SITE),
    "a_jour": (_("Jour où le fichier a été fait."), SITE),
    "licence": (_("Licence des données."), SITE),
}
DATATYPES = {"money": "nonNegativeInteger", "date": "date"}
DAYS = frozenset({"debut", "fin"})  # written as days, kept as texts
UNITS = {"money": _("dollar canadien"), "date": _("jour, AAAA-MM-JJ")}


@dataclass(frozen=True)
class Entry:
    """A column in the reader's language."""

    key: str
    name: str
    kind: str
    unit: str
    meaning: str
    source: str
    datatype: str


def entries(columns: Sequence[Column]) -> list[Entry]:
    """The columns of the file in its order."""
    made = []
    for one in columns:
        meaning, source = MEANINGS[one.key]
        kind = "date" if one.key in DAYS else one.kind
        made.append(
            Entry(
                one.key,
                str(one.label),
                kind_words(kind),
                str(UNITS.get(kind, "")),
                str(meaning),
                str(source),
                DATATYPES.get(kind, "string"),
            )
        )
    return made


def table(columns: Any) -> bytes:
    """The dictionary as CSV, both languages beside one another; `columns` gives them in the language of the moment."""
    told: dict[str, list[Entry]] = {}
    for code, locale in LANGUAGES:
        with override(locale):
            told[code] = entries(columns())
    out = io.StringIO()
    write = csv.writer(out, delimiter=";", lineterminator="\r\n").writerow
    heads = ("nom", "type", "unite", "sens", "source")
    write(["cle", "datatype", *(f"{head}_{code}" for head in heads for code, _locale in LANGUAGES)])
    for place, one in enumerate(told["fr"]):
        pair = [told[code][place] for code, _locale in LANGUAGES]
        fields = ("name", "kind", "unit", "meaning", "source")
        write([one.key, one.datatype, *(getattr(each, field) for field in fields for each in pair)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def metadata(columns: Sequence[Column]) -> dict[str, Any]:
    """The CSV in this language, described as CSV on the Web asks (https://www.w3.org/TR/tabular-metadata/)."""
    tongue = language()
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": tongue}],
        "url": addresses.whole(reverse("projects_file")),
        "dc:title": gettext("Projets soutenus"),
        "dc:license": {"@id": funded.LICENCE_HREF_EN},
        "dialect": {"delimiter": ";", "encoding": "utf-8", "lineTerminators": ["\r\n"], "header": True},
        "tableSchema": {
            "columns": [
                {
                    "name": one.key,
                    "titles": {tongue: one.name},
                    "datatype": one.datatype,
                    "dc:description": one.meaning,
                    "dc:source": one.source,
                    "required": one.key in ("projet", "municipalite", "aide", "numero"),
                }
                for one in entries(columns)
            ],
            "primaryKey": "numero",
        },
    }
