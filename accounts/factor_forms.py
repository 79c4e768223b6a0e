"""Forms of the second factor: the code at sign-in, the code again, and the code of an act that binds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as allauth_forms
from allauth.mfa.base.internal.flows import check_rate_limit, post_authentication
from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from redis.exceptions import RedisError

from accounts import factors, proofs
from accounts.actions import factors as acts
from workflows.forms import VerbForm

KEPT = "kept_for_later"
HIDDEN = frozenset({"code", "password", "digest"})
CODE_HELP = _(
    "Les six chiffres que votre application affiche maintenant; ou un de vos codes de secours, de huit chiffres."
)


def code_field(help_text: Any = CODE_HELP) -> forms.CharField:
    """The box of a code: pasted or typed, spaces allowed."""
    return forms.CharField(
        label=_("Code d’authentification"),
        max_length=24,
        help_text=help_text,
        widget=forms.TextInput(
            attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}
        ),
    )


def _counted(user: Any) -> Callable[[], None]:
    """Count a try; a pause after five faults, and none at all while nothing counts."""
    try:
        clear: Callable[[], None] = check_rate_limit(user, error_key="too_many_codes")
    except RedisError:
        said = _("Les codes ne peuvent pas être vérifiés en ce moment. Réessayez dans une minute.")
        raise forms.ValidationError(said) from None
    return clear


def opened_by(user: Any, text: str) -> Any:
    """The factor that this code opens, the code spent; a sentence otherwise."""
    clear = _counted(user)
    factor = acts.accept(user, text)
    if factor is None:
        raise get_adapter().validation_error("incorrect_code")
    clear()
    return factor


class _Code(allauth_forms.BaseAuthenticateForm):  # type: ignore[misc]
    """A code, of the application or of recovery."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = code_field()

    def clean_code(self) -> str:
        """Spend the code."""
        code: str = self.cleaned_data["code"]
        self.authenticator = opened_by(self.user, code)
        self.authenticator.user = self.user
        return code


class SignInCodeForm(_Code):
    """The second step of signing in."""

    def save(self) -> None:
        """Tell the session which factor was shown."""
        _show(self, reauthenticated=False)


class CodeAgainForm(_Code):
    """The factor again, before something of the account changes."""

    def save(self) -> None:
        """Tell the session which factor was shown."""
        _show(self, reauthenticated=True)


def _show(form: Any, *, reauthenticated: bool) -> None:
    from allauth.core import context

    post_authentication(context.request, form.authenticator, reauthenticated=reauthenticated)
    proofs.give(context.request, form.user)


class FirstCodeForm(forms.Form):
    """The first code of a new secret."""

    code = code_field(_("Les six chiffres que votre application affiche maintenant."))

    def __init__(self, *args: Any, user: Any, secret: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.secret, self.counter = user, secret, -1

    def clean_code(self) -> str:
        """The code of this very secret."""
        clear = _counted(self.user)
        code: str = factors.digits_of(self.cleaned_data["code"])
        counter = factors.counter_of(self.secret, code)
        if counter is None:
            raise get_adapter().validation_error("incorrect_code")
        clear()
        self.counter = counter
        return code


class OffForm(forms.Form):
    """A code, to do without codes from now on."""

    code = code_field()

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_code(self) -> str:
        """Spend the code."""
        opened_by(self.user, self.cleaned_data["code"])
        return ""


class FactorForm(VerbForm):
    """An act that binds: asks for a code unless one was given in the last minutes of this session."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not proofs.is_asked() or self.request is None:
            return
        factor = factors.totp_of(self.actor)
        if factor is None:
            self.gate = "accounts/factor_gate.html"
        elif not proofs.is_fresh(proofs.read(self.request), self.actor, factor):
            self.fields["code"] = code_field()
        if not self.is_bound:
            self.initial.update(self._found_again())

    def clean(self) -> dict[str, Any] | None:
        """Spend the code once the rest holds: a fault elsewhere costs no code, and none is asked twice."""
        data = super().clean()
        code = self.cleaned_data.get("code")
        if "code" in self.fields and code and not self.errors and self.request is not None:
            try:
                opened_by(self.actor, code)
            except forms.ValidationError as error:
                self.add_error("code", error)
            else:
                proofs.give(self.request, self.actor)
                del self.fields["code"]
        return data

    def shown(self) -> dict[str, Any]:
        """What the guard of the verb is given."""
        if self.request is None or not proofs.is_asked():
            return {}
        return {"proof": proofs.read(self.request)}

    def detour(self) -> str:
        """Keep what was typed and go and turn the factor on."""
        if not self.gate or not self.is_bound or "enrol" not in self.data or self.request is None:
            return ""
        typed = {name: self.data[name] for name in self.fields if name in self.data and name not in HIDDEN}
        here = self.request.get_full_path()
        self.request.session[KEPT] = {"path": here, "typed": typed}
        return f"{reverse('factor_enrol')}?{urlencode({'next': here})}"

    def _found_again(self) -> dict[str, Any]:
        """What was typed here before the detour, once."""
        assert self.request is not None
        kept = self.request.session.get(KEPT)
        if not kept or kept["path"] != self.request.get_full_path():
            return {}
        if not self.gate:
            del self.request.session[KEPT]
        return dict(kept["typed"])
