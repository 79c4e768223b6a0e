"""Addresses of the edge."""

from django.urls import path

from web import export_views, saved_views, views

urlpatterns = [
    path("accueil/", views.home, name="home"),
    path("aide/", views.help_index, name="help"),
    path("aide/<slug:slug>/", views.help_guide, name="help_guide"),
    path("session/", views.session_view, name="session"),
    path("exporter/<slug:key>/", export_views.export, name="export"),
    path("exporter/<slug:key>/<slug:part>/", export_views.export, name="export"),
    path("exports/", export_views.index, name="exports"),
    path("exports/<int:pk>/", export_views.job, name="export_job"),
    path("exports/<int:pk>/fichier/", export_views.fetch, name="export_file"),
    path("exports/<int:pk>/annuler/", export_views.cancel, name="export_cancel"),
    path("vues/", saved_views.index, name="views"),
    path("vues/enregistrer/<slug:key>/", saved_views.keep, name="view_keep"),
    path("vues/enregistrer/<slug:key>/<slug:part>/", saved_views.keep, name="view_keep"),
    path("vues/<int:pk>/renommer/", saved_views.rename, name="view_rename"),
    path("vues/<int:pk>/supprimer/", saved_views.remove, name="view_remove"),
]
