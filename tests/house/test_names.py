"""Every module has its place in the layers of pyproject.toml; no drawer for odds and ends."""

import tomllib

import pytest

from tests.house import source

EXEMPT = {"migrations", "management", "templatetags"}
DRAWERS = {"core", "common", "utils", "util", "helpers", "helper", "misc", "shared"}


def listed(app: str) -> set[str]:
    """The modules that the contract of this app names."""
    (contract,) = [c for c in source.LINTER["contracts"] if c.get("containers") == [app]]
    words = " ".join(contract["layers"]).replace("|", " ").replace(":", " ")
    return {word.strip("()") for word in words.split()}


@pytest.mark.parametrize("app", source.APPS)
def test_each_module_has_its_place(app):
    folder = source.ROOT / app
    modules = {p.stem for p in folder.glob("*.py")} | {p.parent.name for p in folder.glob("*/__init__.py")}
    assert modules - {"__init__"} - EXEMPT - listed(app) == set(), "a place in pyproject.toml, please"


@pytest.mark.parametrize("app", source.APPS)
def test_the_package_itself_is_empty(app):
    assert source.text(source.ROOT / app / "__init__.py").strip() == ""


def test_no_drawers():
    names = {source.name(p) for p in source.product_files() if DRAWERS & {p.stem, p.parent.name}}
    assert names == set()


def test_every_app_is_under_the_linter():
    apps = {p.parent.name for p in source.ROOT.glob("*/apps.py")}
    assert apps <= set(source.APPS)


def test_mypy_and_ruff_know_every_package():
    pyproject = tomllib.loads((source.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = set(source.LINTER["root_packages"])
    assert packages <= set(pyproject["tool"]["mypy"]["packages"])
    assert packages <= set(pyproject["tool"]["ruff"]["lint"]["isort"]["known-first-party"])


def test_tests_mirror_the_code():
    """A test folder of an app speaks of modules of that app, or of a subject in its own folder."""
    folders = {p.name for p in (source.ROOT / "tests").iterdir() if p.is_dir() and p.name != "__pycache__"}
    assert folders <= {
        *source.APPS,
        "config",
        "house",
        "journeys",
        "browser",
        "permissions",
        "data",
        "races",
        "bench",
    }
