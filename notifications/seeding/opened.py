"""Drafts that nothing stands against, in a call open now: what a measure of filing files."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.hashers import make_password

from accounts.models import Membership, Organisation, User
from applications.actions import drafts, files
from applications.actions.answers import save_answer
from applications.models import Dossier
from grants import editions
from grants.actions.calls import Options, load_call
from grants.models import Call
from grants.reading import folder, read_source
from notifications.demo import PASSWORD
from notifications.seeding import cast, corpus, forms, papers
from web import clock, formats
from workflows.engine import fire


def write(ready: str, count: int) -> list[Dossier]:
    """A call of that kind closing in twenty days, and so many whole drafts in it, each of another municipality."""
    source = read_source(folder(ready))
    closes = (clock.now() + timedelta(days=20)).replace(microsecond=0)
    code = f"{source['call']['code'].partition('-')[0]}-{closes.year}-O{Call.objects.count() + 1}"
    call = load_call(source, options=Options(code=code, closes=closes)).call
    cast.staff_call(call)
    fire(call, "publish", actor=cast.person(cast.PROGRAMME_MANAGER))
    call = Call.objects.select_related("edition__definition", "programme").get(pk=call.pk)
    alone = [
        one
        for one in corpus.projects().values()
        if not one.data["partners"] and one.data["expected"]["outcome"] == "accepted"
    ]
    return [_draft(call, alone[place], place) for place in range(count)]


def _draft(call: Call, project: corpus.Project, place: int) -> Dossier:
    organisation = Organisation.objects.filter(kind="municipality", is_applicant=True).order_by("pk")[place]
    person = User.objects.create(
        email=f"ouvert.{organisation.code}@municipalites.example",
        given_name="Camille",
        family_name=organisation.name,
        sort_name=organisation.sort_name,
        password=make_password(PASSWORD),
        created_at=clock.now(),
    )
    now = clock.now()
    Membership.objects.create(
        user=person,
        organisation=organisation,
        role="signatory",
        status="confirmed",
        created_at=now,
        confirmed_at=now,
    )
    volets = list(call.volets.order_by("position", "pk"))
    volet = volets[min(int(project.data["volet"][-1]), len(volets)) - 1]
    dossier, _made = drafts.start_dossier(call, organisation, actor=person, volet=volet)
    content = dossier.edition.content
    closing = formats.local(call.closes_at).date()
    known = dict(dossier.answers.values_list("question", "version"))
    for code, value in forms.answers(project, content, volet.code, closing, organisation).items():
        save_answer(dossier, code, value, actor=person, seen_version=known.get(code, 0))
    for question in editions.questions(content):
        if question["type"] == "file" and (question["required"] or question["require_when"]):
            paper = papers.resolution(project, organisation.name, closing)
            files.add_file(dossier, question["code"], paper, actor=person)
    return Dossier.objects.select_related("call", "volet", "edition", "created_by").get(pk=dossier.pk)
