"""Production does not start without what it needs: each refusal is a sentence with its remedy."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.production import refusals

ROOT = Path(__file__).resolve().parents[2]
GOOD = {
    "PRODUCTION": "1",
    "SECRET_KEY": "une-cle-tiree-au-hasard-pour-un-essai-0123456789-abcdefghijklmnop",
    "DATABASE_URL": "postgresql://jalon@127.0.0.1:9/jalon",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "SITE_URL": "https://jalon.example",
    "ALLOWED_HOSTS": "jalon.example",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "DEFAULT_FROM_EMAIL": "Jalon <jalon@jalon.example>",
    "FILE_SCANNER": "127.0.0.1:9",
}
WRONG = [
    ("SECRET_KEY", "", "new_secrets.py"),
    ("SECRET_KEY", "trop-courte", "at least 50"),
    ("SECRET_KEY", "development-only-key-that-protects-nothing-0123456789", "too weak"),
    ("DATABASE_URL", "", "postgresql://"),
    ("DATABASE_URL", "sqlite:////tmp/jalon.sqlite3", "SQLite"),
    ("REDIS_URL", "", "redis://HOST:6379/0"),
    ("SITE_URL", "", "https"),
    ("SITE_URL", "http://jalon.example", "https"),
    ("ALLOWED_HOSTS", "", "SITE_URL"),
    ("ALLOWED_HOSTS", "*", "any name"),
    ("EMAIL_URL", "", "smtp://"),
    ("DEFAULT_FROM_EMAIL", "", "sender"),
    ("FILE_SCANNER", "none", ""),
    ("FILE_SCANNER", "https://clamav", "tcp://HOST:PORT"),
    ("FILE_SCANNER", "clamav", "tcp://HOST:PORT"),
    ("DEBUG", "1", "environment"),
]


def started(*words: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A command with production's settings and nothing else of this machine."""
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "TMPDIR"}}
    return subprocess.run(
        [sys.executable, *words], cwd=ROOT, env={**kept, **given}, capture_output=True, text=True, check=False
    )


def environment(tmp_path: Path, **changed: str) -> dict[str, str]:
    """The good environment, with changes; "" takes a variable away."""
    given = {**GOOD, "DATA_DIR": str(tmp_path), **changed}
    return {k: v for k, v in given.items() if v}


SETTINGS = "import config.settings"


@pytest.mark.parametrize(("variable", "value", "remedy"), WRONG)
def test_start_is_refused(variable: str, value: str, remedy: str, tmp_path: Path) -> None:
    done = started("-c", SETTINGS, **environment(tmp_path, **{variable: value}))
    assert done.returncode != 0
    told = done.stderr.rpartition("ImproperlyConfigured: ")[2]
    (line,) = [line for line in told.splitlines() if variable in line.split()[:2] or f"{variable}=" in line]
    assert remedy in line
    assert line.rstrip().endswith((".", ")."))


def test_every_refusal_comes_at_once_and_without_a_traceback(tmp_path: Path) -> None:
    done = started("manage.py", "check", PRODUCTION="1", DATA_DIR=str(tmp_path))
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    for variable in ("SECRET_KEY", "DATABASE_URL", "REDIS_URL", "SITE_URL", "ALLOWED_HOSTS", "EMAIL_URL"):
        assert f"- {variable}" in done.stderr


def test_the_good_environment_passes_the_checks_of_django(tmp_path: Path) -> None:
    done = started("manage.py", "check", "--deploy", "--fail-level", "WARNING", **environment(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(GOOD["SECRET_KEY"] + "\n")
    (tmp_path / "password").write_text("un mot/de:passe@\n")
    given = environment(
        tmp_path,
        SECRET_KEY="",
        SECRET_KEY_FILE=str(tmp_path / "key"),
        DATABASE_PASSWORD_FILE=str(tmp_path / "password"),
    )
    program = (
        "import config.settings as s; print(s.SECRET_KEY); print(s.DATABASES['default']['PASSWORD']);"
        "print(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.CSRF_TRUSTED_ORIGINS)"
    )
    done = started("-c", program, **given)
    assert done.stdout.splitlines() == [
        GOOD["SECRET_KEY"],
        "un mot/de:passe@",
        "True True True ['https://jalon.example']",
    ]
    lost = started("-c", SETTINGS, **{**given, "SECRET_KEY_FILE": str(tmp_path / "absent")})
    assert "SECRET_KEY_FILE names a file that cannot be read" in lost.stderr


def test_demo_is_never_production(tmp_path: Path) -> None:
    assert "never with PRODUCTION" in started("-c", SETTINGS, **environment(tmp_path, DEMO="1")).stderr


def test_a_good_environment_has_no_refusal() -> None:
    assert refusals({"DEBUG": "", **GOOD}) == []
