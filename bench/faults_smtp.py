"""A mail server that misbehaves: `python bench/faults_smtp.py [--timeout SECONDS]`.

A real server (bench/mail_server.py, a process of its own) hangs, refuses, answers late, cuts or falls silent, by the
address it is given. Prints what became of each message: its state, its tries, what the site says of it, how often the
server had it, and how long a worker was held. Ends with 1 when something was sent twice, lost, or held up.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

# Address → the state in which its message must end after one try, and how often the server must have had it.
MANNERS = {
    "bon1": ("sent", 1),
    "hang1": ("waiting", 0),
    "bon2": ("sent", 1),
    "late1": ("sent", 1),
    "4xx1": ("waiting", 0),
    "5xx1": ("parked", 0),
    "rcpt1": ("parked", 0),
    "drop1": ("uncertain", 1),
    "bon3": ("sent", 1),
    "silent1": ("uncertain", 1),
    "bon4": ("sent", 1),
}


def write(names: list[str]) -> list[Any]:
    """One message to each address, due now."""
    from notifications.models import Message
    from notifications.models.message import MessageState, Mode
    from web import clock

    now = clock.now()
    return [
        Message.objects.create(
            key=f"essai:{name}",
            kind="essai",
            mode=Mode.AT_ONCE,
            state=MessageState.WAITING,
            to_email=f"{name}@ville.example",
            language="fr",
            subject="Essai",
            body="Bonjour,\n",
            message_id=f"<{name}@jalon.example>",
            created_at=now,
            due_at=now,
        )
        for name in names
    ]


def rounds() -> list[float]:
    """Do what is due, round after round as the timetable would; how long each took."""
    from notifications import mail
    from notifications.models import Message
    from notifications.models.message import MessageState
    from web import clock

    taken = []
    while Message.objects.filter(state=MessageState.WAITING, due_at__lte=clock.now()).exists():
        began = time.monotonic()
        mail.send_due()
        taken.append(time.monotonic() - began)
    return taken


def judge(server: Any) -> tuple[list[str], list[str]]:
    """Lines to print, and what is not as it must be."""
    from notifications import progress
    from notifications.models import Message

    ids = Counter(one["id"] for one in server.taken())
    lines, wrong = [], []
    for name, (state, times) in MANNERS.items():
        row = Message.objects.get(key=f"essai:{name}")
        words = progress.why(row.state, row.error)
        had = ids[row.message_id]
        lines.append(
            f"{name:8s} {row.state:10s} tries {row.tries}  server had it {had}  {row.error:28s} {words}"
        )
        if (row.state, had) != (state, times):
            wrong.append(f"{name}: {row.state}, had {had}; expected {state}, {times}")
        if state in ("parked", "uncertain") and not words:
            wrong.append(f"{name}: no words")
    return lines, wrong


def away(settings: Any) -> tuple[str, list[str]]:
    """Nobody listens: everything waits, nothing is parked, a round ends at once."""
    from notifications import mail
    from notifications.models import Message

    settings.EMAIL_PORT = 9
    names = [f"loin{n}" for n in range(20)]
    write(names)
    began = time.monotonic()
    mail.send_due()
    seconds = time.monotonic() - began
    states = Counter(Message.objects.filter(key__startswith="essai:loin").values_list("state", flat=True))
    line = f"nobody listens: {dict(states)} after {seconds:.2f} s"
    return line, [] if states == {"waiting": len(names)} else [line]


def main() -> int:
    """Read the command; a database of its own, a server of its own."""
    parser = argparse.ArgumentParser(description="A mail server that misbehaves.")
    parser.add_argument("--timeout", type=float, default=20.0, help="EMAIL_TIMEOUT (20 s in production)")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command

        from bench.stage import Mail

        call_command("migrate", verbosity=0)
        server = Mail(Path(folder), "mixed")
        server.start()
        settings.EMAIL_BACKEND = "notifications.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_TIMEOUT = asked.timeout
        try:
            write(list(MANNERS))
            taken = rounds()
            lines, wrong = judge(server)
            said, more = away(settings)
        finally:
            server.kill()
    print("\n".join([*lines, said]))
    print(f"timeout {asked.timeout:g} s; rounds of {', '.join(f'{one:.1f}' for one in taken)} s")
    if max(taken) > 2 * asked.timeout + 15:
        wrong.append(f"a worker was held {max(taken):.1f} s")
    for one in wrong + more:
        print(f"WRONG          {one}")
    return int(bool(wrong + more))


if __name__ == "__main__":
    sys.exit(main())
