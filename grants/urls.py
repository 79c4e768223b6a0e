"""Addresses of grants: public pages of calls and projects, staff pages of a call."""

from django.urls import URLPattern, URLResolver, path

from grants.views import lists, manage, opendata, projects, public, questions

urlpatterns: list[URLPattern | URLResolver] = [
    path("", public.front, name="front"),
    path("appels/", public.calls, name="calls"),
    path("appels/calendrier.ics", public.calls_calendar, name="calls_calendar"),
    path("appels/fil.xml", public.calls_feed, name="calls_feed"),
    path("appels/<slug:code>/", public.call, name="call"),
    path("appels/<slug:code>/formulaire/", public.call_form, name="call_form"),
    path("appels/<slug:code>/calendrier.ics", public.call_calendar, name="call_calendar"),
    path("appels/<slug:code>/question/", questions.ask, name="call_ask"),
    path("projets/", projects.projects, name="projects"),
    path("projets/liste.csv", projects.projects_file, name="projects_file"),
    path("projets/<slug:number>/", projects.project, name="project"),
    path("donnees-ouvertes/", opendata.open_data, name="open_data"),
    path("donnees-ouvertes/projets-360giving.json", opendata.projects_giving, name="giving"),
    path("donnees-ouvertes/dictionnaire/", opendata.dictionary_page, name="dictionary"),
    path("donnees-ouvertes/dictionnaire.csv", opendata.dictionary_file, name="dictionary_file"),
    path("donnees-ouvertes/projets.csv-metadata.json", opendata.csvw, name="csvw"),
    path("donnees-ouvertes/catalogue.jsonld", opendata.dcat, name="catalogue"),
    path("donnees-ouvertes/<slug:code>/projets-360giving.json", opendata.call_giving, name="call_giving"),
    path("gestion/appels/", lists.calls, name="manage_calls"),
    path("gestion/appels/<slug:code>/", manage.overview, name="manage_call"),
    path("gestion/appels/<slug:code>/calendrier/", manage.dates, name="manage_calendar"),
    path("gestion/appels/<slug:code>/montants/", manage.money, name="manage_money"),
    path("gestion/appels/<slug:code>/formulaire/", manage.form, name="manage_form"),
    path("gestion/appels/<slug:code>/regles/", manage.eligibility, name="manage_rules"),
    path("gestion/appels/<slug:code>/grille/", manage.grid, name="manage_grid"),
    path("gestion/appels/<slug:code>/processus/", manage.process_page, name="manage_process"),
    path("gestion/appels/<slug:code>/lettres/", manage.letter_texts, name="manage_letters"),
    path("gestion/appels/<slug:code>/lettres/<slug:kind>/", manage.letter_text, name="manage_letter"),
    path("gestion/appels/<slug:code>/personnes/", manage.people, name="manage_people"),
    path("gestion/appels/<slug:code>/questions/", questions.listed, name="manage_questions"),
    path("gestion/appels/<slug:code>/questions/publier/", questions.publish, name="publish_answers"),
    path("gestion/appels/<slug:code>/questions/<int:pk>/", questions.one, name="manage_question"),
    path("gestion/appels/<slug:code>/actes/<slug:verb>/", manage.verb, name="call_verb"),
]
