"""Addresses of the meetings of committees."""

from django.urls import path

from review.views import meetings

urlpatterns = [
    path("comites/<int:pk>/seances/", meetings.index, name="panel_meetings"),
    path("comites/<int:pk>/seances/nouvelle/", meetings.create, name="meeting_create"),
    path("seances/<int:pk>/", meetings.meeting, name="meeting"),
    path("seances/<int:pk>/presences/", meetings.presences, name="meeting_presences"),
    path("seances/<int:pk>/ordre/", meetings.order, name="meeting_order"),
    path("seances/<int:pk>/points/<int:item>/", meetings.item, name="meeting_item"),
    path("seances/<int:pk>/points/<int:item>/ecran/", meetings.screen, name="meeting_screen"),
    path("seances/<int:pk>/actes/<slug:verb>/", meetings.verb, name="meeting_verb"),
]
