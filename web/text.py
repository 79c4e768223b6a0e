"""Text written by people of the ministry, as safe HTML: a few marks, nothing else."""

from __future__ import annotations

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a", "h3", "h4", "blockquote", "code"}
SCHEMES = {"https", "http", "mailto", "tel"}


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    """Raw HTML, images and tables are off before the cleaner has its say."""
    parser = MarkdownIt("commonmark", {"html": False, "breaks": False})
    return parser.disable(["image", "html_inline", "html_block"])


@lru_cache(maxsize=512)
def render_markdown(source: str) -> SafeString:
    """Render a short text; headings start under the page's own (`#` becomes h3)."""
    tokens = _parser().parse(source or "")
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = "h3" if token.tag in ("h1", "h2", "h3") else "h4"
    html = _parser().renderer.render(tokens, _parser().options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href", "hreflang"}},
        url_schemes=SCHEMES,
        link_rel="noopener nofollow",
    )
    return mark_safe(clean)  # noqa: S308 - cleaned on the line above
