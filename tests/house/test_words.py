"""No string outside gettext: heuristics that find the forgotten ones."""

import ast
import re
from html import unescape

import pytest

from tests.house import source

REMOVED = [
    r"\{#.*?#\}",
    r"\{%\s*comment.*?endcomment\s*%\}",
    r"<!--.*?-->",
    r"\{%\s*blocktrans(late)?\b.*?\{%\s*endblocktrans(late)?\s*%\}",
    r"<svg\b.*?</svg>",
    r"<(script|style|code|kbd)\b.*?</\1>",
    r"\{%\s*block\s+\w+\s*%\}[a-z_-]+\{%\s*endblock[^%]*%\}",  # the name of a class or of a face
    r"\{%.*?%\}",
    r"\{\{.*?\}\}",
]
SPOKEN = re.compile(
    r"""\b(?:aria-label|alt|title|placeholder|data-[a-z-]*(?:text|message|label))\s*=\s*"([^"]*)\""""
)
LETTERS = re.compile(r"[^\W\d_]{2,}")
# Names and codes are the same in both languages.
SAME = {
    "Jalon", "SHA", "PDF", "XLSX", "CSV", "JSON", "URL", "HTML", "FR", "EN", "Ko", "Mo", "MRC", "QR",
    "TOTP",
}  # fmt: skip


def spoken_words(html: str) -> list[str]:
    """What a person would read or hear of a template, without what is translated or computed."""
    for pattern in REMOVED:
        html = re.sub(pattern, " ", html, flags=re.DOTALL)
    heard = SPOKEN.findall(html)
    html = unescape(re.sub(r"<[^>]*>", " ", html, flags=re.DOTALL))
    return [word for part in [html, *heard] for word in LETTERS.findall(part) if word not in SAME]


def page_templates():
    """Templates with words of the site (letters are written in the call's language, not the page's)."""
    return [p for p in source.templates() if "letters" not in p.parts]


@pytest.mark.parametrize("path", page_templates(), ids=source.name)
def test_template(path):
    assert spoken_words(source.text(path)) == []


@pytest.mark.parametrize("path", page_templates(), ids=source.name)
def test_nothing_inline(path):
    """The policy of contents is `self`: no inline style, script or handler."""
    html = re.sub(r"\{#.*?#\}|\{%\s*comment.*?endcomment\s*%\}", "", source.text(path), flags=re.DOTALL)
    assert not re.search(r"<[^>]*\sstyle\s*=", html)
    assert not re.search(r"<style\b", html)
    assert not re.search(r"<[^>]*\son[a-z]+\s*=", html)
    assert not re.search(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/(?:json|ld\+json))[^>]*>", html)


def test_the_heuristic_finds_a_forgotten_word():
    assert spoken_words('<p>Bonjour <b>{{ name }}</b> {% translate "le monde" %}</p>') == ["Bonjour"]
    assert spoken_words('<a href="/x" aria-label="Fermer">×</a>') == ["Fermer"]


SPOKEN_KEYWORDS = {"label", "help", "help_text", "empty_label", "verbose_name", "verbose_name_plural"}
MESSENGERS = {"success", "error", "warning", "info"}


def bare(node: ast.expr) -> bool:
    """A plain text with words in it."""
    if isinstance(node, ast.JoinedStr):
        return any(isinstance(v, ast.Constant) and LETTERS.search(str(v.value)) for v in node.values)
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(LETTERS.search(node.value))


@pytest.mark.parametrize(
    "path",
    [p for p in source.product_files() if "management" not in p.parts and p.name != "settings.py"],
    ids=source.name,
)
def test_python(path):
    """Labels, helps, errors of forms and messages of pages go through gettext."""
    module = ".".join(path.relative_to(source.ROOT).with_suffix("").parts)
    if module in source.CORES:
        pytest.skip("a pure core speaks in codes")
    found = []
    for call, called in source.calls(path):
        asked = [k.value for k in call.keywords if k.arg in SPOKEN_KEYWORDS]
        owner = ast.unparse(call.func.value) if isinstance(call.func, ast.Attribute) else ""
        if called == "ValidationError" and call.args:
            asked.append(call.args[0])
        if called in MESSENGERS and owner == "messages" and len(call.args) > 1:
            asked.append(call.args[1])
        found += [f"{source.name(path)}:{call.lineno}" for value in asked if bare(value)]
    assert found == []
