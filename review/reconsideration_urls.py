"""Addresses of reconsiderations."""

from django.urls import path

from review.views import reconsideration as views

urlpatterns = [
    path("dossiers/<int:pk>/reexamen/", views.ask, name="reconsideration_ask"),
    path("reexamens/", views.index, name="reconsiderations"),
    path("reexamens/<int:pk>/", views.page, name="reconsideration"),
    path("reexamens/<int:pk>/piece/", views.file, name="reconsideration_file"),
    path("reexamens/<int:pk>/aide/", views.money, name="reconsideration_money"),
    path("reexamens/<int:pk>/actes/<str:verb>/", views.verb, name="reconsideration_verb"),
]
