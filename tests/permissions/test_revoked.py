"""A role taken back acts at once: at the next request of an open session, and in what already waits for a worker."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.http import QueryDict
from django.test import Client
from django.urls import reverse

from accounts import permissions
from accounts.models import Membership, User
from grants.models import Decision
from notifications import mail
from notifications.models import Message
from tests.permissions.world import WORDS, World
from web import export_jobs, tables
from web.models import Export, ExportStatus
from workflows.actors import SystemActor
from workflows.engine import NotAllowed, NotVisible, fire

pytestmark = pytest.mark.django_db
Part = Callable[[World], str]

# Everybody has this list, of what he or she reads: it is made, and empty of what was lost.
EVERYBODY_S = {"dossiers"}
# What a worker makes for somebody: list, part, format; who asked.
JOBS: dict[str, tuple[str, str, Part, str]] = {
    "list of dossiers": ("analyst", "dossiers", lambda w: "", "csv"),
    "list as XLSX": ("secretary", "dossiers", lambda w: "", "xlsx"),
    "files of the dossiers": ("manager", "dossiers", lambda w: "", "zip"),
    "ranking of a panel": ("secretary", "classement", lambda w: str(w.panels["decided"].pk), "csv"),
    "decisions": ("authority", "decisions", lambda w: "", "csv"),
    "outbox": ("manager", "envois", lambda w: "", "csv"),
    "the call whole": ("auditor", "appel-entier", lambda w: str(w.calls["late"].code), "zip"),
    "accounts": ("technical", "comptes", lambda w: "", "csv"),
}


def lose(person: User) -> None:
    """Take back every role of a person, one by one, as managers do."""
    by = SystemActor("appoint")
    for table in permissions.role_models():
        for row in table._default_manager.filter(user_id=person.pk).select_related(
            "permission", "content_object"
        ):
            permissions.revoke_role(person, row.permission.codename, row.content_object, actor=by)
    Membership.objects.filter(user_id=person.pk).update(status="revoked")
    User.objects.filter(pk=person.pk).update(is_technical_admin=False)


def asked(world: World, name: str) -> tuple[User, Export]:
    """A job that waits for a worker, asked while the person had the role."""
    role, key, part, kind = JOBS[name]
    person = world.who(role)
    assert person is not None
    table = tables.build(person, key, part(world))
    total = table.select(QueryDict("")).rows.order_by().count()
    assert total, "a job over nothing proves nothing"
    return person, export_jobs.ask(person, table, "", "fr-ca", kind, total)


def nothing_of_it(client: Client, person: User, job: Export) -> None:
    """Refused; or, of a list that everybody has, made anew without one of the rows that were lost."""
    url = reverse("export_file", args=[job.pk])
    if job.table not in EVERYBODY_S:
        assert client.get(url).status_code == 404
        return
    first = client.get(url)
    if first.status_code == 303:  # thrown away, to be made under the rights of today
        export_jobs.run_due()
        first = client.get(url)
    job.refresh_from_db()
    assert (job.status, job.total) == (ExportStatus.DONE, 0)
    data = b"".join(first.streaming_content)  # type: ignore[attr-defined]
    if job.format == "zip":
        with zipfile.ZipFile(io.BytesIO(data)) as found:
            data = b"".join(found.read(one) + one.encode() for one in found.namelist())
    assert b"FLIN-" not in data
    assert [word for word in WORDS if word.encode() in data] == []


@pytest.mark.parametrize("name", list(JOBS))
def test_what_waits_gives_nothing_when_it_runs(name: str, kept: World, clients: dict[str, Client]) -> None:
    person, job = asked(kept, name)
    lose(person)
    export_jobs.run_due()
    job.refresh_from_db()
    if job.table not in EVERYBODY_S:
        assert (job.status, job.path) == (ExportStatus.REFUSED, "")
    nothing_of_it(clients[JOBS[name][0]], person, job)


@pytest.mark.parametrize("name", list(JOBS))
def test_what_was_made_is_no_longer_given(name: str, kept: World, clients: dict[str, Client]) -> None:
    person, job = asked(kept, name)
    export_jobs.run_due()
    job.refresh_from_db()
    assert (job.status, job.total > 0) == (ExportStatus.DONE, True), job.error
    old = job.path
    lose(person)
    nothing_of_it(clients[JOBS[name][0]], person, job)
    assert job.table not in EVERYBODY_S or not default_storage.exists(old)


@pytest.mark.parametrize("name", ["list of dossiers", "files of the dossiers", "the call whole"])
def test_what_is_being_made_is_not_given(
    name: str, kept: World, clients: dict[str, Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rights noted are those read before the first row: the file that results is thrown away."""
    person, job = asked(kept, name)
    write = export_jobs._write

    def then_lose(*args: Any) -> None:
        write(*args)
        lose(person)

    monkeypatch.setattr(export_jobs, "_write", then_lose)
    export_jobs.run_due()
    monkeypatch.undo()
    job.refresh_from_db()
    nothing_of_it(clients[JOBS[name][0]], person, job)


PAGES: dict[str, tuple[str, str]] = {
    "dossier as a PDF": ("analyst", "dossier_pdf"),
    "files of a dossier": ("analyst", "dossier_zip"),
    "dossier": ("second_analyst", "dossier"),
    "dossier of a municipality": ("drafter", "dossier_pdf"),
}


@pytest.mark.parametrize("name", list(PAGES))
def test_the_next_request_of_an_open_session(name: str, kept: World, clients: dict[str, Client]) -> None:
    role, route = PAGES[name]
    url, person = reverse(route, args=[kept.dossiers["review"].pk]), kept.who(role)
    assert person is not None
    assert clients[role].get(url).status_code in (200, 202)
    lose(person)
    assert clients[role].get(url).status_code == 404


def test_ones_own_data_says_no_more_than_what_is_left(kept: World, clients: dict[str, Client]) -> None:
    """Begun before the role was lost, read after: the titles of dossiers no longer read are not in it."""
    person = kept.who("analyst")
    assert person is not None
    lose(person)
    answer: Any = clients["analyst"].get(reverse("my_data"))
    text = b"".join(answer.streaming_content).decode()
    assert kept.dossiers["review"].title not in text
    assert '"roles": []' in text
    User.objects.filter(pk=person.pk).update(is_active=False)
    assert clients["analyst"].get(reverse("my_data")).status_code == 302


def test_a_manager_who_lost_the_role_releases_nothing_more(kept: World, clients: dict[str, Client]) -> None:
    """What was released under the right leaves; what waits for a release waits for somebody else."""
    manager = kept.who("manager")
    assert manager is not None
    held, batch = kept.things["held_message"], kept.things["batch"]
    lose(manager)
    for url in (
        reverse("message_act", args=[held.pk, "liberer"]),
        reverse("batch_act", args=[batch.pk, "liberer"]),
        reverse("batch_act", args=[batch.pk, "arreter"]),
    ):
        assert clients["manager"].post(url).status_code == 404
    mail.send_due(50)
    assert Message.objects.get(pk=held.pk).state == held.state


@pytest.mark.parametrize("verb", ["propose", "sign", "ask_release", "release"])
def test_a_decision_moves_no_further_for_who_lost_the_role(verb: str, kept: World) -> None:
    decision: Decision = kept.decisions["decided"]
    for role in ("manager", "authority"):
        person = kept.who(role)
        assert person is not None
        lose(person)
        with pytest.raises((NotAllowed, NotVisible)):
            fire(decision, verb, actor=person)
