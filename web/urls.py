"""Addresses of the edge."""

from django.urls import path

from web import views

urlpatterns = [
    path("session/", views.session_view, name="session"),
]
