"""Words of where a dossier is: past and to come, in plain words, nothing secret."""

from __future__ import annotations

from accounts.models import User
from applications import reading, standing, telling
from applications.models import Dossier
from tests.applications.checked import closed, confirm_all, filed, judged
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import fire, record
from workflows.models import Event
from workflows.vocabulary import label_of, timeline

__all__ = ["closed", "filed", "judged"]


def seen_by(dossier: Dossier, user: User) -> Dossier:
    found: Dossier = (
        Dossier.objects.visible_to(user).with_readable_outcome(user, clock.now()).get(pk=dossier.pk)
    )
    return found


def words(dossier: Dossier, user: User) -> list[str]:
    row = seen_by(dossier, user)
    face = row.face_for(user)
    return [line.text for line in standing.told(row, timeline(row, user, face=face), face)]


def test_steps_are_told_by_their_outcome(judged: Dossier, flin: Flin, signatory: User) -> None:
    assert words(judged, flin.analyst)[0] == "Complet"
    assert words(judged, signatory)[0] == "Dossier complet"
    assert words(judged, signatory)[1] == "Demande déposée"


def test_a_proposed_refusal_says_nothing_to_applicants(judged: Dossier, flin: Flin, signatory: User) -> None:
    confirm_all(judged, flin.analyst, E10="no")
    before = words(judged, signatory)
    fire(judged, "advance", actor=flin.analyst, outcome="inadmissible")
    assert words(judged, signatory) == before
    assert words(judged, flin.manager)[0] == "Inadmissible proposé"
    fire(judged, "reject", actor=flin.second_analyst, outcome="confirme")
    assert words(judged, signatory)[0] == "Demande refusée"
    assert [step.label for step in _life(judged, signatory)][-1] == {
        "fr": "Demande refusée",
        "en": "Application refused",
    }


def test_a_refusal_to_countersign_announces_no_review(judged: Dossier, flin: Flin, signatory: User) -> None:
    before = [step.label for step in _life(judged, signatory)]
    confirm_all(judged, flin.analyst, E10="no")
    fire(judged, "advance", actor=flin.analyst, outcome="inadmissible")
    staff = [str(step.label) for step in _life(judged, flin.manager)]
    assert staff[-1] == "Lettre de refus"
    assert "Décision" not in staff
    assert [step.label for step in _life(judged, signatory)] == before, "applicants read nothing of it yet"


def test_a_second_filing_says_so() -> None:
    verb = "applications.dossier.submit"
    assert label_of(Event(verb=verb, from_state="draft")) == "Demande déposée"
    assert label_of(Event(verb=verb, from_state="in_progress")) == "Demande déposée de nouveau"


def test_reads_of_files_are_told_to_manager_and_auditor_alone(
    closed: Dossier, flin: Flin, signatory: User
) -> None:
    record(closed, "file_read", actor=flin.secretary, file=1)
    assert "Fichier confidentiel consulté" in words(closed, flin.manager)
    assert "Fichier confidentiel consulté" in words(closed, flin.auditor)
    for person in (flin.analyst, flin.secretary, signatory):
        assert "Fichier confidentiel consulté" not in words(closed, person)


def test_acts_of_secret_stages_stay_with_those_who_know(judged: Dossier, flin: Flin, signatory: User) -> None:
    confirm_all(judged, flin.analyst)
    fire(judged, "advance", actor=flin.analyst, outcome="admissible")
    event = record(judged, "advance", actor=flin.secretary, outcome="complete")
    assert event.stage == "evaluation"
    assert telling.hides(seen_by(judged, flin.analyst), event, flin.analyst)
    assert telling.hides(seen_by(judged, signatory), event, signatory)
    assert not telling.hides(seen_by(judged, flin.manager), event, flin.manager)


def _life(dossier: Dossier, user: User) -> list[standing.Step]:
    row = seen_by(dossier, user)
    face = row.face_for(user)
    return standing.life(row, face, timeline(row, user, face=face), clock.now())


def test_life_runs_from_the_past_to_the_letter(judged: Dossier, flin: Flin, signatory: User) -> None:
    steps = _life(judged, flin.analyst)
    assert [step.state for step in steps] == ["done", "done", "now", "next", "next", "next", "next"]
    assert all(step.iso for step in steps if step.state == "next")
    assert [step.state for step in _life(judged, signatory)].count("now") == 1


def test_what_is_to_come_follows_the_calendar(closed: Dossier, flin: Flin) -> None:
    found = standing.coming(seen_by(closed, flin.analyst), clock.now())
    assert [line.text for line in found][-1] == "Fin de la vérification des dossiers"
    assert all(line.state == "next" for line in found)


def test_marked_pieces_give_the_two_texts_back() -> None:
    for old, new in (
        ("", ""),
        ("un deux trois", "un quatre trois"),
        ("", "tout neuf"),
        ("a  b\nc", "a b\nc d"),
    ):
        before, after = reading.marked(old, new)
        assert "".join(text for text, _ in before) == old
        assert "".join(text for text, _ in after) == new
        assert "".join(t for t, changed in before if not changed) == "".join(
            t for t, changed in after if not changed
        )
