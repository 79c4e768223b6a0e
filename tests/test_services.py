"""The real services answer; the shipped compose file is honest: its commands are started for real here."""

import ast
import contextlib
import json
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


def test_every_service_of_the_house_is_there():
    assert set(COMPOSE["services"]) == {*OURS, "proxy", "postgres", "redis", "elasticsearch", "clamav"}


@pytest.mark.parametrize("name", OURS)
def test_every_variable_is_one_that_settings_read(name):
    given = COMPOSE["services"][name]["environment"]
    assert given, name
    assert {variable.removesuffix("_FILE") for variable in given} <= variables_of_settings()


def test_the_example_of_env_names_what_compose_asks_for():
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    offered = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), flags=re.M))
    assert asked == offered


def test_the_four_have_the_same_settings():
    first, *others = [COMPOSE["services"][name]["environment"] for name in OURS]
    assert all(other == first for other in others)


def test_no_secret_stands_in_the_environment():
    """Passwords and keys are files; what compose takes from .env is no secret."""
    for name in OURS:
        given = COMPOSE["services"][name]["environment"]
        for variable, value in given.items():
            secret = re.search(r"SECRET|PASSWORD|TOKEN|EMAIL_URL", variable)
            assert not secret or variable.endswith("_FILE"), variable
            if variable.endswith("_FILE"):
                file = value.removeprefix("/run/secrets/")
                assert file in COMPOSE["services"][name]["secrets"], variable
                assert COMPOSE["secrets"][file]["file"] == f"./secrets/{file}"
    assert "POSTGRES_PASSWORD" not in COMPOSE["services"]["postgres"]["environment"]
    ignored = (ROOT / ".gitignore").read_text() + (ROOT / ".dockerignore").read_text()
    assert "/secrets/" in ignored
    assert "\nsecrets\n" in ignored


def test_secrets_are_made_and_turned(tmp_path):
    """deploy/new_secrets.py makes each file that compose names, touches none that is there, and turns the key."""

    def run(*words):
        command = [sys.executable, str(ROOT / "deploy" / "new_secrets.py"), *words]
        env = {**os.environ, "SECRETS_DIR": str(tmp_path / "s")}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout

    run()
    made = {p.name: p.read_text().strip() for p in (tmp_path / "s").iterdir()}
    assert set(made) == set(COMPOSE["secrets"])
    assert len(made["secret_key"]) >= 50
    assert (tmp_path / "s").stat().st_mode & 0o777 == 0o700
    assert "email_url" in run()
    assert {p.name: p.read_text().strip() for p in (tmp_path / "s").iterdir()} == made
    run("--rotate")
    assert (tmp_path / "s" / "secret_key").read_text().strip() != made["secret_key"]
    assert (tmp_path / "s" / "secret_key_fallbacks").read_text().strip() == made["secret_key"]


def test_the_index_is_on_a_network_without_a_way_out():
    assert COMPOSE["networks"]["search"]["internal"] is True
    members = {n for n, s in COMPOSE["services"].items() if "search" in s.get("networks", [])}
    assert members == {*OURS, "elasticsearch"}
    assert [n for n, s in COMPOSE["services"].items() if "ports" in s] == ["proxy"]


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
    assert "index:/usr/share/elasticsearch/data" in COMPOSE["services"]["elasticsearch"]["volumes"]
    assert "signatures:/var/lib/clamav" in COMPOSE["services"]["clamav"]["volumes"]


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
    assert "proxy_set_header X-Request-ID $request_id;" in conf
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
    secrets = {
        "SECRET_KEY_FILE": "a-key-for-one-smoke-test-of-production-0123456789-abcdefghijklmnopqrst",
        "SECRET_KEY_FALLBACKS_FILE": "",
        "DATABASE_PASSWORD_FILE": "",
        "EMAIL_URL_FILE": "smtp://127.0.0.1:9",
        "HEALTH_TOKEN_FILE": "a-token-of-the-smoke-test",
        "SEAL_KEY_FILE": "",
        "SEAL_CERTIFICATE_FILE": "",
    }
    for variable, words in secrets.items():
        (tmp_path / variable).write_text(words + "\n")
    given = {
        **{variable: str(tmp_path / variable) for variable in secrets},
        "SITE_URL": "https://jalon.example",
        "ALLOWED_HOSTS": "jalon.example",
        "LOG_LEVEL": "INFO",
        "SEARCH_BACKEND": "elasticsearch" if services.elasticsearch() else "database",
        "ELASTICSEARCH_URL": services.elasticsearch(),
        "ELASTICSEARCH_INDEX": f"smoke-{os.getpid()}",
        "FILE_SCANNER": services.clamav() or "127.0.0.1:9",
        "DEFAULT_FROM_EMAIL": "jalon@jalon.example",
        "DATABASE_URL": urlsplit(address)._replace(path=f"/{name}").geturl(),
        "REDIS_URL": redis_url.removesuffix("/0") + "/7",
        "DATA_DIR": str(tmp_path),
        "TRUSTED_PROXY": "127.0.0.1",
    }
    environment = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}}
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


def health(port: int, name: str) -> tuple[int, list[dict[str, object]]]:
    """What the web says of itself to who knows the token, from behind the proxy."""
    headers = {"Host": "jalon.example", "Authorization": "Bearer a-token-of-the-smoke-test"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/sante/{name}/", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.status, json.load(answer).get("checks", [])
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, json.load(refused).get("checks", [])


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
        proved(port, production, logs["worker"])
    lines = [json.loads(line) for name in ("web", "worker", "beat") for line in said_by(logs[name])]
    assert {"request", "celery.app.trace"} <= {line.get("event") for line in lines} | {
        line.get("logger") for line in lines
    }


def said_by(log: Path) -> list[str]:
    """Lines of a log; what celery draws at its start is not one of ours."""
    return [line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("{")]


def proved(port: int, production: dict[str, str], log: Path) -> None:
    """Ready; and at work only once a message of the queue was consumed, as the checks of compose ask it."""
    probe = [sys.executable, "deploy/probe.py"]
    asking = {**production, "PROBE_URL": f"http://127.0.0.1:{port}"}
    assert health(port, "pret") == (200, health(port, "pret")[1])
    assert subprocess.run([*probe, "pret"], cwd=ROOT, env=asking, check=False).returncode == 0
    call = [sys.executable, "-m", "celery", "-A", "config", "call", "config.pulse"]
    subprocess.run(call, cwd=ROOT, env=production, capture_output=True, check=True)
    limit = time.monotonic() + 20
    while health(port, "travail")[0] != 200:
        assert time.monotonic() < limit, str(health(port, "travail")) + log.read_text()[-2000:]
        time.sleep(0.2)
    assert subprocess.run([*probe, "travail"], cwd=ROOT, env=asking, check=False).returncode == 0
    work = COMPOSE["services"]["worker"]["healthcheck"]["test"][1:]
    done = subprocess.run(work, cwd=ROOT, env=production, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
