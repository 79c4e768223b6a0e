"""Letters while everything is killed: `python bench/faults_letters.py [LETTERS] [--kills N] [--seed S] [--keep]`.

A decision on LETTERS dossiers is signed and released on servers of its own (bench/stage.py): PostgreSQL with fsync,
Redis append-only, a real mail server, worker and timetable under production settings. While its letters are written,
drawn and sent, the worker, the broker and the database are killed (SIGKILL) at instants drawn from a seed. Then every
letter, message and what the mail server took are counted, and the trail is verified. Ends with 1 when anything is
lost or doubled.
"""

import argparse
import json
import os
import random
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

LETTERS, KILLS, SEED = 1000, 24, 20261123
LEAD = 45  # seconds between the release and the instant of the letters: they are written meanwhile
PATIENCE = 1800
KINDS = ("worker", "database", "broker")
PROGRESS = """
select (select count(*) from notifications_document where line_id is not null)
     + (select count(*) from notifications_document where line_id is not null and state = 'drawn')
     + (select count(*) from grants_decisionline where executed_at is not null)
     + (select count(*) from notifications_message where kind like 'decision\\_L%' and state in ('sent', 'uncertain'))
"""
COMPOSED = "select count(*) from notifications_document where line_id is not null"
OVER = """
select count(*) from notifications_message
where kind like 'decision\\_L%' and state not in ('held', 'waiting', 'sending')
"""


# --- inside the site --------------------------------------------------------------------------------------
def django_up() -> None:
    """The site, under the settings of the environment."""
    import django

    django.setup()
    from django.conf import settings

    settings.SECOND_FACTOR = False  # nobody is here to give a code; everything else is production's


def prepare(letters: int) -> None:
    """A call at its decision with so many dossiers; the decision signed and released."""
    django_up()
    from datetime import timedelta

    from django.db import transaction

    from grants.models import BudgetLine
    from review import deciding, selection
    from review.models import Panel, Recommendation
    from tests.fixtures_calls import make_flin
    from web import clock
    from workflows.chain import canonical
    from workflows.engine import fire

    closes = (clock.now() - timedelta(days=60)).replace(microsecond=0)
    flin = make_flin(closes=closes)
    flin.call.letters_at, flin.call.publish_at = clock.now() + timedelta(1), clock.now() + timedelta(15)
    flin.call.save()
    volet = flin.volet
    chance = random.Random(7)
    case = {"pool": letters * 40_000, "partial_min": "0.80", "aid_min": 10_000, "reserves": []}
    case |= {"ties": ["C2", "C4", "population", "filed_at"]}
    with transaction.atomic():
        BudgetLine.objects.filter(volet=volet).update(amount=letters * 40_000)
        case["dossiers"] = [_dossier(flin, volet, n, chance) for n in range(1, letters + 1)]
    panel = Panel.objects.create(
        state="locked", call=flin.call, volet=volet, code="p", name={"fr": "Comité"}, due_at=closes
    )
    Recommendation.objects.create(
        panel=panel,
        scoring=canonical({"dossiers": {}}),
        input=canonical(case),
        result=canonical(selection.select(case)),
        digest="sha256:" + "0" * 64,
        frozen_at=clock.now(),
        frozen_by=flin.secretary,
    )
    decision = deciding.draft_main(panel, actor=flin.manager)
    instant = clock.now() + timedelta(seconds=LEAD)
    deciding.set_instants(decision, instant, instant, actor=flin.manager)
    fire(decision, "propose", actor=flin.manager)
    fire(decision, "sign", actor=flin.authority, digest=decision.digest)
    fire(decision, "ask_release", actor=flin.manager)
    fire(decision, "release", actor=flin.authority)


def _dossier(flin: Any, volet: Any, n: int, chance: random.Random) -> dict[str, Any]:
    from datetime import timedelta

    from accounts.models import Organisation, User
    from applications.models import Body, Dossier
    from tests import factories
    from web import clock

    model = factories.make_org("31056")
    place = Organisation.objects.get(pk=model.pk)
    place.pk, place.code, place.name = None, f"9{n:05d}", f"Municipalité {n}"
    place.own_email = ""  # one person, one message a letter
    place.save(force_insert=True)
    person = User(email=f"sign{n}@ville.example", given_name="Maude", family_name=f"Roy {n}")
    person.set_unusable_password()
    person.save()
    factories.make_member(person, place, "signatory")
    aid = chance.randint(20, 90) * 1000
    dossier = Dossier.objects.create(
        state="in_progress",
        stage="decision",
        secret=True,
        call=flin.call,
        volet=volet,
        edition=flin.call.edition,
        number=f"FLIN-{n:04d}",
        created_by=person,
        created_at=clock.now(),
        sort_at=clock.now(),
        filed_at=clock.now() - timedelta(days=70),
        title=f"Projet {n}",
        lead_name=place.name,
        lead_sort=place.sort_name,
        region_code=place.region_id,
        requested=aid,
        aid=aid,
        confirmed_aid=aid,
        kept_costs=aid,
    )
    Body.objects.create(dossier=dossier, organisation=place, role="lead")
    return {
        "id": dossier.number,
        "score": str(chance.randint(50, 99)),
        "requested": aid,
        "tags": [],
        "passes": True,
        "criteria": {"C2": "80", "C4": "80"},
        "population": 500 + n,
        "filed_at": "2026-03-20T10:00:00-04:00",
    }


def count(log: str) -> None:
    """Everything that must agree, as JSON."""
    django_up()
    import hashlib

    from django.core.files.storage import default_storage

    from grants.models import Award, DecisionLine
    from notifications.models import Document, Message

    letters = Document.objects.filter(line_id__isnull=False)
    mails = Message.objects.filter(kind__startswith="decision_L")
    taken = [json.loads(line) for line in Path(log).read_text("utf-8").splitlines()]
    ids = Counter(one["id"] for one in taken)
    digests, torn = set(), 0
    for letter in letters:
        with default_storage.open(letter.pdf_path) as stored:
            digest = hashlib.sha256(stored.read()).hexdigest()
        torn += letter.pdf_digest != f"sha256:{digest}"
        digests.add(digest)
    sent = set(mails.filter(state="sent").values_list("message_id", flat=True))
    known = set(mails.values_list("message_id", flat=True))
    unsure = set(mails.filter(state="uncertain").values_list("message_id", flat=True))
    print(
        json.dumps(
            {
                "letters": letters.count(),
                "lines": letters.values("line_id").distinct().count(),
                "drawn": letters.filter(state="drawn").count(),
                "torn": torn,
                "messages": mails.count(),
                "states": dict(Counter(mails.values_list("state", flat=True))),
                "taken": len(taken),
                "twice": sum(n > 1 for n in ids.values()),
                "sent_not_taken": len(sent - set(ids)),
                "taken_unknown": len([i for i in ids if i in known or "decision" in i])
                - len(set(ids) & known),
                "uncertain_taken": len(unsure & set(ids)),
                "uncertain_not_taken": len(unsure - set(ids)),
                "foreign_files": sum(
                    f not in digests for one in taken if one["id"] in known for f in one["files"]
                ),
                "without_file": sum(not one["files"] for one in taken if one["id"] in known),
                "carried_out": DecisionLine.objects.filter(executed_at__isnull=False).count(),
                "awards": Award.objects.count(),
                "paid": DecisionLine.objects.filter(outcome__in=["accepted", "partial"]).count(),
            }
        )
    )


# --- outside: the killing ---------------------------------------------------------------------------------
def worker(stage: Any) -> None:
    """A worker with two processes, as docker-compose.yml runs it."""
    stage.site(
        "worker", "-m", "celery", "-A", "config", "worker", "--concurrency", "2", "--loglevel", "WARNING"
    )


def number(stage: Any, sql: str) -> int:
    """One figure; -1 while the database does not answer."""
    said = stage.database.ask(sql)
    return int(said) if said.isdigit() else -1


def kill(stage: Any, kind: str, chance: random.Random) -> None:
    """One of the three dies, and comes back after a while."""
    victim = {"worker": stage.sites.get("worker"), "database": stage.database, "broker": stage.broker}[kind]
    victim.kill()
    time.sleep(chance.uniform(0.1, 3.0))
    victim.start()


def torment(stage: Any, letters: int, kills: int, chance: random.Random) -> list[str]:
    """Kill while work goes on, until all kills are done and nothing waits; what was killed, in order."""
    order = [KINDS[n % len(KINDS)] for n in range(kills)]
    chance.shuffle(order)
    done: list[str] = []
    end, last, due, composed, restarts = time.monotonic() + PATIENCE, -1, 0.0, False, 0
    while time.monotonic() < end:
        time.sleep(0.2)
        restarts += stage.supervise()
        now = number(stage, PROGRESS)
        composed = composed or number(stage, COMPOSED) >= letters  # killed before, all would wait one lease
        if order and now > last >= 0 and not due and composed:
            due = time.monotonic() + chance.uniform(0.5, 6.0)
        last = now
        if due and time.monotonic() >= due:
            kind, due = order.pop(), 0.0
            kill(stage, kind, chance)
            done.append(kind)
            print(f"  killed {kind:8s} {len(done):3d} of {kills}, progress {now}", flush=True)
            last = -1
        if number(stage, OVER) >= letters:
            break
    print(f"restarts       {restarts} of processes that ended by themselves, by the supervisor")
    return done


def report(letters: int, killed: list[str], found: dict[str, Any], seconds: float, seed: int) -> int:
    """Print, and say whether the house held."""
    import platform

    from bench.export_lists import processor

    by_kind = Counter(killed)
    print(f"machine        {processor()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    print(f"seed           {seed}; {len(killed)} kills: {', '.join(f'{by_kind[k]} {k}' for k in KINDS)}")
    print(f"duration       {seconds:.0f} s, load {os.getloadavg()[0]:.1f}")
    for name, value in found.items():
        print(f"{name:19s}  {value}")
    sure = found["states"].get("sent", 0) + found["states"].get("uncertain", 0)
    held = [
        found["letters"] == found["lines"] == found["drawn"] == letters,
        found["messages"] == sure == letters,
        found["carried_out"] == letters and found["awards"] == found["paid"],
        not any(found[k] for k in ("torn", "twice", "sent_not_taken", "taken_unknown", "foreign_files")),
        not found["without_file"],
    ]
    print(f"{'held' if all(held) else 'DID NOT HOLD'}")
    return int(not all(held))


def main() -> int:
    """Read the command, set the stage, torment, count."""
    parser = argparse.ArgumentParser(description="Letters while everything is killed.")
    parser.add_argument("letters", type=int, nargs="?", default=LETTERS)
    parser.add_argument("--kills", type=int, default=KILLS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--keep", action="store_true", help="keep the folder of logs and files")
    parser.add_argument("--inside", choices=["prepare", "count"], help=argparse.SUPPRESS)
    parser.add_argument("--log", default="", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.inside:
        prepare(asked.letters) if asked.inside == "prepare" else count(asked.log)
        return 0
    from bench.stage import Stage

    me = str(Path(__file__).resolve())
    with Stage(keep=asked.keep) as stage:
        stage.run(me, str(asked.letters), "--inside", "prepare")
        began = time.monotonic()
        worker(stage)
        stage.site("beat", "-m", "celery", "-A", "config", "beat", "--schedule", str(stage.home / "beat"))
        killed = torment(stage, asked.letters, asked.kills, random.Random(asked.seed))
        seconds = time.monotonic() - began
        found = json.loads(stage.run(me, "--inside", "count", "--log", str(stage.mail.log)).splitlines()[-1])
        trail = (
            stage.run("manage.py", "verify_trail").strip().splitlines()[-1]
        )  # fails when it does not verify
        print(f"verify_trail   {trail}")
    return report(asked.letters, killed, found, seconds, asked.seed)


if __name__ == "__main__":
    sys.exit(main())
