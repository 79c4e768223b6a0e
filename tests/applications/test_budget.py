"""applications.budget against the cases B1 to B3, bad cases and a naive twin."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.budget import compute
from tests import cores
from workflows.casefile import BadInput

B1 = cores.case("B1")


def test_b1_by_module_command():
    found = cores.answer("applications.budget", B1)
    assert found["rate"] == {"exact": "4/5", "rounded": "0.80"}
    assert (found["kept"], found["aid"], found["own"]) == (150000, 115000, 15000)
    assert found["reductions"] == [{"code": "CUMUL", "amount": 5000}]
    assert found["manual_check"] is False
    assert all(isinstance(line, str) for line in found["explanation"])


def test_b2_by_module_command():
    found = cores.answer("applications.budget", cores.case("B2"))
    assert (found["kept"], found["aid"]) == (150000, 120000)
    assert found["reductions"] == [{"code": "ADMIN10", "amount": 3000}]


def test_b3_by_module_command():
    found = cores.answer("applications.budget", cores.case("B3"))
    assert found["rate"]["exact"] == "131/150"
    assert (found["aid"], found["own"], found["reductions"]) == (262000, 38000, [])


@pytest.mark.parametrize(
    ("population", "members", "rate", "manual"),
    [
        (1000, [], "9/10", False),
        (1001, [], "4/5", False),
        (100001, [], "1/2", False),
        (0, [], "4/5", True),
        (None, [("a", None), ("b", 0)], "4/5", True),
        (900, [("a", None)], "9/10", False),
        (900, [("a", 4000), ("b", 6000), ("c", 0)], "37/50", True),
    ],
)
def test_the_rate_of_a_body(population, members, rate, manual):
    case = cores.changed(B1, ["bodies", 0, "population"], population)
    case["bodies"][0]["members"] = [{"code": code, "population": people} for code, people in members]
    found = compute(case)
    assert (found["rate"]["exact"], found["manual_check"]) == (rate, manual)


def test_limits_come_in_order_and_the_minimum_last():
    case = cores.changed(B1, ["requested"], 110000)
    case["aid"] = {"min": 60000, "max": 100000}
    case["funding"][0]["amount"] = 80000
    found = compute(case)
    assert found["reductions"] == [
        {"code": "DEMANDE", "amount": 10000},
        {"code": "PLAFOND", "amount": 10000},
        {"code": "CUMUL", "amount": 45000},
        {"code": "MINIMUM", "amount": 55000},
    ]
    assert (found["aid"], found["own"]) == (0, 70000)


BAD = [
    (["rates"], []),
    (["rates", 4], {"max_population": 200000, "rate": "0.4"}),
    (["rates", 0, "max_population"], None),
    (["rates", 0, "max_population"], 5000),
    (["rates", 0, "max_population"], -1),
    (["rates", 0, "rate"], "90"),
    (["rates", 0, "rate"], 1),
    (["default_rate"], None),
    (["joint", "cap"], "1.1"),
    (["joint", "min_bodies"], "3"),
    (["admin_cap"], "1"),
    (["admin_cap"], "3/2"),
    (["cumul_cap"], "-0.1"),
    (["public_weight", "gift"], "1"),
    (["public_weight", "own"], ...),
    (["aid"], {"min": 10, "max": 5}),
    (["aid", "max"], None),
    (["bodies"], []),
    (["bodies", 0, "share"], 0),
    (["bodies", 0, "share"], -1),
    (["bodies", 0, "share"], True),
    (["bodies", 0, "population"], "3198"),
    (["bodies", 0, "population"], -3198),
    (["bodies", 0, "members"], None),
    (["bodies", 0, "members"], [{"code": "a", "population": 1}, {"code": "a", "population": 2}]),
    (["costs", 0, "amount"], -1),
    (["costs", 0, "amount"], 1.5),
    (["costs", 0, "eligible"], "yes"),
    (["costs", 0, "administration"], 0),
    (["funding", 0, "kind"], "gift"),
    (["funding", 0, "kind"], None),
    (["funding", 0, "public"], None),
    (["funding", 0, "amount"], -20000),
    (["requested"], -1),
    (["requested"], "115000"),
    (["surprise"], 1),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=str)
def test_bad_cases_are_refused(path, value):
    with pytest.raises(BadInput):
        compute(cores.changed(B1, path, value))


@pytest.mark.parametrize("name", ["bodies", "costs", "funding"])
def test_an_id_given_twice_is_refused(name):
    case = cores.changed(B1, [name], B1[name] * 2)
    with pytest.raises(BadInput, match="twice"):
        compute(case)


@pytest.mark.parametrize("path", [p for p in cores.paths(B1) if isinstance(p[-1], str)], ids=str)
def test_a_key_that_is_lacking_is_refused(path):
    with pytest.raises(BadInput):
        compute(cores.changed(B1, path, ...))


def test_the_command_refuses_in_one_sentence():
    cores.refusal("applications.budget", cores.changed(B1, ["admin_cap"], "1"))
    cores.refusal("applications.budget", cores.changed(B1, ["costs", 0, "amount"], 10.5))


@st.composite
def case_of(draw):
    money = st.integers(0, 400)
    people = st.sampled_from([None, 0, 1, 10, 11, 20, 21, 50])
    rate = st.sampled_from(["0", "1/3", "0.5", "0.8", "1"])
    shares = draw(st.lists(money, min_size=1, max_size=4).filter(any))
    return {
        "rates": draw(
            st.permutations(
                [{"max_population": m, "rate": draw(rate)} for m in (10, 20)]
                + [{"max_population": None, "rate": draw(rate)}]
            )
        ),
        "default_rate": draw(rate),
        "joint": {"min_bodies": draw(st.integers(2, 4)), "bonus": draw(rate), "cap": draw(rate)},
        "admin_cap": draw(st.sampled_from(["0", "0.1", "1/3", "0.99"])),
        "cumul_cap": draw(rate),
        "public_weight": {"grant": "1", "repayable": draw(rate), "own": draw(rate)},
        "aid": {"min": draw(st.integers(0, 100)), "max": draw(st.integers(100, 500))},
        "bodies": [
            {
                "code": f"b{n}",
                "population": draw(people),
                "share": share,
                "members": [
                    {"code": f"m{m}", "population": draw(people)} for m in range(draw(st.integers(0, 2)))
                ],
            }
            for n, share in enumerate(shares)
        ],
        "costs": [
            {
                "id": f"c{n}",
                "amount": draw(money),
                "eligible": draw(st.booleans()),
                "administration": draw(st.booleans()),
            }
            for n in range(draw(st.integers(0, 4)))
        ],
        "funding": [
            {
                "id": f"f{n}",
                "kind": draw(st.sampled_from(["grant", "repayable", "own"])),
                "public": draw(st.booleans()),
                "amount": draw(st.integers(0, 60)),
            }
            for n in range(draw(st.integers(0, 3)))
        ],
        "requested": draw(st.none() | money),
    }


def most(limit, allowed):
    """The largest whole number from 0 to the limit that is allowed, found by trying."""
    return max((n for n in range(limit + 1) if allowed(n)), default=0)


def twin(case):
    """The rules again: every floor is found by trying whole numbers."""
    table = sorted(case["rates"], key=lambda r: (r["max_population"] is None, r["max_population"] or 0))

    def band(people):
        return next(
            Fraction(r["rate"]) for r in table if r["max_population"] is None or people <= r["max_population"]
        )

    manual, weighted = False, Fraction(0)
    for body in case["bodies"]:
        known = [m["population"] for m in body["members"] if m["population"]]
        if known:
            rate = sum(band(p) * p for p in known) / Fraction(sum(known))
        else:
            rate = band(body["population"]) if body["population"] else Fraction(case["default_rate"])
        manual = manual or bool(known) or not body["population"]
        weighted += rate * body["share"]
    rate = weighted / sum(b["share"] for b in case["bodies"])
    if len(case["bodies"]) > 1:
        if len(case["bodies"]) >= case["joint"]["min_bodies"]:
            rate += Fraction(case["joint"]["bonus"])
        rate = min(rate, Fraction(case["joint"]["cap"]))
    eligible = [c for c in case["costs"] if c["eligible"]]
    admin = sum(c["amount"] for c in eligible if c["administration"])
    other = sum(c["amount"] for c in eligible if not c["administration"])
    part = most(admin, lambda n: n <= Fraction(case["admin_cap"]) * (other + n))
    kept, taken = other + part, []
    if part < admin:
        taken.append(("ADMIN10", admin - part))
    aid = most(kept, lambda n: n <= rate * kept)
    public = sum(
        Fraction(case["public_weight"][f["kind"]]) * f["amount"]
        for f in case["funding"]
        if f["public"] and f["kind"] != "own"
    )
    room = most(kept, lambda n: n + public <= Fraction(case["cumul_cap"]) * kept)
    for code, limit in (("DEMANDE", case["requested"]), ("PLAFOND", case["aid"]["max"]), ("CUMUL", room)):
        if limit is not None and aid > limit:
            taken.append((code, aid - limit))
            aid = limit
    if 0 < aid < case["aid"]["min"]:
        taken.append(("MINIMUM", aid))
        aid = 0
    others = sum(f["amount"] for f in case["funding"] if f["kind"] != "own")
    return kept, rate, aid, max(0, kept - aid - others), taken, manual


@settings(max_examples=200, deadline=None)
@given(case_of(), st.randoms())
def test_budget_equals_its_twin_in_any_order(case, random):
    found = compute(case)
    taken = [(each["code"], each["amount"]) for each in found["reductions"]]
    rate = Fraction(found["rate"]["exact"])
    assert (found["kept"], rate, found["aid"], found["own"], taken, found["manual_check"]) == twin(case)
    for name in ("rates", "bodies", "costs", "funding"):
        random.shuffle(case[name])
    assert compute(case) == found
