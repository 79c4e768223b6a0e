"""Large sets: one call with N fictional dossiers, rows and chain written in bulk, nobody written to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import OuterRef, Subquery

from accounts.models import Membership, Organisation, User
from accounts.permissions import holders
from applications import eligibility, facts, pledges, snapshots
from applications.models import Body, CompletionRequest, Dossier, Entry, Finding, Pledge, Snapshot, Tie
from applications.snapshots import Material
from grants import editions
from grants.actions.calls import Options, load_call
from grants.models import Call
from grants.reading import folder, read_source
from notifications.demo import PASSWORD
from notifications.seeding import cast, corpus, forms, plan, route
from notifications.seeding.clock import Travel, at, on_weekday, quiet, travelling
from workflows import schema
from workflows.codes import new_code
from workflows.engine import Past, bulk_load, fire
from workflows.models import ChainHead

CLOSED, OPENED = 30, 75  # days ago
CHUNK = 500
# Where dossiers stand, out of twenty.
STATES = (
    *("draft",) * 1,
    *("completeness",) * 6,
    *("with_applicant",) * 1,
    *("eligibility",) * 4,
    *("review",) * 5,
    *("rejected",) * 2,
    *("withdrawn",) * 1,
)


@dataclass
class Maker:
    """What the rows of one large set share."""

    call: Call
    route: route.Route
    closing: date
    rng: Random
    organisations: list[Organisation]
    signatories: dict[int, User]
    analysts: list[User]
    countersigner: User

    def moment(self, first: int, last: int) -> datetime:
        """Some instant between two days counted from the closing."""
        day = self.closing + timedelta(days=self.rng.randint(first, last))
        return at(day, self.rng.randint(8, 16), self.rng.randint(0, 29)) + timedelta(
            seconds=self.rng.randint(0, 59), microseconds=self.rng.randint(0, 999_999)
        )


def write(count: int, today: date, *, seed: int, ready: str = "flin") -> int:
    """Write a closed call of a ready-made kind with so many dossiers in one transaction; how many."""
    rng = Random(seed)
    closing = on_weekday(today - timedelta(days=CLOSED))
    travel = Travel(at(today - timedelta(days=OPENED + 14), 9), rng)
    with quiet(), travelling(travel), transaction.atomic():
        cast.import_directory()
        call = _call(ready, closing)
        travel.to(at(today, 0, 1))
        maker = _maker(call, closing, rng, count)
        kept: list[tuple[Dossier, str]] = []
        for start in range(0, count, CHUNK):
            kept += _rows(maker, start, min(CHUNK, count - start))
        _count_entries(maker, kept)
        bulk_load(
            [fact for dossier, kind in kept for fact in _past(maker, dossier, kind)],
            readers=["search", "elastic"],
        )
        _receipts(call)
        filed = sum(bool(dossier.number) for dossier, _kind in kept)
        ChainHead.objects.filter(code=call.code).update(counter=filed)
    return count


def _call(ready: str, closing: date) -> Call:
    """One more call of a ready-made kind, staffed and published."""
    taken = Call.objects.filter(code__contains="-V").count()
    source = read_source(folder(ready))
    code = f"{source['call']['code'].partition('-')[0]}-{closing.year}-V{taken + 1}"
    title = {
        "fr": f"{source['call']['title']['fr']}, grand ensemble {taken + 1}",
        "en": f"{source['call']['title']['en']}, large set {taken + 1}",
    }
    closes = at(closing, 16, 30)
    call = load_call(source, options=Options(code=code, title=title, closes=closes)).call
    if not holders("manager", call.programme).exists():
        cast.appoint(call.programme)
    cast.staff_call(call)
    fire(call, "publish", actor=cast.person(cast.PROGRAMME_MANAGER))
    return Call.objects.select_related("edition__definition", "programme").get(pk=call.pk)


def _maker(call: Call, closing: date, rng: Random, count: int) -> Maker:
    """Organisations in a drawn order, each with somebody who signs."""
    organisations = list(
        Organisation.objects.filter(is_applicant=True, gone_at__isnull=True)
        .select_related("region")
        .order_by("pk")
    )
    rng.shuffle(organisations)
    organisations = organisations[:count]
    secret, now = make_password(PASSWORD), at(closing - timedelta(days=44), 9)
    told = {f"volume.{one.scheme}.{one.code}@municipalites.example": one for one in organisations}
    known = set(User.objects.filter(email__in=told).values_list("email", flat=True))
    names = [(one["given_name"], one["family_name"]) for one in corpus.people().values()]
    people = [
        User(
            email=email,
            given_name=rng.choice(names)[0],
            family_name=rng.choice(names)[1],
            workplace=one.name,
            password=secret,
            created_at=now,
        )
        for email, one in told.items()
        if email not in known
    ]
    for person in people:
        person.sort_name = f"{person.family_name} {person.given_name}".casefold()
    User.objects.bulk_create(people, batch_size=CHUNK)
    signatories = {told[row.email].pk: row for row in User.objects.filter(email__in=told)}
    Membership.objects.bulk_create(
        [
            Membership(
                user=person,
                organisation_id=key,
                role="signatory",
                status="confirmed",
                created_at=now,
                confirmed_at=now,
            )
            for key, person in signatories.items()
        ],
        batch_size=CHUNK,
        ignore_conflicts=True,
    )
    analysts = [cast.person(code) for code in cast.ANALYSTS]
    second = cast.person(cast.SECOND_ANALYSTS[0])
    assert call.edition is not None
    way = route.of(schema.parse(call.edition.definition.body))
    return Maker(call, way, closing, rng, organisations, signatories, analysts, second)


# --- rows -------------------------------------------------------------------------------------------------
def _rows(maker: Maker, start: int, count: int) -> list[tuple[Dossier, str]]:
    """A chunk of dossiers with their bodies and snapshots."""
    models = list(corpus.projects().values())
    volets, made = list(maker.call.volets.order_by("position", "pk")), []
    for place in range(start, start + count):
        organisation = maker.organisations[place % len(maker.organisations)]
        project, kind = models[place % len(models)], maker.rng.choice(STATES)
        volet = volets[min(int(project.data["volet"][-1]), len(volets)) - 1]
        dossier = _dossier(maker, volet, organisation, project, kind)
        body = Body(organisation=organisation, role="lead", confirmation="confirmed")
        dossier._prefetched_objects_cache = {"bodies": [body]}  # type: ignore[attr-defined]
        dossier.pk = place + 1  # what is read of a dossier wants a key; the stored one comes with its row
        text = "" if kind == "draft" else _freeze(maker, dossier, project)
        dossier.pk = None
        made.append((dossier, body, kind, text))
    Dossier.objects.bulk_create([one[0] for one in made])
    for dossier, body, _kind, _text in made:
        body.dossier = dossier
    Body.objects.bulk_create([one[1] for one in made])
    filed = Snapshot.objects.bulk_create([_snapshot(one[0], one[3]) for one in made if one[3]])
    for snapshot in filed:
        snapshot.dossier.snapshot = snapshot
    _pledged(maker, filed)
    _checked(maker, made)
    return [(dossier, kind) for dossier, _body, kind, _text in made]


def _dossier(
    maker: Maker, volet: Any, organisation: Organisation, project: corpus.Project, kind: str
) -> Dossier:
    begun, filed = maker.moment(-40, -16), maker.moment(-15, -1)
    is_draft = kind == "draft"
    return Dossier(
        state="draft",
        call=maker.call,
        volet=volet,
        edition=maker.call.edition,
        created_by=maker.signatories[organisation.pk],
        created_at=begun,
        sort_at=begun if is_draft else filed,
        filed_at=None if is_draft else filed,
        last_filed_at=None if is_draft else filed,
        stage_since=None if is_draft else filed,
        title=f"{project.title} ({organisation.name})"[:300],
        lead_name=organisation.name,
        lead_sort=organisation.sort_name,
        region_code=organisation.region_id,
        population=organisation.known_population,
        analyst=maker.rng.choice([None, *maker.analysts]),
    )


def _freeze(maker: Maker, dossier: Dossier, project: corpus.Project) -> str:
    """The frozen text of a dossier, built by the same functions as a filing, without its files."""
    content = dossier.edition.content
    lead = facts.lead_of(dossier)
    answers = forms.answers(project, content, dossier.volet.code, maker.closing, lead)
    answers[editions.answer_code(content, "title")] = dossier.title[:120]
    computed = facts.budget_of(dossier, answers)
    known = facts.facts_of(dossier, answers, (), computed)
    made = Material(
        sections=[],
        answers=answers,
        files=[],
        facts=known,
        budget=computed,
        tags=facts.tags_of(dossier.edition.content, known),
        bodies=[facts.body_facts(one) for one in facts.bodies_of(dossier)],
        reopened=None,
        withheld=frozenset(),
    )
    dossier.number = f"{maker.call.code}-{dossier.pk:05d}"
    asked = answers.get(editions.answer_code(content, "amount"))
    dossier.title, dossier.requested, dossier.tags = dossier.title[:120], asked or 0, made.tags
    result = computed.get("result") or {}
    dossier.aid, dossier.kept_costs = int(result.get("aid", 0)), int(result.get("kept", 0))
    dossier.confirmed_aid = dossier.aid
    return snapshots.text_of(dossier, made)


def _snapshot(dossier: Dossier, text: str) -> Snapshot:
    assert dossier.filed_at is not None
    return Snapshot(
        dossier=dossier,
        version=1,
        kind="filing",
        edition=dossier.edition,
        text=text,
        digest=snapshots.digest_of(text),
        code=new_code(),
        received_at=dossier.filed_at,
        filed_at=dossier.filed_at,
        filed_by=dossier.created_by,
        submit_key=f"volume-{dossier.pk}",
    )


def _pledged(maker: Maker, filed: list[Snapshot]) -> None:
    """What each version pledges, as rows."""
    content = maker.call.edition.content if maker.call.edition else {"form": {"sections": []}}
    rows = [pledges.rows(one, content, json.loads(one.text)["answers"]) for one in filed]
    Pledge.objects.bulk_create([row for made, _ties in rows for row in made], batch_size=CHUNK)
    Tie.objects.bulk_create([row for _made, ties in rows for row in ties], batch_size=CHUNK)


def _checked(maker: Maker, made: list[Any]) -> None:
    """Findings where the rules are judged, requests where the municipality is asked for more."""
    findings, asked = [], []
    for dossier, _body, kind, _text in made:
        if kind == "eligibility" and dossier.snapshot is not None:
            case = {
                "rules": dossier.edition.content["rules"],
                "facts": json.loads(dossier.snapshot.text)["facts"],
            }
            judged: list[Any] = eligibility.judge(case)
            findings += [
                Finding(
                    snapshot=dossier.snapshot,
                    rule=one["id"],
                    proposed=one["result"],
                    cause=one["cause"],
                    missing=one["missing"],
                )
                for one in judged
            ]
        elif kind == "with_applicant":
            start = at(maker.closing + timedelta(days=20), 10)
            dossier.due_at = at(maker.closing + timedelta(days=35), 16, 30)
            asked.append(
                CompletionRequest(
                    dossier=dossier, asked_by=maker.analysts[0], asked_at=start, due_at=dossier.due_at
                )
            )
    Finding.objects.bulk_create(findings, batch_size=CHUNK)
    item = CompletionRequest._meta.get_field("items").related_model
    rows = CompletionRequest.objects.bulk_create(asked)
    item._default_manager.bulk_create(
        [item(request=row, question=_first_text(row.dossier), reason=plan.NOTES["E08"]) for row in rows]
    )
    Dossier.objects.bulk_update([row.dossier for row in rows], ["due_at"], batch_size=100)


def _first_text(dossier: Dossier) -> str:
    """The first long answer of the form."""
    content = dossier.edition.content
    return next(str(one["code"]) for one in editions.questions(content) if one["type"] == "long_text")


def _count_entries(maker: Maker, kept: list[tuple[Dossier, str]]) -> None:
    """The counters of each organisation in the call."""
    counted: dict[int, Entry] = {}
    for dossier, kind in kept:
        key = facts.lead_of(dossier).pk
        entry = counted.setdefault(key, Entry(call=maker.call, organisation_id=key))
        if kind == "draft":
            entry.drafts += 1
        elif kind != "withdrawn":
            entry.leads += 1
    Entry.objects.bulk_create(counted.values(), batch_size=CHUNK)


# --- the past ---------------------------------------------------------------------------------------------
def _past(maker: Maker, dossier: Dossier, kind: str) -> list[Past]:
    """The events that brought a dossier where it is."""
    told = [Past(dossier, "start", dossier.created_at, dossier.created_by)]
    snapshot, way = dossier.snapshot, maker.route
    if kind == "draft" or snapshot is None or dossier.filed_at is None:
        return told
    filed = {
        "snapshot": snapshot.pk,
        "snapshot_version": 1,
        "digest": snapshot.digest,
        "number": dossier.number,
        "stage": "",
    }
    told.append(
        _moved(
            dossier,
            "submit",
            dossier.filed_at,
            dossier.created_by,
            "draft",
            way.completeness,
            way.filed,
            filed,
        )
    )
    analyst, day = maker.analysts[dossier.pk % len(maker.analysts)], maker.moment(2, 8)
    if kind == "withdrawn":
        words = plan.WITHDRAWN["P020"]
        told.append(
            Past(dossier, "withdraw", day, dossier.created_by, "in_progress", "withdrawn", text=words)
        )
    elif kind == "with_applicant":
        asked = at(maker.closing + timedelta(days=20), 10)
        told.append(Past(dossier, "send_back", asked, analyst, "in_progress", "with_applicant"))
    elif kind in ("eligibility", "review", "rejected"):
        told.append(_moved(dossier, "advance", day, analyst, "in_progress", way.eligibility, way.complete))
        told += _judged(maker, dossier, kind, analyst)
    return told


def _judged(maker: Maker, dossier: Dossier, kind: str, analyst: User) -> list[Past]:
    """What follows the judgement of the rules."""
    day, way = maker.moment(9, 14), maker.route
    if kind == "review":
        return [_moved(dossier, "advance", day, analyst, "in_progress", way.review, way.admissible)]
    if kind == "rejected":
        proposed = _moved(dossier, "advance", day, analyst, "in_progress", way.countersign, way.inadmissible)
        end = maker.moment(15, 19)
        return [
            proposed,
            Past(dossier, "reject", end, maker.countersigner, "in_progress", "rejected", None, way.confirmed),
        ]
    return []


def _moved(
    dossier: Dossier,
    verb: str,
    when: datetime,
    actor: User,
    source: str,
    stage: str,
    outcome: str,
    data: dict[str, Any] | None = None,
) -> Past:
    return Past(dossier, verb, when, actor, source, "in_progress", stage, outcome, data or {})


def _receipts(call: Call) -> None:
    """The latest version of each dossier."""
    versions = Snapshot.objects.filter(dossier=OuterRef("pk")).order_by("-version")
    Dossier.objects.filter(call=call).update(snapshot_id=Subquery(versions.values("pk")[:1]))
