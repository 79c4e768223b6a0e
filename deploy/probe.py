"""Ask this container's own web for its health, as the proxy would: `python deploy/probe.py vivant|pret|travail`."""

import os
import sys
import urllib.error
import urllib.request


def main() -> int:
    """0 when it is well; what it says otherwise, and 1."""
    place = os.environ.get("PROBE_URL", "http://127.0.0.1:8000")
    name = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".")
    asked = urllib.request.Request(f"{place}/sante/{sys.argv[1]}/", headers={"Host": name})
    try:
        with urllib.request.urlopen(asked, timeout=6) as answer:
            return 0 if answer.status == 200 else 1
    except urllib.error.HTTPError as refused:
        print(refused.code, refused.read().decode(errors="replace")[:2000])
    except OSError as trouble:
        print(type(trouble).__name__)
    return 1


if __name__ == "__main__":
    sys.exit(main())
