"""A joint project in review: whoever is tied to one body is out for every partner."""

import pytest

from applications.models import Body, Dossier
from review.actions import assignments as acts
from review.models import Assignment, Recusal
from tests import factories
from tests.review.conftest import SECRET_WORD
from workflows.engine import Refused


def joint(house, *codes, number=1):
    made = house.dossier(number)
    for place, code in enumerate(codes, start=1):
        town = factories.make_org(code)
        Body.objects.create(
            dossier=made, organisation=town, role="partner", position=place, confirmation="confirmed"
        )
    return made


def test_the_card_and_the_hints_name_every_body(house, page):
    dossier, person = joint(house, "10043", "14050"), house.reviewers[0]
    person.home = factories.make_org("14050")
    person.save()
    row = house.give(dossier, person, accept=False)
    assert len(row.card["bodies"]) == 3
    assert [(one["code"], one["body"]) for one in row.hints] == [("same_municipality", "14050")]
    text = page(person, "my_assignments").content.decode()
    assert all(one.organisation.name in text for one in dossier.bodies.all())


def test_a_recusal_for_one_partner_shuts_the_whole_project(house, page):
    dossier, other = joint(house, "10043", "14050"), house.dossier(2, "14050")
    person = house.reviewers[0]
    row, apart = house.give(dossier, person, accept=False), house.give(other, person)
    sent = {f"a{row.pk}-answer": "conflict", f"a{row.pk}-text": "Ma sœur dirige l’un des partenaires."}
    assert page(person, "declare_conflicts", data=sent).status_code == 303
    assert Recusal.objects.get().dossier_id == dossier.pk
    assert not Dossier.objects.visible_to(person).filter(pk=dossier.pk).exists()
    for name, key in (("dossier", dossier.pk), ("dossier_partners", dossier.pk), ("assignment", row.pk)):
        assert page(person, name, key).status_code == 404
    listed = page(person, "my_assignments").content.decode()
    assert dossier.title not in listed
    with pytest.raises(Refused, match="récusation"):
        house.give(dossier, person)
    gone = dossier.bodies.get(organisation__code="10043")
    gone.left_at, gone.confirmation = dossier.filed_at, "declined"
    gone.save()
    assert page(person, "dossier", dossier.pk).status_code == 404, "a departure lifts no recusal"
    assert page(person, "assignment", apart.pk).status_code == 200


def test_whoever_acts_for_a_partner_never_scores_the_project(house):
    dossier, person = joint(house, "10043"), house.reviewers[1]
    factories.make_member(person, factories.make_org("10043"), "drafter")
    with pytest.raises(Refused, match="membre de l’organisme"):
        house.give(dossier, person)
    assert not Assignment.objects.exists()


def test_a_recused_reviewer_who_acts_for_a_partner_keeps_the_applicant_face_only(house, page):
    dossier, person = joint(house, "10043"), house.reviewers[2]
    factories.make_member(person, factories.make_org("10043"), "drafter")
    acts.recuse_person(house.panel, dossier, person, "Lien de famille.", actor=house.secretary)
    assert page(person, "dossier", dossier.pk).status_code == 200
    assert SECRET_WORD not in page(person, "my_assignments").content.decode()
    assert page(person, "dossier_partners", dossier.pk).status_code == 200
