"""English is complete: no sentence missing, no placeholder forgotten, what is compiled is what is written."""

from __future__ import annotations

import subprocess
import sys

from tests.house import source


def test_the_catalogue_has_no_fault() -> None:
    command = [sys.executable, "scripts/messages.py", "check"]
    done = subprocess.run(command, cwd=source.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def test_the_check_sees_what_is_missing() -> None:
    script = (
        "import sys; sys.path.insert(0, 'scripts'); import messages;"
        "made = messages.Message('Une phrase que personne n’a traduite', files={'nulle_part.py'});"
        "print(messages.faults(messages.catalogue(), {made.key: made}))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=source.ROOT, capture_output=True, text=True, check=True
    )
    assert "missing" in done.stdout
