"""Memory of a web worker while files arrive: `python bench/uploads.py [--size 50] [--times 5]`.

A real gunicorn with the settings it ships with, one worker, and a body that is made while it is sent. Prints the
highest resident memory of the worker during each upload (VmHWM, reset before it) against what it had before; ends
with 1 when the file past the limit is not refused in a sentence, one that is taken is not kept, or the memory rose by
more than 16 MiB.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "scripts" / "services")]

import machine  # noqa: E402

MEBIBYTE = 2**20
ALLOWED = 16 * MEBIBYTE
TAKEN = 4 * MEBIBYTE  # of a file that is kept
EDGE = "----jalon-bench"


def world(folder: str) -> tuple[int, str]:
    """A dossier that takes files, and the session of its signatory."""
    os.environ.update(
        DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings", FILE_SCANNER="tcp://127.0.0.1:9"
    )
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client

    call_command("migrate", verbosity=0)
    from tests import factories
    from tests.applications import filled
    from tests.fixtures_calls import make_flin

    adstock = factories.make_org("31056")
    person = filled.signatory_of(adstock)
    dossier = filled.make_filled(make_flin().call, adstock, person)
    client = Client()
    client.force_login(person)
    session = client.cookies["sessionid"].value
    connections.close_all()
    return dossier.pk, session


@contextmanager
def serving(port: int, log: Path) -> Iterator[int]:
    """gunicorn with one worker; the worker's process id."""
    words = ["--config", "deploy/gunicorn.conf.py", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
    with log.open("wb") as out:
        command = [sys.executable, "-m", "gunicorn", "config.wsgi:application", *words]
        boss = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
    try:
        end = time.monotonic() + 60
        while not (below := machine.run("ps", "-o", "pid=", "--ppid", str(boss.pid), check=False).split()):
            if time.monotonic() > end or boss.poll() is not None:
                raise SystemExit(log.read_text()[-2000:])
            time.sleep(0.2)
        yield int(below[0])
    finally:
        boss.terminate()
        boss.wait(20)


def memory(pid: int, line: str) -> int:
    """A line of the process's status, in bytes."""
    found = re.search(rf"^{line}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def body(size: int, token: str) -> Iterator[bytes]:
    """A form with one file, made while it is sent; a PDF of one page, and then what no reader looks at."""
    from tests.applications import filled

    yield f'--{EDGE}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'.encode()
    name = 'name="file"; filename="resolution.pdf"'
    yield f"--{EDGE}\r\nContent-Disposition: form-data; {name}\r\nContent-Type: application/pdf\r\n\r\n".encode()
    yield filled.PDF
    left = size - len(filled.PDF)
    while left > 0:
        yield b"\n" * min(left, 64 * 1024)
        left -= 64 * 1024
    yield f"\r\n--{EDGE}--\r\n".encode()


def send(port: int, dossier: int, session: str, size: int) -> tuple[int, str]:
    """One upload: the status and what is said."""
    token = "a" * 32
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    headers = {
        "Accept": "application/json",
        "Content-Type": f"multipart/form-data; boundary={EDGE}",
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "Content-Length": str(sum(map(len, body(size, token)))),
    }
    line.request("POST", f"/dossiers/{dossier}/pieces/resolution/", body=body(size, token), headers=headers)
    answer = line.getresponse()
    said = answer.read().decode(errors="replace")
    line.close()
    told = said[:200]
    if answer.headers.get_content_type() == "application/json":
        told = str(json.loads(said)["line"])
    return answer.status, told


def measured(pid: int, port: int, dossier: int, session: str, size: int) -> tuple[int, int, str]:
    """What one upload adds to the memory, its status and sentence."""
    before = memory(pid, "VmRSS")
    Path(f"/proc/{pid}/clear_refs").write_text("5")  # the highest counts from here
    status, said = send(port, dossier, session, size)
    return memory(pid, "VmHWM") - before, status, said


def main() -> int:
    """A database and files of its own."""
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--size", type=int, default=50, help="MiB of the file past the limit")
    asked.add_argument("--times", type=int, default=5)
    given = asked.parse_args()
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        dossier, session = world(folder)
        port = machine.free_port()
        with serving(port, Path(folder) / "gunicorn.log") as pid:
            send(port, dossier, session, 1000)  # what is loaded once
            print(f"worker         {memory(pid, 'VmRSS') / MEBIBYTE:.1f} MiB at rest")
            for size, wanted in ((given.size * MEBIBYTE, 422), (TAKEN, 200)):
                for _turn in range(given.times):
                    start = time.monotonic()
                    more, status, said = measured(pid, port, dossier, session, size)
                    spent = time.monotonic() - start
                    is_well = status == wanted and more < ALLOWED
                    wrong += not is_well
                    told = f"{size // MEBIBYTE} MiB sent: {more / MEBIBYTE:+.1f} MiB, {status}, {spent:.1f} s, {said}"
                    print(f"{'upload' if is_well else 'WRONG':14} {told}")
            print(f"worker         {memory(pid, 'VmRSS') / MEBIBYTE:.1f} MiB at the end")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
