"""States of a call: a draft is prepared, a published one is open between two instants of its calendar."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grants import calendar, letters, process, rules
from web import clock
from workflows.actors import Actor
from workflows.lifecycle import StateField, Subject, verb

if TYPE_CHECKING:
    from grants.models import Call


class CallState(models.TextChoices):
    """States of a call; open and closed are read from its instants, never stored."""

    DRAFT = "draft", gettext_lazy("Préparation")
    PUBLISHED = "published", gettext_lazy("Publié")
    ARCHIVED = "archived", gettext_lazy("Archivé")


Data = dict[str, Any]


def has_edition(call: Call, actor: Actor, data: Data) -> str | None:
    """A call without content cannot be published."""
    return None if call.edition_id else _("L’appel n’a pas encore de contenu.")


def dates_are_ordered(call: Call, actor: Actor, data: Data) -> list[str]:
    """The calendar can happen."""
    return list(calendar.faults({name: getattr(call, name) for name in calendar.FIELDS}).values())


def closing_is_ahead(call: Call, actor: Actor, data: Data) -> str | None:
    """A person publishes what can still be answered; a loaded past may be published after its closing."""
    if call.closes_at > clock.now() or data.get("past"):
        return None
    return _("La clôture est déjà passée : corrigez le calendrier.")


def has_its_letters(call: Call, actor: Actor, data: Data) -> list[str]:
    """Each letter that the process asks for has its text in the language of the call."""
    if call.edition is None:
        return []
    held = set(call.letter_texts.filter(language=call.language).values_list("kind", flat=True))
    wanted = set(letters.ALWAYS)
    for stage in call.edition.definition.content["stages"]:
        wanted.update(one["letter"] for one in stage["outcomes"] if one.get("letter"))
    return [_("La lettre %(kind)s n’a pas de texte.") % {"kind": kind} for kind in sorted(wanted - held)]


def has_its_money(call: Call, actor: Actor, data: Data) -> list[str]:
    """Each volet has an envelope that holds its reserves."""
    found = []
    for volet in call.volets.select_related("budget_line"):
        line = getattr(volet, "budget_line", None)
        if line is None or sum(one["amount"] for one in volet.reserves) > line.amount:
            found.append(
                _("L’enveloppe du volet %(code)s manque ou ne contient pas ses réserves.")
                % {"code": volet.code}
            )
    return found


def process_is_sound(call: Call, actor: Actor, data: Data) -> list[str]:
    """The process can be walked to an end, and somebody holds each role that acts in it."""
    return process.soundness_faults(call)


def not_running(call: Call, actor: Actor, data: Data) -> str | None:
    """A call is archived once its list is public."""
    if call.publish_at <= clock.now():
        return None
    return _("La liste publique n’est pas encore parue : un appel s’archive ensuite.")


def is_manager(call: Any, user: Any) -> bool:
    """The managers of the call's programme."""
    return rules.is_manager(user, call)


class CallLifecycle(Subject):
    """Verbs of a call."""

    state = StateField(default=CallState.DRAFT, choices=CallState.choices)

    class Meta:
        abstract = True

    @verb(
        source=CallState.DRAFT,
        target=CallState.PUBLISHED,
        who=is_manager,
        system=("load_call",),
        label=gettext_lazy("Publier l’appel…"),
        help=gettext_lazy("Tout le monde pourra le lire. Ensuite, seules les dates et les lettres changent."),
        guards=(
            has_edition,
            dates_are_ordered,
            closing_is_ahead,
            has_its_letters,
            has_its_money,
            process_is_sound,
        ),
        order=10,
    )
    def publish(self, *, actor: Actor, **data: Any) -> Data:
        """Freeze the edition and its process; from now on everybody reads the call."""
        return process.freeze(self, actor=actor, past=bool(data.get("past")))  # type: ignore[arg-type]

    @verb(
        source=CallState.PUBLISHED,
        target=CallState.ARCHIVED,
        who=is_manager,
        label=gettext_lazy("Archiver l’appel…"),
        help=gettext_lazy("L’appel reste lisible; il quitte la liste des appels en cours."),
        guards=(not_running,),
        order=20,
    )
    def archive(self, *, actor: Actor, **data: Any) -> None:
        """Close the file of a finished call."""
