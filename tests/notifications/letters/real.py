"""Every document that the product makes, from dossiers that went the whole way, in the language of a call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from applications.models import CompletionRequest, Dossier, Finding
from grants.letters import KINDS
from grants.models import DecisionLine, LetterText
from notifications import codec, drafting, minutes, whole
from notifications.letters import document as model
from notifications.letters.code import new_code
from notifications.seeding import corpus, papers
from notifications.values import Subject
from review import deciding
from review.models import Reconsideration
from tests import factories
from tests.applications import filled
from tests.fixtures_calls import make_flin
from tests.notifications.test_minutes import locked
from tests.review.conftest import House
from web import clock
from workflows.models import Event

ENGLISH: dict[str, list[dict[str, Any]]] = {
    "L1": [{"p": "We received application {{number}} on {{filed_at}}."}, {"slot": "pieces"}],
    "L2": [{"h": "What is missing"}, {"slot": "items"}, {"p": "Answer by {{reply_by}}."}],
    "L3": [{"h": "Reasons"}, {"slot": "rules"}, {"p": "Ask again by {{reconsideration_until}}."}],
    "L4": [{"p": "{{amount}} ({{amount_words}}), {{rate}} of {{kept_costs}}."}, {"slot": "conditions"}],
    "L5": [{"p": "Score {{score}}."}, {"slot": "reasons"}, {"h": "Comments"}, {"slot": "comments"}],
    "L6": [{"p": "Rank {{waiting_rank}}, until {{valid_until}}."}, {"slot": "reasons"}],
    "L7": [{"p": "{{amount}} of {{requested}}."}, {"slot": "scope"}, {"slot": "conditions"}],
    "L8": [
        {"p": "On {{asked_at}} you asked us to look again: {{answer}}. {{follow_up}}"},
        {"h": "What you said"},
        {"slot": "grounds"},
        {"h": "Why"},
        {"slot": "motives"},
        {"p": "{{next_recourse}}"},
    ],
    "L12": [{"p": "Ended on {{ended_at}}: {{cause}}. Freed: {{freed}}."}],
}
ENDING = {"p": "Questions: {{contact_name}}, {{contact_phone}}, {{contact_email}}."}


def _in_english(call: Any) -> None:
    """Turn a call into an English one with its own letters."""
    type(call).objects.filter(pk=call.pk).update(language="en")
    call.refresh_from_db()
    for kind, body in ENGLISH.items():
        made = LetterText(call=call, kind=kind, language="en", version=1, created_at=clock.now())
        made.subject, made.body = f"{kind}: application {{{{number}}}}", [*body, ENDING]
        made.save()


def _letter(kind: str, dossier: Dossier, **about: Any) -> model.Document:
    text = drafting.text_of(dossier, kind)
    assert text is not None, kind
    subject = Subject(dossier=dossier, kind=kind, at=about.pop("at", clock.now()), **about)
    return drafting.compose(text, subject, new_code())


def _filed(language: str) -> Dossier:
    """A dossier filed in full, with files."""
    flin = make_flin(f"FLIN-DEPOT-{language.upper()}")
    if language != "fr":
        _in_english(flin.call)
    town = factories.make_org("31056")
    signatory = filled.signatory_of(town)
    dossier = filled.make_filled(flin.call, town, signatory)
    filled.file_now(dossier, signatory)
    dossier.refresh_from_db()
    return dossier


def _answered(dossier: Dossier, last: Event) -> Event:
    """The act that countersigned the answer to a request to look at a refusal again."""
    filer = dossier.snapshot.filed_by if dossier.snapshot is not None else dossier.created_by
    row = Reconsideration.objects.create(
        state="closed", dossier=dossier, refusal=last, gate="eligibility", ground="fact", asked_by=filer,
        words="La résolution est du 3 mars.\n\nElle est à la page 4.", asked_at=clock.now(),
        file=dossier.attachments.first(), answer="reversed", effect="money", closed_at=clock.now(),
        motives="La page 4 porte bien la date du 3 mars.\n\nLa règle est respectée.",
    )  # fmt: skip
    return Event(
        subject_type="review.reconsideration", subject_id=row.pk, actor=f"user:{filer.pk}", at=clock.now()
    )


def _before_review(dossier: Dossier) -> dict[str, model.Document]:
    """The receipt, the request for what is missing, the refusal for eligibility, the end of a request, the dossier."""
    snapshot = dossier.snapshot
    assert snapshot is not None
    asked = CompletionRequest.objects.create(
        dossier=dossier, asked_by=snapshot.filed_by, asked_at=clock.now(), due_at=clock.now() + timedelta(days=15)
    )  # fmt: skip
    asked.items.create(question="resolution", reason="La résolution n’est pas signée.")
    asked.items.create(question="budget", reason="Une soumission manque.")
    for rule, note in (("E04", "Résolution du 3 mars."), ("E07", "")):
        made = Finding(snapshot=snapshot, rule=rule, proposed="no", confirmed="no", note=note)
        made.cause = {"fr": "La fin précède le début.", "en": "The end comes before the beginning."}
        made.save()
    last = Event.objects.order_by("-pk")[0]
    found = {
        "L1": _letter("L1", dossier, snapshot=snapshot),
        "L2": _letter("L2", dossier, snapshot=snapshot),
        "L3": _letter("L3", dossier, snapshot=snapshot),
        "L8": _letter("L8", dossier, snapshot=snapshot, event=_answered(dossier, last)),
        "L12": _letter("L12", dossier, snapshot=snapshot, event=last),
    }
    copy = whole.Copy(dossier, snapshot, dossier.edition.content, {})
    return {**found, "dossier": whole.compose(copy)}


def _decided(house: House) -> dict[str, model.Document]:
    """The four letters of a decision, from the recommendation of a committee."""
    decision = deciding.draft_main(house.panel, actor=house.flin.manager)
    made: dict[str, model.Document] = {}
    for line in DecisionLine.objects.filter(decision=decision).select_related("decision"):
        dossier = Dossier.objects.get(pk=line.dossier_id)
        kind = drafting.LETTER_OF_OUTCOME[line.outcome]
        about = {"snapshot": dossier.snapshot, "line": line, "decision": decision}
        made.setdefault(kind, _letter(kind, dossier, **about))
    return made


def every_kind(language: str) -> dict[str, model.Document]:
    """Letters of every kind, receipt, minutes, whole dossier."""
    found = _before_review(_filed(language))
    house = locked(language, pool=75_000)
    if language != "fr":
        _in_english(house.flin.call)
    written = minutes.for_panel(house.panel)
    assert written is not None
    found |= {"PV": codec.loads(written.content), **_decided(house)}
    assert set(KINDS) <= set(found), set(KINDS) - set(found)
    return found


def papers_of_the_demo() -> dict[str, bytes]:
    """The small files that the demonstration attaches to its dossiers."""
    project = next(iter(corpus.projects().values()))
    closing = clock.today()
    return {
        "resolution": papers.resolution(project, "Ville de l’Exemple", closing).read(),
        "price": papers.price(project, "Ville de l’Exemple", closing).read(),
    }
