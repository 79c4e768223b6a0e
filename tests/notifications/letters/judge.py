"""veraPDF, asked once for many files: what it finds wrong in each, by file name."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests import services

PROFILES = {"PDF/A-2A", "PDF/UA-1"}


def faults(files: Sequence[Path]) -> dict[str, list[str]]:
    """Profile, clause and test of each rule that a file breaks; a file read under other profiles is at fault too.

    Flavour 0 takes the profiles from the file's own metadata, so both verdicts come from one reading.
    """
    command = ["java", "-Xmx768m", "-cp", f"{services.verapdf()}/*", "org.verapdf.apps.GreenfieldCliWrapper"]
    done = subprocess.run(
        [*command, "--flavour", "0", "--format", "json", *map(str, files)],
        capture_output=True,
        text=True,
        check=False,
    )
    found: dict[str, list[str]] = {}
    for job in json.loads(done.stdout)["report"]["jobs"]:
        verdicts = job.get("validationResult") or []
        told = [line for one in verdicts for line in _broken(one)]
        seen = {one["profileName"].removesuffix(" validation profile") for one in verdicts}
        told += [f"judged as {sorted(seen)}: {job.get('taskException', '')}"] if seen != PROFILES else []
        found[Path(job["itemDetails"]["name"]).name] = told
    for file in files:
        found.setdefault(file.name, [f"not judged: {done.stderr[-400:]}"])
    return found


def _broken(verdict: dict[str, object]) -> list[str]:
    details = verdict["details"]
    assert isinstance(details, dict)
    said = [
        f"{verdict['profileName']} {rule['clause']}-{rule['testNumber']}: {rule['description']}"
        for rule in details["ruleSummaries"]
    ]
    return said or ([] if verdict["compliant"] else [f"{verdict['profileName']}: not compliant"])
