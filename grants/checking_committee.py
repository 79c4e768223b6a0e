"""What is wrong with what a call says of its committee and of the approval of its sums."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

Faults = list[str]


def check(source: Mapping[str, Any], found: Faults) -> None:
    """Add the faults of `approval_bands` and of `committee`; a call may have neither."""
    _check_bands(source["call"].get("approval_bands") or [], found)
    _check_committee(source["call"].get("committee"), found)


def _check_bands(bands: list[Mapping[str, Any]], found: Faults) -> None:
    """The bands rise, the last has no limit, each has a code of its own and words in both languages."""
    codes = [band["code"] for band in bands]
    for band in bands:
        named = {"code": band["code"]}
        label = band["label"]
        if not all(isinstance(label.get(code), str) and label[code] for code in ("fr", "en")):
            found.append(
                _("Tranche d’autorisation %(code)s : il faut un nom en français et en anglais.") % named
            )
        if type(band["needs_reference"]) is not bool:
            found.append(_("Tranche d’autorisation %(code)s : « needs_reference » est vrai ou faux.") % named)
        if codes.count(band["code"]) > 1:
            found.append(_("La tranche d’autorisation %(code)s est donnée deux fois.") % named)
    limits = [band["up_to"] for band in bands]
    if any(type(one) is not int or one < 1 for one in limits[:-1]):
        found.append(
            _("Tranches d’autorisation : chaque limite, sauf la dernière, est un nombre de dollars.")
        )
    elif limits and (limits[-1] is not None or limits[:-1] != sorted(set(limits[:-1]))):
        found.append(_("Tranches d’autorisation : les limites montent, et la dernière tranche n’en a pas."))


def _check_committee(committee: object, found: Faults) -> None:
    """A quorum is a whole number of members, from one on."""
    if committee is None:
        return
    if not isinstance(committee, Mapping):
        found.append(_("Comité : « committee » porte le quorum."))
        return
    quorum = committee.get("quorum")
    if type(quorum) is not int or quorum < 1:
        found.append(_("Comité : le quorum est un nombre de personnes, un ou plus."))
    if type(committee.get("odd", False)) is not bool:
        found.append(_("Comité : « odd » est vrai ou faux."))
    for name in sorted(set(committee) - {"quorum", "odd"}):
        found.append(_("Comité : « %(name)s » n’est pas connu.") % {"name": name})
