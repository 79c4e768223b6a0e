"""Reading the files of a call from a folder: JSON and two texts of norms, nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from grants import frames

READY_MADE = Path(__file__).parent / "calls"
FILES = ("call", "form", "rules", "budget", "grid", "tags", "faq", "documents")
OPTIONAL = (*frames.FILES, "process")  # a call may bring a process of its own


class BadCall(ValueError):
    """The files of a call cannot be used; `faults` are sentences."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def folder(name: str) -> Path:
    """A folder by its path, or a ready-made call by its name."""
    path = Path(name)
    return path if path.is_dir() else READY_MADE / name


def read_source(path: Path) -> dict[str, Any]:
    """Everything that a call is made of, as it is written in its folder."""
    if not path.is_dir():
        raise BadCall([_("Le dossier %(path)s n’existe pas.") % {"path": path}])
    faults: list[str] = []
    source: dict[str, Any] = {name: _read_json(path / f"{name}.json", faults) for name in FILES}
    for name in OPTIONAL:
        if (path / f"{name}.json").is_file():
            source[name] = _read_json(path / f"{name}.json", faults)
    source["letters"] = [_read_json(file, faults) for file in sorted((path / "letters").glob("*.json"))]
    source["norms"] = _read_norms(path, faults)
    if faults:
        raise BadCall(faults)
    return source


def _read_json(path: Path, faults: list[str]) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"), parse_float=_refuse_float)
    except FileNotFoundError:
        faults.append(_("Le fichier %(name)s manque.") % {"name": path.name})
    except json.JSONDecodeError as fault:
        words = _("%(name)s n’est pas du JSON lisible : ligne %(line)s, colonne %(column)s.")
        faults.append(words % {"name": path.name, "line": fault.lineno, "column": fault.colno})
    except ValueError as fault:
        faults.append(_("%(name)s : %(fault)s") % {"name": path.name, "fault": fault})
    return None


def _refuse_float(text: str) -> Any:
    raise ValueError(_("le nombre %(text)s n’est pas entier; écrivez-le comme un texte.") % {"text": text})


def _read_norms(path: Path, faults: list[str]) -> list[dict[str, Any]]:
    """The norms by headings, the two languages side by side."""
    texts = {code: _headings(path / f"norms.{code}.md") for code in ("fr", "en")}
    if not texts["fr"] or len(texts["fr"]) != len(texts["en"]):
        faults.append(_("Les normes (norms.fr.md, norms.en.md) manquent ou n’ont pas les mêmes titres."))
        return []
    return [
        {"title": {"fr": fr[0], "en": en[0]}, "body": {"fr": fr[1], "en": en[1]}}
        for fr, en in zip(texts["fr"], texts["en"], strict=True)
    ]


def _headings(path: Path) -> list[tuple[str, str]]:
    if not path.is_file():
        return []
    parts = path.read_text(encoding="utf-8").split("## ")[1:]
    return [(part.partition("\n")[0].strip(), part.partition("\n")[2].strip()) for part in parts]
