"""A file fits in a head: 400 lines, a function 50, a template 120."""

import ast

from tests.house import source

FILE, FUNCTION, TEMPLATE = 400, 50, 120
# An exception carries its reason.
LONG: dict[str, str] = {
    "config/settings.py": "one flat list of settings, read from top to bottom",
}


def test_files():
    long = {source.name(p): source.text(p).count("\n") for p in source.product_files()}
    assert {n: lines for n, lines in long.items() if lines > FILE and n not in LONG} == {}


def test_functions():
    long = {}
    for path in source.product_files():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                start = node.body[1 if ast.get_docstring(node) and len(node.body) > 1 else 0]
                lines = (node.end_lineno or 0) - start.lineno + 1  # signature and docstring do not count
                if lines > FUNCTION:
                    long[f"{source.name(path)}:{node.name}"] = lines
    assert long == {}


def test_templates():
    long = {source.name(p): source.text(p).count("\n") for p in source.templates()}
    assert {n: lines for n, lines in long.items() if lines > TEMPLATE} == {}
