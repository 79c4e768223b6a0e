"""Every test of this app starts in French, whatever page the one before read."""

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _in_french() -> Iterator[None]:
    with translation.override("fr-ca"):
        yield
