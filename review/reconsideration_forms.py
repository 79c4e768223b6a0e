"""Forms of a reconsideration: the request, its admission, who answers, the answer, its countersignature, the money."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.factor_forms import FactorForm
from review import taking_part
from review.actions.reconsiderations import ACCEPTED, LONGEST
from web.fields import MoneyField
from workflows.forms import ReasonForm, VerbForm

GROUNDS = [
    ("procedure", gettext_lazy("Une erreur de procédure : une règle de l’appel n’a pas été suivie.")),
    ("fact", gettext_lazy("Une erreur de fait : la décision repose sur un renseignement inexact.")),
]
ANSWERS = [
    ("maintained", gettext_lazy("La décision est maintenue.")),
    ("reversed", gettext_lazy("La décision est renversée.")),
]


class AskForm(forms.Form):
    """What a signatory writes to have a refusal looked at again."""

    ground = forms.ChoiceField(
        label=gettext_lazy("Motif de la demande"),
        choices=GROUNDS,
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("Choisissez le motif : une erreur de procédure ou une erreur de fait.")
        },
    )
    words = forms.CharField(
        label=gettext_lazy("Expliquez l’erreur"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=gettext_lazy(
            "Dites quelle règle ou quel renseignement est en cause, et où le lire dans la demande déposée."
        ),
        error_messages={"required": gettext_lazy("Expliquez en quoi il y a erreur.")},
    )
    file = forms.FileField(
        label=gettext_lazy("Pièce à l’appui"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED)}),
        help_text=gettext_lazy("Facultative : PDF, DOCX, ODT, JPG ou PNG, 20 Mo au plus."),
    )


class DismissForm(ReasonForm):
    """Why a request is not admitted."""

    dismissal = forms.ChoiceField(
        label=gettext_lazy("Pourquoi"),
        choices=[
            ("late", gettext_lazy("Elle est hors délai.")),
            ("no_ground", gettext_lazy("Elle n’invoque aucune erreur de procédure ni de fait.")),
        ],
        widget=forms.RadioSelect,
    )
    field_order = ["dismissal", "text"]


class NameForm(VerbForm):
    """Who answers: only those who took no part are offered; the others are named with what keeps them out."""

    person = forms.IntegerField(
        label=gettext_lazy("Personne qui répondra"),
        error_messages={"required": gettext_lazy("Choisissez une personne.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Any = self.subject
        parts = taking_part.parts_in(row.dossier, apart_from=row.pk)
        people = taking_part.candidates(row.call)
        self.out = [(one, taking_part.PARTS[parts[one.pk]]) for one in people if one.pk in parts]
        eligible = [(one.pk, str(one)) for one in people if one.pk not in parts]
        self.has_somebody = bool(eligible)
        field = self.fields["person"]
        field.widget = forms.Select(choices=[("", _("Choisir")), *eligible])
        field.initial = row.reconsiderer_id


class AnswerForm(VerbForm):
    """Maintained or reversed, with the reasons that the letter gives."""

    answer = forms.ChoiceField(
        label=gettext_lazy("Réponse"),
        choices=ANSWERS,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Dites si la décision est maintenue ou renversée.")},
    )
    motives = forms.CharField(
        label=gettext_lazy("Motifs"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=gettext_lazy(
            "Ils sont cités dans la lettre : répondez à chaque point soulevé, sans nommer personne."
        ),
        error_messages={"required": gettext_lazy("Donnez les motifs de la réponse : la lettre les cite.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Any = self.subject
        self.initial.update({"answer": row.answer, "motives": row.motives})  # after it was sent back


class CountersignForm(FactorForm):
    """The countersignature: on the answer that was read, with the second factor."""

    decided = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row: Any = self.subject
        self.fields["decided"].initial = row.decided_at.isoformat() if row.decided_at else ""

    def verb_data(self) -> dict[str, Any]:
        """What was read, and the proof."""
        return {"decided": self.cleaned_data["decided"], **self.shown()}


class AmountForm(forms.Form):
    """What the decision that follows a reversed refusal grants."""

    amount = MoneyField(
        label=gettext_lazy("Aide accordée"),
        help_text=gettext_lazy("En dollars, sans cents."),
        error_messages={"required": gettext_lazy("Écrivez un montant.")},
    )
