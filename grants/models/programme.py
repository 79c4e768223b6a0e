"""A programme: the ministry's frame under which calls are opened."""

from django.db import models

from accounts.permissions import RoleBase
from grants.roles import CALL_ROLES, PROGRAMME_ROLES


class Programme(models.Model):
    """A programme of a ministry, holder of the roles that reach all its calls."""

    code = models.SlugField(max_length=40, unique=True)
    name = models.JSONField()  # {"fr": …, "en": …}
    ministry = models.JSONField()  # {"fr": …, "en": …}
    place = models.CharField(max_length=80, default="Québec")
    contact_name = models.CharField(max_length=120)
    contact_phone = models.CharField(max_length=40)
    contact_email = models.EmailField()
    fictional = models.BooleanField(default=False)

    class Meta:
        default_permissions = ()
        permissions = [(code, label) for code, label in (*PROGRAMME_ROLES, *CALL_ROLES)]

    def __str__(self) -> str:
        return self.code


class ProgrammeRole(RoleBase):
    """Role of a person on a programme."""

    content_object = models.ForeignKey(Programme, on_delete=models.CASCADE)
