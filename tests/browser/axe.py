"""Every page a journey reaches: axe finds nothing, nothing sticks out, at 1280 and at 360 px."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = (1280, 360)
HEIGHT = 900
# JALON_BROWSER_PICTURES=FOLDER keeps a picture of every page looked at.
PICTURES = os.environ.get("JALON_BROWSER_PICTURES", "")

WIDER = """() => {
  const most = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= most) return [];
  const out = [...document.querySelectorAll("body *")].filter((one) => {
    if (one.closest(".scroll") && !one.matches(".scroll")) return false;
    const box = one.getBoundingClientRect();
    return box.width > 0 && box.right > most + 1;
  });
  return [`page ${document.documentElement.scrollWidth} px for ${most}`,
          ...out.slice(0, 6).map((one) => `${one.tagName} .${one.className} #${one.id}`)];
}"""


RUN = """async ([rules, but]) => (await axe.run(document, {resultTypes: ["violations"],
    ...(rules.length ? {runOnly: {type: "rule", values: rules}} : {}),
    rules: Object.fromEntries(but.map((one) => [one, {enabled: false}]))})).violations
  .map((one) => ({id: one.id, help: one.help, nodes: one.nodes.map(({target, html}) => ({target, html}))}))"""


def violations(page: Page, rules: Sequence[str] = (), but: Sequence[str] = ()) -> list[str]:
    """What axe finds on the page (by these rules only, or by all but those), one line each with the places."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate(RUN, [list(rules), list(but)])
    return [
        f"{one['id']} ({one['help']}): "
        + "; ".join(f"{' '.join(map(str, node['target']))} {node['html'][:160]}" for node in one["nodes"][:5])
        for one in found
    ]


def look_at(page: Page, name: str) -> None:
    """Hold the page against axe and against its width, at each width; then back to the first."""
    wrong: list[str] = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": HEIGHT})
        wrong += [f"{width} px: {line}" for line in violations(page)]
        wide = page.evaluate(WIDER)
        if wide:
            wrong.append(f"{width} px: sticks out: {'; '.join(wide)}")
        if PICTURES:
            place = Path(PICTURES)
            place.mkdir(parents=True, exist_ok=True)
            slug = re.sub(r"[^a-z0-9]+", "-", name.lower())
            page.screenshot(path=place / f"{slug}-{width}.png", full_page=True)
    page.set_viewport_size({"width": WIDTHS[0], "height": HEIGHT})
    assert not wrong, f"{name} ({page.url}):\n" + "\n".join(wrong)
