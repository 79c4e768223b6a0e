"""Health proves what was consumed, says little to everybody and all to whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from config import probes
from config.celery import app
from config.tasks import WORK
from tests import factories, services
from web import clock
from web.models import Pulse
from workflows import triggers
from workflows.models import Delivery, Event

pytestmark = pytest.mark.django_db
FROM_OUTSIDE = {"REMOTE_ADDR": "203.0.113.7"}


def beat(**ago: int) -> None:
    """A pulse of some time ago."""
    Pulse.objects.update_or_create(
        name=WORK, defaults={"beaten_at": clock.now() - timedelta(**ago), "lag_ms": 5}
    )


def checks(client: Client, path: str) -> dict[str, Any]:
    """Findings as the machine itself reads them."""
    return {one["code"]: one for one in client.get(path).json()["checks"]}


def test_alive_asks_nothing(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        answer = client.get("/sante/vivant/", **FROM_OUTSIDE)
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})
    assert answer.headers["Cache-Control"] == "no-store"


def test_ready_looks_at_database_cache_tables_and_triggers(client: Client) -> None:
    answer = client.get("/sante/pret/")
    assert answer.status_code == 200
    found = checks(client, "/sante/pret/")
    assert set(found) == {"database", "cache", "migrations", "triggers"}
    assert {one["status"] for one in found.values()} == {"ok"}


def test_a_missing_trigger_is_told(client: Client) -> None:
    triggers.remove(connection)
    answer = client.get("/sante/pret/", **FROM_OUTSIDE)
    assert (answer.status_code, answer.json()) == (503, {"status": "not ok"})
    assert checks(client, "/sante/pret/")["triggers"]["status"] == "missing"
    triggers.install(connection)


def test_work_is_proved_by_what_was_consumed(client: Client) -> None:
    answer = client.get("/sante/travail/", **FROM_OUTSIDE)
    assert (answer.status_code, answer.json()) == (503, {"status": "not ok"})
    assert checks(client, "/sante/travail/")["pulse"]["status"] == "never"
    app.tasks["config.pulse"].apply().get()
    assert client.get("/sante/travail/").status_code == 200
    beat(minutes=3)
    late = checks(client, "/sante/travail/")["pulse"]
    assert late["status"] == "late"
    assert late["figure"] >= 180
    assert client.get("/sante/travail/").status_code == 503


def test_work_that_waits_is_told(client: Client) -> None:
    beat(seconds=1)
    event = Event.objects.order_by("pk").first() or made_event()
    Delivery.objects.create(event=event, consumer="nobody", due_at=clock.now() - timedelta(hours=1))
    assert client.get("/sante/travail/").status_code == 503
    found = checks(client, "/sante/travail/")
    assert found["deliveries"]["status"] == "late"
    assert {"scanner", "index", "mail", "disk"} <= set(found), "told to the machine as information"


def made_event() -> Event:
    """Any event of the trail."""
    from workflows.engine import record

    user = factories.make_user("quelquun@exemple.example")
    return record(user, "update_profile", actor=user)


@pytest.mark.parametrize(
    ("extra", "reads"),
    [
        ({}, True),
        (FROM_OUTSIDE, False),
        ({"HTTP_X_FORWARDED_FOR": "127.0.0.1"}, False),
        ({**FROM_OUTSIDE, "HTTP_AUTHORIZATION": "Bearer un-jeton-prive"}, True),
        ({**FROM_OUTSIDE, "HTTP_AUTHORIZATION": "Bearer un-autre"}, False),
        ({**FROM_OUTSIDE, "HTTP_AUTHORIZATION": "Bearer "}, False),
    ],
)
def test_who_reads_the_details(client: Client, settings: Any, extra: dict[str, str], reads: bool) -> None:
    settings.HEALTH_TOKEN = "un-jeton-prive"
    assert ("checks" in client.get("/sante/pret/", **extra).json()) is reads
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    assert "checks" not in client.get("/sante/pret/").json(), "through the proxy everybody is on the loopback"


def test_no_token_set_is_no_token_guessed(client: Client, settings: Any) -> None:
    settings.HEALTH_TOKEN = ""
    assert "checks" not in client.get("/sante/pret/", HTTP_AUTHORIZATION="Bearer ", **FROM_OUTSIDE).json()


def test_the_page_is_for_the_technical_administrator(client: Client) -> None:
    beat(seconds=1)
    client.force_login(factories.make_user("ordinaire@exemple.example"))
    assert client.get("/sante/").status_code == 404
    client.force_login(factories.make_user("technique@exemple.example", is_technical_admin=True))
    answer = client.get("/sante/")
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "Tout ce qui est nécessaire répond" in words
    for label in ("Base de données", "Travail en arrière-plan", "Antivirus", "Index de recherche"):
        assert label in words
    assert "Ce qui tourne dans le service lui-même" in words
    assert "un dossier de cette machine, embarqué" in words
    Pulse.objects.all().delete()
    assert "Redémarrer le service « worker »" in client.get("/sante/").content.decode()


def test_neighbours_that_are_away_are_information(client: Client, settings: Any) -> None:
    beat(seconds=1)
    settings.FILE_SCANNER = "127.0.0.1:9"
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://127.0.0.1:9", "127.0.0.1", 9
    settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = "elasticsearch", "http://127.0.0.1:9"
    found = checks(client, "/sante/travail/")
    assert {found[name]["status"] for name in ("scanner", "mail", "index")} == {"away"}
    assert client.get("/sante/travail/").status_code == 200


def test_a_cache_away_is_not_ready(client: Client, settings: Any) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:9/0",
        }
    }
    assert client.get("/sante/pret/", **FROM_OUTSIDE).status_code == 503
    del settings.CACHES


def test_each_finding_has_its_words() -> None:
    from config import said_of

    every = {finding.code for finding in probes.look(probes.PROBES)}
    assert every == {"database", *probes.PROBES} == set(said_of.WHAT) == set(said_of.REMEDY)


@pytest.mark.clamav
def test_health_asks_the_scanner_as_the_worker_does(settings: Any, tmp_path: Path) -> None:
    settings.FILE_SCANNER = services.clamav()
    assert (probes.scanner().well, probes.scanner().said) == (True, "ok")
    for address in (f"unix://{tmp_path}/clamd.sock", "tcp://127.0.0.1:9"):
        settings.FILE_SCANNER = address
        assert (probes.scanner().well, probes.scanner().said) == (False, "away")
