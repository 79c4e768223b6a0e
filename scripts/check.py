"""`make test`: everything that CI checks, in one command.

--static stops after the checks that run no test. With CI=true the services are started first, a missing
one is a failure, and what was started here is stopped at the end. Without, whatever answers is used, and
the last lines say by name what was not exercised.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "var" / "check"
PYTHON = sys.executable
CI = os.environ.get("CI") == "true"
WORKERS = str(max(2, min(4, os.cpu_count() or 2)))
NEEDS = {
    "PostgreSQL": "the whole suite on PostgreSQL, races and locks among it",
    "Redis": "the queue on Redis, production's web, worker and beat",
    "Elasticsearch": "search on Elasticsearch: the contract, rights, an index stopped and started",
    "ClamAV": "files scanned, withheld, asked for again",
    "Chromium": "the browser journeys, axe, PDF and codes read back",
    "nginx": "the shipped proxy in front of the real web",
    "veraPDF": "the verdict on every PDF: PDF/UA-1 and PDF/A-2a",
}
DEPLOY = {
    "PRODUCTION": "1",
    "SECRET_KEY": "only-for-the-check-of-production-settings-0123456789-abcdefghijklmnop",
    "ALLOWED_HOSTS": "jalon.example",
    "SITE_URL": "https://jalon.example",
    "DATABASE_URL": "postgresql://jalon@127.0.0.1:9/jalon",
    "REDIS_URL": "redis://127.0.0.1:9/0",
    "EMAIL_URL": "smtp://127.0.0.1:9",
    "DEFAULT_FROM_EMAIL": "Jalon <jalon@jalon.example>",
    "FILE_SCANNER": "tcp://127.0.0.1:9",
}


def clean_environment() -> dict[str, str]:
    """The environment without what would point a check at somebody's own database or queue."""
    dropped = {
        "DATABASE_URL",
        "REDIS_URL",
        "EMAIL_URL",
        "SEARCH_BACKEND",
        "ELASTICSEARCH_URL",
        "FILE_SCANNER",
        "DEMO",
        "DEBUG",
        "PRODUCTION",
        "DJANGO_SETTINGS_MODULE",
    }
    kept = {k: v for k, v in os.environ.items() if k not in dropped}
    programs = f"{Path(PYTHON).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**kept, "PATH": programs, "DATA_DIR": str(WORK / "data"), "PYTHONHASHSEED": "random"}


def static_checks() -> list[tuple[str, list[str], dict[str, str]]]:
    """Name, command and extra environment of each check that runs no test."""
    manage = [PYTHON, "manage.py"]
    return [
        ("ruff", ["ruff", "check", "--quiet", "."], {}),
        ("ruff format", ["ruff", "format", "--check", "--quiet", "."], {}),
        ("mypy", ["mypy"], {}),
        ("import-linter", ["lint-imports"], {}),
        ("migrations", [*manage, "makemigrations", "--check", "--dry-run"], {}),
        ("system checks", [*manage, "check", "--fail-level", "WARNING"], {}),
        ("production checks", [*manage, "check", "--deploy", "--fail-level", "WARNING"], DEPLOY),
    ]


def run_static() -> list[str]:
    """Run them all, print what fails, hand back the names that failed."""
    failed = []
    for name, command, extra in static_checks():
        started = time.monotonic()
        done = subprocess.run(
            command,
            cwd=ROOT,
            env={**clean_environment(), **extra},
            capture_output=True,
            text=True,
            check=False,
        )
        verdict = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name}: {verdict} ({time.monotonic() - started:.0f} s)", flush=True)
        if done.returncode:
            print(done.stdout + done.stderr, flush=True)
            failed.append(name)
    return failed


def run_pytest(name: str, words: list[str], extra: dict[str, str]) -> tuple[bool, str, dict[str, list[str]]]:
    """One pass of pytest: did it pass, its closing line, and its report."""
    report = WORK / f"{name.split()[0].lower()}.json"
    report.unlink(missing_ok=True)
    print(f"\n--- tests: {name} ---", flush=True)
    command = [PYTHON, "-m", "pytest", "-q", "--durations=25", *words]
    environment = {**clean_environment(), **extra, "JALON_TEST_REPORT": str(report)}
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    closing = ""
    for line in process.stdout:
        print(line, end="", flush=True)
        closing = line.strip() or closing
    told = json.loads(report.read_text()) if report.exists() else {"ran": [], "wanted": []}
    return process.wait() == 0, closing, told


def services(verb: str, *named: str) -> str:
    """Ask scripts/services, which runs on any Python."""
    command = [PYTHON, str(ROOT / "scripts" / "services"), verb, *named]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def answering() -> dict[str, str]:
    """Version of each service, "" for one that does not answer."""
    return dict(line.split("\t", 1) for line in services("status").splitlines() if "\t" in line)


def addresses() -> dict[str, str]:
    """What make services wrote."""
    file = ROOT / "var" / "services" / "env"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    return dict(line.split("=", 1) for line in lines if "=" in line)


JOURNEYS = "browser journeys"
AT_PRODUCTION = ("PostgreSQL", "Redis", "Elasticsearch", "ClamAV")
AGAIN = ("tests/permissions", "tests/search")  # with production's settings, beside every journey


def production(there: dict[str, str]) -> dict[str, str]:
    """The environment of production with the services of this machine; nothing when one of them is missing."""
    if not all(there.get(name) for name in AT_PRODUCTION):
        return {}
    found = {k: v for k, v in addresses().items() if k in DEPLOY or k == "ELASTICSEARCH_URL"}
    hosts = {"ALLOWED_HOSTS": "127.0.0.1,localhost,testserver", "SECURE_SSL_REDIRECT": "0"}
    return {**DEPLOY, **hosts, **found, "SEARCH_BACKEND": "elasticsearch"}


def collect_static(environment: dict[str, str]) -> bool:
    """The files that production serves, under their hashed names."""
    command = [PYTHON, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    done = subprocess.run(command, cwd=ROOT, env={**clean_environment(), **environment}, check=False)
    return done.returncode == 0


def passes(there: dict[str, str]) -> list[tuple[str, list[str], dict[str, str]]]:
    """The passes of pytest that this machine can make."""
    suite = ["-n", WORKERS, "-m", "not browser"]
    found = [("SQLite", suite, {})]
    postgresql = {"DATABASE_URL": addresses().get("DATABASE_URL", "")} if there.get("PostgreSQL") else {}
    whole = production(there)
    if whole and not collect_static(whole):
        whole = {}
    if postgresql:
        judged = ["-n", WORKERS, "-m", "not browser and not verapdf"]  # a file is the same on both
        judged += [f"--ignore={folder}" for folder in AGAIN if whole]  # they follow, on PostgreSQL too
        found.append(("PostgreSQL", judged, postgresql))
    if whole:
        found.append(("settings of production", ["-n", WORKERS, "-m", "not browser", *AGAIN], whole))
    if there.get("Chromium"):
        found.append((JOURNEYS, ["-n", WORKERS, "-m", "browser"], whole or postgresql))
    return found


def alone(words: list[str]) -> list[str]:
    """The words of a pass for what failed in it, one at a time: two browsers on two cores may starve each other."""
    kept = [one for place, one in enumerate(words) if "-n" not in words[max(place - 1, 0) : place + 1]]
    return [*kept, "-n", "0", "--last-failed", "--last-failed-no-failures", "none"]


def run_tests(there: dict[str, str]) -> tuple[list[str], list[str], list[str]]:
    """Every pass: names that failed, closing lines, tests that no pass ran for want of a service."""
    failed, closings, ran, wanted = [], [], set(), {}
    for name, words, extra in passes(there):
        passed, closing, told = run_pytest(name, words, extra)
        closings.append(f"{name}: {closing}")
        if not passed and name == JOURNEYS:
            passed, closing, again = run_pytest(f"{name}, those that failed, alone", alone(words), extra)
            closings.append(f"{name}, those that failed, alone: {closing}")
            told = {key: told[key] + again[key] for key in told}
        ran.update(told["ran"])
        wanted.update(dict(told["wanted"]))
        if not passed:
            failed.append(f"tests on {name}")
    return failed, closings, [f"{test} ({why})" for test, why in sorted(wanted.items()) if test not in ran]


def main() -> int:
    """Static checks, then the passes, then what was and was not exercised."""
    started = time.monotonic()
    (WORK / "data").mkdir(parents=True, exist_ok=True)
    before = answering()
    if CI:
        print(services("start"), flush=True)
    failed = run_static()
    closings: list[str] = []
    idle: list[str] = []
    there = answering()
    if "--static" not in sys.argv:
        more, closings, idle = run_tests(there)
        failed += more
    if CI:
        ours = [name.lower() for name, version in before.items() if not version]
        if ours:
            services("stop", *ours)
        failed += [f"{name} is missing" for name, version in there.items() if not version]
        failed += [f"not exercised: {test}" for test in idle]
    print(f"\nmake test took {time.monotonic() - started:.0f} s")
    print("\n".join(closings))
    print("Services used: " + (", ".join(f"{n} {v}" for n, v in there.items() if v) or "none"))
    absent = [f"  {name}: {NEEDS.get(name, '')}" for name, version in there.items() if not version]
    if absent or idle:
        print("NOT exercised (make services brings what is missing):")
        print("\n".join(absent + [f"  {test}" for test in idle]))
    print("FAILED: " + "; ".join(failed) if failed else "All green.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
