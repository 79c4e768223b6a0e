"""A call whole: filed, checked, scored, decided, its letters left; made once a file, through the verbs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from accounts.actions import roles
from accounts.models import User
from grants.models import Decision
from review.actions import assignments
from review.models import Panel
from tests import factories
from tests.browser import stage, steps
from tests.browser.stage import Stage

TITLES = {"A": "Balises Rhodium", "B": "Balises Palladium", "C": "Balises Iridium", "D": "Balises Osmium"}
MARKS = {"A": "4.5 4.5 4.5", "B": "4 4 4", "C": "3.5 3.5 3.5", "D": "1 1 1"}


@dataclass
class Audited:
    """The call, its people, and instants to look back at."""

    made: Stage
    decision: Decision
    auditor: User
    newcomer: User  # an analyst whose role was taken back later
    shut: User  # a reviewer recused of A
    at: dict[str, datetime] = field(default_factory=dict)

    @property
    def call(self) -> Any:
        """The call."""
        return self.made.call

    @property
    def panel(self) -> Panel:
        """Its panel."""
        return self.made.panel


def build(travel: steps.Travel) -> Audited:
    """Everything in order, an instant kept at each step."""
    made = stage.filed(travel, TITLES, code="FLIN-AUDIT", pool=92_000, small=0)
    flin, at = made.flin, {}
    at["eligible"] = travel.now()
    newcomer = factories.make_user("nouvelle@ministere.example", family_name="Nouvelle")
    second = factories.make_staff("manager", flin.call.programme, email="gestion2@ministere.example")
    roles.give_role(newcomer, "analyst", flin.call, actor=flin.manager)
    travel.forward(days=1)
    at["newcomer"] = travel.now()
    roles.take_role(newcomer, "analyst", flin.call, actor=second, reason="Autre affectation")
    travel.forward(days=1)
    shut = factories.make_user("ecartee@jury.example", family_name="Écartée")
    made.lock(MARKS)
    assignments_of(made, shut)
    at["locked"] = travel.now()
    travel.forward(hours=2)
    decision = made.decide(minutes=30, days=5)
    at["signed"] = travel.now()
    travel.forward(days=1)
    steps.work()
    at["over"] = travel.now()
    return Audited(made, Decision.objects.get(pk=decision.pk), flin.auditor, newcomer, shut, at)


def assignments_of(made: Stage, shut: User) -> None:
    """Somebody of the panel is shut out of one dossier."""
    factories.make_staff("reviewer", made.panel, shut)
    assignments.recuse_person(
        made.panel, made.dossier("A"), shut, "Parenté Hafnium", actor=made.flin.secretary
    )


@pytest.fixture
def _django_db_helper() -> None:
    """The marker makes the database; the call below holds the transaction, not each test."""


@pytest.fixture(scope="module")
def whole(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Audited]:
    """The call, gone at the end of the file."""
    from django.conf import settings

    folder = tmp_path_factory.mktemp("audit")
    kept = settings.STORAGES["default"]
    storages = {**settings.STORAGES, "default": {**kept, "OPTIONS": {"location": str(folder)}}}
    patch = pytest.MonkeyPatch()
    travel = steps.Travel(real=timezone.now)
    patch.setattr(timezone, "now", travel.now)
    plain = {
        "EMAIL_BACKEND": "django.core.mail.backends.locmem.EmailBackend",
        "PASSWORD_HASHERS": ["django.contrib.auth.hashers.MD5PasswordHasher"],
    }
    try:
        with django_db_blocker.unblock(), override_settings(STORAGES=storages, **plain), transaction.atomic():
            yield build(travel)
            transaction.set_rollback(True)
    finally:
        patch.undo()


@pytest.fixture
def audited(whole: Audited, django_db_blocker: Any) -> Iterator[Audited]:
    """The call, put back as it was after the test."""
    cache.clear()
    with django_db_blocker.unblock(), transaction.atomic():
        yield whole
        transaction.set_rollback(True)
