"""Eligibility: rules as data, judged over facts in three values; a missing fact makes unknown, never no.

Pure core: `judge(case)` takes and returns plain data; run alone as `python -m applications.eligibility`.
"""

from dataclasses import dataclass

from workflows import conditions
from workflows.casefile import choice, flag, items, record, run, show, text, unique, words
from workflows.conditions import Condition, Facts

RULE = ("id", "label", "article", "consequence", "manual", "when", "cases", "else")
CONSEQUENCES = ("ineligible", "condition", "warning")
ANSWERS = ("yes", "no", "unknown")


@dataclass(frozen=True, slots=True)
class Case:
    """What follows when a condition holds."""

    condition: Condition
    answer: str
    cause: dict[str, str] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a call."""

    id: str
    article: str | None
    manual: bool
    when: Condition | None
    cases: list[Case]
    otherwise: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule gives over the facts."""

    result: str
    cause: dict[str, str] | None = None
    missing: frozenset[str] = frozenset()


def _case(data: object, where: str) -> Case:
    given = record(data, f"A case of {where}", ["if", "then"], ["cause"])
    cause = given.get("cause")
    return Case(
        condition=conditions.parse(given["if"]),
        answer=choice(given["then"], f"The key 'then' of {where}", ANSWERS),
        cause=None if cause is None else words(cause, f"The cause of {where}"),
    )


def read_rule(data: object) -> Rule:
    """A rule, its shape checked; the call that loads it checks the names and types of its facts."""
    given = record(data, "A rule", RULE)
    name = text(given["id"], "The id of a rule")
    where = f"rule {show(name)}"
    words(given["label"], f"The label of {where}")
    choice(given["consequence"], f"The consequence of {where}", CONSEQUENCES)
    article = given["article"]
    return Rule(
        id=name,
        article=None if article is None else text(article, f"The article of {where}"),
        manual=flag(given["manual"], f"The key 'manual' of {where}"),
        when=None if given["when"] is None else conditions.parse(given["when"]),
        cases=[_case(entry, where) for entry in items(given["cases"], f"The cases of {where}")],
        otherwise=choice(given["else"], f"The key 'else' of {where}", ANSWERS),
    )


def read_rules(data: object) -> list[Rule]:
    """The rules of a call, in their order; an id given twice is refused."""
    rules = [read_rule(entry) for entry in items(data, "The rules")]
    unique([rule.id for rule in rules], "The rule")
    return rules


def conditions_of(rule: Rule) -> list[Condition]:
    """Every condition of a rule."""
    return [*([] if rule.when is None else [rule.when]), *(case.condition for case in rule.cases)]


def _find(rule: Rule, facts: Facts) -> Finding:
    if rule.when is not None:
        applies = conditions.evaluate(rule.when, facts)
        if applies.value is None:
            return Finding("unknown", missing=applies.missing)
        if not applies.value:
            return Finding("na")
    if rule.manual and not rule.cases:
        return Finding("unknown")
    for case in rule.cases:
        verdict = conditions.evaluate(case.condition, facts)
        if verdict.value is None:
            return Finding("unknown", case.cause, verdict.missing)
        if verdict.value:
            return Finding(case.answer, case.cause)
    return Finding(rule.otherwise)


def judge(case: object) -> list[dict[str, object]]:
    """The result of every rule over the facts, in the order of the rules, as docs/cores.md says."""
    given = record(case, "The case", ["rules", "facts"])
    facts = conditions.read_facts(given["facts"])
    rules = read_rules(given["rules"])
    for rule in rules:
        for condition in conditions_of(rule):
            conditions.check_values(condition, facts)
    findings = [(rule, _find(rule, facts)) for rule in rules]
    return [
        {
            "id": rule.id,
            "result": finding.result,
            "cause": finding.cause,
            "article": rule.article,
            "missing": sorted(finding.missing),
        }
        for rule, finding in findings
    ]


if __name__ == "__main__":
    raise SystemExit(run(judge))
