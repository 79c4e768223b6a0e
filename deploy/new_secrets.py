"""Make what is missing of secrets/, never touching what is there: `python3 deploy/new_secrets.py [--rotate]`.

One file a secret, read by the containers. --rotate puts the present secret_key in front of secret_key_fallbacks
and draws a new one. Any Python from 3.9 on; standard library only.
"""

import os
import secrets
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "secrets"
DRAWN = {"secret_key": 64, "database_password": 32, "health_token": 32}
EMPTY = ("secret_key_fallbacks", "email_url", "seal_key", "seal_certificate")


def write(path: Path, words: str) -> None:
    """Write in one move: a container that starts meanwhile reads the old or the new, never half."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.write_text(words, encoding="utf-8")
    fresh.chmod(0o444)  # read in the containers by users of their own; the folder lets nobody in
    fresh.replace(path)


def rotate(folder: Path) -> None:
    """A new key; the present one stays readable until it is taken out of the fallbacks."""
    key, earlier = folder / "secret_key", folder / "secret_key_fallbacks"
    kept = [key.read_text(encoding="utf-8").strip(), *earlier.read_text(encoding="utf-8").strip().split(",")]
    write(earlier, ",".join(one for one in kept if one) + "\n")
    write(key, secrets.token_urlsafe(DRAWN["secret_key"]) + "\n")


def main() -> int:
    """Say what was made and what is still to be written by hand."""
    folder = Path(os.environ.get("SECRETS_DIR") or FOLDER)
    folder.mkdir(mode=0o700, exist_ok=True)
    for name, length in DRAWN.items():
        if not (folder / name).exists():
            write(folder / name, secrets.token_urlsafe(length) + "\n")
            print(f"made secrets/{name}")
    for name in EMPTY:
        if not (folder / name).exists():
            write(folder / name, "\n")
            print(f"made secrets/{name}, empty")
    if "--rotate" in sys.argv[1:]:
        rotate(folder)
        print("secrets/secret_key is new; the earlier one is in secrets/secret_key_fallbacks")
    if not (folder / "email_url").read_text(encoding="utf-8").strip():
        print("write smtp://USER:PASSWORD@HOST:PORT (smtps:// for TLS) into secrets/email_url")
    return 0


if __name__ == "__main__":
    sys.exit(main())
