"""Each test begins with nobody throttled."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _nobody_is_throttled() -> None:
    """The counts of one test are not those of the next."""
    cache.clear()
