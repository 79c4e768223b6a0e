"""Roles that people of the ministry hold on a programme, a call or a panel (permission codenames)."""

# On a programme; a manager, authority or auditor of the programme is one of each of its calls.
PROGRAMME_ROLES = (
    ("manager", "Gestionnaire de programme"),
    ("authority", "Autorité décisionnelle"),
    ("auditor", "Vérificateur"),
)
# On a call.
CALL_ROLES = (
    ("analyst", "Analyste"),
    ("second_analyst", "Analyste contresignataire"),
    ("secretary", "Secrétaire"),
)
# On a panel.
PANEL_ROLES = (
    ("reviewer", "Évaluateur"),
    ("chair", "Président du comité"),
)
