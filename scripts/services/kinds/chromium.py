"""Chromium and the small programs that look at what Jalon makes: nothing runs, it only has to be there."""

import shutil
from pathlib import Path

import machine

NAME = "Chromium"
PACKAGES = ["chromium", "poppler-utils", "zbar-tools", "gettext", "fonts-dejavu-core"]
ADDRESSES = ["CHROMIUM"]


def program() -> str:
    """Where Chromium is."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or ""


def present() -> bool:
    """True when the browser, the PDF readers, the code reader and the catalogue compiler are here."""
    return bool(
        program() and shutil.which("pdftotext") and shutil.which("zbarimg") and shutil.which("msgfmt")
    )


def start(home: Path) -> dict[str, str]:
    """Only its place is written down."""
    return {"CHROMIUM": program()}


def answers(found: dict[str, str]) -> bool:
    """True when the program that was written down is still there."""
    return bool(found.get("CHROMIUM")) and Path(found["CHROMIUM"]).exists()


def version(found: dict[str, str]) -> str:
    """What the program says it is."""
    words = machine.run(found["CHROMIUM"], "--version", check=False).split()
    return next((w for w in words if w[:1].isdigit()), "")


def stop(home: Path) -> None:
    """Nothing runs."""
