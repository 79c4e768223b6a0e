"""Addresses of the audit."""

from django.urls import path

from audit.views import calls, lists, whole, why

urlpatterns = [
    path("audit/", lists.index, name="audit"),
    path("audit/<slug:code>/", calls.overview, name="audit_call"),
    path("audit/<slug:code>/dossiers/", lists.dossiers, name="audit_dossiers"),
    path("audit/<slug:code>/dossiers/<int:pk>/", calls.dossier, name="audit_dossier"),
    path("audit/<slug:code>/exporter/", whole.export, name="audit_export"),
    path("decisions/<int:pk>/pourquoi/<int:line>/", why.page, name="why"),
    path("decisions/<int:pk>/pourquoi/<int:line>/<slug:kind>.json", why.case, name="why_case"),
]
