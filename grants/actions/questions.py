"""Questions of a call: asked by anybody signed in, answered by its managers, public to all at the same instant."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from grants import rules
from grants.lifecycle.call import CallState
from grants.models import Call, CallQuestion, QuestionState
from web import clock, formats
from workflows.engine import NotAllowed, Refused, locked, record, unit

LONGEST = 2000  # characters
MOST_WAITING = 10  # questions of one person that nobody has answered yet


def why_closed(call: Call) -> str:
    """Why no question can be asked of a call now, or nothing."""
    if call.state != CallState.PUBLISHED:
        return _("Cet appel ne reçoit pas de questions.")
    last = call.questions_until or call.closes_at
    if clock.now() > last:
        return _("Les questions se posaient jusqu’au %(day)s.") % {"day": formats.date_long(last)}
    return ""


def ask(call: Call, text: str, *, actor: Any) -> CallQuestion:
    """Ask; the same words sent twice by the same person are one question."""
    closed = why_closed(call)
    said = text.strip()
    if closed:
        raise Refused([closed])
    _require_words(said)
    with unit(locks=[call]) as held:
        row: Call = locked(held, call)
        waiting = row.questions.filter(asked_by=actor, status=QuestionState.RECEIVED)
        same = waiting.filter(text=said).first()
        if same is not None:
            return same
        if waiting.count() >= MOST_WAITING:
            raise Refused(
                [
                    _(
                        "Dix de vos questions attendent déjà une réponse : écrivez à la personne nommée "
                        "sur la page de l’appel."
                    )
                ]
            )
        made = CallQuestion.objects.create(call=row, text=said, asked_by=actor, received_at=clock.now())
        record(row, "ask_question", actor=actor, question=made.pk)
    return made


def note(call: Call, text: str, *, actor: Any) -> CallQuestion:
    """Write down a question that came by telephone or by mail."""
    _require_manager(call, actor)
    said = text.strip()
    _require_words(said)
    with unit(locks=[call]) as held:
        row: Call = locked(held, call)
        made = CallQuestion.objects.create(call=row, text=said, noted_by=actor, received_at=clock.now())
        record(row, "note_question", actor=actor, question=made.pk)
    return made


def prepare(question: CallQuestion, wording: dict[str, str], answer: dict[str, str], *, actor: Any) -> None:
    """Give a question its public wording and its answer, in the call's language at least; not public yet."""
    _require_manager(question.call, actor)
    words, reply = _trimmed(wording), _trimmed(answer)
    tongue = formats.language(question.call.language)
    if not words.get(tongue) or not reply.get(tongue):
        raise Refused([_("Écrivez la question et sa réponse dans la langue de l’appel.")])
    if set(words) != set(reply):
        raise Refused([_("Une question traduite a aussi sa réponse traduite, et l’inverse.")])
    with unit(locks=[question.call]) as held:
        call: Call = locked(held, question.call)
        row = _not_public(question)
        row.wording, row.answer, row.status, row.reason = words, reply, QuestionState.READY, ""
        row.save(update_fields=["wording", "answer", "status", "reason"])
        record(call, "prepare_answer", actor=actor, question=row.pk)


def set_aside(question: CallQuestion, reason: str, *, actor: Any) -> None:
    """Leave a question unpublished, with the reason: answered in person, or answered already."""
    _require_manager(question.call, actor)
    if not reason.strip():
        raise Refused([_("Dites pourquoi cette question n’est pas publiée.")])
    with unit(locks=[question.call]) as held:
        call: Call = locked(held, question.call)
        row = _not_public(question)
        row.status, row.reason = QuestionState.SET_ASIDE, reason.strip()
        row.save(update_fields=["status", "reason"])
        record(call, "set_question_aside", actor=actor, text=row.reason, question=row.pk)


def publish(call: Call, *, actor: Any) -> int:
    """Make every answer that is ready public at one instant; how many. Applicants are written to."""
    _require_manager(call, actor)
    with unit(locks=[call]) as held:
        row: Call = locked(held, call)
        if row.state == CallState.DRAFT:
            raise Refused([_("L’appel n’est pas encore publié.")])
        ready = list(
            row.questions.filter(status=QuestionState.READY).order_by("pk").values_list("pk", flat=True)
        )
        if not ready:
            raise Refused([_("Aucune réponse n’est prête.")])
        CallQuestion.objects.filter(pk__in=ready).update(
            status=QuestionState.PUBLISHED, published_at=clock.now()
        )
        record(row, "publish_answers", actor=actor, questions=ready)
    return len(ready)


def published_words(count: int) -> str:
    """What the manager reads once answers are public."""
    words = ngettext(
        "%(n)s réponse est publique. Le message aux demandeurs attend dans les envois.",
        "%(n)s réponses sont publiques. Le message aux demandeurs attend dans les envois.",
        count,
    )
    return words % {"n": count}


def _not_public(question: CallQuestion) -> CallQuestion:
    row = CallQuestion.objects.get(pk=question.pk)
    if row.status == QuestionState.PUBLISHED:
        raise Refused([_("Cette réponse est publique : elle ne change plus. Notez une nouvelle question.")])
    return row


def _trimmed(given: dict[str, str]) -> dict[str, str]:
    return {code: text.strip() for code, text in given.items() if text.strip()}


def _require_words(said: str) -> None:
    if not said:
        raise Refused([_("Écrivez votre question.")])
    if len(said) > LONGEST:
        most = formats.number(LONGEST)
        raise Refused([_("Une question a au plus %(most)s caractères.") % {"most": most}])


def _require_manager(call: Call, actor: Any) -> None:
    if not rules.is_manager(actor, call):
        raise NotAllowed(f"user {actor.pk} does not manage {call}")
