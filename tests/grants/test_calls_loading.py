"""Loading a call: what is stored, what is refused, and what a second load changes."""

from __future__ import annotations

import copy
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from grants import editions
from grants.actions.calls import Options, check_source, current_letter, load_call, loader
from grants.models import BudgetLine, Edition
from grants.reading import BadCall, folder, read_source
from tests import factories
from tests.fixtures_calls import Flin, make_call
from web.clock import EASTERN
from workflows.engine import Refused, fire
from workflows.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def source() -> dict[str, Any]:
    return copy.deepcopy(read_source(folder("flin")))


def test_ready_made_call_has_no_fault(source: dict[str, Any]) -> None:
    assert check_source(source) == []


def test_published_call_holds_everything(flin: Flin) -> None:
    call = flin.call
    assert call.state == "published"
    assert call.edition is not None
    assert call.edition.published_at is not None
    assert call.edition.definition.published_at is not None
    assert [one["id"] for one in editions.criteria(flin.body)] == ["C1", "C2", "C4"]
    assert editions.answer_code(flin.body, "title") == "title"
    assert flin.volet.budget_line.amount == 4_000_000
    assert current_letter(call, "L3") is not None
    assert Event.objects.filter(chain=call.code, verb="grants.call.publish").count() == 1


def test_same_files_again_change_nothing(flin: Flin, source: dict[str, Any]) -> None:
    events = Event.objects.count()
    loaded = load_call(source, options=Options(code=flin.call.code, closes=flin.call.closes_at))
    assert (loaded.made, loaded.edition_changed, loaded.letters_changed) == (False, False, [])
    assert Event.objects.count() == events


def test_changed_file_of_a_published_call_is_a_new_edition(flin: Flin, source: dict[str, Any]) -> None:
    before = flin.call.edition
    closes = flin.call.closes_at
    source["form"]["sections"][0]["questions"][0]["max_chars"] = 80
    loaded = load_call(source, options=Options(code=flin.call.code, closes=closes + timedelta(days=9)))
    assert loaded.edition_changed
    assert loaded.call.edition is not None
    assert loaded.call.edition.version == 2
    assert Edition.objects.get(pk=before.pk).digest == before.digest  # type: ignore[union-attr]
    assert loaded.call.closes_at == closes


def test_draft_edition_is_rewritten_in_place(source: dict[str, Any]) -> None:
    call = make_call()
    source["faq"] = []
    loaded = load_call(source, options=Options(code=call.code, closes=call.closes_at))
    assert loaded.call.edition is not None
    assert loaded.call.edition.version == 1
    assert Edition.objects.filter(call=call).count() == 1


def test_new_text_of_a_letter_is_a_new_version(flin: Flin, source: dict[str, Any]) -> None:
    source["letters"][0]["subject"] += " (copie)"
    loaded = load_call(source, options=Options(code=flin.call.code, closes=flin.call.closes_at))
    assert loaded.letters_changed == ["L1-fr"]
    text = current_letter(flin.call, "L1")
    assert text is not None
    assert text.version == 2


def test_envelopes_and_reserves_may_be_given() -> None:
    call = make_call(envelopes={"UNIQUE": 900_000}, reserves={"small": 100_000})
    assert BudgetLine.objects.get(volet__call=call).amount == 900_000
    assert call.volets.get().reserves[0]["amount"] == 100_000


def _set(path: str, value: object) -> Any:
    def change(source: dict[str, Any]) -> None:
        *parents, last = path.split("/")
        here: Any = source
        for key in parents:
            here = here[int(key) if key.isdigit() else key]
        here[int(last) if last.isdigit() else last] = value

    return change


FAULTS = [
    (_set("call/volets/0/envelope", 10), "dépassent l’enveloppe"),
    (_set("call/volets/0/reserves/0/tag", "loin"), "étiquette loin"),
    (_set("call/title", {"fr": "Un titre"}), "en français et en anglais"),
    (_set("call/process", "nulle-part"), "nulle-part n’existe pas"),
    (_set("call/ties", ["C9"]), "critère inconnu C9"),
    (_set("form/sections/0/questions/1/code", "title"), "title est donnée deux fois"),
    (_set("form/sections/0/questions/1/role", "title"), "le rôle title"),
    (_set("form/sections/0/questions/1/role", "inconnu"), "rôle inconnu inconnu"),
    (_set("form/sections/0/questions/1/sensitivity", "business"), "un rôle publié"),
    (_set("form/sections/0/questions/3/code", "population"), "fait du répertoire"),
    (_set("form/sections/0/questions/2/choices", []), "les choix manquent"),
    (_set("form/sections/2/questions/1/show_when/left/fact", "absent"), "fait inconnu absent"),
    (_set("form/sections/2/questions/1/show_when/right/value", 3), "privacy_state"),
    (_set("rules/rules/2/cases/0/if/left/fact", "richesse"), "fait inconnu richesse"),
    (_set("rules/rules/2/cases/0/if/right/value", "beaucoup"), "Règle E05"),
    (_set("rules/rules/0/article", "99.9"), "article 99.9"),
    (_set("grid/criteria/0/anchors", {"0": {"fr": "a", "en": "b"}}), "chaque niveau entier"),
    (_set("grid/criteria/0/questions", ["rien"]), "question inconnue rien"),
    (_set("grid/criteria/0/weight", 0), "le poids est d’au moins 1"),
    (_set("budget/rates/0/rate", "1.5"), "un taux va de 0 à 1"),
    (_set("budget/rates/4/max_population", 3), "la dernière tranche"),
    (_set("letters/0/body/0", {"p": "{{mot_de_passe}}"}), "{{mot_de_passe}}"),
    (_set("letters/0/body/3", {"slot": "rules"}), "n’y a pas sa place"),
    (_set("letters/3/body", [{"p": "Non."}]), "est obligatoire"),
    (_set("letters/4/kind", "L99"), "L99"),
    (_set("norms", []), "cadre normatif"),
]


@pytest.mark.parametrize(("change", "said"), FAULTS)
def test_each_fault_is_refused_with_its_sentence(source: dict[str, Any], change: Any, said: str) -> None:
    change(source)
    with pytest.raises(BadCall) as refused:
        load_call(source)
    assert said in "\n".join(refused.value.faults)


def test_process_without_its_letter_is_refused(source: dict[str, Any]) -> None:
    source["letters"] = [one for one in source["letters"] if one["kind"] != "L5"]
    with pytest.raises(BadCall, match="Décision"):
        load_call(source)


def test_missing_key_is_a_sentence(source: dict[str, Any]) -> None:
    del source["form"]["sections"][0]["questions"][0]["label"]
    with pytest.raises(BadCall, match=r"form\.json.*label"):
        load_call(source)


def test_calendar_that_cannot_be_is_refused(source: dict[str, Any]) -> None:
    source["call"]["calendar"]["letters_at"] = {"from_closing": -3, "at": "08:30"}
    with pytest.raises(BadCall, match="doit suivre"):
        load_call(source)


def test_relative_dates_follow_the_day_and_skip_weekends(source: dict[str, Any]) -> None:
    call = load_call(source, options=Options(today=date(2026, 3, 3))).call
    assert call.closes_at == datetime(2026, 3, 27, 16, 30, tzinfo=EASTERN)
    assert call.opens_at.astimezone(EASTERN) == datetime(2026, 2, 10, 8, 30, tzinfo=EASTERN)
    assert all(
        one.astimezone(EASTERN).weekday() < 5 for one in (call.opens_at, call.letters_at, call.publish_at)
    )


def test_publishing_needs_people_in_each_role() -> None:
    call = make_call()
    with pytest.raises(Refused) as refused:
        fire(call, "publish", actor=loader(), past=True)
    assert any("Personne ne tient le rôle « Analyste »" in one for one in refused.value.reasons)


def test_publishing_is_for_managers(flin_at: Any) -> None:
    draft = flin_at(publish=False)
    with pytest.raises(Exception, match="may not publish"):
        fire(draft.call, "publish", actor=draft.analyst)
    fire(draft.call, "publish", actor=draft.manager)
    assert draft.call.state == "published"


def test_a_person_does_not_publish_after_the_closing(flin_at: Any) -> None:
    draft = flin_at(publish=False, closes=datetime(2026, 1, 5, 16, 30, tzinfo=EASTERN))
    with pytest.raises(Refused, match="clôture est déjà passée"):
        fire(draft.call, "publish", actor=draft.manager)


def test_staff_of_another_call_do_not_see_a_draft(flin_at: Any) -> None:
    from grants.models import Call

    draft = flin_at(publish=False)
    stranger = factories.make_user()
    assert draft.call in Call.objects.visible_to(draft.analyst)
    assert draft.call not in Call.objects.visible_to(stranger)


def test_envelope_never_goes_under_what_is_committed(flin: Flin, source: dict[str, Any]) -> None:
    BudgetLine.objects.filter(volet=flin.volet).update(committed=2_000_000)
    with pytest.raises(BadCall, match="déjà engagés"):
        load_call(
            source,
            options=Options(code=flin.call.code, closes=flin.call.closes_at, envelopes={"UNIQUE": 1_500_000}),
        )
    assert BudgetLine.objects.get(volet=flin.volet).amount == 4_000_000


@pytest.mark.parametrize(("key", "value"), [("envelope", -5), ("aid_max", "500000"), ("months", True)])
def test_sums_of_a_volet_are_whole_numbers(source: dict[str, Any], key: str, value: object) -> None:
    source["call"]["volets"][0][key] = value
    assert check_source(source) == [
        f"Volet UNIQUE\u00a0: «\u00a0{key}\u00a0» est un nombre entier, zéro ou plus."
    ]


def test_a_word_that_a_letter_does_not_know_is_said(source: dict[str, Any]) -> None:
    source["letters"][0]["subject"] += " {{nimporte}}"
    assert any("nimporte" in fault for fault in check_source(source))
