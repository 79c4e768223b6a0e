"""What a funded project pledges is public with it, and not a minute before."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from grants import publication
from grants.models import Award
from tests.fixtures_calls import Flin
from tests.grants.test_publication import fund
from web import clock

pytestmark = pytest.mark.django_db
TOLD = {
    "targets": [{"code": "t", "label": {"fr": "Brancher tout le monde", "en": "Connect everyone"}}],
    "pledges": [
        {"code": "i", "label": {"fr": "Foyers desservis", "en": "Households served"},
         "unit": {"fr": "foyers", "en": "households"}, "baseline": 0, "target": 1250, "date": "2028-06-30"}
    ],
}  # fmt: skip


def test_pledges_are_on_the_page_of_the_project_once_it_is_public(client: Client, flin: Flin) -> None:
    now = clock.now()
    shown = fund(flin, "31056", 10_000, number=1, publish_at=now - timedelta(hours=1))
    early = fund(flin, "31084", 10_000, number=2, publish_at=now + timedelta(days=1))
    Award.objects.filter(pk__in=[shown.pk, early.pk]).update(public={"indicators": TOLD})
    early.refresh_from_db()
    assert publication.pledges(early)[0].target == 1250
    page = client.get(f"/projets/{shown.dossier_number}/").content.decode().replace("\xa0", " ")
    assert "Brancher tout le monde" in page
    assert "1 250" in page
    assert "30 juin 2028" in page
    assert "Households served" in client.get(f"/en/projets/{shown.dossier_number}/").content.decode()


def test_a_project_without_pledges_says_nothing_of_them(client: Client, flin: Flin) -> None:
    shown = fund(flin, "31056", 10_000, number=1, publish_at=clock.now() - timedelta(hours=1))
    assert "Résultats attendus" not in client.get(f"/projets/{shown.dossier_number}/").content.decode()
