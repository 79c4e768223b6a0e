"""The demo's launcher: starts for real, says where it is, and leaves nothing behind."""

import datetime as dt
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from tests.services import ROOT
from web.management.commands import run_demo


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def demo_environment(folder: Path) -> dict[str, str]:
    dropped = {"DATABASE_URL", "REDIS_URL", "EMAIL_URL", "PRODUCTION", "DJANGO_SETTINGS_MODULE"}
    return {**{k: v for k, v in os.environ.items() if k not in dropped}, "DEMO": "1", "DATA_DIR": str(folder)}


def read_until(process: "subprocess.Popen[str]", words: str) -> str:
    """What it printed up to the line with these words, or all of it."""
    heard = ""
    for line in process.stdout or ():
        heard += line
        if words in line:
            break
    return heard


def children_of(pid: int) -> list[int]:
    """Ids of the processes that it started (Linux; none elsewhere)."""
    listed = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(word) for word in listed.read_text().split()] if listed.exists() else []


def test_a_taken_port_is_said_in_one_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=f"make demo PORT={port + 1}"):
            run_demo.refuse_taken_port(port)


def test_a_seed_that_never_ended_is_no_seed(tmp_path):
    assert run_demo.read_marker(tmp_path / "seeded.json") is None
    (tmp_path / "seeded.json").write_text("{}")
    assert run_demo.read_marker(tmp_path / "seeded.json") is None
    (tmp_path / "seeded.json").write_text('{"today": "2026-11-22"}')
    assert run_demo.read_marker(tmp_path / "seeded.json") == dt.date(2026, 11, 22)


def test_it_empties_no_folder_that_is_not_its_own(settings, tmp_path):
    settings.DATA_DIR = tmp_path / "elsewhere"
    with pytest.raises(CommandError):
        run_demo.empty_data_dir()


def test_it_wants_the_demo_flag(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="make demo"):
        run_demo.Command().handle(port=1, today=None)


def test_it_starts_answers_and_leaves_nothing_running(tmp_path):
    """With a seed already there: tables, web, worker; SIGTERM ends all of them."""
    marker = json.dumps({"today": dt.date.today().isoformat()})
    (tmp_path / "seeded.json").write_text(marker)
    port = free_port()
    command = [sys.executable, "manage.py", "run_demo", "--port", str(port)]
    output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, env=demo_environment(tmp_path), **output)
    try:
        heard = read_until(process, "is running at")
        assert f"Jalon is running at http://127.0.0.1:{port}/" in heard
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer:
            assert answer.status == 200
        ids = children_of(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        code = process.wait(20)
    assert code == 0
    time.sleep(0.2)
    assert [pid for pid in ids if Path(f"/proc/{pid}").exists()] == []
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(("127.0.0.1", port))
