"""A test that needs a real service is skipped by name where it is missing; `make test` lists those."""

import functools
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import pytest

from tests import services

hypothesis.settings.register_profile("jalon", deadline=None)  # a busy machine is no fault of what is tested
hypothesis.settings.load_profile("jalon")
pytest_plugins = ["tests.fixtures_calls", "tests.fixtures_awards"]

# A clean clone has collected no static file yet: WhiteNoise wants the folder all the same.
(Path(os.environ.get("DATA_DIR") or services.ROOT / "var") / "static").mkdir(parents=True, exist_ok=True)


@functools.cache
def lacking(marker: str) -> str:
    """Why a test with this marker cannot run here, or nothing."""
    from django.conf import settings

    if marker == "postgres" and not settings.DATABASES["default"]["ENGINE"].endswith("postgresql"):
        return "needs PostgreSQL"
    if marker == "redis" and not services.redis_answers():
        return "needs Redis"
    if marker == "browser" and not services.chromium():
        return "needs Chromium"
    if marker == "elastic" and not services.elasticsearch():
        return "needs Elasticsearch"
    if marker == "verapdf" and not services.verapdf():
        return "needs veraPDF"
    if marker == "clamav" and not services.clamav():
        return "needs ClamAV"
    if marker == "nginx" and not services.nginx():
        return "needs nginx"
    return ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what cannot run here."""
    for marker in ("postgres", "redis", "browser", "verapdf", "elastic", "clamav", "nginx"):
        if item.get_closest_marker(marker) and lacking(marker):
            pytest.skip(lacking(marker))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tell `make test` which tests ran and which wanted a service."""
    report = os.environ.get("JALON_TEST_REPORT")
    if not report:
        return
    stats = terminalreporter.stats
    skipped = [(r.nodeid, r.longrepr[2].removeprefix("Skipped: ")) for r in stats.get("skipped", [])]
    wanted = [(nodeid, reason) for nodeid, reason in skipped if reason.startswith("needs ")]
    ran = sorted(r.nodeid for r in stats.get("passed", []) + stats.get("failed", []))
    Path(report).write_text(json.dumps({"ran": ran, "wanted": wanted}), encoding="utf-8")


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Address of the real Redis (use with the marker `redis`)."""
    return services.address("REDIS_URL")


@pytest.fixture(autouse=True, scope="session")
def _own_cache() -> None:
    """Each process of tests has its own database of Redis: what one counts or empties is not the other’s."""
    from django.core.cache import caches

    told = caches.settings["default"]
    if "redis" in told["BACKEND"]:
        place = 1 + int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
        told["LOCATION"] = f"{told['LOCATION'].rsplit('/', 1)[0]}/{place}"


@pytest.fixture(autouse=True, scope="session")
def _second_factor_lifted() -> Iterator[None]:
    """Acts of tests are done as in a demonstration, without a code; the fixture `second_factor` asks for one."""
    from django.conf import settings

    assert settings.SECOND_FACTOR or settings.DEMO, "only the demonstration may do without a second factor"
    kept, settings.SECOND_FACTOR = settings.SECOND_FACTOR, False
    yield
    settings.SECOND_FACTOR = kept


@pytest.fixture
def second_factor(settings: Any) -> None:
    """Ask for the second factor, as every site but a demonstration does."""
    settings.SECOND_FACTOR = True


@pytest.fixture(autouse=True)
def _in_french() -> Iterator[None]:
    """Every test starts in French, whatever page the one before it read."""
    from django.utils import translation

    with translation.override("fr-ca"):
        yield


@pytest.fixture(autouse=True)
def _tables_can_be_emptied(request: pytest.FixtureRequest) -> Iterator[None]:
    """Lift the triggers of the trail before a test with real commits empties its tables (they come back)."""
    marker = request.node.get_closest_marker("django_db")
    has_commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not has_commits and not (marker and marker.kwargs.get("transaction")):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection

    from workflows import triggers

    triggers.remove(connection)


@pytest.fixture(autouse=True)
def _directory_read_again() -> None:
    """The directory is kept in memory for a minute: what another test had in it is no longer there."""
    from accounts import places

    places.forget()
