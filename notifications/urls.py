"""Addresses of messages, documents and the demonstration."""

from django.urls import URLPattern, URLResolver, path

from notifications.views import documents, dossiers, late, mailbox, outbox, personal, public

urlpatterns: list[URLPattern | URLResolver] = [
    path("verifier/", public.verify, name="verify"),
    path("verifier/<str:code>/", public.verify, name="verify_code"),
    path("lettres/<int:pk>.pdf", documents.document_pdf, name="document_pdf"),
    path("comites/<int:pk>/proces-verbal.pdf", documents.minutes_pdf, name="minutes_pdf"),
    path("moi/donnees.json", personal.my_data, name="my_data"),
    path("dossiers/<int:pk>/dossier.pdf", dossiers.dossier_pdf, name="dossier_pdf"),
    path("gestion/envois/", outbox.outbox, name="outbox"),
    path("gestion/envois/messages/<int:pk>/", outbox.message, name="message"),
    path("gestion/envois/messages/<int:pk>/<slug:act>/", outbox.message_act, name="message_act"),
    path("gestion/envois/<int:pk>/", outbox.batch, name="batch"),
    path("gestion/envois/<int:pk>/<slug:act>/", outbox.batch_act, name="batch_act"),
    path("gestion/appels/<slug:code>/ecrire/", outbox.write_to_applicants, name="to_applicants"),
    path("gestion/retards/", late.late, name="late"),
    path("gestion/retards/fiches/", late.late_list, {"kind": "fiches"}, name="late_fiches"),
    path("gestion/retards/complements/", late.late_list, {"kind": "complements"}, name="late_complements"),
    path("gestion/retards/liberations/", late.late_list, {"kind": "liberations"}, name="late_liberations"),
    path("demo/", mailbox.demo, name="demo"),
    path("demo/entrer/<int:pk>/", mailbox.demo_sign_in, name="demo_sign_in"),
    path("demo/courriel/<int:pk>/", mailbox.demo_mailbox, name="demo_mailbox"),
    path("demo/courriel/<int:pk>/<str:name>/", mailbox.demo_mailbox, name="demo_message"),
    path(
        "demo/courriel/<int:pk>/<str:name>/<int:position>/", mailbox.demo_attachment, name="demo_attachment"
    ),
]
