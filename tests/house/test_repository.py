"""What must not be in the tree: hosts of registries, paths of one machine, secrets; and what must."""

import re

from tests.house import source

WORDS = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".in",
    ".yml",
    ".yaml",
    ".html",
    ".css",
    ".js",
    ".json",
    ".conf",
    ".sh",
    "",
}
FORBIDDEN = re.compile(
    "|".join(
        [
            r"py" + r"pi\.org", r"python" + r"hosted\.org", r"registry\.npm" + r"js",
            r"repo1?\.mav" + r"en", r"deb\.deb" + r"ian\.org", r"\.\./sha" + r"red", r"/wo" + r"rk/",
        ]
    )
)  # fmt: skip


def test_no_registry_and_no_path_of_a_machine():
    guilty = []
    for path in source.tracked():
        if path.suffix not in WORDS:
            continue
        try:
            words = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        guilty += [f"{source.name(path)}: {hit.group()}" for hit in [FORBIDDEN.search(words)] if hit]
    assert guilty == []


def test_requirements_are_hashed():
    for name in ("base.txt", "dev.txt"):
        words = source.text(source.ROOT / "requirements" / name)
        pins = re.findall(r"^[a-z0-9][^=\n]*==[^\s]+", words, flags=re.MULTILINE | re.IGNORECASE)
        assert len(pins) > 20
        assert words.count("--hash=sha256:") >= len(pins)
        assert "://" not in words


def test_dev_holds_base():
    pins = {}
    for name in ("base", "dev"):
        words = source.text(source.ROOT / "requirements" / f"{name}.txt")
        pins[name] = dict(re.findall(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", words, flags=re.MULTILINE))
    assert pins["base"].items() <= pins["dev"].items()


def test_the_front_of_the_house():
    for name in (
        "README.md",
        "CHANGELOG.md",
        "LICENSE",
        "docs/house.md",
        "docs/concepts.md",
        "docs/cores.md",
    ):
        assert (source.ROOT / name).exists(), name
    readme = source.text(source.ROOT / "README.md")
    assert "make demo" in readme
    assert "make test" in readme
