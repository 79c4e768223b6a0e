"""The condition language again, written naively in two values, and strategies that make conditions."""

from hypothesis import strategies as st

ORDER = {
    "eq": lambda a, b: a == b,
    "ne": lambda a, b: a != b,
    "lt": lambda a, b: a < b,
    "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b,
    "ge": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
}


def reads(operand):
    return operand.get("fact")


def take(operand, facts):
    if "value" in operand:
        return operand["value"]
    value = facts[operand["fact"]]
    return {"count": len, "sum": sum}[operand["op"]](value) if "op" in operand else value


def holds(condition, facts):
    """Whether a condition holds, every fact it reads being there."""
    op = condition["op"]
    if op == "and":
        return all(holds(arg, facts) for arg in condition["args"])
    if op == "or":
        return any(holds(arg, facts) for arg in condition["args"])
    if op == "not":
        return not holds(condition["arg"], facts)
    if op == "exists":
        return facts.get(condition["fact"]) is not None
    return ORDER[op](take(condition["left"], facts), take(condition["right"], facts))


def fact(name):
    return {"fact": name}


def value(given):
    return {"value": given}


def tally(op, name):
    return {"op": op, "fact": name}


def compare(op, left, right):
    return {"op": op, "left": left, "right": right}


def trees(leaf, size=4):
    """Conditions over the leaves."""
    return st.recursive(
        leaf,
        lambda inner: (
            st.builds(lambda arg: {"op": "not", "arg": arg}, inner)
            | st.builds(
                lambda op, args: {"op": op, "args": args},
                st.sampled_from(["and", "or"]),
                st.lists(inner, min_size=1, max_size=3),
            )
        ),
        max_leaves=size,
    )
