"""A key is turned without losing what waits: read with the earlier key, sealed again under the new one."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.outgoing import SecretMessage
from notifications import sealing
from notifications.models import Message
from notifications.sealing import BrokenSeal
from notifications.secrets import send_secret

pytestmark = pytest.mark.django_db
NEW = "une-cle-toute-neuve-tiree-au-hasard-0123456789-abcdefghijkl"


def waiting() -> Message:
    """A secret message that has not left."""
    send_secret(
        SecretMessage(kind="sign_in_code", to="a@exemple.example", language="fr", facts={"code": "123456"})
    )
    return Message.objects.get(kind="secret")


def test_a_waiting_secret_outlives_its_key(settings: Any) -> None:
    message = waiting()
    body = sealing.unseal(message.sealed_body)
    assert "123456" in body
    old, settings.SECRET_KEY = settings.SECRET_KEY, NEW
    with pytest.raises(BrokenSeal):
        sealing.unseal(message.sealed_body)
    with pytest.raises(CommandError, match="1 secret messages"):
        call_command("reseal", stdout=io.StringIO())
    settings.SECRET_KEY_FALLBACKS = [old]
    assert sealing.unseal(message.sealed_body) == body
    said = io.StringIO()
    call_command("reseal", stdout=said)
    assert "1 secret messages sealed again" in said.getvalue()
    settings.SECRET_KEY_FALLBACKS = []
    message.refresh_from_db()
    assert sealing.unseal(message.sealed_body) == body


def test_two_purposes_never_open_one_another() -> None:
    from accounts import sealing as factors

    with pytest.raises(BrokenSeal):
        factors.unseal(sealing.seal("un corps").decode())
