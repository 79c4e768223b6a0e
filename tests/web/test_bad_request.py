"""What cannot be read is answered by a page that says why, and changes nothing."""

from __future__ import annotations

import pytest
from django.test import Client, override_settings
from django.urls import reverse

pytestmark = pytest.mark.django_db


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_a_text_too_long_is_told(client: Client) -> None:
    answer = client.post(reverse("account_login"), {"login": "a" * 2000})
    assert answer.status_code == 400
    assert "dépasse 5 Mo" in answer.content.decode()


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=5)
def test_too_many_fields_are_told(client: Client) -> None:
    answer = client.post(reverse("account_login"), {f"f{n}": "1" for n in range(9)})
    assert answer.status_code == 400
    assert "n’a pas pu être lu" in answer.content.decode()
    assert "5 Mo" not in answer.content.decode()
