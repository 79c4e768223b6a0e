"""The shared front of the cores: whatever stands anywhere in a case, a result or one sentence."""

import subprocess
import sys

import pytest

from applications import budget, eligibility
from review import conflicts, scoring, selection
from tests import cores
from tests.applications.test_eligibility import rule
from tests.review.test_conflicts import CASE
from tests.workflows.test_soundness import GOOD
from workflows import soundness
from workflows.casefile import BadInput, number, read, write

CORES = {
    "review.scoring": (scoring.score, cores.case("S1")),
    "review.selection": (selection.select, cores.case("T1")),
    "review.conflicts": (conflicts.hints, CASE),
    "applications.budget": (budget.compute, cores.case("B1")),
    "applications.eligibility": (eligibility.judge, {"rules": [rule()], "facts": {"aid": 5, "l": [1]}}),
    "workflows.soundness": (soundness.check, GOOD),
}
ODD = [None, True, -1, 0, 1.5, "", "x", "1/0", "-1", "\n", [], {}, [None], [[]], {"a": 1}, 10**70, "9" * 300]


def sentence_of(judge, case):
    """What a core says against a case, or nothing where it gives a result."""
    try:
        assert read(write(judge(case))) is not None
    except BadInput as refused:
        return str(refused)
    return None


@pytest.mark.parametrize("module", CORES)
def test_an_odd_value_anywhere_gives_a_result_or_one_sentence(module):
    judge, case = CORES[module]
    for path in cores.paths(case):
        for odd in ODD:
            sentence = sentence_of(judge, cores.changed(case, path, odd))
            assert sentence is None or (sentence.endswith(".") and "\n" not in sentence), (
                path,
                odd,
                sentence,
            )


@pytest.mark.parametrize("module", CORES)
def test_an_unknown_key_anywhere_that_is_closed_is_refused(module):
    judge, case = CORES[module]
    with pytest.raises(BadInput, match="unknown key 'zz'"):
        judge({**case, "zz": 1})


@pytest.mark.parametrize("module", CORES)
def test_every_core_refuses_an_odd_option_and_garbage(module):
    cores.refusal(module, CORES[module][1], "--verbose")
    cores.refusal(module, b"[" * 100_000)


def test_a_closed_input_is_refused():
    command = f"{sys.executable} -S -E -m review.scoring <&-"
    done = subprocess.run(command, shell=True, capture_output=True, cwd=cores.ROOT, check=False)
    assert (done.returncode, done.stdout, done.stderr.count(b"\n")) == (2, b"", 1)


@pytest.mark.parametrize(
    "written", ["", ".5", "5.", "+5", "1e3", "1,5", "1/2/3", "1.5/2", " 1", "1\n", "٣", "--1", "NaN", "-0.5"]
)
def test_what_is_no_number(written):
    with pytest.raises(BadInput):
        number(written, "The number")


def test_zero_with_a_sign_is_zero():
    assert number("-0.0", "The number") == 0
