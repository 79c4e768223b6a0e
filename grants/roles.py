"""Roles of the ministry on a programme, a call or a panel (permission codenames); names are translated where shown."""

from django.utils.translation import gettext_noop

# On a programme; a manager, authority or auditor of the programme is one of each of its calls.
PROGRAMME_ROLES = (
    ("manager", gettext_noop("Gestionnaire de programme")),
    ("authority", gettext_noop("Autorité décisionnelle")),
    ("auditor", gettext_noop("Vérificateur")),
)
# On a call.
CALL_ROLES = (
    ("analyst", gettext_noop("Analyste")),
    ("second_analyst", gettext_noop("Analyste contresignataire")),
    ("secretary", gettext_noop("Secrétaire")),
)
# On a panel.
PANEL_ROLES = (
    ("reviewer", gettext_noop("Évaluateur")),
    ("chair", gettext_noop("Président du comité")),
)
