"""What people write about themselves, organisations and each other."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from accounts.models import Membership, MembershipRole, Organisation, OrganisationKind, Region, User
from accounts.models.user import Language
from accounts.signin import PASSWORD_HELP

REASON_HELP = _("La personne lira ces mots.")


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """My account."""

    class Meta:
        model = User
        fields = ("given_name", "family_name", "function", "phone", "language")
        widgets = {
            "given_name": forms.TextInput(attrs={"autocomplete": "given-name"}),
            "family_name": forms.TextInput(attrs={"autocomplete": "family-name"}),
            "function": forms.TextInput(attrs={"autocomplete": "organization-title"}),
            "phone": forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
            "language": forms.RadioSelect,
        }
        help_texts = {"language": _("Celle des messages que nous vous envoyons.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("given_name", "family_name"):
            self.fields[name].required = True

    def _post_clean(self) -> None:
        """Read only: the action writes, under its lock."""


class ClaimForm(forms.Form):
    """What one does for the organisation."""

    role = forms.ChoiceField(
        label=_("Que ferez-vous pour cet organisme?"),
        widget=forms.RadioSelect,
        initial=MembershipRole.SIGNATORY,
        choices=[
            (MembershipRole.SIGNATORY, _("Rédiger, signer et déposer les demandes")),
            (MembershipRole.DRAFTER, _("Rédiger; une autre personne signe et dépose")),
        ],
    )


class ReasonForm(forms.Form):
    """A reason that will be read."""

    reason = forms.CharField(
        label=_("Motif"), help_text=REASON_HELP, max_length=1000, widget=forms.Textarea(attrs={"rows": 4})
    )


class InviteMemberForm(forms.Form):
    """A colleague."""

    email = forms.EmailField(
        label=_("Courriel professionnel"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(
        label=_("Ce que la personne fera"),
        widget=forms.RadioSelect,
        initial=MembershipRole.DRAFTER,
        choices=[
            (MembershipRole.DRAFTER, _("Rédiger les demandes")),
            (MembershipRole.SIGNATORY, _("Rédiger, signer et déposer les demandes")),
        ],
    )


class SuccessorForm(forms.Form):
    """Who takes the signature over."""

    successor = forms.ModelChoiceField(
        label=_("Qui signera désormais?"),
        queryset=Membership.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"invalid_choice": _("La personne choisie n’est plus de l’organisme.")},
    )

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["successor"]
        field.queryset = candidates
        field.label_from_instance = lambda row: f"{row.user.name} ({row.user.email})"


class ReplaceForm(SuccessorForm, ReasonForm):
    """The ministry replaces a signatory who left."""

    field_order = ("successor", "reason")


class OpenAccountForm(forms.Form):
    """The account of somebody who was invited."""

    given_name = forms.CharField(
        label=_("Prénom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "given-name"})
    )
    family_name = forms.CharField(
        label=_("Nom"), max_length=80, widget=forms.TextInput(attrs={"autocomplete": "family-name"})
    )
    password = forms.CharField(
        label=_("Mot de passe"),
        help_text=PASSWORD_HELP,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        """Check the password against the person it will belong to."""
        data = super().clean() or self.cleaned_data
        person = User(
            email=self.email, given_name=data.get("given_name", ""), family_name=data.get("family_name", "")
        )
        if data.get("password"):
            try:
                validate_password(data["password"], person)
            except forms.ValidationError as error:
                self.add_error("password", error)
        return data


class AccountForm(forms.Form):
    """An account made by the technical administrator."""

    given_name = forms.CharField(label=_("Prénom"), max_length=80)
    family_name = forms.CharField(label=_("Nom"), max_length=80)
    email = forms.EmailField(label=_("Courriel professionnel"), max_length=254)
    language = forms.ChoiceField(
        label=_("Langue des messages"),
        choices=Language.choices,
        initial=Language.FR,
        widget=forms.RadioSelect,
    )


class GiveRoleForm(forms.Form):
    """A role on a programme, a call or a panel, by mail address."""

    email = forms.EmailField(
        label=_("Courriel professionnel"),
        max_length=254,
        help_text=_(
            "Une personne qui a déjà un compte reçoit le rôle tout de suite; les autres, une invitation."
        ),
    )
    role = forms.ChoiceField(label=_("Rôle"))

    def __init__(self, *args: Any, roles: dict[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["role"]
        field.choices = list(roles.items())


class ContactForm(forms.Form):
    """Where the organisation itself is written to, beside its people."""

    own_email = forms.EmailField(
        label=_("Courriel de l’organisme"),
        required=False,
        help_text=_("Celui du greffe ou de la direction : les accusés de réception y vont aussi."),
    )
    phone = forms.CharField(label=_("Téléphone"), max_length=40, required=False)


class BodyForm(forms.Form):
    """A council or a régie, created on request."""

    kind = forms.ChoiceField(
        label=_("Genre"),
        widget=forms.RadioSelect,
        initial=OrganisationKind.COUNCIL,
        choices=[(one, one.label) for one in (OrganisationKind.COUNCIL, OrganisationKind.REGIE)],
    )
    name = forms.CharField(label=_("Nom"), max_length=200)
    code = forms.SlugField(
        label=_("Code"),
        max_length=20,
        help_text=_("Unique dans son genre : lettres, chiffres et traits d’union."),
    )
    land = forms.CharField(
        label=_("Code géographique du territoire, pour un conseil"), max_length=5, required=False
    )
    region = forms.ModelChoiceField(
        label=_("Région, pour une régie"), queryset=Region.objects.all(), required=False
    )

    def clean(self) -> dict[str, Any]:
        """A council has its land, a régie its region."""
        data = super().clean() or self.cleaned_data
        if data.get("kind") == OrganisationKind.COUNCIL:
            land = Organisation.objects.filter(scheme="qc", code=data.get("land", ""), kind="land")
            data["land"] = land.select_related("region", "territory").first()
            if data["land"] is None:
                self.add_error("land", _("Aucun territoire autochtone ne porte ce code."))
        elif data.get("region") is None:
            self.add_error("region", _("Choisissez la région de la régie."))
        return data
