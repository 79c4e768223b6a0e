"""A mandate confirmed by an invitation settles what was filed « mandat à confirmer »."""

from __future__ import annotations

import pytest

from accounts.actions import members
from accounts.actions.invitations import accept_invitation
from accounts.models import Invitation, Membership
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import Flin
from web import clock
from workflows.engine import Refused

pytestmark = pytest.mark.django_db


def test_an_invitation_accepted_settles_the_filing(flin: Flin) -> None:
    organisation = factories.make_org("31056")
    signatory = filled.signatory_of(organisation)
    claimant = filled.signatory_of(organisation, status="claimed")
    dossier = filled.make_filled(flin.call, organisation, claimant)
    filled.file_now(dossier, claimant)
    dossier.refresh_from_db()
    assert dossier.mandate_unconfirmed
    invitation = Invitation.objects.create(
        email=claimant.email,
        organisation=organisation,
        role="signatory",
        token_digest="x" * 64,
        created_at=clock.now(),
        created_by=signatory,
        expires_at=clock.now().replace(year=clock.now().year + 1),
    )
    accept_invitation(invitation, actor=claimant)
    dossier.refresh_from_db()
    assert not dossier.mandate_unconfirmed


def test_a_claim_given_up_withdraws_what_was_filed_under_it(flin: Flin) -> None:
    organisation = factories.make_org("31056")
    signatory = filled.signatory_of(organisation)
    claimant = filled.signatory_of(organisation, status="claimed")
    dossier = filled.make_filled(flin.call, organisation, claimant)
    filled.file_now(dossier, claimant)
    claim = Membership.objects.get(user=claimant)
    with pytest.raises(Refused, match="confirmez-le ou refusez-le"):
        members.remove_member(claim, actor=signatory)
    assert members.remove_member(claim, actor=claimant)
    dossier.refresh_from_db()
    assert (dossier.state, dossier.end_cause) == ("withdrawn", "claim_refused")
