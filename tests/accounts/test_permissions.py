"""Roles: the traps of guardian, the two managers of the authority, the request's cache."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from accounts import permissions, rules
from accounts.actions import roles
from accounts.models import Invitation, RoleProposal, User
from accounts.outgoing import SecretMessage
from grants.models import Call, CallRole, Programme, ProgrammeRole
from tests import factories
from tests.accounts.conftest import as_user
from workflows.engine import NotAllowed, Refused
from workflows.models import Event

pytestmark = pytest.mark.django_db


def fresh(user: User) -> User:
    return User.objects.get(pk=user.pk)


def test_grant_is_recorded_once_and_read_back(call: Call, manager: User) -> None:
    person = factories.make_user()
    assert permissions.grant_role(person, "analyst", call, actor=manager) is True
    assert permissions.grant_role(person, "analyst", call, actor=manager) is False
    event = Event.objects.get(verb="accounts.user.grant")
    assert event.chain == "site"
    assert event.data == {"role": "analyst", "on": f"grants.call:{call.pk}"}
    person = fresh(person)
    assert permissions.roles_on(person, call) == {"analyst"}
    assert permissions.holds_anywhere(person, "analyst")
    assert not permissions.holds_anywhere(person, "manager")
    assert [user.pk for user in permissions.holders("analyst", call)] == [person.pk]
    assert Call.objects.filter(pk__in=permissions.objects_for(person, "analyst", Call)).get() == call
    with pytest.raises(ImproperlyConfigured):
        permissions.grant_role(person, "pope", call, actor=manager)


def test_a_disabled_user_holds_nothing(call: Call, manager: User) -> None:
    person = factories.make_staff("analyst", call)
    person.is_active = False
    person.save()
    person = fresh(person)
    assert permissions.roles_on(person, call) == frozenset()
    assert not permissions.holders("analyst", call).exists()
    assert not Call.objects.filter(pk__in=permissions.objects_for(person, "analyst", Call)).exists()
    stale = factories.make_staff("secretary", call)
    User.objects.filter(pk=stale.pk).update(is_active=False)  # the copy in hand still says active
    assert permissions.roles_on(stale, call) == frozenset()
    with pytest.raises(ValueError, match="suspended"):
        permissions.grant_role(person, "secretary", call, actor=manager)


def test_global_permissions_and_superusers_give_nothing(call: Call) -> None:
    person = factories.make_user()
    assert not hasattr(person, "user_permissions")
    assert not hasattr(person, "has_perm")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=person.pk).update(is_superuser=True)
    with pytest.raises(CommandError):
        call_command("createsuperuser")


def test_rows_leave_with_their_object(programme: Programme, call: Call) -> None:
    factories.make_staff("analyst", call)
    Call.objects.filter(pk=call.pk).delete()
    assert not CallRole.objects.exists()


def test_a_role_of_one_call_says_nothing_of_another(programme: Programme, call: Call) -> None:
    person = factories.make_staff("analyst", call)
    other = Call.objects.get(pk=call.pk)
    other.pk, other.code = None, "FLIN-2"
    other._state.adding = True
    other.save()
    assert permissions.roles_on(person, other) == frozenset()
    assert permissions.roles_on(person, programme) == frozenset()
    wrong = Permission.objects.get(content_type__model="programme", codename="analyst")
    with pytest.raises(Exception, match="Cannot persist permission"):
        CallRole(user=person, permission=wrong, content_object=call).save()


def test_rights_are_read_once_a_request(call: Call, django_assert_num_queries: object) -> None:
    person = fresh(factories.make_staff("analyst", call))
    with django_assert_num_queries(1):  # type: ignore[operator]
        for _ in range(5):
            permissions.roles_on(person, call)


def test_a_manager_of_the_programme_gives_roles_on_its_calls(call: Call, manager: User) -> None:
    assert rules.may_give_role(manager, call)
    analyst = factories.make_staff("analyst", call)
    assert not rules.may_give_role(analyst, call)
    person = factories.make_user()
    with pytest.raises(NotAllowed):
        roles.give_role(person, "analyst", call, actor=analyst)
    assert roles.give_role(person, "analyst", call, actor=manager) is None


def test_the_authority_needs_two_managers(programme: Programme, manager: User, second_manager: User) -> None:
    person = factories.make_user("sous-ministre@ministere.example")
    url = f"/roles/grants.programme/{programme.pk}/"
    client = as_user(manager)
    assert client.post(url, {"email": person.email, "role": "authority"}).status_code == 303
    assert client.post(url, {"email": person.email, "role": "authority"}).status_code == 303
    proposal = RoleProposal.objects.get()
    assert not permissions.holders("authority", programme).exists()
    with pytest.raises(Refused, match="deuxième personne"):
        roles.approve_role(proposal, actor=manager)
    approve = f"/roles/propositions/{proposal.pk}/approuver/"
    assert as_user(person).post(approve).status_code == 404
    assert as_user(second_manager).post(approve).status_code == 303
    assert as_user(second_manager).post(approve).status_code == 303
    assert permissions.holders("authority", programme).get() == person
    assert Event.objects.filter(verb="accounts.user.grant").count() == 1
    assert Event.objects.filter(verb="accounts.roleproposal.approve").count() == 1


def test_nobody_approves_their_own_role_and_a_proposal_can_be_set_aside(
    programme: Programme, manager: User, second_manager: User
) -> None:
    proposal = roles.give_role(second_manager, "authority", programme, actor=manager)
    assert proposal is not None
    with pytest.raises(Refused, match="son propre rôle"):
        roles.approve_role(proposal, actor=second_manager)
    assert as_user(manager).post(f"/roles/propositions/{proposal.pk}/refuser/").status_code == 303
    assert not RoleProposal.objects.exists()


def test_an_unknown_address_is_invited_to_its_role(
    call: Call, manager: User, secrets: list[SecretMessage]
) -> None:
    url = f"/roles/grants.call/{call.pk}/"
    answer = as_user(manager).post(url, {"email": "neuve@ministere.example", "role": "analyst"})
    assert answer.status_code == 303
    assert secrets[0].facts["role"] == "Analyste"
    row = Invitation.objects.get()
    assert "neuve@ministere.example" in as_user(manager).get(url).content.decode()
    from accounts.actions import invitations

    person = invitations.open_account(
        row, given_name="Neuve", family_name="Ici", password="une phrase de passe", language="fr"
    )
    assert permissions.roles_on(person, call) == {"analyst"}


def test_revoked_role_acts_at_the_next_request(call: Call, manager: User) -> None:
    analyst = factories.make_staff("analyst", call)
    client = as_user(analyst)
    assert client.get("/repertoire/").status_code == 200
    url = f"/roles/grants.call/{call.pk}/retirer/"
    assert as_user(manager).post(url, {"user": analyst.pk, "role": "analyst"}).status_code == 303
    assert client.get("/repertoire/").status_code == 404
    assert as_user(analyst).post(url, {"user": analyst.pk, "role": "analyst"}).status_code == 404


def test_the_last_manager_stays(programme: Programme, manager: User) -> None:
    with pytest.raises(Refused):
        roles.take_role(manager, "manager", programme, actor=manager)
    assert ProgrammeRole.objects.filter(user=manager).exists()


def test_pages_of_roles_are_for_managers(call: Call, manager: User, clerk: User) -> None:
    for person, status in ((manager, 200), (clerk, 404), (factories.make_staff("analyst", call), 404)):
        for url in ("/roles/", f"/roles/grants.call/{call.pk}/"):
            assert as_user(person).get(url).status_code == status
    for url in ("/roles/accounts.user/1/", "/roles/nothing/1/", "/roles/grants.call/99999/"):
        assert as_user(manager).get(url).status_code == 404


def test_appoint_makes_the_first_manager_only(programme: Programme, secrets: list[SecretMessage]) -> None:
    call_command("appoint", "Premiere@Ministere.example", "--programme", "flin", verbosity=0)
    person = User.objects.get(email="premiere@ministere.example")
    assert permissions.roles_on(person, programme) == {"manager"}
    assert secrets[0].kind == "account_created"
    event = Event.objects.get(verb="accounts.user.grant")
    assert (event.chain, event.actor) == ("site", "system:appoint")
    with pytest.raises(CommandError, match="manager already"):
        call_command("appoint", "autre@ministere.example", "--programme", "flin")
    assert not User.objects.filter(email="autre@ministere.example").exists()
    with pytest.raises(CommandError, match="no programme"):
        call_command("appoint", "autre@ministere.example", "--programme", "nul")
    call_command("appoint", "tech@ministere.example", "--technical", verbosity=0)
    assert rules.is_technical_admin(User.objects.get(email="tech@ministere.example"))
