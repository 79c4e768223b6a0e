"""What every service needs of the machine: packages, ports, processes, and the file of addresses."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STATE = ROOT / "var" / "services"
ADDRESSES = STATE / "env"


class Trouble(Exception):
    """A sentence for the person who typed the command."""


def run(*command: str, user: str = "", check: bool = True, cwd: Path | None = None) -> str:
    """Run a command (as another user when root) and hand back what it printed."""
    words = ["runuser", "-u", user, "--", *command] if user else list(command)
    done = subprocess.run(words, capture_output=True, text=True, cwd=cwd, check=False)
    if check and done.returncode:
        raise Trouble(f"{command[0]} failed: {(done.stderr or done.stdout).strip()[-600:]}")
    return done.stdout.strip()


def is_root() -> bool:
    """True for the only user that may install and must not run PostgreSQL."""
    return os.geteuid() == 0


def installed(package: str) -> bool:
    """True when Debian's package is there; true as well on a system without dpkg (nothing to say)."""
    if not shutil.which("dpkg-query"):
        return True
    return "install ok installed" in run("dpkg-query", "-W", "-f=${Status}", package, check=False)


def install(packages: list[str]) -> None:
    """Install Debian packages when root; say what is missing otherwise."""
    if not (is_root() and shutil.which("apt-get")):
        print(f"  missing here (as root: apt-get install {' '.join(packages)})")
        return
    print(f"  installing {' '.join(packages)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    command = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
    for attempt in (1, 2):
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode == 0:
            return
        if attempt == 1:
            subprocess.run(["apt-get", "update", "-q"], env=environment, capture_output=True, check=False)
    print(f"  apt-get failed: {done.stderr.strip()[-600:]}")


def free_port() -> int:
    """A port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def outside_home(name: str) -> Path:
    """A folder of this checkout outside it, for a server whose user cannot enter the checkout."""
    mark = hashlib.sha256(str(ROOT).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"jalon-{mark}-{name}"


def wait_until(answers: Callable[[], bool], name: str, seconds: float = 60) -> None:
    """Wait until the service answers, not until a process exists."""
    limit = time.monotonic() + seconds
    while not answers():
        if time.monotonic() > limit:
            raise Trouble(f"{name} did not answer within {seconds:.0f} s")
        time.sleep(0.1)


def end(pid_file: Path, program: str) -> None:
    """Stop the process whose id is in the file when it still is that program, and wait until it is gone."""
    try:
        pid = int(pid_file.read_text().split()[0])
        if program not in run("ps", "-o", "args=", "-p", str(pid), check=False):
            return
        os.kill(pid, signal.SIGTERM)
    except (OSError, ValueError, IndexError):
        return
    for _ in range(100):
        try:
            os.kill(pid, 0)
        except OSError:
            break
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def read_addresses() -> dict[str, str]:
    """The addresses that the last start wrote."""
    if not ADDRESSES.exists():
        return {}
    lines = ADDRESSES.read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if "=" in line)


def write_addresses(found: dict[str, str]) -> None:
    """Write KEY=VALUE lines in one move, so that a reader never sees half a file."""
    STATE.mkdir(parents=True, exist_ok=True)
    fresh = ADDRESSES.with_suffix(".new")
    fresh.write_text("".join(f"{k}={v}\n" for k, v in sorted(found.items())), encoding="utf-8")
    fresh.replace(ADDRESSES)
