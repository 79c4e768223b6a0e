"""The shipped proxy, Debian's real nginx, in front of a real gunicorn with two sync workers."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import services

pytestmark = pytest.mark.nginx
ROOT = services.ROOT
SLOW = 6  # people with a slow line, three times as many as workers


@dataclass
class Site:
    """Ports of the proxy and of the web behind it, and their logs."""

    proxy: int
    web: int
    folder: Path

    def log(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8", errors="replace")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def shipped(folder: Path, proxy: int, web: int) -> Path:
    """deploy/nginx.conf itself, with this machine's addresses and folders."""
    words = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    for here, there in (
        ("listen 80 default_server", f"listen 127.0.0.1:{proxy} default_server"),
        ("server web:8000", f"server 127.0.0.1:{web}"),
        ("/tmp/", f"{folder}/"),
        ("/etc/nginx/pages/", f"{ROOT / 'deploy' / 'pages'}/"),
        ("/dev/stdout", f"{folder / 'access.log'}"),
        ("/dev/stderr", f"{folder / 'error.log'}"),
    ):
        assert here in words, here
        words = words.replace(here, there)
    if os.geteuid() == 0:  # as root nginx takes another user, who may not enter the folder
        words = "user root;\n" + words
    path = folder / "nginx.conf"
    path.write_text("daemon off;\n" + words, encoding="utf-8")
    return path


def answers(port: int, path: str = "/proxy-health") -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status < 400
    except OSError:
        return False


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """web and proxy; the site needs no table for the addresses that are asked here."""
    folder = tmp_path_factory.mktemp("proxied")
    found = Site(free_port(), free_port(), folder)
    (folder / "static").mkdir()
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG"}}
    environment = {**kept, "DATA_DIR": str(folder), "TRUSTED_PROXY": "127.0.0.1", "LOG_LEVEL": "INFO"}
    web = [
        sys.executable,
        "-m",
        "gunicorn",
        "tests.proxy_site:application",
        "--config",
        "deploy/gunicorn.conf.py",
    ]
    web += ["--bind", f"127.0.0.1:{found.web}"]
    proxy = [services.nginx(), "-c", str(shipped(folder, found.proxy, found.web)), "-p", str(folder)]
    with contextlib.ExitStack() as stack:
        for name, command in (("web.log", web), ("proxy.log", proxy)):
            out = stack.enter_context((folder / name).open("wb"))
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)
            stack.callback(end, process)
        limit = time.monotonic() + 40
        while not (answers(found.proxy) and answers(found.proxy, "/essai/")):
            assert time.monotonic() < limit, found.log("web.log") + found.log("proxy.log")
            time.sleep(0.1)
        yield found


def end(process: subprocess.Popen[bytes]) -> None:
    """Stop one of ours."""
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def asked(port: int, path: str, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], str]:
    """Status, headers and text of one GET."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    line.request("GET", path, headers=headers or {})
    answer = line.getresponse()
    text = answer.read().decode()
    line.close()
    return answer.status, {k.lower(): v for k, v in answer.getheaders()}, text


def trickle(port: int, seconds: float, stopped: threading.Event, results: list[dict[str, float]]) -> None:
    """Send 20 KiB in as many drops as fill the time, then keep what the site says."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
        size, drops = 20480, 20
        head = (
            f"POST /essai/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {size}\r\nConnection: close\r\n\r\n"
        )
        line.sendall(head.encode())
        began = time.time()
        for _ in range(drops):
            if stopped.wait(seconds / drops):
                return
            line.sendall(b"x" * (size // drops))
        heard = b""
        while block := line.recv(65536):
            heard += block
        results.append(
            {"sent": began, **json.loads(heard.rpartition(b"\r\n")[2] or heard.split(b"\r\n")[-2])}
        )


def waits(port: int, count: int, pause: float) -> list[float]:
    """Seconds that other people wait for a page."""
    found = []
    for _ in range(count):
        began = time.monotonic()
        status, _, _ = asked(port, "/essai/")
        assert status == 200
        found.append(time.monotonic() - began)
        time.sleep(pause)
    return found


def test_slow_uploads_stop_nobody(site: Site) -> None:
    """Six bodies trickle in for three seconds; pages come meanwhile as if nothing were."""
    results: list[dict[str, float]] = []
    stopped = threading.Event()
    slow = [threading.Thread(target=trickle, args=(site.proxy, 3.0, stopped, results)) for _ in range(SLOW)]
    for one in slow:
        one.start()
    time.sleep(0.4)
    times = waits(site.proxy, 20, 0.05)
    for one in slow:
        one.join()
    assert len(results) == SLOW
    assert max(times) < 1.5, times
    assert statistics.median(times) < 0.3, times
    for told in results:
        assert told["bytes"] == 20480
        assert abs(told["received"] - told["sent"]) < 1.0, "the deadline counts the arrival, not the end"
        assert told["began"] - told["received"] > 2.0, "the worker had it only once it was whole"


def test_without_the_proxy_they_would(site: Site) -> None:
    """The same bodies straight to the web: two hold both workers. What the test above measures is real."""
    stopped = threading.Event()
    slow = [threading.Thread(target=trickle, args=(site.web, 2.0, stopped, [])) for _ in range(SLOW)]
    for one in slow:
        one.start()
    time.sleep(0.4)
    began = time.monotonic()
    asked(site.web, "/essai/")
    waited = time.monotonic() - began
    stopped.set()
    for one in slow:
        one.join()
    assert waited > 1.0


def test_slow_readers_stop_nobody(site: Site) -> None:
    """An export of 24 MiB to people who do not read: the worker is done with it and serves the others."""
    lines = []
    for _ in range(4):
        line = socket.create_connection(("127.0.0.1", site.proxy), timeout=20)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8192)
        line.sendall(b"GET /long/ HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        lines.append(line)
    time.sleep(1.5)
    times = waits(site.proxy, 10, 0.05)
    for line in lines:
        line.close()
    assert max(times) < 1.5, times


def test_nobody_else_says_when_a_request_arrived(site: Site) -> None:
    """A client's own stamp is replaced by the proxy; a peer that is not the proxy is not believed."""
    stamp = {"X-Request-Start": f"t={time.time() - 1800:.3f}", "X-Request-ID": "mine-0123456789"}
    told = json.loads(asked(site.proxy, "/essai/", stamp)[2])
    assert abs(told["received"] - time.time()) < 5
    assert told["number"] != "mine-0123456789"
    assert told["forwarded"] == "127.0.0.1"
    forged = {**stamp, "X-Forwarded-For": "203.0.113.9"}
    assert json.loads(asked(site.proxy, "/essai/", forged)[2])["forwarded"] == "127.0.0.1"


def test_a_number_is_given_and_comes_back(site: Site) -> None:
    status, headers, text = asked(site.proxy, "/essai/")
    assert (status, headers["x-request-id"]) == (200, json.loads(text)["number"])
    assert f'"request_id":"{headers["x-request-id"]}"' in site.log("access.log")
    limit = time.monotonic() + 5
    while (
        f'"request_id": "{headers["x-request-id"]}"' not in site.log("web.log") and time.monotonic() < limit
    ):
        if f"request_id={headers['x-request-id']}" in site.log("web.log"):
            break
        time.sleep(0.1)
    assert headers["x-request-id"] in site.log("web.log"), "the same number in both logs"


@pytest.mark.parametrize(
    ("path", "words"),
    [("/essai/", "Votre envoi est trop volumineux"), ("/en/essai/", "What you sent is too large")],
)
def test_a_body_too_large_has_a_page(site: Site, path: str, words: str) -> None:
    line = http.client.HTTPConnection("127.0.0.1", site.proxy, timeout=20)
    line.putrequest("POST", path)
    line.putheader("Content-Length", str(26 * 1024 * 1024))
    line.endheaders()
    answer = line.getresponse()
    text = answer.read().decode()
    assert answer.status == 413
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert words in text
    assert "style=" not in text
    line.close()
    status, headers, _ = asked(site.proxy, "/proxy-pages/page.css")
    assert (status, headers["content-type"]) == (200, "text/css")
    assert asked(site.proxy, "/proxy-pages/413.fr.html")[0] == 404, "a page of the proxy is not an address"


def test_tokens_and_questions_are_not_written(site: Site) -> None:
    for path in (
        "/invitation/jeton-plante-1/",
        "/en/mot-de-passe/nouveau/jeton-plante-2/",
        "/essai/?q=mot-plante-3",
        "/essai/nom.plante-4@exemple.example/",
    ):
        asked(site.proxy, path)
    time.sleep(0.3)
    for name in ("access.log", "error.log", "web.log", "proxy.log"):
        assert "plante" not in site.log(name), name
    told = [json.loads(line) for line in site.log("access.log").splitlines()]
    assert {"/invitation/...", "/en/mot-de-passe/nouveau/..."} <= {line["path"] for line in told}


def test_a_site_away_has_a_page(site: Site, tmp_path: Path) -> None:
    """A proxy of its own, with nothing behind it."""
    port = free_port()
    command = [services.nginx(), "-c", str(shipped(tmp_path, port, free_port())), "-p", str(tmp_path)]
    with (tmp_path / "out").open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out)
    try:
        limit = time.monotonic() + 10
        while not answers(port) and time.monotonic() < limit:
            time.sleep(0.05)
        for path, words in (("/", "Le service est indisponible"), ("/en/", "The service is unavailable")):
            status, _, text = asked(port, path)
            assert status in (502, 503)
            assert words in text
    finally:
        end(process)
