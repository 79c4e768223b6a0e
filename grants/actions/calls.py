"""Storing a call from its files: programme, edition, volets, envelopes and letter texts, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants import calendar, checking, facts, frames, letters
from grants.lifecycle.call import CallState
from grants.models import BudgetLine, Call, Edition, LetterText, Programme, Volet
from grants.process import ALL_ROLES, judge
from grants.reading import BadCall
from web import clock, formats
from workflows import chain
from workflows.actions import digest_of, ready_made, ready_made_codes, save_definition
from workflows.actors import Actor, SystemActor, declare_system_actor
from workflows.casefile import BadInput
from workflows.engine import record, unit
from workflows.models import Definition
from workflows.schema import BadDefinition

LOADER = "load_call"
declare_system_actor(LOADER, gettext_lazy("Chargement d’un appel"))


def loader() -> SystemActor:
    """The command that loads calls, as an actor."""
    return SystemActor(LOADER)


@dataclass(frozen=True)
class Options:
    """What is decided at the moment of loading, beside the files."""

    code: str = ""
    title: dict[str, str] | None = None
    today: date | None = None
    closes: datetime | None = None  # the closing; relative dates follow it
    envelopes: dict[str, int] = field(default_factory=dict)  # by volet
    reserves: dict[str, int] = field(default_factory=dict)  # by name


@dataclass
class Loaded:
    """What loading did."""

    call: Call
    made: bool = False
    edition_changed: bool = False
    letters_changed: list[str] = field(default_factory=list)
    dates_kept: bool = False


def check_source(source: dict[str, Any]) -> list[str]:
    """Every fault of a call's files, its process included."""
    found = checking.faults(source, facts.FACTS)
    code = source["call"].get("process") if isinstance(source.get("call"), dict) else None
    process = process_of(source, code)
    if process is None:
        return [*found, _("Le processus %(code)s n’existe pas.") % {"code": code}]
    if found:
        return found
    types = facts.declared(one for section in source["form"]["sections"] for one in section["questions"])
    held = {one["kind"] for one in source["letters"] if one["language"] == source["call"]["language"]}
    try:
        return judge(process, roles=ALL_ROLES, letters=held, types=types)
    except (BadInput, BadDefinition, KeyError, TypeError) as fault:
        return [_("%(file)s\u00a0: %(fault)s.") % {"file": "process.json", "fault": fault}]


def process_of(source: dict[str, Any], code: str | None) -> dict[str, Any] | None:
    """The process that a call names: that of its own folder, else one shipped with the product."""
    own = source.get("process")
    if isinstance(own, dict) and own.get("code") == code:
        return own
    return ready_made(code) if code in ready_made_codes() else None


def load_call(
    source: dict[str, Any], *, actor: Actor | None = None, options: Options | None = None
) -> Loaded:
    """Check and store a call; the same files again change nothing.

    Raises BadCall with every fault. A published call keeps its dates; a change of its content is a new edition,
    which dossiers begun before do not take.
    """
    given = options or Options()
    who = actor or loader()
    source = _with_options(source, given)
    faults = check_source(source)
    dates: dict[str, calendar.Moment | None] = {}
    if not faults:
        try:
            dates = calendar.resolve(source["call"]["calendar"], given.today or clock.today(), given.closes)
        except calendar.BadCalendar as fault:
            faults = [str(fault)]
        faults = faults or list(calendar.faults(dates).values())
    if faults:
        raise BadCall(faults)
    with unit():
        process = process_of(source, source["call"]["process"])
        assert process is not None
        definition = save_definition(process, actor=who)
        return _store(source, definition, dates, who)


def _with_options(source: dict[str, Any], given: Options) -> dict[str, Any]:
    """The files with the code and the sums that were asked for."""
    call = dict(source.get("call") or {})
    if given.code:
        call["code"] = given.code
    if given.title:
        call["title"] = given.title
    if given.envelopes or given.reserves:
        call["volets"] = [_with_sums(one, given) for one in call.get("volets", [])]
    return {**source, "call": call}


def _with_sums(volet: dict[str, Any], given: Options) -> dict[str, Any]:
    reserves = [
        {**one, "amount": given.reserves.get(one["name"], one["amount"])} for one in volet["reserves"]
    ]
    return {**volet, "envelope": given.envelopes.get(volet["code"], volet["envelope"]), "reserves": reserves}


def _store(
    source: dict[str, Any], definition: Definition, dates: dict[str, calendar.Moment | None], actor: Actor
) -> Loaded:
    """Write every row of the call."""
    file = source["call"]
    call = Call.objects.filter(code=file["code"]).select_related("edition").first()
    loaded = Loaded(
        call or Call(code=file["code"], programme=_programme(file["programme"])), made=call is None
    )
    call = loaded.call
    _fill(call, file)
    if call.state == CallState.DRAFT:
        for name, value in dates.items():
            setattr(call, name, value)
    else:
        loaded.dates_kept = True
    call.save()
    if loaded.made:
        record(call, "created", actor=actor, code=call.code)
    _volets(call, file["volets"])
    loaded.edition_changed = _edition(call, edition_body(source), definition, actor)
    loaded.letters_changed = [
        f"{one['kind']}-{one['language']}"
        for one in source["letters"]
        if store_letter(call, one["kind"], one["language"], one["subject"], one["body"], actor=actor)
    ]
    return loaded


def _programme(file: dict[str, Any]) -> Programme:
    contact = file["contact"]
    programme, _made = Programme.objects.update_or_create(
        code=file["code"],
        defaults={
            "name": file["name"],
            "ministry": file["ministry"],
            "place": file.get("place", "Québec"),
            "contact_name": contact["name"],
            "contact_phone": contact["phone"],
            "contact_email": contact["email"],
            "fictional": bool(file.get("fictional")),
        },
    )
    return programme


def _fill(call: Call, file: dict[str, Any]) -> None:
    """Everything of a call that is neither a date nor in its edition."""
    call.title, call.summary, call.language = file["title"], file["summary"], file["language"]
    contact = file["contact"]
    call.contact_name, call.contact_phone, call.contact_email = (
        contact["name"],
        contact["phone"],
        contact["email"],
    )
    call.recourse_contact = file["recourse"]
    call.confirm_days = file["delays"]["confirm_days"]
    call.reconsideration_days = file["delays"]["reconsideration_days"]
    call.fictional = bool(file.get("fictional"))


def _volets(call: Call, files: list[dict[str, Any]]) -> None:
    """Volets and envelopes; one that a dossier may hold is never deleted."""
    for position, file in enumerate(files, start=1):
        keys = ("label", "aid_min", "aid_max", "months", "sheets_required", "reserves")
        volet, _made = Volet.objects.update_or_create(
            call=call, code=file["code"], defaults={"position": position, **{key: file[key] for key in keys}}
        )
        line, _made = BudgetLine.objects.get_or_create(volet=volet, defaults={"amount": file["envelope"]})
        if file["envelope"] < line.committed:
            raise BadCall(
                [
                    _("Volet %(code)s : %(sum)s sont déjà engagés, l’enveloppe ne peut pas être plus petite.")
                    % {"code": volet.code, "sum": formats.money(line.committed)}
                ]
            )
        if line.amount != file["envelope"]:
            BudgetLine.objects.filter(pk=line.pk).update(amount=file["envelope"])


def edition_body(source: dict[str, Any]) -> dict[str, Any]:
    """The configuration of a call as its edition keeps it."""
    call = source["call"]
    strand_keys = (
        "label",
        "purpose",
        "aid_min",
        "aid_max",
        "months",
        "sheets_required",
        "envelope",
        "reserves",
    )
    return {
        "volets": [one["code"] for one in call["volets"]],
        "strands": {one["code"]: {key: one[key] for key in strand_keys} for one in call["volets"]},
        "form": source["form"],
        "rules": source["rules"]["rules"],
        "budget": source["budget"],
        "grid": source["grid"],
        "ties": call["ties"],
        "partial_min": call["partial_min"],
        "aid_min": call["aid_min"],
        "tags": source["tags"],
        "norms": source["norms"],
        "texts": {
            "norms": source["norms"],
            "faq": source["faq"],
            **{key: call[key] for key in ("next_call",) if call.get(key)},
        },
        "faq": source["faq"],
        "documents": source["documents"],
        **{name: source[name] for name in frames.FILES if source.get(name)},
        **{key: call[key] for key in ("limits", "approval_bands", "committee") if call.get(key)},
        **_delays(call["delays"]),
    }


def _delays(delays: dict[str, Any]) -> dict[str, Any]:
    """The delays that letters and norms read; the two of the call's own columns stay there."""
    kept = {
        key: value for key, value in delays.items() if key not in ("confirm_days", "reconsideration_days")
    }
    return {"delays": kept} if kept else {}


def _edition(call: Call, body: dict[str, Any], definition: Definition, actor: Actor) -> bool:
    """A draft call's only edition is rewritten, a published call gets a next one; nothing when nothing changed."""
    text = chain.canonical(body)
    digest = digest_of(text)
    current = call.edition
    if current is not None and current.digest == digest and current.definition_id == definition.pk:
        return False
    now = clock.now()
    if current is not None and current.published_at is None:
        Edition.objects.filter(pk=current.pk).update(
            body=text, digest=digest, definition=definition, created_at=now
        )
        edition = Edition.objects.get(pk=current.pk)
    else:
        edition = Edition.objects.create(
            call=call,
            version=(current.version if current else 0) + 1,
            definition=definition,
            body=text,
            digest=digest,
            created_at=now,
            published_at=now if call.state == CallState.PUBLISHED else None,
        )
    call.edition = edition
    call.save(update_fields=["edition"])
    record(call, "edition", actor=actor, version=edition.version, digest=digest)
    return True


def store_letter(
    call: Call, kind: str, language: str, subject: str, body: list[dict[str, Any]], *, actor: Actor
) -> LetterText | None:
    """Store a text as the next version, nothing when it is the one in force; a faulty one raises BadCall."""
    faults = checking.letter_faults(kind, subject, body)
    if faults:
        raise BadCall(faults)
    last = call.letter_texts.filter(kind=kind, language=language).order_by("-version").first()
    if last is not None and last.subject == subject and last.body == body:
        return None
    with unit():
        text = LetterText.objects.create(
            call=call,
            kind=kind,
            language=language,
            version=(last.version if last else 0) + 1,
            subject=subject,
            body=body,
            created_at=clock.now(),
        )
        record(call, "letter_text", actor=actor, kind=kind, language=language, version=text.version)
    return text


def current_letter(call: Call, kind: str, language: str | None = None) -> LetterText | None:
    """The text in force of a letter, in the language of the call unless another is asked."""
    texts = call.letter_texts.filter(kind=kind, language=language or call.language)
    return texts.order_by("-version").first()


def letter_name(kind: str) -> str:
    """The name of a letter."""
    return _(letters.KINDS.get(kind, kind))
