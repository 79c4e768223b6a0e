"""Eligibility: proposed by the rules, confirmed by a named analyst, a refusal countersigned by another."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from applications import verifying
from applications.models import Dossier, Finding
from grants import obstacles
from tests import factories
from tests.applications.checked import closed, confirm_all, filed, judged, signed_in
from tests.fixtures_calls import Flin
from workflows.engine import NotAllowed, Refused, fire
from workflows.models import Event

__all__ = ["closed", "filed", "judged"]


def page_of(dossier: Dossier, user: User) -> str:
    return signed_in(user).get(f"/dossiers/{dossier.pk}/admissibilite/").content.decode()


def test_rules_are_proposed_on_entry_from_frozen_facts(judged: Dossier) -> None:
    assert judged.snapshot is not None
    found = dict(judged.snapshot.findings.values_list("rule", "proposed"))
    assert found["E01"] == found["E05"] == found["E07"] == "yes"
    assert found["E04"] == found["E08"] == "unknown"
    assert found["E11"] == "na"
    assert judged.confirmed_aid == judged.aid == 32000
    assert not judged.snapshot.findings.exclude(confirmed="").exists()


def test_the_page_shows_rule_evidence_and_source(judged: Dossier, flin: Flin) -> None:
    text = page_of(judged, flin.analyst)
    assert "Municipalité locale" in text
    assert "figé au dépôt" in text
    assert "9 février 2026" in text
    assert "resolution.pdf" in text
    assert "Il reste 8 règles à confirmer" in text
    assert "0 de 8" in text
    assert "None" not in text
    assert "Aucune règle n’est confirmée « non »." in text
    assert "Confirmer les 4 « oui » proposés" in text


def test_every_yes_at_once_then_one_by_one(judged: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    here = f"/dossiers/{judged.pk}/admissibilite/"
    assert client.post(f"{here}confirmer/").status_code == 303
    assert Finding.objects.exclude(confirmed="").count() == 4
    assert client.post(f"{here}E08/", {"answer": "yes"}).status_code == 303
    refused = client.post(f"{here}E10/", {"answer": "no"})
    assert refused.status_code == 422
    assert 'href="#id_note"' in refused.content.decode()
    assert 'aria-invalid="true"' in refused.content.decode()
    assert "(obligatoire pour un «\u00a0non\u00a0»)" in refused.content.decode()
    assert (
        client.post(f"{here}E04/", {"answer": "provisional", "note": "Projet de résolution."}).status_code
        == 303
    )
    assert client.post(f"{here}E08/", {"answer": "provisional", "note": "?"}).status_code == 422
    row = Finding.objects.get(rule="E04")
    assert (row.confirmed, row.confirmed_by, row.note) == (
        "provisional",
        flin.analyst,
        "Projet de résolution.",
    )
    event = Event.objects.filter(verb="applications.dossier.confirm_rule").latest("id")
    assert event.data["rule"] == "E04"
    assert event.words == "Projet de résolution."


def test_admissible_waits_for_every_rule(judged: Dossier, flin: Flin) -> None:
    with pytest.raises(Refused, match="Il reste 8 règles"):
        fire(judged, "advance", actor=flin.analyst, outcome="admissible")
    confirm_all(judged, flin.analyst)
    done = signed_in(flin.analyst).post(
        f"/dossiers/{judged.pk}/issues/admissible/", {"outcome": "admissible"}
    )
    assert done.status_code == 303
    judged.refresh_from_db()
    assert judged.stage == "evaluation"
    assert judged.secret


def test_a_confirmed_no_leads_to_a_countersigned_refusal(judged: Dossier, flin: Flin) -> None:
    with pytest.raises(Refused, match="Aucune règle"):
        fire(judged, "advance", actor=flin.analyst, outcome="inadmissible")
    confirm_all(judged, flin.analyst, E10="no")
    with pytest.raises(Refused, match="E10"):
        fire(judged, "advance", actor=flin.analyst, outcome="admissible")
    fire(judged, "advance", actor=flin.analyst, outcome="inadmissible")
    second = signed_in(flin.second_analyst)
    text = second.get(f"/dossiers/{judged.pk}/contreseing/").content.decode()
    assert "E10" in text
    assert "Vu au dossier." in text
    assert "3.2" in text
    assert second.post(f"/dossiers/{judged.pk}/issues/confirme/", {"outcome": "confirme"}).status_code == 303
    judged.refresh_from_db()
    assert judged.state == "rejected"


def test_the_countersigner_sends_back(judged: Dossier, flin: Flin) -> None:
    confirm_all(judged, flin.analyst, E10="no")
    fire(judged, "advance", actor=flin.analyst, outcome="inadmissible")
    second = signed_in(flin.second_analyst)
    assert (
        second.post(
            f"/dossiers/{judged.pk}/issues/renvoi/", {"text": "Relire E10.", "outcome": "renvoi"}
        ).status_code
        == 303
    )
    judged.refresh_from_db()
    assert judged.stage == "admissibilite"
    verifying.confirm(Finding.objects.get(rule="E10"), "yes", actor=flin.analyst, note="Relu.")
    fire(judged, "advance", actor=flin.analyst, outcome="admissible")


def test_a_departure_from_the_proposal_says_why(judged: Dossier, flin: Flin) -> None:
    finding = Finding.objects.get(rule="E05")
    with pytest.raises(Refused, match="vous vous fondez"):
        verifying.confirm(finding, "na", actor=flin.analyst)
    verifying.confirm(finding, "na", actor=flin.analyst, note="Volet sans minimum.")


@pytest.mark.parametrize("role", ["second_analyst", "secretary", "manager", "authority", "auditor"])
def test_nobody_else_confirms(role: str, judged: Dossier, flin: Flin) -> None:
    person = getattr(flin, role)
    client = signed_in(person)
    assert client.get(f"/dossiers/{judged.pk}/admissibilite/").status_code == 200
    assert client.get(f"/dossiers/{judged.pk}/admissibilite/E08/").status_code == 404
    assert client.post(f"/dossiers/{judged.pk}/admissibilite/confirmer/").status_code == 404
    with pytest.raises(NotAllowed):
        verifying.confirm(Finding.objects.get(rule="E08"), "yes", actor=person)


def test_the_aid_is_confirmed_within_what_was_computed(judged: Dossier, flin: Flin) -> None:
    with pytest.raises(Refused):
        verifying.confirm_aid(judged, 40000, actor=flin.analyst, reason="Plus.")
    with pytest.raises(Refused, match="pourquoi"):
        verifying.confirm_aid(judged, 30000, actor=flin.analyst)
    client = signed_in(flin.analyst)
    here = f"/dossiers/{judged.pk}/admissibilite/"
    assert client.post(f"{here}aide/", {"amount": "30000", "reason": "Ligne retirée."}).status_code == 303
    judged.refresh_from_db()
    assert judged.confirmed_aid == 30000
    assert "30\u00a0000\u00a0$" in page_of(judged, flin.analyst)


def test_a_provisional_resolution_stops_the_signature_of_its_line(judged: Dossier, flin: Flin) -> None:
    confirm_all(judged, flin.analyst, E04="provisional")
    fire(judged, "advance", actor=flin.analyst, outcome="admissible")

    class Line:
        dossier_id = judged.pk
        amount = 0
        decision = SimpleNamespace(call=SimpleNamespace(edition=None))  # a call without bands

    assert any("résolution finale" in said for said in obstacles.obstacles(Line()))  # type: ignore[arg-type]
    client = signed_in(flin.analyst)
    here = f"/dossiers/{judged.pk}/admissibilite/E04/"
    assert client.post(here, {"answer": "no", "note": "x"}).status_code == 422
    assert client.post(here, {"answer": "yes", "note": "Résolution 2026-05-101 reçue."}).status_code == 303
    assert not [said for said in obstacles.obstacles(Line()) if "résolution finale" in said]  # type: ignore[arg-type]
    assert client.get(f"/dossiers/{judged.pk}/admissibilite/E08/").status_code == 404


def test_findings_are_of_the_latest_version_only(judged: Dossier, flin: Flin) -> None:
    old = Finding.objects.get(rule="E08")
    twin = judged.snapshot
    assert twin is not None
    twin.pk, twin.version, twin.code, twin.submit_key = None, 2, "AAAA-BBBB-CCCC-DDDD", "autre"
    twin._state.adding = True
    twin.save()
    Dossier.objects.filter(pk=judged.pk).update(snapshot=twin)
    with pytest.raises(Refused, match="nouvelle version"):
        verifying.confirm(old, "yes", actor=flin.analyst)


def test_a_stranger_s_page_does_not_exist(judged: Dossier, signatory: User) -> None:
    for person in (signatory, factories.make_user()):
        assert signed_in(person).get(f"/dossiers/{judged.pk}/admissibilite/").status_code == 404


def test_statements_of_the_page(judged: Dossier, flin: Flin) -> None:
    client = signed_in(flin.analyst)
    client.get(f"/dossiers/{judged.pk}/admissibilite/")
    with CaptureQueriesContext(connection) as seen:
        client.get(f"/dossiers/{judged.pk}/admissibilite/")
    assert len(seen) <= 20, "\n".join(one["sql"][:200] for one in seen)
