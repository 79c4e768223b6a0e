"""Addresses of the list, of the page of a dossier and of what the ministry does with it."""

from django.urls import URLPattern, URLResolver, path

from applications.views import checks, dossier, lists, search, targets

urlpatterns: list[URLPattern | URLResolver] = [
    path("recherche/", search.search, name="search"),
    path("gestion/appels/<slug:code>/cibles/", targets.targets, name="manage_targets"),
    path("dossiers/", lists.dossiers, name="dossiers"),
    path("dossiers/<int:pk>/", dossier.dossier, name="dossier"),
    path("dossiers/<int:pk>/demande/", dossier.dossier_content, name="dossier_content"),
    path("dossiers/<int:pk>/fichiers/", dossier.dossier_files, name="dossier_files"),
    path("dossiers/<int:pk>/historique/", dossier.dossier_history, name="dossier_history"),
    path("dossiers/<int:pk>/completude/", checks.completeness, name="completeness"),
    path("dossiers/<int:pk>/completude/demander/", checks.ask, name="ask"),
    path("dossiers/<int:pk>/admissibilite/", checks.eligibility, name="eligibility"),
    path("dossiers/<int:pk>/admissibilite/confirmer/", checks.confirm_proposed, name="findings_confirm"),
    path("dossiers/<int:pk>/admissibilite/aide/", checks.confirm_aid, name="aid_confirm"),
    path("dossiers/<int:pk>/admissibilite/<slug:rule>/", checks.finding, name="finding"),
    path("dossiers/<int:pk>/contreseing/", checks.countersign, name="countersign"),
    path("dossiers/<int:pk>/issues/<slug:code>/", checks.outcome, name="dossier_outcome"),
    path("dossiers/<int:pk>/actes/<slug:name>/", checks.verb, name="dossier_verb"),
    path("dossiers/<int:pk>/responsable/", checks.analyst, name="dossier_analyst"),
]
