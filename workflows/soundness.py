"""Whether a definition is sound: each stage reached and left, one outcome for every value of the facts.

Pure core: `check(case)` takes and returns plain data; run alone as `python -m workflows.soundness`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import combinations

from workflows import conditions
from workflows.casefile import (
    BadInput,
    choice,
    flag,
    items,
    record,
    run,
    show,
    text,
    unique,
    whole,
    words,
)
from workflows.conditions import Condition
from workflows.soundness_regions import Effort, Formula, can_hold, negate
from workflows.soundness_terms import Terms

ENDS = ("accepted", "waitlisted", "rejected")
USES = ("form", "rules", "grid", "panel")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One way out of a stage: to another one, or to an end with its letter."""

    code: str
    when: Condition | None
    to: str | None
    end: str | None
    letter: str | None


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage; `silence` is kept only where there is a delay."""

    code: str
    actor: str
    other_than: tuple[str, ...]
    delayed: bool
    silence: str | None
    first: bool
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a definition is judged against."""

    roles: frozenset[str]
    letters: frozenset[str]
    facts: dict[str, str]


@dataclass(slots=True)
class Faults:
    """The faults found: each code once a stage, with the outcomes it concerns."""

    found: dict[tuple[str, str], set[str]] = field(default_factory=dict)

    def add(self, at: str, code: str, outcomes: Iterable[str] = ()) -> None:
        """Note a fault."""
        self.found.setdefault((at, code), set()).update(outcomes)


def _codes(data: object, where: str) -> list[str]:
    return [text(each, f"A code of {where}") for each in items(data, f"{where[0].upper()}{where[1:]}")]


def _optional_text(data: object, where: str) -> str | None:
    return None if data is None else text(data, where)


def _label(data: object, where: str) -> None:
    given = record(data, f"The label of {where}", ["staff", "applicant"])
    for reader in ("staff", "applicant"):
        words(given[reader], f"The {reader} label of {where}")


def _outcome(data: object, stage: str) -> Outcome:
    given = record(data, f"An outcome of {stage}", ["code", "label", "when"], ["to", "end", "letter"])
    code = text(given["code"], f"The code of an outcome of {stage}")
    where = f"outcome {show(code)} of {stage}"
    _label(given["label"], where)
    to, end = _optional_text(given.get("to"), f"The key 'to' of {where}"), given.get("end")
    letter = _optional_text(given.get("letter"), f"The letter of {where}")
    if (to is None) == (end is None):
        raise BadInput(f"The {where} must lead either to a stage or to an end.")
    if to is not None and letter is not None:
        raise BadInput(f"The {where} has a letter, which only an end has.")
    return Outcome(
        code=code,
        when=None if given["when"] is None else conditions.parse(given["when"]),
        to=to,
        end=None if end is None else choice(end, f"The end of {where}", ENDS),
        letter=letter,
    )


def _delay(data: object, where: str) -> tuple[bool, str | None]:
    if data is None:
        return False, None
    given = record(data, f"The delay of {where}", ["days", "working"], ["silence"])
    whole(given["days"], f"The days of the delay of {where}")
    flag(given["working"], f"The key 'working' of the delay of {where}")
    return True, _optional_text(given.get("silence"), f"The silence of {where}")


def _stage(data: object) -> Stage:
    given = record(
        data,
        "A stage",
        ["code", "kind", "label", "actor", "outcomes"],
        ["other_than", "may_ask", "delay", "first", "uses"],
    )
    code = text(given["code"], "The code of a stage")
    where = f"stage {show(code)}"
    text(given["kind"], f"The kind of {where}")
    _label(given["label"], where)
    flag(given.get("may_ask", False), f"The key 'may_ask' of {where}")
    uses = record(given.get("uses", {}), f"The uses of {where}", [], USES)
    for key, used in uses.items():
        text(used, f"The {key} of {where}")
    delayed, silence = _delay(given.get("delay"), where)
    outcomes = [_outcome(entry, where) for entry in items(given["outcomes"], f"The outcomes of {where}")]
    unique([each.code for each in outcomes], f"In {where}, the outcome")
    return Stage(
        code=code,
        actor=text(given["actor"], f"The actor of {where}"),
        other_than=tuple(_codes(given.get("other_than", []), f"the other_than of {where}")),
        delayed=delayed,
        silence=silence,
        first=flag(given.get("first", False), f"The key 'first' of {where}"),
        outcomes=tuple(outcomes),
    )


def _definition(data: object) -> tuple[str, list[Stage]]:
    given = record(data, "The definition", ["code", "version", "start", "stages"])
    text(given["code"], "The code of the definition")
    whole(given["version"], "The version of the definition", 1)
    stages = [_stage(entry) for entry in items(given["stages"], "The stages")]
    unique([each.code for each in stages], "The stage")
    return text(given["start"], "The start of the definition"), stages


def _setting(case: dict[str, object]) -> Setting:
    facts = case["facts"]
    if not isinstance(facts, dict):
        raise BadInput(f"The facts must be an object, not {show(facts)}.")
    for name, kind in facts.items():
        choice(kind, f"The type of fact {show(text(name, 'The name of a fact'))}", conditions.TYPES)
    roles, letters = _codes(case["roles"], "the roles"), _codes(case["letters"], "the letters")
    return Setting(frozenset(roles), frozenset(letters), {name: str(kind) for name, kind in facts.items()})


def _judge_references(stage: Stage, known: set[str], setting: Setting, faults: Faults) -> None:
    if stage.actor not in setting.roles:
        faults.add(stage.code, "nobody_can_act")
    if not known.issuperset(stage.other_than):
        faults.add(stage.code, "unknown_reference")
    if stage.delayed and stage.silence not in {each.code for each in stage.outcomes}:
        faults.add(stage.code, "delay_without_outcome")
    for each in stage.outcomes:
        if each.to is not None and each.to not in known:
            faults.add(stage.code, "unknown_reference", [each.code])
        if each.end is not None and each.letter is None:
            faults.add(stage.code, "end_without_letter", [each.code])
        elif each.end is not None and each.letter not in setting.letters:
            faults.add(stage.code, "unknown_reference", [each.code])


def _judge_conditions(stage: Stage, setting: Setting, faults: Faults, effort: Effort) -> set[str]:
    """Judge the outcomes that have conditions; give the codes of the dead ones."""
    judged = [(each.code, each.when) for each in stage.outcomes if each.when is not None]
    trees = [when for _, when in judged]
    for when in trees:
        if any(isinstance(leaf, conditions.Exists) for leaf in conditions.leaves(when)):
            raise BadInput(f"Stage {show(stage.code)} uses 'exists', which a definition may not.")
    if any(conditions.facts_of(when) - set(setting.facts) for when in trees):
        faults.add(stage.code, "unknown_reference")
        return set()
    for when in trees:
        conditions.check_types(when, setting.facts)
    if not trees:
        return set()
    terms = Terms(trees, setting.facts)

    def possible(*formulas: Formula) -> bool:
        return can_hold([*terms.always, *formulas], terms.size, effort)

    codes, holds = [code for code, _ in judged], terms.formulas
    fails = [negate(each) for each in holds]
    before = fails if stage.first else []
    dead = {code for place, code in enumerate(codes) if not possible(holds[place], *before[:place])}
    if dead:
        faults.add(stage.code, "dead_outcome", dead)
    if possible(*fails):
        faults.add(stage.code, "gap")
    if not stage.first:
        for one, other in combinations(range(len(codes)), 2):
            if not {codes[one], codes[other]} & dead and possible(holds[one], holds[other]):
                faults.add(stage.code, "overlap", [codes[one], codes[other]])
    return dead


def _paths(start: str, edges: dict[str, set[str]]) -> dict[str, list[str]]:
    """The shortest path to every stage that can be reached, the first in code order where several are."""
    paths = {start: [start]} if start in edges else {}
    wave = list(paths)
    while wave:
        reached: list[str] = []
        for code in wave:
            for to in sorted(edges[code] - set(paths)):
                paths[to] = [*paths[code], to]
                reached.append(to)
        wave = reached
    return paths


def _leading_out(edges: dict[str, set[str]], ending: set[str]) -> set[str]:
    """The stages from which an end can be reached."""
    leading = set(ending)
    grown = True
    while grown:
        more = {code for code, targets in edges.items() if code not in leading and targets & leading}
        leading |= more
        grown = bool(more)
    return leading


def check(case: object) -> dict[str, object]:
    """Sound with the number of stages, or every fault with the path to it, as docs/cores.md says."""
    given = record(case, "The case", ["definition", "roles", "letters", "facts"])
    start, stages = _definition(given["definition"])
    setting, faults, effort = _setting(given), Faults(), Effort()
    known = {stage.code for stage in stages}
    edges: dict[str, set[str]] = {}
    ending: set[str] = set()
    for stage in stages:
        _judge_references(stage, known, setting, faults)
        dead = _judge_conditions(stage, setting, faults, effort)
        live = [each for each in stage.outcomes if each.code not in dead]
        edges[stage.code] = {each.to for each in live if each.to is not None and each.to in known}
        if any(each.end is not None for each in live):
            ending.add(stage.code)
    if start not in known:
        faults.add(start, "unknown_reference")
    paths = _paths(start, edges)
    leading = _leading_out(edges, ending)
    for code in known:
        if code not in paths:
            faults.add(code, "unreachable")
        if code not in leading:
            faults.add(code, "no_way_out")
    if not faults.found:
        return {"sound": True, "stages": len(stages)}
    return {
        "sound": False,
        "faults": [
            {"code": code, "at": at, "path": paths.get(at, []), "outcomes": sorted(outcomes)}
            for (at, code), outcomes in sorted(faults.found.items())
        ],
    }


if __name__ == "__main__":
    raise SystemExit(run(check))
