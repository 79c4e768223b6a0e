"""What the house tests read: the tree of the project, parsed once."""

import ast
import functools
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
LINTER = PYPROJECT["tool"]["importlinter"]
APPS = [name for name in LINTER["root_packages"] if name != "config"]

# Pure cores: plain data in, plain data out, runnable by an outsider (docs/cores.md). One that is not yet
# in the tree is skipped; a module named here may import the standard library and its equals, nothing else.
CORES = [
    "workflows.casefile", "workflows.conditions", "workflows.soundness", "workflows.soundness_terms",
    "workflows.soundness_regions", "workflows.migration", "workflows.chain", "workflows.draw",
    "applications.eligibility", "applications.budget", "applications.maturity",
    "review.conflicts", "review.assigning", "review.scoring", "review.selection",
    "audit.standing", "audit.verify",
]  # fmt: skip


def path_of(module: str) -> Path:
    """The file of a module."""
    plain = ROOT / Path(*module.split("."))
    return plain / "__init__.py" if plain.is_dir() else plain.with_suffix(".py")


def present_cores() -> list[str]:
    """Those of CORES that are in the tree."""
    return [core for core in CORES if path_of(core).exists()]


def product_files(*, migrations: bool = False) -> list[Path]:
    """Every Python file of the product."""
    found = [path for package in LINTER["root_packages"] for path in sorted((ROOT / package).rglob("*.py"))]
    return [path for path in found if migrations or "migrations" not in path.parts]


def templates() -> list[Path]:
    """Every template of pages."""
    return sorted((ROOT / "templates").rglob("*.html"))


def tracked(*suffixes: str) -> Iterator[Path]:
    """Text files of the tree, what is ignored by git left out."""
    skipped = {
        ".git",
        ".venv",
        "var",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        "__pycache__",
    }
    for entry in sorted(ROOT.iterdir()):
        if entry.name in skipped:
            continue
        for path in [entry] if entry.is_file() else sorted(entry.rglob("*")):
            if path.is_file() and not skipped & set(path.parts) and (not suffixes or path.suffix in suffixes):
                yield path


def name(path: Path) -> str:
    """A path as people write it."""
    return path.relative_to(ROOT).as_posix()


@functools.cache
def text(path: Path) -> str:
    """A file's words."""
    return path.read_text(encoding="utf-8")


@functools.cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(text(path), filename=str(path))


def calls(path: Path) -> Iterator[tuple[ast.Call, str]]:
    """Each call of a file with the last name of what is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Attribute):
                yield node, called.attr
            elif isinstance(called, ast.Name):
                yield node, called.id
