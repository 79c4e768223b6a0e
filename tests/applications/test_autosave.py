"""An answer saved by itself: only its line comes back; late, double, conflicting, dead-session arrivals told."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.models import Organisation, User
from applications.actions import files
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Dossier
from tests import factories
from tests.applications.filled import file_now, pdf
from tests.fixtures_calls import Flin
from workflows.engine import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(flin: Flin, adstock: Organisation, signatory: User, client: Client) -> Dossier:
    client.force_login(signatory)
    return start_dossier(flin.call, adstock, actor=signatory)[0]


def send(
    client: Client, dossier: Dossier, code: str, text: Any, *, seen: int = 0, name: str = "a", n: int = 1
) -> Any:
    body = json.dumps({"value": text, "seen": seen, "client": name, "n": n})
    return client.post(f"/dossiers/{dossier.pk}/reponses/{code}/", body, content_type="application/json")


def held(dossier: Dossier, code: str) -> Any:
    return dossier.answers.get(question=code).value


def test_only_the_line_comes_back(client: Client, draft: Dossier) -> None:
    said = send(client, draft, "title", "Un texte que l’on ne renvoie pas").json()
    assert set(said) == {"status", "version", "line"}
    assert (said["status"], said["version"]) == ("saved", 1)
    assert said["line"].startswith("Enregistré à ")


def test_the_same_page_types_on_without_reading_versions(client: Client, draft: Dossier) -> None:
    for n, text in enumerate(("L", "La", "Lac"), 1):
        assert send(client, draft, "title", text, n=n).json()["status"] == "saved"
    assert held(draft, "title") == "Lac"


def test_an_older_text_arriving_after_changes_nothing(client: Client, draft: Dossier) -> None:
    send(client, draft, "title", "nouveau", n=2)
    assert send(client, draft, "title", "ancien", n=1).json()["status"] == "late"
    assert send(client, draft, "title", "nouveau", n=2).json()["status"] == "unchanged"
    assert held(draft, "title") == "nouveau"


def test_a_faulty_text_is_saved_and_says_so(client: Client, draft: Dossier) -> None:
    said = send(client, draft, "requested", "douze mille").json()
    assert said["status"] == "flawed"
    assert said["line"].startswith("Enregistré à ")
    assert held(draft, "requested") == {"raw": "douze mille"}


def test_a_conflict_keeps_both(client: Client, draft: Dossier, adstock: Organisation) -> None:
    other = factories.make_user(given_name="Maude", family_name="Gélinas")
    factories.make_member(other, adstock, "drafter")
    save_answer(draft, "need", "Le texte de Maude", actor=other)
    said = send(client, draft, "need", "Le mien", seen=0).json()
    assert said["status"] == "conflict"
    assert "Maude Gélinas" in said["line"]
    assert held(draft, "need") == "Le texte de Maude"
    part = client.get(f"/dossiers/{draft.pk}/reponses/need/").content.decode()
    assert "Le texte de Maude" in part
    assert 'data-version="1"' in part


def test_a_dead_session_is_told_as_such(draft: Dossier) -> None:
    answer = send(Client(), draft, "title", "x")
    assert answer.status_code == 401
    assert answer.json()["status"] == "session"


def test_after_filing_has_closed_the_line_says_why(client: Client, ready: Dossier, signatory: User) -> None:
    client.force_login(signatory)
    file_now(ready, signatory)
    with time_machine.travel(ready.call.closes_at + timedelta(seconds=1), tick=False):
        client.force_login(signatory)
        said = send(client, ready, "title", "Trop tard", seen=1).json()
    assert (said["status"], said["final"]) == ("refused", True)
    assert "L’appel est fermé" in said["line"]
    assert "reste dans cette page" in said["line"]


def test_strangers_and_nonsense_save_nothing(draft: Dossier, flin: Flin, client: Client) -> None:
    for user in (factories.make_user(), flin.analyst, flin.manager):
        stranger = Client()
        stranger.force_login(user)
        assert send(stranger, draft, "title", "x").status_code == 404
    address = f"/dossiers/{draft.pk}/reponses/title/"
    for body in ("{", "[]", '{"seen": 1}', '{"value": "x", "seen": "y"}'):
        assert client.post(address, body, content_type="application/json").status_code == 422
    assert send(client, draft, "inconnue", "x").status_code == 404
    assert send(client, draft, "resolution", "x").status_code == 404
    assert not draft.answers.exists()


def test_an_earlier_text_comes_back(client: Client, draft: Dossier) -> None:
    send(client, draft, "title", "Premier", name="a")
    send(client, draft, "title", "Second", seen=1, name="b")
    address = f"/dossiers/{draft.pk}/reponses/title/versions/"
    page = client.get(address).content.decode()
    assert "Premier" in page
    assert "Second" in page
    assert client.post(address, {"version": 1}).status_code == 303
    assert held(draft, "title") == "Premier"
    assert client.post(address, {"version": 99}).status_code == 422


ODD = (
    "",
    "null",
    "[1, 2]",
    '"texte"',
    '{"value": null}',
    '{"value": [], "seen": []}',
    '{"value": {"raw": [1, {"a": null}]}}',
    '{"value": {"lines": 5, "funding": "x"}}',
    '{"value": {"lines": [null, [], {"id": [], "amount": 1e400}], "funding": {"a": 1}}}',
    '{"value": 1e400, "seen": 1}',
    '{"value": "x", "seen": 1e400}',
    '{"value": "x", "seen": -1}',
    '{"value": "x", "seen": true}',
    '{"value": "x", "seen": ' + "9" * 4000 + "}",
    '{"value": "x", "n": 100000000000000000000000000000}',
    '{"value": "x", "n": NaN, "client": "p"}',
    '{"value": "x", "client": ["p"]}',
    '{"value": "x", "client": "\\u0000\\ud800", "n": 2}',
    '{"value": "a\\u0000b\\ud800c\\udfff"}',
    '{"value": ["\\ud800", null, {}]}',
    '{"value": ' + "9" * 5000 + "}",
    '{"value": ' + "9" * 4000 + "}",
    '{"value": ' + "[" * 600 + "]" * 600 + "}",
    '{"value": ' + "[" * 100_000 + "]" * 100_000 + "}",
    '{"value": "' + "é" * 300_000 + '"}',
)


@pytest.mark.parametrize(
    "code", ["title", "need", "themes", "personal_data", "start", "requested", "budget", "declaration"]
)
def test_odd_json_is_never_a_fault_of_the_server(client: Client, draft: Dossier, code: str) -> None:
    address = f"/dossiers/{draft.pk}/reponses/{code}/"
    for body in ODD:
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code in (200, 422), body[:80]
        assert answer.json()["line"]
        assert client.get(f"/dossiers/{draft.pk}/verification/").status_code == 200, body[:80]


def test_ten_megabytes_are_refused_with_a_line(client: Client, draft: Dossier) -> None:
    answer = send(client, draft, "need", "x" * 10_000_000)
    assert answer.status_code == 413
    assert "trop long" in answer.json()["line"]
    assert not draft.answers.exists()


def test_bytes_that_are_no_text_are_refused(client: Client, draft: Dossier) -> None:
    address = f"/dossiers/{draft.pk}/reponses/title/"
    for body in (b"\xff\xfe\x00", b'{"value": "\xe9"}'):
        assert client.post(address, body, content_type="application/json").status_code == 422


def test_taking_the_other_text_keeps_mine_in_the_versions(
    client: Client, draft: Dossier, adstock: Organisation
) -> None:
    other = factories.make_user()
    factories.make_member(other, adstock, "drafter")
    save_answer(draft, "need", "Le texte de Maude", actor=other)
    body = {"value": "Le mien", "seen": 1, "client": "a", "n": 3, "choose": "other"}
    address = f"/dossiers/{draft.pk}/reponses/need/"
    said = client.post(address, json.dumps(body), content_type="application/json").json()
    assert (said["status"], said["version"]) == ("saved", 3)
    assert held(draft, "need") == "Le texte de Maude"
    assert "Le mien" in client.get(f"{address}versions/").content.decode()
    save_answer(draft, "need", "Encore Maude", actor=other, seen_version=3)
    stale = client.post(address, json.dumps({**body, "seen": 3}), content_type="application/json").json()
    assert stale["status"] == "conflict"
    assert held(draft, "need") == "Encore Maude"


def test_a_text_that_arrived_before_the_closing_is_in_time(draft: Dossier, signatory: User) -> None:
    closing = draft.call.closes_at
    with time_machine.travel(closing + timedelta(seconds=8), tick=False):
        late = save_answer(draft, "need", "Trop tard", actor=signatory)
        kept = save_answer(draft, "need", "Reçu avant", actor=signatory, received_at=closing)
        assert (late.status, kept.status) == ("refused", "saved")
        row = files.add_file(draft, "resolution", pdf(), actor=signatory, received_at=closing)
        with pytest.raises(Refused):
            files.remove_file(row, actor=signatory)
        files.remove_file(row, actor=signatory, received_at=closing)
    assert held(draft, "need") == "Reçu avant"


def test_an_autosave_counts_from_the_stamp_of_the_proxy(
    client: Client, draft: Dossier, signatory: User, settings: Any
) -> None:
    settings.TRUSTED_PROXY = ["127.0.0.1"]
    stamp = str(draft.call.closes_at.timestamp())
    with time_machine.travel(draft.call.closes_at + timedelta(seconds=8), tick=False):
        client.force_login(signatory)
        body = json.dumps({"value": "Reçu avant", "seen": 0})
        said = client.post(
            f"/dossiers/{draft.pk}/reponses/need/",
            body,
            content_type="application/json",
            headers={"X-Request-Start": f"t={stamp}"},
        ).json()
    assert said["status"] == "saved"
