"""Every command of docs/operations.md exists, with its options; every finding leads to a section that is there."""

from __future__ import annotations

import io
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command, get_commands, load_command_class
from django.core.management.base import CommandError

from config import probes
from config.management.commands import doctor
from config.tasks import WORK
from web import clock
from web.models import Pulse

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8"))
PROGRAMS = {"cp", "git", "df", "createdb", "export", "docker"}
DOCKER = {"compose", "system", "image"}
VERBS = {"build", "up", "run", "exec", "ps", "logs", "stop", "restart"}
FLAGS = {"--rm", "--detach", "--force-recreate", "--since", "--tail", "--scale", "--volume"}


def commands() -> list[str]:
    """Each line of each fenced block of shell."""
    blocks = re.findall(r"^```sh\n(.*?)^```", PAGE, flags=re.M | re.S)
    return [line for block in blocks for line in block.splitlines() if line.strip()]


def of_django(words: list[str]) -> None:
    """A management command that exists and takes these options."""
    name = words[0]
    assert name in get_commands(), name
    app = get_commands()[name]
    command = load_command_class(app, name) if isinstance(app, str) else app
    command.create_parser("manage.py", name).parse_args(words[1:])


def of_compose(words: list[str]) -> None:
    """A verb of compose on services that exist; what runs inside is looked at too."""
    verb, rest = words[0], words[1:]
    assert verb in VERBS, verb
    if "manage.py" in rest:
        of_django(rest[rest.index("manage.py") + 1 :])
        rest = rest[: rest.index("python")]
    if "psql" in rest:
        rest = rest[: rest.index("psql")]
    assert {word for word in rest if word.startswith("-")} <= FLAGS
    named = {word.partition("=")[0] for word in rest if re.fullmatch(r"[a-z]{3,}(=\d+)?", word)}
    assert named <= set(COMPOSE["services"]), named


@pytest.mark.parametrize("line", commands())
def test_a_command_exists(line: str) -> None:
    words = shlex.split(line)
    if words[:2] == ["python", "manage.py"]:
        of_django(words[2:])
    elif words[0] == "python3":
        assert (ROOT / words[1]).exists(), words[1]
    elif words[:2] == ["docker", "compose"]:
        of_compose(words[2:])
    else:
        assert words[0] in PROGRAMS, line
        assert words[0] != "docker" or words[1] in DOCKER


def test_the_page_says_what_it_must() -> None:
    sections = set(re.findall(r"^## (.+)$", PAGE, flags=re.M))
    wanted = {"Install", "Upgrade", "Backup", "Restore", "Rotate a key", "A worker stuck", "A full disk"}
    assert wanted | {"Scanner away", "Index away", "Mail refused"} <= sections
    named = set(re.findall(r"« ([A-Z][^»]+) »", " ".join(doctor.REMEDY.values())))
    assert named <= sections
    assert set(doctor.REMEDY) == {"database", *probes.PROBES}
    for service in set(COMPOSE["services"]) - {"prepare"}:
        assert f"| {service} |" in PAGE


@pytest.mark.django_db
def test_the_doctor_finds_a_house_in_order(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    Pulse.objects.create(name=WORK, beaten_at=clock.now())
    said = io.StringIO()
    call_command("doctor", stdout=said)
    assert "MEND" not in said.getvalue()
    assert "pulse: ok" in said.getvalue()


@pytest.mark.django_db
def test_every_line_that_is_not_well_has_its_remedy(settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path / "file"
    (tmp_path / "file").write_text("")
    settings.SECRET_KEY_FALLBACKS = ["une-ancienne"]
    settings.REDIS_URL = "redis://127.0.0.1:9/0"
    settings.FILE_SCANNER = "127.0.0.1:9"
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://127.0.0.1:9", "127.0.0.1", 9
    settings.SEARCH_BACKEND, settings.ELASTICSEARCH_URL = "elasticsearch", "http://127.0.0.1:9"
    settings.SEAL_KEY_FILE = settings.SEAL_CERTIFICATE_FILE = str(tmp_path / "absent.pem")
    said = io.StringIO()
    with pytest.raises(CommandError, match="things to mend"):
        call_command("doctor", stdout=said)
    wrong = [line for line in said.getvalue().splitlines() if "MEND" in line]
    for what in ("SECRET_KEY_FALLBACKS", "DATA_DIR", "Redis", "scanner", "mail", "index", "pulse", "seal"):
        (line,) = [one for one in wrong if one.split("MEND  ")[1].startswith(what)]
        assert re.search(r": [a-z].{15,}$", line), line
