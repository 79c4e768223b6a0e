"""Addresses of applications: the form of the municipality, then what the ministry does with a dossier."""

from django.urls import URLPattern, URLResolver, include, path

from applications.views import check, drafts, files, packs, partners, receipt, sections, start

urlpatterns: list[URLPattern | URLResolver] = [
    path("appels/<slug:code>/commencer/", start.start, name="start"),
    path("dossiers/<int:pk>/remplir/", sections.resume, name="dossier_edit"),
    path("dossiers/<int:pk>/sections/<slug:code>/", sections.section, name="section"),
    path("dossiers/<int:pk>/sections/<slug:code>/etat/", sections.section_state, name="section_state"),
    path("dossiers/<int:pk>/reponses/<slug:question>/", sections.answer, name="answer"),
    path(
        "dossiers/<int:pk>/reponses/<slug:question>/versions/", drafts.answer_history, name="answer_history"
    ),
    path("dossiers/<int:pk>/pieces/<int:file>/fichier/", files.file, name="file"),
    path("dossiers/<int:pk>/pieces/<int:file>/retirer/", files.file_remove, name="file_remove"),
    path("dossiers/<int:pk>/pieces.zip", packs.dossier_zip, name="dossier_zip"),
    path("dossiers/<int:pk>/pieces/<slug:slot>/", files.file_add, name="file_add"),
    path("dossiers/<int:pk>/partenaires/", partners.dossier_partners, name="dossier_partners"),
    path("dossiers/<int:pk>/verification/", check.check, name="check"),
    path("dossiers/<int:pk>/deposer/", check.submit, name="submit"),
    path("dossiers/<int:pk>/accuse/<int:version>/", receipt.receipt, name="receipt"),
    path("dossiers/<int:pk>/accuse/<int:version>/etat/", receipt.receipt_state, name="receipt_state"),
    path("dossiers/<int:pk>/imprimer/", drafts.dossier_print, name="dossier_print"),
    path("dossiers/<int:pk>/copier/", drafts.dossier_copy, name="dossier_copy"),
    path("dossiers/<int:pk>/supprimer/", drafts.dossier_delete, name="dossier_delete"),
    path("", include("applications.staff_urls")),
]
