"""What a page that saves by itself sends, whatever it is."""

from __future__ import annotations

import json
import math
from typing import Any

from django.http import HttpRequest

MOST = 2**53  # what a script counts to


def read(request: HttpRequest) -> dict[str, Any]:
    """The body of an autosave, or ValueError whatever it is."""
    try:
        data = json.loads(request.body)
    except RecursionError:
        raise ValueError("an autosave is not nested so deep") from None
    if not isinstance(data, dict) or "value" not in data:
        raise ValueError("an autosave is an object with a value")
    client = data.get("client") or ""
    if not isinstance(client, str):
        raise ValueError("the name of a page is a text")  # noqa: TRY004
    return {
        "value": data["value"],
        "seen": _count(data.get("seen")),
        "client": "".join(one for one in client if one.isascii() and one.isprintable())[:64],
        "n": _count(data.get("n")),
        "takes_other": data.get("choose") == "other",
    }


def _count(sent: Any) -> int:
    """A number that a script counts, 0 when there is none."""
    if sent is None or sent == "":
        return 0
    if isinstance(sent, bool) or not isinstance(sent, int | float):
        raise ValueError("not a count")  # noqa: TRY004
    if isinstance(sent, float) and not math.isfinite(sent):
        raise ValueError("not a count")
    if not 0 <= sent < MOST:
        raise ValueError("not a count")
    return int(sent)
