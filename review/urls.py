"""Addresses of review."""

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

from review.views import assignments, committee, divergences, grid, panels, ranking

urlpatterns: list[URLPattern | URLResolver] = [
    path("evaluations/", assignments.mine, name="my_assignments"),
    path("evaluations/declarer/", assignments.declare, name="declare_conflicts"),
    path("evaluations/<int:pk>/", assignments.assignment, name="assignment"),
    path("evaluations/<int:pk>/enregistrer/", assignments.autosave, name="assignment_save"),
    path("evaluations/<int:pk>/fiche/<slug:verb>/", assignments.sheet_verb, name="sheet_verb"),
    path("evaluations/<int:pk>/actes/<slug:verb>/", assignments.verb, name="assignment_verb"),
    path("comites/", panels.index, name="panels"),
    path("comites/nouveau/", panels.create, name="panel_create"),
    path("comites/<int:pk>/", panels.panel, name="panel"),
    path("comites/<int:pk>/echeance/", panels.date, name="panel_date"),
    path("comites/<int:pk>/affectation/", grid.grid, name="panel_grid"),
    path("comites/<int:pk>/divergences/", divergences.divergences, name="panel_divergences"),
    path("comites/<int:pk>/clore/", panels.close, name="panel_close"),
    path("comites/<int:pk>/actes/<slug:verb>/", panels.verb, name="panel_verb"),
    path("comites/<int:pk>/dossiers/<int:dossier>/", committee.dossier, name="panel_dossier"),
    path("comites/<int:pk>/dossiers/<int:dossier>/recuser/", committee.recuse, name="panel_recuse"),
    path("comites/<int:pk>/dossiers/<int:dossier>/confier/", committee.further, name="panel_further"),
    path(
        "comites/<int:pk>/dossiers/<int:dossier>/consensus/<slug:criterion>/",
        committee.consensus,
        name="panel_consensus",
    ),
    path("comites/<int:pk>/classement/", ranking.ranking, name="ranking"),
]
if find_spec("review.decision_urls"):
    urlpatterns.append(path("", include("review.decision_urls")))
urlpatterns.append(path("", include("review.meeting_urls")))
urlpatterns.append(path("", include("review.reconsideration_urls")))
