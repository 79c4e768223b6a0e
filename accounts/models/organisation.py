"""Regions, territories and organisations, keyed by (scheme, code)."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.names import fold
from accounts.querysets import OrganisationQuerySet

# Village cri and village naskapi: their residents are counted under category IA land in the directory.
COUNTED_ELSEWHERE = frozenset({"07", "08"})
# The designations of the directory, which are shown in the reader's language.
DESIGNATIONS = frozenset(
    {
        gettext_noop("Administration régionale"),
        gettext_noop("Canton"),
        gettext_noop("Cantons unis"),
        gettext_noop("Gouvernement régional"),
        gettext_noop("MRC"),
        gettext_noop("Municipalité"),
        gettext_noop("Paroisse"),
        gettext_noop("Réserve indienne"),
        gettext_noop("Terre de la catégorie I"),
        gettext_noop("Terre de la catégorie IA"),
        gettext_noop("Terre de la catégorie IA-N"),
        gettext_noop("Territoire non organisé"),
        gettext_noop("Territoire équivalent"),
        gettext_noop("Village"),
        gettext_noop("Village cri"),
        gettext_noop("Village naskapi"),
        gettext_noop("Village nordique"),
        gettext_noop("Ville"),
    }
)


class Region(models.Model):
    """An administrative region of Québec."""

    code = models.CharField(max_length=2, primary_key=True)
    name = models.CharField(max_length=80)
    sort_name = models.CharField(max_length=80)

    class Meta:
        default_permissions = ()
        ordering = ["code"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the sort key in step."""
        self.sort_name = fold(self.name)
        super().save(*args, **kwargs)


class Territory(models.Model):
    """An MRC or what stands in its place (equivalent territory, regional administration)."""

    code = models.CharField(max_length=4, primary_key=True)
    name = models.CharField(max_length=120)
    sort_name = models.CharField(max_length=120)
    kind = models.CharField(max_length=40)
    mrc_code = models.CharField(max_length=3, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="territories")

    class Meta:
        default_permissions = ()
        ordering = ["sort_name"]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the sort key in step."""
        self.sort_name = fold(self.name)
        super().save(*args, **kwargs)


class Scheme(models.TextChoices):
    """Who gives the code of an organisation."""

    QC = "qc", _("Code géographique")
    MRC = "mrc", _("Code de MRC")
    COUNCIL = "conseil", _("Conseil")
    REGIE = "regie", _("Régie intermunicipale")


class OrganisationKind(models.TextChoices):
    """What an organisation is."""

    MUNICIPALITY = "municipality", _("Municipalité locale")
    UNORGANISED = "unorganised", _("Territoire non organisé")
    LAND = "land", _("Territoire autochtone")
    MRC = "mrc", _("MRC")
    REGIONAL = "regional", _("Administration régionale")
    COUNCIL = "council", _("Conseil autochtone")
    REGIE = "regie", _("Régie intermunicipale")


APPLICANT_KINDS = frozenset(set(OrganisationKind) - {OrganisationKind.UNORGANISED, OrganisationKind.LAND})


class LanguageRegime(models.TextChoices):
    """Languages in which a body may be written to."""

    FRENCH = "fr", _("Français")
    FRENCH_AND_OTHER = "fr_plus_autre", _("Français et une autre langue")


class Organisation(models.Model):
    """A municipal body of the directory, or one created on request (council, régie)."""

    scheme = models.CharField(max_length=10, choices=Scheme.choices)
    code = models.CharField(max_length=20)
    name = models.CharField(max_length=200)
    sort_name = models.CharField(max_length=200, db_index=True)
    kind = models.CharField(max_length=20, choices=OrganisationKind.choices)
    designation_code = models.CharField(max_length=2, blank=True)
    designation = models.CharField(max_length=60, blank=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="organisations")
    territory = models.ForeignKey(
        Territory, null=True, on_delete=models.PROTECT, related_name="organisations"
    )
    mrc_code = models.CharField(max_length=3, blank=True)
    mrc_name = models.CharField(max_length=120, blank=True)
    metropolitan_community = models.CharField(max_length=120, blank=True)
    population = models.PositiveIntegerField(null=True)  # as published; rules read `known_population`
    address = models.CharField(max_length=200, blank=True)
    locality = models.CharField(max_length=120, blank=True)
    postal_address = models.CharField(max_length=200, blank=True)
    postal_locality = models.CharField(max_length=120, blank=True)
    postal_code = models.CharField(max_length=7, blank=True)
    own_email = models.EmailField(blank=True)  # the municipality's own address, beside people's
    phone = models.CharField(max_length=40, blank=True)
    website = models.CharField(max_length=200, blank=True)
    lat = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    lon = models.DecimalField(max_digits=8, decimal_places=5, null=True)
    language_regime = models.CharField(
        max_length=20, choices=LanguageRegime.choices, default=LanguageRegime.FRENCH
    )
    is_applicant = models.BooleanField(default=True)
    land = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="councils")
    successor = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="predecessors")
    gone_at = models.DateTimeField(null=True)  # no longer in the directory

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [models.UniqueConstraint(fields=["scheme", "code"], name="organisation_once")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Keep the sort key in step with the name."""
        self.sort_name = fold(self.name)
        super().save(*args, **kwargs)

    @property
    def population_known(self) -> bool:
        """False when the directory says nothing, says 0, or counts the residents elsewhere."""
        return bool(self.population) and self.designation_code not in COUNTED_ELSEWHERE

    @property
    def known_population(self) -> int | None:
        """The published population, None when it is unknown (never 0)."""
        return self.population if self.population_known else None

    @property
    def place(self) -> str:
        """What tells homonyms apart: the MRC, else the region."""
        return self.mrc_name or (
            self.territory.name if self.territory_id and self.territory else self.region.name
        )

    @property
    def display_name(self) -> str:
        """`Plessisville (Ville)`: the name with its designation."""
        return f"{self.name} ({self.designation_name})" if self.designation else self.name

    @property
    def designation_name(self) -> str:
        """The designation of the directory in the reader's language, else the kind of body."""
        if self.designation in DESIGNATIONS:
            return gettext(self.designation)
        return self.designation or str(self.get_kind_display())

    def chain_code(self) -> str:
        """Events of an organisation are in the chain of the site."""
        return "site"
