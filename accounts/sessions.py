"""The sessions of a person: listed by device, ended one by one or all at once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import OpenSession, User
from web import clock

ROW = "open_session"
MOST = 50  # sessions shown
BROWSERS = (
    ("edge", r"Edg[eA]?/|EdgiOS/"),
    ("opera", r"OPR/|Opera"),
    ("firefox", r"Firefox/|FxiOS/"),
    ("chrome", r"Chrome/|CriOS/|Chromium/"),
    ("safari", r"Safari/"),
)
SYSTEMS = (
    ("iphone", r"iPhone"),
    ("ipad", r"iPad"),
    ("android", r"Android"),
    ("windows", r"Windows"),
    ("macos", r"Macintosh|Mac OS X"),
    ("chromeos", r"CrOS"),
    ("linux", r"Linux|X11"),
)
NAMES = {
    "edge": "Edge",
    "opera": "Opera",
    "firefox": "Firefox",
    "chrome": "Chrome",
    "safari": "Safari",
    "iphone": "iPhone",
    "ipad": "iPad",
    "android": "Android",
    "windows": "Windows",
    "macos": "macOS",
    "chromeos": "ChromeOS",
    "linux": "Linux",
}


@dataclass(frozen=True)
class Standing:
    """A session as its page shows it."""

    row: OpenSession
    is_current: bool

    @property
    def device(self) -> str:
        """`Firefox sur Windows`."""
        return device_words(self.row)


def device_words(row: OpenSession) -> str:
    """The browser and the system in words, as far as the browser told them."""
    browser, system = NAMES.get(row.browser, ""), NAMES.get(row.system, "")
    if browser and system:
        return _("%(browser)s sur %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Appareil inconnu")


def _first(kinds: tuple[tuple[str, str], ...], agent: str) -> str:
    return next((code for code, pattern in kinds if re.search(pattern, agent)), "")


def seen(request: HttpRequest, user: Any) -> None:
    """Note that this session is at work; called when a session begins and when it slides, not at each request."""
    now, session = clock.now(), request.session
    if session.session_key is None:
        session.save()
    mine = OpenSession.objects.filter(user_id=user.pk)
    known = session.get(ROW)
    if known and mine.filter(pk=known).update(session_key=session.session_key, seen_at=now):
        return
    row, _made = OpenSession.objects.update_or_create(
        session_key=session.session_key,
        defaults={"user_id": user.pk, "seen_at": now, **_device(request)},
    )
    session[ROW] = row.pk
    mine.filter(seen_at__lt=now - 2 * timedelta(seconds=settings.SESSION_COOKIE_AGE)).delete()


def standing(request: HttpRequest, user: User) -> list[Standing]:
    """Sessions that still stand, the present one first; rows of sessions that ended are left out."""
    current = str(request.session.session_key)
    rows = list(OpenSession.objects.filter(user_id=user.pk).order_by("-seen_at", "-pk")[:MOST])
    alive = _alive([row.session_key for row in rows], user)
    others = [Standing(row, is_current=False) for row in rows if row.session_key in alive - {current}]
    mine = next((row for row in rows if row.session_key == current), None)
    return [Standing(mine or OpenSession(user=user, **_device(request)), is_current=True), *others]


def _device(request: HttpRequest) -> dict[str, str]:
    """What the browser says of itself, as two words."""
    agent = str(request.META.get("HTTP_USER_AGENT", ""))[:400]
    return {"browser": _first(BROWSERS, agent), "system": _first(SYSTEMS, agent)}


def _alive(keys: list[str], user: User) -> set[str]:
    """Keys of sessions that would still be let in."""
    wanted = {user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()}
    stored = Session.objects.filter(session_key__in=keys, expire_date__gt=clock.now())
    return {row.session_key for row in stored if row.get_decoded().get(HASH_SESSION_KEY) in wanted}


def end(row: OpenSession) -> None:
    """End one session: its next request is nobody's."""
    Session.objects.filter(session_key=row.session_key).delete()
    row.delete()


def end_all(person: User, but: str = "") -> None:
    """End every session of a locked person; the one named goes on once it is given the new round."""
    person.session_round += 1
    person.save(update_fields=["session_round"])
    rows = OpenSession.objects.filter(user_id=person.pk).exclude(session_key=but)
    Session.objects.filter(session_key__in=rows.values("session_key")).delete()
    rows.delete()


def keep(request: HttpRequest, person: User) -> None:
    """Give the present session the new round, under a new key."""
    from django.contrib.auth import update_session_auth_hash

    update_session_auth_hash(request, person)
    seen(request, person)
