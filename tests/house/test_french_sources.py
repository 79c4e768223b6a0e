"""Message ids are French sentences: none of them may be an English id that a library translates into something else."""

from __future__ import annotations

import ast
import re

from django.utils.translation import gettext, override

from tests.house import source

CALLS = {"gettext", "gettext_lazy", "_", "gettext_noop"}
TEMPLATE = re.compile(r"""\{% translate (?:"([^"]+)"|'([^']+)')(?! context)|_\(["']([^"']+)["']\)""")


def ids() -> set[str]:
    """Every message id of the product, from Python and from templates."""
    found: set[str] = set()
    for path in source.product_files():
        for node in ast.walk(source.tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
                found |= {
                    a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)
                }
    for path in source.templates():
        for groups in TEMPLATE.findall(path.read_text(encoding="utf-8")):
            found |= {group for group in groups if group}
    return found


def test_the_scan_sees_something() -> None:
    assert len(ids()) > 300


def test_an_id_is_what_a_french_reader_reads() -> None:
    with override("fr-ca"):
        changed = {message: gettext(message) for message in ids() if gettext(message) != message}
    assert changed == {}
