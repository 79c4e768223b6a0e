"""Addresses of the edge."""

from django.urls import path

from web import views

urlpatterns = [
    path("accueil/", views.home, name="home"),
    path("session/", views.session_view, name="session"),
]
