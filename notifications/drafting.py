"""From a text of the call and a dossier to a frozen document: a letter, or the receipt."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from applications.models import Dossier, Snapshot
from grants.letters import KINDS, fill
from grants.models import Decision, DecisionLine, LetterText
from notifications import codec, recipients, slots
from notifications.letters import document as model
from notifications.letters.code import new_code
from notifications.models import Batch, Document
from notifications.values import Subject, values_for
from web import clock, formats
from workflows.models import Event

LETTER_OF_OUTCOME = {"accepted": "L4", "partial": "L7", "waitlisted": "L6", "rejected": "L5"}
RECEIPT = "L1"
COPIED = ("L3", "L4", "L5", "L6", "L7", "L8", "L12")


def address_of(row: Any) -> str:
    """The page of a dossier, an assignment, a decision, a membership."""
    label = row._meta.label
    if label == "applications.Dossier":
        return reverse("dossier", args=[row.pk])
    if label == "grants.Award":
        return reverse("dossier", args=[row.dossier_id])
    if label == "review.Assignment":
        return reverse("assignment", args=[row.pk])
    if label == "grants.Decision":
        return reverse("decision", args=[row.pk])
    if label == "review.Reconsideration":
        return reverse("reconsideration", args=[row.pk])
    if label == "grants.Call":
        return reverse("call", args=[row.code])
    if label == "accounts.Membership":
        return reverse("organisation_people", args=[row.organisation_id])
    return reverse("home")


def for_event(kind: str, dossier: Dossier, event: Event) -> Document | None:
    """The document that an act calls for, single for the event; None when the call has no such text."""
    key = f"event:{event.pk}:{kind}:1"
    known = Document.objects.filter(key=key).first()
    text = text_of(dossier, kind)
    if known is not None or text is None:
        return known
    snapshot = _snapshot_of(dossier, event)
    code = snapshot.code if kind == RECEIPT and snapshot is not None else new_code()
    now = clock.now()
    subject = Subject(dossier=dossier, kind=kind, at=event.at, snapshot=snapshot, event=event)
    return _freeze(key, text, subject, code, event=event, left_at=now if kind == RECEIPT else None)


def for_line(kind: str, line: DecisionLine, decision: Decision, batch: Batch) -> Document:
    """The letter of a line of a decision, single for the line, dated of the instant at which it leaves."""
    key = f"line:{line.pk}:{kind}:1"
    known: Document | None = Document.objects.filter(key=key).select_related("dossier__call").first()
    if known is not None:
        return known
    dossier = Dossier.objects.select_related("call__programme", "volet", "snapshot").get(pk=line.dossier_id)
    text = text_of(dossier, kind)
    if text is None:
        raise LookupError(f"call {dossier.call} has no text for letter {kind}")
    subject = Subject(
        dossier=dossier,
        kind=kind,
        at=decision.letters_at,
        snapshot=dossier.snapshot,
        line=line,
        decision=decision,
    )
    return _freeze(
        key, text, subject, new_code(), line_id=line.pk, readable_at=decision.letters_at, batch=batch
    )


def text_of(dossier: Dossier, kind: str) -> LetterText | None:
    """The text in force of a letter, in the language of the call."""
    call = dossier.call
    rows = LetterText.objects.filter(call=call, kind=kind, language=call.language)
    return rows.order_by("-version").first()


def _snapshot_of(dossier: Dossier, event: Event) -> Snapshot | None:
    """The snapshot that a filing made, else the one in force."""
    number = event.data.get("snapshot")
    if isinstance(number, int):
        found = Snapshot.objects.filter(dossier=dossier, pk=number).first()
        if found is not None:
            return found
    return dossier.snapshot


def _freeze(key: str, text: LetterText, subject: Subject, code: str, **columns: Any) -> Document:
    """Compose once and store; a second relay of the same event finds the first row."""
    content = compose(text, subject, code)
    made, _new = Document.objects.get_or_create(
        key=key,
        defaults={
            "kind": subject.kind,
            "call": subject.dossier.call,
            "dossier": subject.dossier,
            "text": text,
            "language": text.language,
            "title": content.title,
            "content": codec.dumps(content),
            "code": code,
            "created_at": clock.now(),
            **columns,
        },
    )
    return made


def compose(text: LetterText, subject: Subject, code: str) -> model.Document:
    """The document model of a letter, all words chosen in the language of the call."""
    language = "en" if text.language.startswith("en") else "fr"
    with translation.override("en" if language == "en" else "fr-ca"):
        values = values_for(subject, language)
        blocks = tuple(_blocks(text.body, values, subject, language))
        return _document(text, subject, values, blocks, code, language)


def _blocks(body: list[dict[str, Any]], values: Any, subject: Subject, language: str) -> list[model.Block]:
    """The blocks of a text: words with their names replaced, and the tables that slots ask for."""
    made: list[model.Block] = []
    for block in body:
        if "p" in block:
            made.append(model.Paragraph(_content(block["p"], values)))
        elif "h" in block:
            made.append(model.Heading(fill(block["h"], values)))
        elif "list" in block:
            made.append(model.ItemList(tuple(_content(item, values) for item in block["list"])))
        else:
            made += slots.blocks_of(block["slot"], subject, language)
    return made


def _content(text: str, values: Any) -> model.Content:
    """Words with their names replaced; `**…**` of the call's own text is strong, never that of a value."""
    parts: list[str | model.Run] = []
    for place, part in enumerate(text.split("**")):
        if part:
            words = fill(part, values)
            if place % 2:
                parts.append(model.Run(words, strong=True))
            else:
                parts += _marked(words, values)
    return tuple(parts) or ""


def _marked(words: str, values: Any) -> list[str | model.Run]:
    """Words in which the address of the person to ask can be followed, and a hash is read whole."""
    mail, digest = values["contact_email"], values["digest"].removeprefix("sha256:")
    marks = {mail: model.Run(mail, link=f"mailto:{mail}"), digest: model.Run(digest, digest=True)}
    wanted = "|".join(re.escape(one) for one in marks if len(one) > 1)
    parts = re.split(f"({wanted})", words) if wanted else [words]
    return [marks.get(part, part) for part in parts if part]


def _names(blocks: tuple[model.Block, ...], mail: str) -> bool:
    """Whether the text itself says whom to ask, so that the foot of the letter need not say it again."""
    told = (block.content for block in blocks if isinstance(block, model.Paragraph))
    return bool(mail) and any(mail in model.plain(content) for content in told)


def verification(code: str, title: str = "") -> model.Verification:
    """How an outsider checks the document."""
    return model.Verification(code, f"{settings.SITE_URL}{reverse('verify')}?code={code}", title)


def _document(
    text: LetterText, subject: Subject, values: Any, blocks: tuple[model.Block, ...], code: str, language: Any
) -> model.Document:
    call, dossier = subject.dossier.call, subject.dossier
    programme = call.programme
    head = model.Letterhead(formats.tr(programme.ministry, language), formats.tr(programme.name, language))
    title = f"{KINDS[subject.kind]} {dossier.number}" if language == "fr" else fill(text.subject, values)
    day = formats.date_long(subject.at, language)
    contact = model.Contact(call.contact_name, call.contact_phone, call.contact_email)
    asked = _names(blocks, call.contact_email)
    common: dict[str, Any] = {
        "kind": _(KINDS[subject.kind]),
        "language": language,
        "title": title,
        "reference": dossier.number,
        "issued": subject.at,
        "date": day,
        "letterhead": head,
        "body": blocks,
        "contact": None if asked else contact,
        "verification": verification(code),
        "organisation": dossier.lead_name,
        "notice": slots.notice(call, language),
    }
    if subject.kind == RECEIPT:
        return model.Report(**common)
    return model.Letter(
        **common,
        place_and_date=f"{programme.place}, {'le ' if language == 'fr' else ''}{day}",
        recipient=model.Address(slots.address_lines(subject)),
        subject=fill(text.subject, values),
        salutation=slots.salutation(subject, language),
        closing=slots.closing(subject, language),
        signatures=(slots.signature(subject, language),),
        mode="PAR COURRIEL" if language == "fr" else "BY EMAIL",
        copies=_copies(subject),
    )


def _copies(subject: Subject) -> tuple[str, ...]:
    """Partners that receive a copy, by name; a request for completion is between the ministry and the lead."""
    if subject.kind not in COPIED:
        return ()
    return tuple(one.organisation.name for one in recipients.copied_bodies(subject.dossier))
