"""Answers: saved as they are typed, under the lock of their dossier; never an event, each earlier text kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from applications import fields, rules, snapshots
from applications.fields import Question
from applications.lifecycle import DossierState, no_staff_act_yet
from applications.models import Answer, AnswerVersion, Dossier
from web import clock, formats
from workflows.engine import NotAllowed, NotVisible, Refused, locked, unit


@dataclass(frozen=True)
class Saved:
    """What became of a text that arrived.

    `status`: saved · unchanged (the same text was there) · late (an older text of the same page, arrived after a
    newer one) · conflict (somebody else wrote since; theirs is `other_value`) · refused (not open: `sentence`).
    The text of the sender is always in `value`; `sentence` says what is wrong with it, even when it is saved.
    """

    status: str
    version: int
    value: Any
    sentence: str = ""
    other_value: Any = None
    other_by: str = ""
    at: datetime | None = None

    @property
    def is_kept(self) -> bool:
        """The text is in the dossier."""
        return self.status in ("saved", "unchanged")


# --- what is open -----------------------------------------------------------------------------------------
def answers_open(dossier: Dossier, user: Any, now: datetime | None = None) -> set[str]:
    """Codes of the questions that this person may answer now; empty when answers are closed."""
    if not rules.may_write(dossier, user):
        return set()
    asked = {one.code for one in fields.questions(dossier.edition.content, dossier.volet.code)}
    at = now or clock.now()
    if dossier.state == DossierState.WITH_APPLICANT:
        in_time = dossier.due_at is None or at <= dossier.due_at
        return asked & snapshots.open_items(dossier) if in_time else set()
    if not dossier.call.opens_at <= at <= dossier.call.closes_at:
        return set()
    if dossier.state == DossierState.DRAFT:
        return asked
    if dossier.state == DossierState.IN_PROGRESS and no_staff_act_yet(dossier, user, {}) is None:
        return asked
    return set()


def why_closed(dossier: Dossier, now: datetime | None = None) -> str:
    """Why an answer cannot be written now, in a sentence."""
    at = now or clock.now()
    call = dossier.call
    if dossier.state == DossierState.WITH_APPLICANT:
        if dossier.due_at is not None and at > dossier.due_at:
            when = formats.datetime_long(dossier.due_at)
            return _("Le délai pour répondre est passé depuis le %(when)s.") % {"when": when}
        return _("Seules les questions de la demande de compléments sont rouvertes.")
    if dossier.state in (DossierState.DRAFT, DossierState.IN_PROGRESS) and at > call.closes_at:
        return _("L’appel est fermé depuis le %(when)s.") % {"when": formats.datetime_long(call.closes_at)}
    if dossier.state == DossierState.IN_PROGRESS:
        return _("La demande est déposée et sa vérification a commencé : elle ne peut plus être modifiée.")
    return _("Cette demande ne peut plus être modifiée.")


def require_writer(dossier: Dossier, actor: Any) -> None:
    """Raise unless this person sees the dossier and may write in it, asked of the database again."""
    rules.forget_memberships(actor)
    if rules.may_write(dossier, actor):
        return
    if not Dossier.objects.visible_to(actor).filter(pk=dossier.pk).exists():
        raise NotVisible(f"{dossier!r} is not visible to user {actor.pk}")
    raise NotAllowed(f"user {actor.pk} may not write in {dossier!r}")


def question_in(dossier: Dossier, question: Question | str) -> Question:
    """The question of that code in the dossier's form, or NotVisible."""
    if isinstance(question, Question):
        return question
    found = fields.question_of(dossier.edition.content, question, dossier.volet.code)
    if found is None:
        raise NotVisible(f"no question {question!r} in {dossier!r}")
    return found


# --- saving -----------------------------------------------------------------------------------------------
def save_answer(
    dossier: Dossier,
    question: Question | str,
    raw: Any,
    *,
    actor: Any,
    seen_version: int = 0,
    client: str = "",
    client_n: int = 0,
    received_at: datetime | None = None,
) -> Saved:
    """Save what a page sent; `client` names the page, `client_n` counts what it sends, `seen_version` is what it read.

    Late, double, conflicting and refused arrivals change nothing, and say so. The instant that counts against a
    deadline is that of arrival: a text that waited for a lock over the closing is in time.
    """
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        require_writer(row, actor)
        one = question_in(row, question)
        if one.type == "file":
            raise NotAllowed("a file is not an answer")
        value, wrong = fields.keep(one, raw)
        answer = row.answers.filter(question=one.code).select_related("updated_by").first()
        version = answer.version if answer else 0
        if one.code not in answers_open(row, actor, received_at):
            return Saved("refused", version, value, why_closed(row, received_at))
        if answer is None:
            return _first(row, one, value, wrong, actor, client, client_n)
        is_same_page = bool(client) and answer.client == client
        if _same(value, answer.value):
            if is_same_page and client_n > answer.client_n:
                Answer.objects.filter(pk=answer.pk).update(client_n=client_n)
            return Saved("unchanged", version, value, wrong, at=answer.updated_at)
        if is_same_page and client_n <= answer.client_n:
            return Saved("late", version, value, "", answer.value, str(answer.updated_by), answer.updated_at)
        if not is_same_page and seen_version != version:
            said = _("%(name)s a écrit dans cette réponse entre-temps.") % {"name": answer.updated_by}
            return Saved(
                "conflict", version, value, said, answer.value, str(answer.updated_by), answer.updated_at
            )
        return _write(row, one, answer, value, wrong, actor, client, client_n)


def _same(one: Any, other: Any) -> bool:
    """Equal, a boolean not being a number."""
    return type(one) is type(other) and one == other


def _first(
    row: Dossier, question: Question, value: Any, wrong: str, actor: Any, client: str, client_n: int
) -> Saved:
    """The first text of an answer; a blank one is nothing yet."""
    if value is None:
        return Saved("unchanged", 0, None, wrong)
    now = clock.now()
    row.answers.create(
        question=question.code,
        value=value,
        updated_by=actor,
        updated_at=now,
        client=client[:64],
        client_n=client_n,
    )
    _keep_title(row, question, value)
    return Saved("saved", 1, value, wrong, at=now)


def _write(
    row: Dossier,
    question: Question,
    answer: Answer,
    value: Any,
    wrong: str,
    actor: Any,
    client: str,
    client_n: int,
) -> Saved:
    """A new version; the one before is kept unless the same page merely typed on."""
    now = clock.now()
    if not _types_on(answer, value, actor, client):
        AnswerVersion.objects.create(
            answer=answer,
            version=answer.version,
            value=answer.value,
            by_id=answer.updated_by_id,
            at=answer.updated_at,
        )
    answer.version += 1
    answer.value, answer.updated_by, answer.updated_at = value, actor, now
    answer.client, answer.client_n = client[:64], client_n
    answer.save()
    _keep_title(row, question, value)
    return Saved("saved", answer.version, value, wrong, at=now)


def _types_on(answer: Answer, value: Any, actor: Any, client: str) -> bool:
    """The new text begins with the whole of the old one, from the same page: nothing would be lost."""
    if not client or answer.client != client or answer.updated_by_id != actor.pk:
        return False
    return isinstance(value, str) and isinstance(answer.value, str) and value.startswith(answer.value)


def _keep_title(row: Dossier, question: Question, value: Any) -> None:
    """Lists show a draft by its title: that column alone, under the lock; a filed title waits for the next filing."""
    if question.role == "title" and row.state == DossierState.DRAFT:
        Dossier.objects.filter(pk=row.pk).update(title=str(value or "")[:300])


def take_other(
    dossier: Dossier,
    question: Question | str,
    raw: Any,
    *,
    actor: Any,
    seen_version: int,
    received_at: datetime | None = None,
) -> Saved:
    """Prefer the text that was there at `seen_version`: one's own is saved first, so that it stays in the versions."""
    with unit(locks=[dossier]):
        mine = save_answer(
            dossier, question, raw, actor=actor, seen_version=seen_version, received_at=received_at
        )
        if mine.status != "saved" or seen_version < 1:
            return mine
        return restore_answer(dossier, question, seen_version, actor=actor, received_at=received_at)


# --- earlier texts ----------------------------------------------------------------------------------------
def history(dossier: Dossier, question: str) -> list[AnswerVersion]:
    """Earlier texts of an answer, newest first."""
    rows = AnswerVersion.objects.filter(answer__dossier=dossier, answer__question=question)
    return list(rows.select_related("by").order_by("-version"))


def restore_answer(
    dossier: Dossier,
    question: Question | str,
    version: int,
    *,
    actor: Any,
    received_at: datetime | None = None,
) -> Saved:
    """Put an earlier text back as a new version; the one in place becomes history."""
    with unit(locks=[dossier]) as held:
        row: Dossier = locked(held, dossier)
        require_writer(row, actor)
        one = question_in(row, question)
        if one.code not in answers_open(row, actor, received_at):
            raise Refused([why_closed(row, received_at)])
        answer = row.answers.filter(question=one.code).first()
        old = answer.versions.filter(version=version).first() if answer else None
        if answer is None or old is None:
            raise Refused([_("Cette version n’existe plus.")])
        return _write(row, one, answer, old.value, fields.problem(one, old.value), actor, "", 0)


def drop_history(before: datetime) -> int:
    """Delete the earlier texts of dossiers last filed before an instant; rows deleted."""
    rows = AnswerVersion.objects.filter(answer__dossier__last_filed_at__lt=before)
    gone, _per_model = rows.exclude(answer__dossier__state=DossierState.WITH_APPLICANT).delete()
    return gone
