"""Addresses of decisions and offers."""

from django.urls import path

from review.views import approvals, decisions, engaged

urlpatterns = [
    path("decisions/", decisions.decisions, name="decisions"),
    path("decisions/comite/<int:pk>/preparer/", decisions.decision_start, name="decision_start"),
    path(
        "decisions/volet/<int:pk>/liste-attente/",
        decisions.decision_waiting_list,
        name="decision_waiting_list",
    ),
    path(
        "decisions/volet/<int:pk>/fin-liste-attente/",
        decisions.decision_waiting_end,
        name="decision_waiting_end",
    ),
    path("decisions/engagements/", engaged.engagements, name="engagements"),
    path("decisions/<int:pk>/", decisions.decision, name="decision"),
    path("decisions/<int:pk>/actes/<str:verb>/", decisions.decision_verb, name="decision_verb"),
    path("decisions/<int:pk>/lignes/<int:line>/", decisions.decision_line, name="decision_line"),
    path(
        "decisions/<int:pk>/lignes/<int:line>/autorisation/", approvals.reference, name="decision_reference"
    ),
    path(
        "decisions/<int:pk>/lignes/<int:line>/autorisation/document/",
        approvals.reference_file,
        name="decision_reference_file",
    ),
    path("decisions/<int:pk>/instants/", decisions.decision_instants, name="decision_instants"),
    path("offres/<int:pk>/", decisions.award, name="award"),
    path("offres/<int:pk>/actes/<str:verb>/", decisions.award_verb, name="award_verb"),
]
