"""Definitions as data: the ready-made ones are sound, versions freeze, faces never tell a secret."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from workflows import actions, schema, stages
from workflows.exceptions import Refused
from workflows.models import Definition, Event

ROLES = ["signatory", "analyst", "second_analyst", "reviewer", "chair", "secretary", "manager", "authority"]
LETTERS = ["L3", "L4", "L5", "L6", "L7"]


def faults(content: dict[str, Any]) -> list[dict[str, Any]]:
    return actions.faults_of(content, roles=ROLES, letters=LETTERS, facts={})


@pytest.mark.parametrize("code", actions.ready_made_codes())
def test_a_ready_made_process_is_sound(code: str) -> None:
    assert faults(actions.ready_made(code)) == []


def labels(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, dict):
        own = [content["label"]] if "label" in content else []
        return own + [label for value in content.values() for label in labels(value)]
    if isinstance(content, list):
        return [label for value in content for label in labels(value)]
    return []


@pytest.mark.parametrize("code", actions.ready_made_codes())
def test_every_label_has_two_faces_in_two_languages(code: str) -> None:
    found = labels(actions.ready_made(code))
    assert found
    for label in found:
        assert {face: set(words) for face, words in label.items()} == {
            "staff": {"fr", "en"},
            "applicant": {"fr", "en"},
        }


def test_from_the_first_panel_stage_on_applicants_read_one_neutral_label() -> None:
    process = schema.parse(actions.ready_made("simple"))
    assert process.secret == {"evaluation", "comite", "decision"}
    for code in process.secret:
        stage = process.stage(code)
        assert stage.labels.applicant["fr"] == "En évaluation"
        for outcome in stage.outcomes:
            if outcome.end is None:
                assert outcome.labels.applicant["fr"] == "En évaluation"


def test_every_refusal_passes_another_person() -> None:
    process = schema.parse(actions.ready_made("simple"))
    for stage in process.stages.values():
        if any(outcome.end == "rejected" for outcome in stage.outcomes):
            assert stage.other_than
    silence = process.stage("completude").delay
    assert silence is not None
    after = process.next_stage("completude", silence.silence)
    assert after is not None
    assert (after.code, after.kind.code) == ("contreseing", "countersign")


def test_a_process_is_read_as_typed_data() -> None:
    process = schema.parse(actions.ready_made("simple"))
    stage = process.stage("completude")
    assert (stage.may_ask, stage.delay) == (True, schema.Delay(15, False, "silence"))
    assert [outcome.code for outcome in stage.choices()] == ["complet"]
    assert process.next_stage("contreseing", "confirme") is None
    assert process.label("comite", "applicant")["en"] == "Under review"
    assert process.outcome_label("comite", "attente")["fr"] == "Liste d’attente proposée"
    assert process.first_of("panel") == process.stage("comite")
    for wrong in ({}, {"code": "a", "version": 1, "start": "b", "stages": [{"code": "b"}]}):
        with pytest.raises(schema.BadDefinition):
            schema.parse(wrong)
    with pytest.raises(schema.BadDefinition):
        process.stage("nowhere")
    with pytest.raises(schema.BadDefinition):
        stage.outcome("nothing")


@pytest.mark.django_db
def test_the_same_text_is_the_same_version_and_a_change_a_new_one(clerk: Any) -> None:
    content = actions.ready_made("simple")
    first = actions.save_definition(content, actor=clerk)
    assert actions.save_definition(content, actor=clerk).pk == first.pk
    changed = copy.deepcopy(content)
    changed["stages"][1]["delay"]["days"] = 20
    draft = actions.save_definition(changed, actor=clerk)
    assert (draft.pk, draft.version) == (first.pk, 1)
    actions.publish_definition(draft, actor=clerk, roles=ROLES, letters=LETTERS, facts={})
    second = actions.save_definition(content, actor=clerk)
    assert (second.version, second.published_at) == (2, None)
    assert second.digest == actions.digest_of(second.body)
    assert schema.parse(second.body).version == 2
    assert Event.objects.filter(verb="workflows.definition.published").count() == 1


@pytest.mark.django_db
def test_an_unsound_process_is_refused_with_the_path(clerk: Any) -> None:
    content = actions.ready_made("simple")
    content["stages"][-1]["outcomes"][0]["letter"] = None
    draft = actions.save_definition(content, actor=clerk)
    with pytest.raises(Refused) as refused:
        actions.publish_definition(draft, actor=clerk, roles=ROLES, letters=LETTERS, facts={})
    assert "decision" in refused.value.reasons[0]
    assert "depot → completude" in refused.value.reasons[0]
    assert Definition.objects.get().published_at is None


def test_a_kind_without_behaviour_fails_loudly() -> None:
    class Unknown(stages.Kind):
        pass

    with pytest.raises(ImproperlyConfigured):
        stages.blocks(Unknown("unknown"), object())
    with pytest.raises(ImproperlyConfigured):
        stages.on_enter(Unknown("unknown"), object(), None)
    with pytest.raises(ImproperlyConfigured):
        stages.kind_of("unknown")
