"""veraPDF, the judge of PDF/UA and PDF/A: nothing runs, its jars and a Java only have to be there."""

import shutil
import tempfile
from pathlib import Path

import machine

NAME = "veraPDF"
PACKAGES = ["openjdk-17-jre-headless", "maven"]
ADDRESSES = ["VERAPDF"]
VERSION = "1.28.2"
CLASS = "org.verapdf.apps.GreenfieldCliWrapper"

# The one dependency; Maven Central brings the other jars.
POM = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>jalon</groupId><artifactId>judge</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.verapdf.apps</groupId><artifactId>greenfield-apps</artifactId><version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""
COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"


def present() -> bool:
    """True when Java and the program that fetches the jars are here."""
    return bool(shutil.which("java") and shutil.which("mvn"))


def jar(lib: Path) -> Path:
    """The jar that carries the version asked for."""
    return lib / f"greenfield-apps-{VERSION}.jar"


def start(home: Path) -> dict[str, str]:
    """Fetch the jars once, beside, then move them in one go: half a folder is never taken for a whole one."""
    lib = home / "lib"
    if not jar(lib).exists():
        with tempfile.TemporaryDirectory(dir=home) as place:
            pom, fresh = Path(place) / "pom.xml", Path(place) / "lib"
            pom.write_text(POM, encoding="utf-8")
            machine.run("mvn", "-q", "-B", "-f", str(pom), COPY, f"-DoutputDirectory={fresh}")
            shutil.rmtree(lib, ignore_errors=True)
            fresh.rename(lib)
    return {"VERAPDF": str(lib)}


def answers(found: dict[str, str]) -> bool:
    """True when the jars are there and Java runs them."""
    return version(found) == VERSION


def version(found: dict[str, str]) -> str:
    """What the program says it is."""
    lib = Path(found.get("VERAPDF") or "/nowhere")
    if not jar(lib).exists():
        return ""
    said = machine.run("java", "-cp", f"{lib}/*", CLASS, "--version", check=False).split()
    return next((word for word in said if word[:1].isdigit()), "")


def stop(home: Path) -> None:
    """Nothing runs; the jars stay for the next time."""
