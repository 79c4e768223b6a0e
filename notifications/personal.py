"""What the site keeps about one person, for that person: one JSON document, read from the rows as they stand.

It answers, in a form that a machine reads, the right of a person to be told of the personal information that a
public body holds about him or her (Québec, Act respecting access, chapter A-2.1, section 83). It is what the site
can give at once and by itself; it does not replace a request to the person in charge of access, who alone can give
documents in which somebody else is named. So nothing here names a third person: organisations, calls and
programmes are named, people never; free text written by others is left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from accounts import permissions
from accounts.factors import totp_of
from accounts.models import Invitation, Membership, OpenSession, User
from applications.models import Dossier, Snapshot
from notifications.models import Message
from notifications.models.message import MessageState
from review.models import Assignment, Reconsideration
from web import clock, formats
from web.models import Export, SavedView
from workflows.models import SITE, Event

CHUNK = 500
ROLE_VERBS = ("accounts.user.grant", "accounts.user.revoke")


def about() -> dict[str, str]:
    """What each part holds, in a sentence; the first says what the whole is."""
    return {
        "document": _(
            "Les renseignements personnels que ce site conserve sur vous, tels qu’ils sont à cet instant. "
            "Les noms d’autres personnes n’y sont pas. Pour le reste, écrivez au responsable de l’accès aux "
            "documents de l’organisme."
        ),
        "profile": _("Ce que vous avez dit de vous, et l’état de votre compte."),
        "sign_in": _(
            "Votre dernière entrée, vos sessions et votre double authentification, sans adresse ni lieu."
        ),
        "memberships": _("Les organismes pour lesquels vous agissez ou avez agi."),
        "roles": _("Les rôles que vous avez maintenant, et depuis quand."),
        "role_changes": _("Les rôles qui vous ont été donnés ou retirés."),
        "invitations": _("Les invitations envoyées à votre adresse."),
        "assignments": _("Les mandats d’évaluation qui vous ont été offerts."),
        "dossiers": _("Les demandes que vous avez commencées; le titre de celles que vous lisez encore."),
        "reconsiderations": _("Les réexamens que vous avez demandés, et ceux qui vous ont été confiés."),
        "filings": _("Les versions que vous avez déposées."),
        "messages": _(
            "Les messages envoyés à votre adresse : genre, date et dossier; vous en avez le texte."
        ),
        "saved_views": _("Les vues de listes que vous avez nommées."),
        "exports": _("Les exports que vous avez demandés."),
        "acts": _("Vos actes inscrits au registre, du premier au dernier : quand, quoi, sur quoi."),
    }


def parts(user: User, session: Any) -> Iterator[tuple[str, Any]]:
    """The parts in order; a part that may be long gives its rows as they are read."""
    yield "about", about()
    yield "made_at", _instant(clock.now())
    yield "profile", _profile(user)
    yield "sign_in", _sign_in(user, session)
    yield "memberships", [_membership(row) for row in _memberships(user)]
    yield "roles", list(_roles(user))
    yield "role_changes", list(_role_changes(user))
    yield (
        "invitations",
        [_invitation(row) for row in Invitation.objects.filter(email=user.email).order_by("pk")],
    )
    yield "assignments", _assignments(user)
    yield "dossiers", _dossiers(user)
    yield "reconsiderations", _reconsiderations(user)
    yield "filings", _filings(user)
    yield "messages", _messages(user)
    yield "saved_views", _views(user)
    yield "exports", _exports(user)
    yield "acts", _acts(user)


def _instant(at: datetime | None) -> str | None:
    """UTC, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at is not None else None


# --- the person -------------------------------------------------------------------------------------------
def _profile(user: User) -> dict[str, Any]:
    home = user.home
    return {
        "email": user.email,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "phone": user.phone,
        "function": user.function,
        "workplace": user.workplace,
        "language": user.language,
        "home": f"{home.scheme}:{home.code} {home.name}" if home is not None else None,
        "is_technical_admin": user.is_technical_admin,
        "created_at": _instant(user.created_at),
    }


def _sign_in(user: User, session: Any) -> dict[str, Any]:
    """Last entrance, sessions by device, and whether a second factor is on."""
    rows = OpenSession.objects.filter(user_id=user.pk).order_by("-seen_at")[:50]
    factor = totp_of(user)
    return {
        "last": _instant(user.last_login),
        "session_ends": _instant(session.get_expiry_date()),
        "sessions": [
            {
                "browser": row.browser,
                "system": row.system,
                "opened": _instant(row.created_at),
                "seen": _instant(row.seen_at),
            }
            for row in rows
        ],
        "second_factor": {"since": _instant(factor.created_at), "last_used": _instant(factor.last_used_at)}
        if factor
        else None,
    }


def _memberships(user: User) -> Iterable[Membership]:
    return Membership.objects.filter(user_id=user.pk).select_related("organisation").order_by("pk")


def _membership(row: Membership) -> dict[str, Any]:
    return {
        "organisation": f"{row.organisation.scheme}:{row.organisation.code}",
        "name": row.organisation.display_name,
        "role": row.role,
        "status": row.status,
        "created_at": _instant(row.created_at),
        "confirmed_at": _instant(row.confirmed_at),
        "closed_at": _instant(row.closed_at),
    }


def _invitation(row: Invitation) -> dict[str, Any]:
    return {
        "role": row.role,
        "created_at": _instant(row.created_at),
        "expires_at": _instant(row.expires_at),
        "accepted_at": _instant(row.accepted_at),
        "cancelled_at": _instant(row.cancelled_at),
    }


# --- roles ------------------------------------------------------------------------------------------------
def _roles(user: User) -> Iterator[dict[str, Any]]:
    """Roles held now, by table, oldest first."""
    for table in permissions.role_models():
        rows = table._default_manager.filter(user_id=user.pk).select_related("permission", "content_object")
        for row in rows.order_by("granted_at", "pk"):
            yield {
                "role": row.permission.codename,
                "on": permissions.target_text(row.content_object),
                "name": _name_of(row.content_object),
                "since": _instant(row.granted_at),
            }


def _name_of(thing: Any) -> str:
    return formats.tr(getattr(thing, "title", "") or getattr(thing, "name", "") or str(thing))


def _role_changes(user: User) -> Iterator[dict[str, Any]]:
    """What the register says was given to this person or taken back."""
    found = Event.objects.filter(
        chain=SITE, verb__in=ROLE_VERBS, subject_type="accounts.user", subject_id=user.pk
    )
    for event in found.order_by("pk").iterator(CHUNK):
        data = event.data
        yield {
            "at": _instant(event.at),
            "change": event.verb.rpartition(".")[2],
            "role": data.get("role"),
            "on": data.get("on"),
        }


def _assignments(user: User) -> Iterator[dict[str, Any]]:
    """Without the dossier: after a recusal its card is gone too."""
    rows = Assignment.objects.filter(reviewer_id=user.pk).select_related("panel__call").order_by("pk")
    for row in rows.iterator(CHUNK):
        yield {"id": row.pk, "call": row.panel.call.code, "panel": row.panel.code, "state": row.state}


# --- what the person made -----------------------------------------------------------------------------------
def _dossiers(user: User) -> Iterator[dict[str, Any]]:
    seen = set(Dossier.objects.visible_to(user).filter(created_by_id=user.pk).values_list("pk", flat=True))
    rows = Dossier.objects.filter(created_by_id=user.pk).order_by("pk")
    for pk, number, title, at, call in rows.values_list("pk", "number", "title", "created_at", "call__code"):
        found = {"id": pk, "number": number, "call": call, "created_at": _instant(at)}
        yield {**found, "title": title} if pk in seen else found


def _filings(user: User) -> Iterator[dict[str, Any]]:
    rows = Snapshot.objects.filter(filed_by_id=user.pk).order_by("pk")
    names = ("dossier_id", "dossier__number", "version", "received_at", "digest")
    for pk, number, version, at, digest in rows.values_list(*names):
        yield {"dossier": pk, "number": number, "version": version, "at": _instant(at), "digest": digest}


def _reconsiderations(user: User) -> Iterator[dict[str, Any]]:
    """Asked by this person, with the words written then; answered or countersigned by him or her, without."""
    mine = Q(asked_by_id=user.pk) | Q(reconsiderer_id=user.pk) | Q(countersigned_by_id=user.pk)
    for row in Reconsideration.objects.filter(mine).order_by("pk").iterator(CHUNK):
        found = {"id": row.pk, "dossier": row.dossier_id, "asked_at": _instant(row.asked_at)}
        is_own = row.asked_by_id == user.pk
        yield {**found, "part": "asked" if is_own else "answered", "words": row.words if is_own else None}


def _views(user: User) -> Iterator[dict[str, Any]]:
    for row in SavedView.objects.filter(user_id=user.pk).order_by("pk").iterator(CHUNK):
        yield {"list": row.table, "name": row.name, "address": row.query, "at": _instant(row.created_at)}


def _exports(user: User) -> Iterator[dict[str, Any]]:
    rows = (
        Export.objects.filter(user_id=user.pk)
        .order_by("pk")
        .values_list("table", "format", "query", "created_at")
    )
    for table, kind, query, at in rows.iterator(CHUNK):
        yield {"list": table, "format": kind, "address": query, "at": _instant(at)}


# --- what was said to the person, and what the person did -----------------------------------------------------
def _messages(user: User) -> Iterator[dict[str, Any]]:
    """Messages that left for this person's address; their words, which name others, are in his or her mailbox."""
    mine = Q(user_id=user.pk) | Q(user__isnull=True, to_email=user.email)
    rows = Message.objects.filter(mine, state=MessageState.SENT).order_by("pk")
    seen = Dossier.objects.visible_to(user).filter(pk=OuterRef("dossier_id")).values("number")[:1]
    names = ("kind", "to_email", "sent_at", "number")
    for kind, to, at, number in rows.annotate(number=Subquery(seen)).values_list(*names).iterator(CHUNK):
        yield {"kind": kind, "to": to, "sent_at": _instant(at), "dossier": number or None}


def _acts(user: User) -> Iterator[dict[str, Any]]:
    """Own events without their data, which may point at others."""
    rows = Event.objects.filter(actor=f"user:{user.pk}").order_by("pk")
    names = ("at", "verb", "subject_type", "subject_id", "chain", "n")
    for at, verb, kind, pk, chain, n in rows.values_list(*names).iterator(CHUNK):
        yield {"at": _instant(at), "act": verb, "on": f"{kind}:{pk}", "register": f"{chain} {n}"}
