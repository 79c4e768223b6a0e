"""What production serves: every script under its hashed name, whatever names it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import override_settings


def test_a_script_imports_the_others_under_their_hashed_names(tmp_path: Path, settings: Any) -> None:
    kept = {**settings.STORAGES, "staticfiles": {"BACKEND": "web.statics.ModuleStorage"}}
    with override_settings(STORAGES=kept, STATIC_ROOT=str(tmp_path)):
        call_command("collectstatic", interactive=False, verbosity=0)
    names = json.loads((tmp_path / "staticfiles.json").read_text(encoding="utf-8"))["paths"]
    served = [name for name in names.values() if name.startswith("js/") and name.endswith(".js")]
    assert len(served) > 8
    found = {}
    for name in served:
        text = (tmp_path / name).read_text(encoding="utf-8")
        for wanted in re.findall(r"""(?:from|import)\s*\(?["'](\./[^"']+)["']""", text):
            found[name, wanted] = f"js/{wanted.removeprefix('./')}" in served
    assert len(found) >= 3
    assert all(found.values()), [key for key, is_served in found.items() if not is_served]
