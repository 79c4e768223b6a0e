"""One door per library, and pure cores that run where nothing is installed."""

import ast
import importlib.metadata
import subprocess
import sys

import pytest

from tests.house import source


def imported(module: str) -> set[str]:
    """The modules that a file imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(source.tree(source.path_of(module))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


@pytest.mark.parametrize("core", source.present_cores())
def test_a_core_imports_only_the_standard_library(core):
    foreign = {
        name
        for name in imported(core)
        if name.split(".")[0] not in sys.stdlib_module_names
        and not any(name == c or c.startswith(f"{name}.") or name.startswith(f"{c}.") for c in source.CORES)
    }
    assert foreign == set()


@pytest.mark.parametrize("core", source.present_cores())
def test_a_core_runs_where_no_package_is_installed(core):
    """-S: no site-packages, -E: no environment; what a package's __init__ drags in would show here."""
    program = (
        f"import sys, importlib; importlib.import_module({core!r});"
        "tops = {m.split('.')[0] for m in sys.modules};"
        "ours = {'__main__', 'applications', 'audit', 'review', 'workflows'};"
        "print(*sorted(tops - sys.stdlib_module_names - ours))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-c", program],
        cwd=source.ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


@pytest.mark.parametrize("core", source.present_cores())
def test_a_core_refuses_nonsense_kindly(core):
    """`python -m CORE` answers a text that is no case with exit 2 and one line, not with a traceback."""
    if not any(
        isinstance(n, ast.If) and "__main__" in ast.unparse(n.test)
        for n in source.tree(source.path_of(core)).body
    ):
        pytest.skip("a module that other cores use, no program")
    done = subprocess.run(
        [sys.executable, "-S", "-E", "-m", core],
        cwd=source.ROOT, input="[1, 2", capture_output=True, text=True, check=False, timeout=20,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    if core != "workflows.chain":  # there, bytes that are no JSON are a changed line, not a refusal
        assert done.returncode == 2
        assert len(done.stderr.strip().splitlines()) == 1


def test_the_other_state_machine_is_not_installed():
    installed = {d.metadata["Name"].lower() for d in importlib.metadata.distributions() if d.metadata["Name"]}
    assert "django-fsm-2" in installed
    assert "django-fsm" not in installed


def test_the_contracts_of_the_linter_are_all_there():
    ids = {contract.get("id") for contract in source.LINTER["contracts"]}
    assert {"floors", "door-fsm", "door-guardian", "door-pdf", "door-elasticsearch"} <= ids
    assert {f"inside-{app}" for app in source.APPS} <= ids
