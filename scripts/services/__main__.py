"""Real services for the tests: `python3 scripts/services start|stop|status [NAME…]`.

One file in kinds/ is one service. State lives in var/services/, addresses in var/services/env (KEY=VALUE).
Starting is idempotent: what answers is left alone. Standard library only.
"""

import importlib
import sys
from pathlib import Path
from types import ModuleType

import machine


def kinds() -> list[ModuleType]:
    """Every service there is a file for."""
    folder = Path(__file__).parent / "kinds"
    return [importlib.import_module(f"kinds.{f.stem}") for f in sorted(folder.glob("[a-z]*.py"))]


def start(wanted: list[ModuleType]) -> int:
    """Install what is missing, start what does not answer, write the addresses."""
    lacking = [p for kind in wanted for p in kind.PACKAGES if not machine.installed(p)]
    if lacking and (machine.is_root() or any(not kind.present() for kind in wanted)):
        machine.install(lacking)
    failed = 0
    found: dict[str, str] = machine.read_addresses()
    for kind in wanted:
        home = machine.STATE / kind.__name__.rpartition(".")[2]
        if not kind.present():
            print(f"  {kind.NAME}: missing (on Debian: apt install {' '.join(kind.PACKAGES)})")
            failed += 1
            continue
        home.mkdir(parents=True, exist_ok=True)
        try:
            if not kind.answers(found):
                found.update(kind.start(home))
            machine.wait_until(lambda kind=kind: kind.answers(found), kind.NAME)
            print(f"  {kind.NAME} {kind.version(found)}: answers")
        except machine.Trouble as trouble:
            print(f"  {kind.NAME}: {trouble}")
            failed += 1
    machine.write_addresses(found)
    return 1 if failed else 0


def stop(wanted: list[ModuleType]) -> int:
    """Stop by process id what was started here, and forget its address."""
    found = machine.read_addresses()
    for kind in wanted:
        kind.stop(machine.STATE / kind.__name__.rpartition(".")[2])
        for name in kind.ADDRESSES:
            found.pop(name, None)
    machine.write_addresses(found)
    return 0


def status(wanted: list[ModuleType]) -> int:
    """One line a service: `NAME<TAB>version` when it answers, `NAME<TAB>` when not."""
    found = machine.read_addresses()
    for kind in wanted:
        print(f"{kind.NAME}\t{kind.version(found) if kind.answers(found) else ''}")
    return 0


def main() -> int:
    """Read the verb and, optionally, the services meant."""
    verbs = {"start": start, "stop": stop, "status": status}
    if len(sys.argv) < 2 or sys.argv[1] not in verbs:
        print("usage: python3 scripts/services start|stop|status [NAME…]", file=sys.stderr)
        return 2
    named = sys.argv[2:]
    wanted = [k for k in kinds() if not named or k.__name__.rpartition(".")[2] in named]
    return verbs[sys.argv[1]](wanted)


if __name__ == "__main__":
    sys.exit(main())
