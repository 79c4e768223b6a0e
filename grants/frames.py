"""Frames of a call: the self-diagnosis of maturity and the public targets, as its edition keeps them. Plain data.

Both are optional files of a call (`maturity.json`, `targets.json`); an edition without them has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

FILES = ("maturity", "targets")
LEVELS = 5  # a statement is answered by one of five sentences, 0 to 4
MOST = LEVELS - 1
WEAKEST = 2  # dimensions that are pointed to training
SUGGESTIONS = ("maturity_paths",)  # what a question may be given beside it (`suggest`)
TYPES = {
    "maturity": "maturity",
    "targets": "targets",
    "budget": "budget",
}  # question type -> the frame it reads

Frame = Mapping[str, Any]


def of_type(content: Mapping[str, Any], kind: str) -> Frame:
    """The frame that questions of a type read; empty when the edition has none."""
    return content.get(TYPES[kind]) or {} if kind in TYPES else {}


# --- maturity ---------------------------------------------------------------------------------------------
def dimensions(frame: Frame) -> list[Mapping[str, Any]]:
    """The dimensions of the self-diagnosis, in order."""
    return list(frame.get("dimensions") or ())


def statements(frame: Frame) -> Iterator[Mapping[str, Any]]:
    """Every statement, in order."""
    for dimension in dimensions(frame):
        yield from dimension["statements"]


def paths(frame: Frame, *wanted: str) -> list[Mapping[str, Any]]:
    """Training paths of these dimensions, the first dimension first; all of them when none is named."""
    every = list(frame.get("paths") or ())
    if not wanted:
        return every
    return [path for code in wanted for path in every if path["dimension"] == code]


# --- targets ----------------------------------------------------------------------------------------------
def targets(frame: Frame) -> dict[str, Mapping[str, Any]]:
    """The targets of every framework by code, in order."""
    return {str(one["code"]): one for each in frame.get("frameworks") or () for one in each["targets"]}


def indicators(frame: Frame) -> dict[str, Mapping[str, Any]]:
    """The catalogue of indicators by code, in order."""
    return {str(one["code"]): one for one in frame.get("indicators") or ()}


def required(frame: Frame) -> list[str]:
    """Indicators that every project pledges."""
    return [code for code, one in indicators(frame).items() if one.get("required")]
