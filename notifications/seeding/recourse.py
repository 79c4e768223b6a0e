"""Refusals that a municipality asks to have looked at again: one just asked, one answered by others."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from applications.models import Dossier
from notifications.seeding import cast, corpus, papers
from notifications.seeding.clock import at, on_weekday
from notifications.seeding.filing import Bench
from review.actions import reconsiderations
from review.models import Reconsideration
from workflows.engine import fire

ASKED, ANSWERED = "P047", "P042"
WORDS = {
    ASKED: (
        "La résolution jointe à notre demande porte la date du 7 avril. C’est une erreur de frappe de notre bureau : "
        "le conseil l’a adoptée à la séance du 7 mars, avant la clôture de l’appel. Le procès-verbal de cette séance, "
        "que nous joignons, porte le même numéro et le même texte."
    ),
    ANSWERED: (
        "Our answer to your request was in the mail on the last day. Our office is open two mornings a week and the "
        "storm closed the road. Please count the day we mailed it."
    ),
}
MOTIVES = (
    "Le cadre normatif compte le jour où la réponse est reçue sur le site, et la demande de compléments le disait. "
    "La réponse est arrivée par la poste quatre jours après la fin du délai.\n\n"
    "La fermeture de la route a été vérifiée : elle a duré un jour, au milieu du délai. Elle ne change pas le constat. "
    "Le refus ne dit rien du projet : une nouvelle demande peut être déposée à l’appel qui est ouvert, et votre "
    "personne-ressource peut vous aider à la préparer."
)
ANSWERS, COUNTERSIGNS = cast.SECOND_ANALYSTS[1], cast.AUTHORITY


def plan_asked(bench: Bench) -> None:
    """Asked three days ago: it waits for the manager."""
    day = on_weekday(bench.today - timedelta(days=3))
    bench.agenda.add(at(day, 13, 40), f"{ASKED} asks again", lambda: ask(bench, ASKED, "fact", paper=True))


def plan_answered(bench: Bench) -> None:
    """Asked, admitted, answered, countersigned: the refusal is upheld."""
    first = on_weekday(bench.day(6) + timedelta(days=31), back=False)
    steps = (
        (0, 10, "asks again", lambda: ask(bench, ANSWERED, "procedure")),
        (4, 9, "admitted", lambda: act(bench, "admit", cast.PROGRAMME_MANAGER)),
        (4, 10, "confided", lambda: confide(bench)),
        (11, 14, "answered", lambda: act(bench, "decide", ANSWERS, answer="maintained", motives=MOTIVES)),
        (14, 11, "countersigned", lambda: act(bench, "countersign", COUNTERSIGNS)),
    )
    for days, hour, label, step in steps:
        day = on_weekday(first + timedelta(days=days), back=False)
        bench.agenda.add(at(day, hour, 20), f"{ANSWERED} {label}", step)


def ask(bench: Bench, code: str, ground: str, *, paper: bool = False) -> None:
    """The signatory asks, with a paper or without."""
    project = corpus.projects()[code]
    dossier = Dossier.objects.select_related("call").get(pk=bench.dossiers[code])
    name = cast.organisation_of(project).name
    upload = papers.resolution(project, name, bench.closing) if paper else None
    reconsiderations.ask(
        dossier, ground=ground, words=WORDS[code], actor=cast.signatory_of(project), upload=upload
    )


def act(bench: Bench, verb: str, actor: str, **data: Any) -> None:
    """One verb of the request."""
    row = Reconsideration.objects.get(dossier=bench.dossiers[ANSWERED])
    fire(row, verb, actor=cast.person(actor), **data)


def confide(bench: Bench) -> None:
    """The manager names somebody who took no part."""
    act(bench, "name_reconsiderer", cast.PROGRAMME_MANAGER, person=cast.person(ANSWERS).pk)
