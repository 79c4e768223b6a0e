"""review.conflicts: hints from facts, and nothing where facts say nothing."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from review.conflicts import hints
from tests import cores
from workflows.casefile import BadInput

CASE = {
    "on": "2026-04-10",
    "person": {"municipality": "31056", "mrc": "310", "employers": [{"name": "Logiciels Boréal inc."}]},
    "bodies": [
        {"code": "31056", "name": "Adstock", "mrc": "310"},
        {"code": "31084", "name": "Thetford", "mrc": "310"},
    ],
    "suppliers": ["LOGICIELS BOREAL", "Autre fournisseur"],
}


def test_home_region_and_employer_are_pointed_at():
    assert cores.answer("review.conflicts", CASE) == [
        {"code": "same_municipality", "body": "31056", "name": "Adstock"},
        {"code": "same_mrc", "body": "31084", "name": "Thetford"},
        {"code": "employer_is_supplier", "name": "LOGICIELS BOREAL", "employer": "Logiciels Boréal inc."},
    ]


@pytest.mark.parametrize(
    ("employer", "body", "tied"),
    [
        ("Ville de Québec", "Québec", True),
        ("Municipalité d’Adstock", "ADSTOCK", True),
        ("MRC des Appalaches", "Les Appalaches", True),
        ("Ville de Laval", "Québec", False),
        ("Ville", "Ville de Laval", False),
        ("Saint-Félix", "Saint-Félicien", False),
        ("IBM", "IBM", True),
    ],
)
def test_names_are_compared_without_accents_case_or_legal_form(employer, body, tied):
    case = cores.changed(CASE, ["bodies"], [{"code": "1", "name": body, "mrc": None}])
    case["person"]["employers"] = [{"name": employer, "until": None}]
    assert ("employer_is_body" in {hint["code"] for hint in hints(case)}) is tied


@pytest.mark.parametrize(
    ("until", "tied"), [("2023-04-10", True), ("2023-04-09", False), ("2027-01-01", True)]
)
def test_a_former_employer_counts_three_years(until, tied):
    case = cores.changed(CASE, ["person", "employers", 0, "until"], until)
    assert ("employer_is_supplier" in {hint["code"] for hint in hints(case)}) is tied


BAD = [
    (["on"], "2026-02-30"),
    (["on"], None),
    (["person", "mrc"], ...),
    (["person", "municipality"], 31056),
    (["person", "employers", 0, "until"], "soon"),
    (["person", "employers", 0, "name"], ""),
    (["bodies", 1, "code"], "31056"),
    (["bodies", 0, "mrc"], 310),
    (["suppliers"], "Boréal"),
    (["suppliers", 0], None),
    (["extra"], 1),
]


@pytest.mark.parametrize(("path", "value"), BAD, ids=str)
def test_bad_cases_are_refused(path, value):
    with pytest.raises(BadInput):
        hints(cores.changed(CASE, path, value))


def test_the_command_refuses_in_one_sentence():
    cores.refusal("review.conflicts", cores.changed(CASE, ["on"], "today"))


codes = st.sampled_from(["1", "2", "3"])


@settings(max_examples=100, deadline=None)
@given(
    st.none() | codes,
    st.none() | codes,
    st.lists(st.tuples(codes, st.none() | codes), unique_by=lambda b: b[0]),
)
def test_places_equal_their_twin(home, mrc, bodies):
    case = {
        "on": "2026-04-10",
        "person": {"municipality": home, "mrc": mrc, "employers": []},
        "bodies": [{"code": code, "name": f"N{code}", "mrc": of} for code, of in bodies],
        "suppliers": [],
    }
    expected = set()
    for code, of in bodies:
        if home == code:
            expected.add((code, "same_municipality"))
        elif mrc is not None and mrc in (code, of):
            expected.add((code, "same_mrc"))
    assert {(hint["body"], hint["code"]) for hint in hints(case)} == expected
