"""A definition as typed, frozen data: stages, outcomes, delays, labels for each face."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from workflows import stages

Label: TypeAlias = Mapping[str, str]
Face: TypeAlias = Literal["staff", "applicant"]


class BadDefinition(ValueError):
    """The body of a definition is not one; the message is a sentence."""


@dataclass(frozen=True)
class Labels:
    """The two labels of a stage or an outcome, each in two languages."""

    staff: Label
    applicant: Label

    def of(self, face: Face) -> Label:
        """The label that this face reads."""
        return self.staff if face == "staff" else self.applicant


@dataclass(frozen=True)
class Delay:
    """The applicant's time to answer a request, and the outcome that silence leads to."""

    days: int
    working: bool
    silence: str


@dataclass(frozen=True)
class Outcome:
    """One way out of a stage: to another stage, or to an end with its letter."""

    code: str
    labels: Labels
    when: Mapping[str, Any] | None = None
    to: str | None = None
    end: str | None = None
    letter: str | None = None


@dataclass(frozen=True)
class Stage:
    """One stage of a process."""

    code: str
    kind: stages.Kind
    labels: Labels
    actor: str
    other_than: tuple[str, ...]
    may_ask: bool
    delay: Delay | None
    first: bool
    uses: Mapping[str, str]
    outcomes: tuple[Outcome, ...]

    def outcome(self, code: str) -> Outcome:
        """The outcome of that code."""
        for one in self.outcomes:
            if one.code == code:
                return one
        raise BadDefinition(f"stage {self.code!r} has no outcome {code!r}")

    def choices(self) -> tuple[Outcome, ...]:
        """Outcomes that a person chooses: without condition, silence apart."""
        silent = self.delay.silence if self.delay else None
        return tuple(one for one in self.outcomes if one.when is None and one.code != silent)


@dataclass(frozen=True)
class Process:
    """A whole definition."""

    code: str
    version: int
    start: str
    stages: Mapping[str, Stage]
    secret: frozenset[str]

    def stage(self, code: str) -> Stage:
        """The stage of that code."""
        try:
            return self.stages[code]
        except KeyError:
            raise BadDefinition(f"definition {self.code!r} has no stage {code!r}") from None

    def next_stage(self, stage: str, outcome: str) -> Stage | None:
        """Where an outcome leads, or nothing when it ends the dossier."""
        to = self.stage(stage).outcome(outcome).to
        return None if to is None else self.stage(to)

    def is_secret(self, stage: str) -> bool:
        """Tell whether the stage stands at or after the first panel: not for everybody to read."""
        return stage in self.secret

    def label(self, stage: str, face: Face = "staff") -> Label:
        """The words for a stage."""
        return self.stage(stage).labels.of(face)

    def outcome_label(self, stage: str, outcome: str, face: Face = "staff") -> Label:
        """The words for an outcome of a stage."""
        return self.stage(stage).outcome(outcome).labels.of(face)

    def first_of(self, kind: str) -> Stage | None:
        """The first stage of a kind, in the order of the definition."""
        return next((stage for stage in self.stages.values() if stage.kind.code == kind), None)


def parse(body: str | Mapping[str, Any]) -> Process:
    """Read a definition; soundness is judged elsewhere, here only the shape."""
    if isinstance(body, str):
        return _parse_text(body)
    return _process(body)


@lru_cache(maxsize=256)
def _parse_text(body: str) -> Process:
    return _process(json.loads(body))


def _process(data: Mapping[str, Any]) -> Process:
    try:
        found = {str(stage["code"]): _stage(stage) for stage in data["stages"]}
        code, version, start = str(data["code"]), int(data["version"]), str(data["start"])
    except (KeyError, TypeError) as fault:
        raise BadDefinition(f"a definition lacks {fault}") from fault
    if len(found) != len(data["stages"]):
        raise BadDefinition("two stages have the same code")
    return Process(code, version, start, found, _secret(found))


def _secret(found: Mapping[str, Stage]) -> frozenset[str]:
    """Stages of a secret kind and all that can be reached from them."""
    reached: set[str] = set()
    waiting = [stage.code for stage in found.values() if stage.kind.is_secret]
    while waiting:
        code = waiting.pop()
        if code in reached or code not in found:
            continue
        reached.add(code)
        waiting += [one.to for one in found[code].outcomes if one.to is not None]
    return frozenset(reached)


def _labels(data: Mapping[str, Any]) -> Labels:
    return Labels(dict(data["staff"]), dict(data.get("applicant") or data["staff"]))


def _stage(data: Mapping[str, Any]) -> Stage:
    delay = data.get("delay")
    return Stage(
        code=str(data["code"]),
        kind=stages.kind_of(str(data["kind"])),
        labels=_labels(data["label"]),
        actor=str(data["actor"]),
        other_than=tuple(data.get("other_than") or ()),
        may_ask=bool(data.get("may_ask")),
        delay=None
        if not delay
        else Delay(int(delay["days"]), bool(delay.get("working")), str(delay["silence"])),
        first=bool(data.get("first")),
        uses=dict(data.get("uses") or {}),
        outcomes=tuple(_outcome(outcome) for outcome in data.get("outcomes") or ()),
    )


def _outcome(data: Mapping[str, Any]) -> Outcome:
    return Outcome(
        code=str(data["code"]),
        labels=_labels(data["label"]),
        when=data.get("when"),
        to=data.get("to"),
        end=data.get("end"),
        letter=data.get("letter"),
    )
