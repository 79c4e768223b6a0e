"""The page that goes with an export: what it holds, and what to run, in French and in English."""

from __future__ import annotations

from grants.models import Call

COMMANDS = """\
    cd cores
    python3 -S -E -m audit.verify ..
    python3 -S -E -m workflows.chain --head {head} --count {events} --texts ../chain/texts.jsonl < ../chain/events.jsonl
    python3 -S -E -m review.scoring < ../cases/scoring/NUMERO.json
    python3 -S -E -m review.selection < ../cases/selection/NOM.json
    python3 -S -E -m applications.budget < ../cases/budget/NUMERO-v1.json
    python3 -S -E -m applications.eligibility < ../cases/eligibility/NUMERO-v1.json
    cat ../site/events.jsonl ../chain/events.jsonl | python3 -S -E -m audit.standing --at 2026-06-01T03:59:59.999999Z
"""

FRENCH = """\
APPEL {code} : EXPORTATION ENTIÈRE

Il suffit de Python 3.11 ou plus récent, sans rien installer et sans réseau :

{commands}
La première commande tient tout contre tout : chaque fichier contre son empreinte (manifest.json), le registre
ligne par ligne contre sa tête, chaque version déposée et chaque décision signée contre son empreinte, et chaque
calcul refait contre le résultat gardé. Elle finit par 0 si tout concorde, par 1 si quelque chose diffère.
Les suivantes font une chose à la fois; le résultat attendu est au même nom dans results/.

La tête du registre s'ancre hors de ce fichier : la page de chaque accusé de réception porte le numéro de l'événement
du dépôt et la tête d'alors. Donnez-les à workflows.chain (--count, --head) : le registre doit passer par ce point.

chain/       le registre de l'appel (format 1), les mots à côté de lui (texts.jsonl), sa tête
site/        les événements du site qui concernent les rôles de l'appel et les mandats de ses organismes; le registre
             du site a d'autres lignes, qui ne sont pas ici : chaque ligne se vérifie seule
call/        l'appel, ses éditions et ses processus, tels que gardés
snapshots/   les versions déposées, texte canonique tel que gardé, et leur index (empreintes, codes d'accusé)
reconsiderations.jsonl les demandes de réexamen et leurs réponses
sheets.jsonl les fiches remises ou écartées; panels/ les comités et leurs recommandations figées
decisions/   les décisions : texte signé (-body), sélection, accords, lignes
cases/ results/  les cas des noyaux et les résultats gardés
access.jsonl qui a lu quel fichier ou quelle lettre; letters.jsonl les lettres et accusés avec leurs empreintes
people.jsonl les noms des personnes désignées par user:N
cores/       les noyaux de calcul, tels que le site les exécute

Ce dossier contient des renseignements personnels et des avis. Gardez-le comme tel, détruisez-le après usage.
"""

ENGLISH = """\
CALL {code}: WHOLE EXPORT

Python 3.11 or later is enough, nothing to install, no network:

{commands}
The first command holds everything against everything: each file against its digest (manifest.json), the register
line by line against its head, each filed version and each signed decision against its digest, and each computation
done again against the result that was kept. It ends with 0 when all agrees, 1 when something differs.
The others do one thing at a time; the expected result has the same name in results/.

The head of the register is anchored outside this file: the page of each receipt prints the number of the event of
the filing and the head of that moment. Give them to workflows.chain (--count, --head): the register must pass
through that point.

chain/       the register of the call (format 1), the words beside it (texts.jsonl), its head
site/        events of the site about the roles of the call and the mandates of its bodies; the register of the site
             has other lines, which are not here: each line verifies alone
call/        the call, its editions and its processes, as kept
snapshots/   filed versions, canonical text as kept, and their index (digests, codes of receipts)
reconsiderations.jsonl requests to look at a refusal again, and their answers
sheets.jsonl sheets handed in or set aside; panels/ panels and their frozen recommendations
decisions/   decisions: signed text (-body), selection, approvals, lines
cases/ results/  the cases of the cores and the results that were kept
access.jsonl who read which file or letter; letters.jsonl letters and receipts with their digests
people.jsonl names of the persons written user:N
cores/       the cores, as the site runs them

This folder holds personal information and opinions. Keep it as such, destroy it after use.
"""


def text(call: Call, events: int, head: str) -> str:
    """The README of an export."""
    commands = COMMANDS.format(head=head, events=events)
    told = {"code": call.code, "commands": commands}
    return f"{FRENCH.format(**told)}\n{'-' * 100}\n\n{ENGLISH.format(**told)}"
