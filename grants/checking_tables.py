"""What is wrong with the tables of a form (columns, choices, rows that everybody gives) and with what is prefilled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from grants import editions

MOST_YEARS = 10  # of a project
COLUMN_TYPES = ("text", "long_text", "number", "money", "date", "choice", "yes_no", "municipality")


def check(question: Mapping[str, Any], found: list[str]) -> None:
    """Add the faults of a question that the directory answers, or of one that is a table."""
    code = question["code"]
    if question.get("prefill") and question["prefill"] not in editions.PREFILLS:
        named = {"code": code, "name": question["prefill"]}
        found.append(_("Question %(code)s : le répertoire ne connaît pas « %(name)s ».") % named)
    if question["type"] == "rows":
        _check_table(code, question, found)


def _check_table(code: str, question: Mapping[str, Any], found: list[str]) -> None:
    columns = question["columns"]
    known = [one["code"] for one in columns]
    if not columns or len(set(known)) != len(known):
        found.append(_("Question %(code)s : les colonnes manquent ou se répètent.") % {"code": code})
    for column in columns:
        _check_column(code, column, found)
    least, most = question.get("min_rows") or 0, question.get("max_rows")
    if (
        type(least) is not int
        or least < 0
        or (most is not None and (type(most) is not int or most < max(least, 1)))
    ):
        found.append(_("Question %(code)s : le nombre de lignes ne peut pas être.") % {"code": code})
    for wanted in question.get("must_have") or ():
        column = next((one for one in columns if one["code"] == wanted["column"]), None)
        if column is None or wanted["value"] not in {one["code"] for one in column.get("choices") or ()}:
            found.append(
                _("Question %(code)s : la ligne demandée à tous n’est pas un choix de la colonne %(column)s.")
                % {"code": code, "column": wanted["column"]}
            )


def _check_column(code: str, column: Mapping[str, Any], found: list[str]) -> None:
    named = {"code": code, "column": column["code"]}
    if column.get("type", "text") not in COLUMN_TYPES or column["code"] == "id":
        found.append(_("Question %(code)s : la colonne %(column)s n’est pas d’un type connu.") % named)
    choices = column.get("choices") or ()
    if column.get("type") == "choice" and not choices:
        found.append(_("Question %(code)s : les choix de la colonne %(column)s manquent.") % named)
    for label in (column["label"], *(one["label"] for one in choices)):
        if not all(isinstance(label.get(lang), str) and label[lang] for lang in ("fr", "en")):
            found.append(
                _("Question %(code)s : la colonne %(column)s est à écrire en français et en anglais.") % named
            )


def check_budget(budget: Mapping[str, Any], found: list[str]) -> None:
    """Add the faults of the columns that a budget asks for beyond the plain ones."""
    years = budget.get("years") or 0
    if type(years) is not int or not 0 <= years <= MOST_YEARS:
        found.append(_("Budget : les années vont de 0 à %(n)s.") % {"n": MOST_YEARS})
    for name in ("by_partner", "with_tax", "with_asked", "with_confirmed"):
        if type(budget.get(name, False)) is not bool:
            found.append(_("Budget : « %(name)s » est vrai ou faux.") % {"name": name})
    levels = [one["code"] for one in budget.get("levels") or ()]
    if len(set(levels)) != len(levels):
        found.append(_("Budget : un palier d’argent public est donné deux fois."))
    for one in budget.get("levels") or ():
        if not one["label"].get("fr") or not one["label"].get("en"):
            found.append(_("Budget : le palier %(code)s n’a pas de nom.") % {"code": one["code"]})
