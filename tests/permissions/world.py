"""One world for the tests of permissions: calls at four moments, every kind of person, words planted."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from accounts.models import Invitation, Membership, OpenSession, Organisation, RoleProposal, User
from applications import quarantine
from applications.actions.answers import save_answer
from applications.actions.drafts import start_dossier
from applications.models import Attachment, Body, Dossier, Entry, Snapshot
from applications.snapshots import digest_of
from grants.actions import questions
from grants.models import Award, BudgetLine, Call, Decision
from notifications import documents, mail
from notifications.models import Document, Message
from review import carrying, deciding, selection
from review.actions import assignments as acts
from review.actions import reconsiderations, sheets
from review.models import Assignment, Item, Meeting, Panel, Presence, Recommendation
from search import feed
from tests import factories
from tests.applications import filled
from tests.fixtures_awards import T1, TOWNS
from tests.fixtures_calls import Flin, make_flin
from web import clock, export_jobs, tables
from web.models import Export, SavedView
from workflows import deliveries
from workflows.chain import canonical
from workflows.codes import new_code
from workflows.engine import fire

# --- words planted, and who may ever read each of them --------------------------------------------------
LEAD = frozenset({"signatory", "drafter"})
KNOW_DECISION = frozenset({"secretary", "manager", "other_manager", "authority", "auditor"})
READERS = KNOW_DECISION | {"analyst", "second_analyst", "recused_analyst"}
REVIEW = (READERS - {"recused_analyst"}) | {"reviewer", "peer", "chair"} | LEAD
OUTBOX = frozenset({"secretary", "manager", "other_manager", "auditor"})

WORDS: dict[str, frozenset[str]] = {
    "Ytterbium-brouillon": LEAD,  # answer of a draft
    "Europium-pretendant": frozenset({"claimant"}),  # answer of a draft begun on a mandate to confirm
    "Gadolinium-depot": frozenset({"other"}),  # answer filed in a call that is still open
    "Lutecium-titre": frozenset({"other"}),  # its title
    "terbium-piece.pdf": frozenset({"other"}),  # the name of its file
    "Zirconium-affaires": REVIEW,  # answer in review
    "holmium-devis.pdf": REVIEW,  # name of a file in review
    "Erbium-commentaire": OUTBOX | {"reviewer", "chair"},  # handed in
    "Thulium-ebauche": frozenset({"peer"}),  # comment of a sheet that is not handed in
    "Dysprosium-motif": KNOW_DECISION,  # departure from the rule on a line of a decision under embargo
    "Samarium-lettre": OUTBOX,  # held letter
    "Promethium-envoi": OUTBOX,  # message to the municipality
    "Neodyme-jeton": frozenset(),  # body of a secret message
    "Praseodyme-offre": READERS | LEAD | {"late_chair"},  # title of an award that is not published
    "Cerium-recusation": KNOW_DECISION | {"chair"},  # why somebody is out
    "Cerium-vue": frozenset({"manager"}),  # the name of a kept view
    "Hafnium-question": READERS | {"stranger"},  # a question asked of the call, not answered yet
    "Lanthane-reponse": READERS,  # an answer that is ready, not public yet
    "Gallium-reexamen": KNOW_DECISION | {"second_analyst", "other"},  # why a refusal is asked again
    "indium-preuve.pdf": KNOW_DECISION | {"second_analyst", "other"},  # the file that goes with it
    "Germanium-motifs": KNOW_DECISION | {"second_analyst"},  # the answer, not countersigned yet
}

ANONYMOUS = ("anonymous", "suspended")


@dataclass
class World:
    """Everything that the tests point at, by name."""

    people: dict[str, User | None] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    files: dict[str, Attachment] = field(default_factory=dict)
    panels: dict[str, Panel] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    things: dict[str, Any] = field(default_factory=dict)

    def who(self, role: str) -> User | None:
        """The person of a role as stored now."""
        person = self.people[role]
        return None if person is None else User.objects.get(pk=person.pk)


def build() -> World:
    """Make the world through the verbs of the house wherever they exist."""
    world = World()
    _people(world)
    _open_call(world)
    _review_call(world)
    _decided_call(world)
    _late_call(world)
    _asked_again(world)
    _met(world)
    _other_call(world)
    _accounts(world)
    feed.keep_outside("applications.Dossier")
    while quarantine.run_due() or deliveries.run_due():
        pass
    feed.rebuild("applications.Dossier")
    _questions(world)
    _letters(world)
    _taken(world)
    return world


# --- people ---------------------------------------------------------------------------------------------
def _people(world: World) -> None:
    adstock, rimouski, perce = (factories.make_org(code) for code in ("31056", "10043", "02005"))
    world.things |= {"adstock": adstock, "rimouski": rimouski, "perce": perce}
    make = factories.make_user
    world.people |= {
        "anonymous": None,
        "stranger": make("inconnue@exemple.example"),
        "claimant": make("pretendant@exemple.example"),
        "signatory": make("sign-31056@ville.example"),
        "drafter": make("redige-31056@ville.example"),
        "other": make("sign-10043@ville.example"),
        "technical": make("technique@exemple.example", is_technical_admin=True),
        "suspended": make("suspendue@exemple.example"),
    }
    person: Any = world.people
    factories.make_member(person["claimant"], perce, "signatory", status="claimed")
    factories.make_member(person["signatory"], adstock, "signatory")
    factories.make_member(person["drafter"], adstock, "drafter")
    factories.make_member(person["other"], rimouski, "signatory")
    factories.make_member(person["suspended"], adstock, "signatory")


def _staff(world: World, flin: Flin) -> None:
    for role in ("manager", "authority", "auditor", "analyst", "second_analyst", "secretary"):
        world.people[role] = getattr(flin, role)


def _soon(days: int) -> datetime:
    return (clock.now() + timedelta(days=days)).replace(microsecond=0)


# --- a call that is open ----------------------------------------------------------------------------------
def _open_call(world: World) -> None:
    flin = make_flin("FLIN-OUVERT")
    _staff(world, flin)
    world.calls["open"] = flin.call
    person: Any = world.people
    draft, _ = start_dossier(flin.call, world.things["adstock"], actor=person["signatory"])
    save_answer(draft, "need", "Nous cherchons Ytterbium-brouillon.", actor=person["signatory"])
    world.dossiers["draft"] = draft
    world.files["draft"] = _attach(draft, "devis.pdf", person["signatory"])
    claimed, _ = start_dossier(flin.call, world.things["perce"], actor=person["claimant"])
    save_answer(claimed, "need", "Nous cherchons Europium-pretendant.", actor=person["claimant"])
    world.dossiers["claimed"] = claimed
    early = filled.make_filled(
        flin.call,
        world.things["rimouski"],
        person["other"],
        need="Nous cherchons Gadolinium-depot.",
        title="Projet Lutecium-titre",
    )
    Attachment.objects.filter(dossier=early).update(name="terbium-piece.pdf")
    filled.file_now(early, person["other"])
    world.dossiers["early"] = Dossier.objects.get(pk=early.pk)
    world.files["early"] = early.attachments.get()


def _attach(dossier: Dossier, name: str, by: User) -> Attachment:
    path = default_storage.save(f"pieces/{name}", ContentFile(filled.PDF))
    return Attachment.objects.create(
        dossier=dossier,
        slot="resolution",
        name=name,
        content_type="application/pdf",
        size=len(filled.PDF),
        digest="sha256:" + "1" * 64,
        path=path,
        scan="not_scanned",
        uploaded_by=by,
        uploaded_at=clock.now(),
    )


# --- dossiers as filing leaves them -----------------------------------------------------------------------
def _filed(
    world: World,
    flin: Flin,
    number: str,
    town: str,
    title: str,
    stage: str,
    answers: dict[str, Any],
    **more: Any,
) -> Dossier:
    org: Organisation = factories.make_org(town)
    filer = factories.make_user(f"sign-{town}@ville.example")
    factories.make_member(filer, org, "signatory")
    Entry.objects.get_or_create(call=flin.call, organisation=org)
    at = clock.now() - timedelta(days=70)
    made = Dossier.objects.create(
        state="in_progress",
        stage=stage,
        secret=True,
        call=flin.call,
        volet=flin.volet,
        edition=flin.call.edition,
        number=number,
        created_by=filer,
        created_at=at,
        sort_at=at,
        filed_at=at,
        last_filed_at=at,
        stage_since=at,
        title=title,
        lead_name=org.name,
        lead_sort=org.sort_name,
        region_code=org.region_id,
        population=org.population,
        **more,
    )
    Body.objects.create(dossier=made, organisation=org, role="lead")
    files = [_attach(made, answers.pop("_file"), filer)] if "_file" in answers else []
    made.snapshot = _snapshot(made, filer, answers, files)
    made.save()
    if files:
        world.files[stage] = files[0]
    return made


def _snapshot(dossier: Dossier, filer: User, answers: dict[str, Any], files: list[Attachment]) -> Snapshot:
    text = canonical(
        {
            "v": 1,
            "edition": dossier.edition.digest,
            "volet": dossier.volet.code,
            "answers": {**filled.ANSWERS, "title": dossier.title, **answers},
            "files": [
                {
                    "slot": one.slot,
                    "id": one.pk,
                    "name": one.name,
                    "size": one.size,
                    "type": one.content_type,
                    "digest": one.digest,
                }
                for one in files
            ],
            "bodies": [
                {
                    "role": "lead",
                    "name": dossier.lead_name,
                    "scheme": "qc",
                    "code": "31056",
                    "share": 0,
                }
            ],
            "facts": {},
            "budget": {},
            "tags": [],
        }
    )
    return Snapshot.objects.create(
        dossier=dossier,
        version=1,
        kind="filing",
        edition=dossier.edition,
        text=text,
        digest=digest_of(text),
        code=new_code(),
        received_at=dossier.sort_at,
        filed_at=dossier.sort_at,
        filed_by=filer,
        submit_key=new_code(),
    )


# --- a call in review -------------------------------------------------------------------------------------
def _panel(flin: Flin, code: str, state: str) -> Panel:
    return Panel.objects.create(
        state=state,
        call=flin.call,
        volet=flin.volet,
        code=code,
        name={"fr": "Comité", "en": "Panel"},
        due_at=_soon(10),
    )


def _review_call(world: World) -> None:
    flin = make_flin("FLIN-REVUE", closes=_soon(-10))
    world.calls["review"] = flin.call
    panel = world.panels["review"] = _panel(flin, "revue", "open")
    money = {"requested": 40000, "aid": 40000, "kept_costs": 50000}
    answers = {"need": "Nous cherchons Zirconium-affaires.", "_file": "holmium-devis.pdf"}
    first = _filed(
        world, flin, "FLIN-REVUE-0001", "31056", "Capteurs de lacs", "evaluation", answers, **money
    )
    second = _filed(world, flin, "FLIN-REVUE-0002", "10043", "Capteurs de rues", "evaluation", {}, **money)
    world.dossiers |= {"review": first, "second": second}
    person: Any = world.people
    for role in ("reviewer", "peer", "undeclared", "unassigned", "recused_reviewer"):
        user = factories.make_user(f"{role}@comite.example", family_name=f"Juge {role}")
        person[role] = factories.make_staff("reviewer", panel, user)
    person["chair"] = factories.make_staff("chair", panel, email="chair@comite.example")
    person["recused_analyst"] = factories.make_staff(
        "analyst", flin.call, email="analyste2@ministere.example"
    )
    for role in ("reviewer", "peer", "undeclared", "recused_reviewer"):
        row = acts.offer(panel, first, person[role], _soon(10), actor=flin.secretary)
        if role != "undeclared":
            fire(row, "accept", actor=person[role])
        world.assignments[role] = Assignment.objects.get(pk=row.pk)
    _score(world, "reviewer", "Erbium-commentaire", hand_in=True)
    _score(world, "peer", "Thulium-ebauche", hand_in=False)
    for role in ("recused_reviewer", "recused_analyst"):
        acts.recuse_person(panel, first, person[role], "Cerium-recusation", actor=flin.secretary)


def _score(world: World, role: str, word: str, *, hand_in: bool) -> None:
    actor: Any = world.people[role]
    codes = ("C1", "C2", "C4")
    written = sheets.Written(
        scores=dict.fromkeys(codes, "4"),
        comments={code: f"{word} {code}." for code in codes},
        strengths=word,
        weaknesses=word,
    )
    sheet = sheets.sheet_of(world.assignments[role].sheet.pk)
    sheet = sheets.save(sheet, written, actor=actor)
    if hand_in:
        fire(sheet, "hand_in", actor=actor)


# --- a call decided under embargo, and one whose letters left ------------------------------------------------
def _ranked(world: World, code: str, *, prefix: str) -> tuple[Flin, Panel]:
    """Case T1 at the stage of decision, the panel locked."""
    flin = make_flin(code, closes=_soon(-60))
    Call.objects.filter(pk=flin.call.pk).update(letters_at=_soon(5), publish_at=_soon(15))
    flin.call.refresh_from_db()
    volet = flin.volet
    BudgetLine.objects.filter(volet=volet).update(amount=600000)
    volet.reserves = [
        {"name": "small", "amount": 180000, "tag": "small", "label": {"fr": "Petites", "en": "Small"}}
    ]
    volet.save()
    panel = _panel(flin, "decide", "locked")
    case = json.loads(T1.read_text())
    case["dossiers"] = [{**one, "id": f"{code}-{one['id']}"} for one in case["dossiers"]]
    for one, town in zip(case["dossiers"], TOWNS, strict=True):
        money = dict.fromkeys(("requested", "aid", "confirmed_aid", "kept_costs"), one["requested"])
        word = f"{prefix if one['id'].endswith('D1') else 'Projet'} {one['id'][-2:]}"
        row = _filed(world, flin, one["id"], town, word, "decision", {}, **money)
        world.dossiers[one["id"]] = row
    bare = {"criteria": {}, "divergences": []}
    Recommendation.objects.create(
        panel=panel,
        scoring=canonical(
            {"dossiers": {one["id"]: {"input": {}, "result": bare} for one in case["dossiers"]}}
        ),
        input=canonical(case),
        result=canonical(selection.select(case)),
        digest="sha256:" + "0" * 64,
        frozen_at=clock.now(),
        frozen_by=flin.secretary,
    )
    return flin, panel


def _release(flin: Flin, decision: Decision) -> None:
    fire(decision, "propose", actor=flin.manager)
    fire(decision, "sign", actor=flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=flin.manager)
    fire(decision, "release", actor=flin.authority)


def _decided_call(world: World) -> None:
    flin, panel = _ranked(world, "FLIN-DECIDE", prefix="Projet")
    world.calls["decided"], world.panels["decided"] = flin.call, panel
    world.dossiers["decided"] = world.dossiers["FLIN-DECIDE-D1"]
    person: Any = world.people
    person["late_chair"] = factories.make_staff("chair", panel, email="chair-decide@comite.example")
    decision = deciding.draft_main(panel, actor=flin.manager)
    line = decision.lines.get(dossier_number="FLIN-DECIDE-D3")
    deciding.edit_line(line, "rejected", 0, "Dysprosium-motif", actor=flin.manager)
    decision.refresh_from_db()
    _release(flin, decision)
    world.decisions["decided"] = decision


def _late_call(world: World) -> None:
    flin, panel = _ranked(world, "FLIN-LETTRES", prefix="Praseodyme-offre")
    world.calls["late"], world.panels["late"] = flin.call, panel
    factories.make_staff("chair", panel, world.people["late_chair"])
    decision = deciding.draft_main(panel, actor=flin.manager)
    decision.refresh_from_db()
    _release(flin, decision)
    Decision.objects.filter(pk=decision.pk).update(letters_at=clock.now() - timedelta(hours=1))
    carrying.carry_out()
    world.decisions["late"] = Decision.objects.get(pk=decision.pk)
    world.dossiers["late"] = Dossier.objects.get(number="FLIN-LETTRES-D1")
    world.things["award"] = Award.objects.get(dossier_number="FLIN-LETTRES-D1")
    world.things["partial"] = Award.objects.get(dossier_number="FLIN-LETTRES-D2")


def _asked_again(world: World) -> None:
    """The refusal of the late call, asked again by who signs for that town; the answer waits for its countersign."""
    person: Any = world.people
    dossier = Dossier.objects.get(number="FLIN-LETTRES-D6")
    factories.make_member(person["other"], dossier.bodies.get().organisation, "signatory")
    row = reconsiderations.ask(
        dossier,
        ground="fact",
        words="Voici le Gallium-reexamen.",
        upload=filled.pdf("indium-preuve.pdf"),
        actor=person["other"],
    )
    fire(row, "admit", actor=person["manager"])
    fire(row, "name_reconsiderer", actor=person["manager"], person=person["second_analyst"].pk)
    fire(row, "decide", actor=person["second_analyst"], answer="reversed", motives="Selon Germanium-motifs.")
    world.dossiers["refused"] = Dossier.objects.get(pk=dossier.pk)
    world.things["reconsideration"] = row


def _met(world: World) -> None:
    """A meeting open on the dossier in review."""
    person: Any = world.people
    meeting = Meeting.objects.create(
        state="open",
        panel=world.panels["review"],
        held_on=clock.today(),
        place="Salle 3",
        chair=person["chair"],
        secretary=person["secretary"],
        quorum=1,
        opened_at=clock.now(),
    )
    Presence.objects.create(meeting=meeting, user=person["reviewer"], is_present=True)
    Item.objects.create(meeting=meeting, dossier=world.dossiers["review"], position=1)
    world.things["meeting"] = meeting


def _letters(world: World) -> None:
    """One letter drawn, words planted in a held letter, in a message and in a secret."""
    held = Document.objects.filter(line_id__isnull=False, dossier=world.dossiers["decided"]).get()
    documents.draw_one(held.pk)
    letter = Message.objects.filter(documents=held).first()
    assert letter is not None
    Message.objects.filter(pk=letter.pk).update(
        body=letter.body + "\nSamarium-lettre", subject="Samarium-lettre"
    )
    told = Message.objects.filter(dossier=world.dossiers["review"]).order_by("pk").first()
    if told is None:
        told = _copied(letter, "at_once", world)
    Message.objects.filter(pk=told.pk).update(body="Promethium-envoi", subject="Promethium-envoi")
    secret = _copied(letter, "secret", world)
    Message.objects.filter(pk=secret.pk).update(
        body="Neodyme-jeton",
        subject="Neodyme-jeton",
        state="parked",
        error="SMTPDataError 554: Neodyme-jeton",
    )
    left = Document.objects.filter(line_id__isnull=False, dossier=world.dossiers["late"]).get()
    documents.draw_one(left.pk)
    mail.send_due()
    world.things |= {
        "held_document": Document.objects.get(pk=held.pk),
        "left_document": Document.objects.get(pk=left.pk),
        "held_message": letter,
        "message": told,
        "secret_message": secret,
        "batch": letter.batch,
    }


def _copied(letter: Message, mode: str, world: World) -> Message:
    row = Message.objects.get(pk=letter.pk)
    row.pk, row.key, row.message_id, row.mode = None, f"plante:{mode}", f"<plante-{mode}@jalon.example>", mode
    row.call, row.dossier, row.batch, row.kind = world.calls["review"], world.dossiers["review"], None, mode
    row.save(force_insert=True)
    return row


# --- another call, and rows of accounts ---------------------------------------------------------------------
def _other_call(world: World) -> None:
    flin = make_flin("FLIN-AUTRE", closes=_soon(30))
    world.calls["other"] = flin.call
    user = factories.make_user("ailleurs@ministere.example")
    for role in ("secretary", "analyst"):
        factories.make_staff(role, flin.call, user)
    world.people["elsewhere"] = user


def _accounts(world: World) -> None:
    person: Any = world.people
    User.objects.filter(pk=person["suspended"].pk).update(is_active=False)
    claim = Membership.objects.get(user=person["claimant"])
    own = Membership.objects.get(user=person["drafter"])
    signer = Membership.objects.get(user=person["signatory"])
    world.things |= {"claim": claim, "drafter_mandate": own, "signatory_mandate": signer}
    from accounts.actions import invitations

    made = invitations.invite_member(
        world.things["adstock"], email="neuf@exemple.example", role="drafter", actor=person["signatory"]
    )
    world.things["invitation"] = Invitation.objects.get(pk=made.pk)
    from accounts.actions import roles

    programme = world.calls["open"].programme
    person["other_manager"] = factories.make_staff("manager", programme, email="manager2@ministere.example")
    roles.give_role(person["stranger"], "authority", programme, actor=person["other_manager"])
    world.things |= {"proposal": RoleProposal.objects.get(), "programme": programme}


def _questions(world: World) -> None:
    """A question that waits, another with an answer that is not public yet."""
    call, person = world.calls["open"], world.people
    world.things["question"] = questions.ask(
        call, "Le Hafnium-question est-il admis?", actor=person["stranger"]
    )
    ready = questions.note(call, "Et par téléphone?", actor=person["manager"])
    said = {"fr": "Oui, Lanthane-reponse."}
    questions.prepare(ready, {"fr": "Peut-on?"}, said, actor=person["manager"])


def _taken(world: World) -> None:
    """A long list that the manager took away, and a view he kept."""
    person: Any = world.people
    manager = User.objects.get(pk=person["manager"].pk)
    job = export_jobs.ask(manager, tables.build(manager, "dossiers"), "", "fr-ca", "csv", 0)
    export_jobs.run_due()
    world.things["export"] = Export.objects.get(pk=job.pk)
    world.things["view"] = SavedView.objects.create(user=manager, table="dossiers", name="Cerium-vue")
    world.things["session"] = OpenSession.objects.create(user=person["stranger"], session_key="ailleurs")
