"""A person who signs in with a mail address."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from accounts.names import person_key
from accounts.querysets import UserManager
from web import clock


class Language(models.TextChoices):
    """Languages in which we write to a person."""

    FR = "fr", _("Français")
    EN = "en", "English"


class User(AbstractBaseUser):
    """A person: municipal, of the ministry, or technical. Rights are never here but the technical one."""

    lock_rank = 4

    email = models.EmailField(_("Courriel professionnel"), max_length=254, unique=True)
    given_name = models.CharField(_("Prénom"), max_length=80, blank=True)
    family_name = models.CharField(_("Nom"), max_length=80, blank=True)
    sort_name = models.CharField(max_length=340, db_index=True, editable=False)
    phone = models.CharField(_("Téléphone"), max_length=40, blank=True)
    function = models.CharField(_("Fonction"), max_length=120, blank=True)
    workplace = models.CharField(_("Organisme"), max_length=200, blank=True)
    language = models.CharField(_("Langue"), max_length=2, choices=Language.choices, default=Language.FR)
    home = models.ForeignKey(
        "accounts.Organisation", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # municipality where a reviewer lives: only for hints of conflicts
    is_active = models.BooleanField(default=True)
    is_technical_admin = models.BooleanField(default=False)
    is_superuser = models.BooleanField(default=False, editable=False)  # asked by libraries, false for ever
    is_staff = False  # asked by libraries: there is no Django admin
    created_at = models.DateTimeField(default=clock.now, editable=False)
    suspended_at = models.DateTimeField(null=True, editable=False)
    session_round = models.PositiveIntegerField(default=0, editable=False)  # one more ends every session

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(condition=models.Q(is_superuser=False), name="user_never_superuser"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the address in lower case and the sort key in step with the name."""
        self.email = self.email.strip().lower()
        self.sort_name = person_key(self.given_name, self.family_name, self.email)
        if kwargs.get("update_fields") is not None:
            kwargs["update_fields"] = {*kwargs["update_fields"], "sort_name"}
        super().save(*args, **kwargs)

    @property
    def name(self) -> str:
        """`Maude Gélinas`, or the mail address until the person has said a name."""
        return f"{self.given_name} {self.family_name}".strip() or self.email

    def get_full_name(self) -> str:
        """The name, for libraries."""
        return self.name

    def get_short_name(self) -> str:
        """The given name, for libraries."""
        return self.given_name or self.email

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """What a session is held against: the password, and the round of sessions once some were ended."""
        if not self.session_round:
            return super()._get_session_auth_hash(secret=secret)  # type: ignore[misc,no-any-return]
        return salted_hmac(
            "accounts.models.user.session_round",
            f"{self.session_round}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def chain_code(self) -> str:
        """Events of a person are in the chain of the site."""
        return "site"
