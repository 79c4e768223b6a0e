"""Every kind of document, rendered once for the whole run."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from notifications.letters.document import Document
from notifications.letters.render import render
from tests.notifications.letters.samples import KINDS


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of rendered documents."""
    return tmp_path_factory.mktemp("letters")


@pytest.fixture(scope="session")
def files(folder: Path) -> dict[str, Path]:
    """Return a file for each kind."""
    made = {}
    for kind, sample in KINDS.items():
        made[kind] = folder / f"{kind}.pdf"
        made[kind].write_bytes(render(sample()))
    return made


@pytest.fixture(scope="session")
def written(folder: Path) -> Callable[[Document], Path]:
    """Return what renders one more document into a file."""

    def write(document: Document) -> Path:
        path = folder / f"{len(list(folder.iterdir()))}.pdf"
        path.write_bytes(render(document))
        return path

    return write
