"""Handing a message to a mail server, and knowing whether it may have it."""

from __future__ import annotations

import smtplib
from collections.abc import Callable
from typing import Any

from django.core.mail.backends import smtp

END = b"\r\n.\r\n"


def nothing() -> None:
    """Before the last line of a message, when nobody wants to know."""


class Line(smtplib.SMTP):
    """A conversation that tells when the last line of a message is about to leave: before it, nobody has it."""

    before_end: Callable[[], None] = staticmethod(nothing)

    def send(self, s: Any) -> None:
        """Send; a message is handed over with its last line and not before."""
        if isinstance(s, bytes) and s.endswith(END):
            self.before_end()
        super().send(s)


class EmailBackend(smtp.EmailBackend):
    """Django's backend, with a word before each message is handed over."""

    before_end: Callable[[], None] = staticmethod(nothing)

    @property
    def connection_class(self) -> Any:
        """The conversation of this module (`smtps://` is STARTTLS on it)."""
        return Line

    def open(self) -> bool | None:
        """Connect; what fails here never reached the server."""
        made = super().open()
        if isinstance(self.connection, Line):
            self.connection.before_end = self.before_end
        return made


def code_of(error: BaseException) -> int:
    """The number that the server answered, 0 when it answered none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((code for code, _words in error.recipients.values()), default=0)
    return int(getattr(error, "smtp_code", 0) or 0)


def is_answer(error: BaseException) -> bool:
    """The server said no: whatever was handed over, it did not take it."""
    return isinstance(error, smtplib.SMTPException) and not isinstance(error, smtplib.SMTPServerDisconnected)


def is_final(error: BaseException) -> bool:
    """The server refused this message or this address for good: sending it again changes nothing."""
    refused = isinstance(error, smtplib.SMTPRecipientsRefused | smtplib.SMTPDataError)
    return refused and code_of(error) >= 500


def named(error: BaseException) -> str:
    """The class of a fault and the number answered, without a word of the message or of the server."""
    code = code_of(error)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
