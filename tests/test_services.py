"""The real services answer; the shipped compose file is honest: its commands are started for real here."""

import ast
import contextlib
import os
import re
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from tests import services

ROOT = services.ROOT
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
OURS = ("prepare", "web", "worker", "beat")


# --- the compose file, read --------------------------------------------------------------------------


def variables_of_settings() -> set[str]:
    """Names that config/settings.py asks of the environment."""
    tree = ast.parse((ROOT / "config" / "settings.py").read_text(encoding="utf-8"))
    readers = {"env", "env_bool", "env_list", "env_int", "get"}
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    asked = [call.args[0] for call in calls if ast.unparse(call.func).split(".")[-1] in readers]
    return {str(word.value) for word in asked if isinstance(word, ast.Constant)}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_settings_read(name):
    given = COMPOSE["services"][name]["environment"]
    assert given, name
    assert {variable.removesuffix("_FILE") for variable in given} <= variables_of_settings()


def test_the_example_of_env_names_what_compose_asks_for():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), flags=re.M))
    assert asked == offered


def test_images_are_pinned():
    images = [service["image"] for service in COMPOSE["services"].values()]
    first = re.search(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.M)
    assert first
    for image in [*images, first.group(1)]:
        assert re.search(r":\d+\.\d+(\.\d+)?(-\w+)*$", image), image


def test_each_service_is_watched_and_keeps_its_data():
    for name, service in COMPOSE["services"].items():
        assert "healthcheck" in service, name
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in COMPOSE["volumes"] or source.startswith("./deploy/"), volume
    assert "--appendonly yes" in COMPOSE["services"]["redis"]["command"]
    assert any("/var/lib/postgresql/data" in v for v in COMPOSE["services"]["postgres"]["volumes"])
    assert "data:/data" in COMPOSE["services"]["worker"]["volumes"]


def test_the_image_installs_the_very_hashed_requirements():
    words = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "pip install --require-hashes --requirement requirements/base.txt" in words
    assert words.count("pip install") == 1


def test_the_proxy_stamps_the_arrival_and_trusts_nobody():
    conf = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
    assert "set $arrived $msec;" in conf
    assert 'proxy_set_header X-Request-Start "t=$arrived";' in conf
    assert "proxy_request_buffering on;" in conf
    assert re.search(r"client_max_body_size \d+m;", conf)
    proxy = COMPOSE["services"]["proxy"]["networks"]["inside"]["ipv4_address"]
    assert COMPOSE["services"]["web"]["environment"]["TRUSTED_PROXY"] == proxy


# --- the services, asked -------------------------------------------------------------------------------


@pytest.mark.postgres
@pytest.mark.django_db
def test_postgresql_folds_and_stems_french():
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("show server_version_num")
        assert int(cursor.fetchone()[0]) >= 150000
        cursor.execute("create extension if not exists unaccent")
        query = "select to_tsvector('french', unaccent(%s)) @@ plainto_tsquery('french', unaccent(%s))"
        cursor.execute(query, ["Les innovations numeriques", "l'innovation numérique"])
        assert cursor.fetchone()[0] is True
        cursor.execute("show max_connections")
        assert int(cursor.fetchone()[0]) >= 300


@pytest.mark.redis
def test_redis_keeps_what_it_was_told(redis_url):
    import redis

    with contextlib.closing(redis.Redis.from_url(redis_url)) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}
        client.set("jalon:test", "é", ex=5)
        assert client.get("jalon:test") == "é".encode()


@pytest.mark.browser
def test_chromium_opens_a_page():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=services.chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.set_content("<h1>Jalon</h1>")
        assert page.inner_text("h1") == "Jalon"
        browser.close()


# --- production, started for real ------------------------------------------------------------------------


@pytest.fixture
def production(tmp_path, redis_url) -> Iterator[dict[str, str]]:
    """The environment of compose with real addresses, on a database of its own."""
    address = services.address("DATABASE_URL")
    name = f"jalon_smoke_{os.getpid()}"
    folder = urlsplit(address).query.partition("host=")[2]
    with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')
        admin.execute(f'create database "{name}"')
    given = {
        "SECRET_KEY": "a-key-for-one-smoke-test-of-production-0123456789-abcdefghijklmnopqrst",
        "SITE_URL": "https://jalon.example",
        "CSRF_TRUSTED_ORIGINS": "https://jalon.example",
        "ALLOWED_HOSTS": "jalon.example",
        "EMAIL_URL": "smtp://127.0.0.1:9",
        "DEFAULT_FROM_EMAIL": "jalon@jalon.example",
        "DATABASE_URL": urlsplit(address)._replace(path=f"/{name}").geturl(),
        "REDIS_URL": redis_url.removesuffix("/0") + "/7",
        "DATA_DIR": str(tmp_path),
        "TRUSTED_PROXY": "127.0.0.1",
    }
    environment = {
        k: v for k, v in os.environ.items() if k not in {"DJANGO_SETTINGS_MODULE", "DEMO", "DEBUG"}
    }
    for variable, value in COMPOSE["services"]["web"]["environment"].items():
        environment[variable] = given.get(variable, str(value))
        assert "${" not in environment[variable], variable
    environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
    yield environment
    with psycopg.connect(f"host={folder} user=postgres dbname=postgres", autocommit=True) as admin:
        admin.execute(f'drop database if exists "{name}" with (force)')


@contextlib.contextmanager
def started(command: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A command of compose as a process, stopped at the end."""
    with log.open("wb") as out:
        process = subprocess.Popen(shlex.split(command), cwd=ROOT, env=environment, stdout=out, stderr=out)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def said(log: Path, words: str, process: "subprocess.Popen[bytes]", seconds: float = 40) -> None:
    """Wait until the log says so."""
    limit = time.monotonic() + seconds
    while words not in log.read_text(errors="replace"):
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        assert time.monotonic() < limit, log.read_text(errors="replace")[-2000:]
        time.sleep(0.2)


def front_page(port: int, process: "subprocess.Popen[bytes]", log: Path) -> tuple[int, str]:
    """What a browser behind the proxy gets at /."""
    headers = {"Host": "jalon.example", "X-Forwarded-Proto": "https"}
    for _ in range(200):
        assert process.poll() is None, log.read_text(errors="replace")[-2000:]
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}/", headers=headers)
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            refused.close()
            return refused.code, log.read_text(errors="replace")[-2000:]
        except OSError:
            time.sleep(0.2)
    return 0, log.read_text(errors="replace")[-2000:]


def command_of(name: str) -> str:
    """The command that compose gives to a service."""
    return str(COMPOSE["services"][name]["command"])


@pytest.mark.postgres
@pytest.mark.redis
def test_production_starts(production, tmp_path):
    """prepare, web, worker and beat as compose starts them, production settings, PostgreSQL and Redis."""
    done = subprocess.run(
        shlex.split(command_of("prepare")),
        cwd=ROOT,
        env=production,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = command_of("web").replace("0.0.0.0:8000", f"127.0.0.1:{port}")
    beat = command_of("beat").replace("/tmp/", f"{tmp_path}/")
    logs = {name: tmp_path / f"{name}.log" for name in ("web", "worker", "beat")}
    with (
        started(web, production, logs["web"]) as web_process,
        started(command_of("worker"), production, logs["worker"]) as worker_process,
        started(beat, production, logs["beat"]) as beat_process,
    ):
        status, page = front_page(port, web_process, logs["web"])
        assert status == 200, page
        assert "<title>" in page
        said(logs["beat"], "beat: Starting", beat_process)
        said(logs["worker"], "ready.", worker_process)
        ping = [sys.executable, "-m", "celery", "-A", "config", "inspect", "ping", "--timeout", "10"]
        done = subprocess.run(ping, cwd=ROOT, env=production, capture_output=True, text=True, check=False)
        assert "pong" in done.stdout, done.stdout + done.stderr
