"""Elasticsearch: the real server of Maven Central, as an ordinary user, on free ports of the loopback."""

import json
import re
import shutil
import tempfile
import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import machine

NAME = "Elasticsearch"
PACKAGES = ["openjdk-17-jdk-headless", "maven"]
ADDRESSES = ["ELASTICSEARCH_URL"]
VERSION = "8.19.16"
USER = "jalon-search"  # the server refuses root
HEAP = "512m"
SOURCE = Path(__file__).resolve().parents[1] / "elasticsearch" / "FrenchAnalysis.java"
PLUGIN = "french-analysis"  # for tests: what the server of Maven Central lacks (see the source)
GROUP = "org.elasticsearch.distribution.integ-test-zip"
GET = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
DESCRIPTOR = f"""description=Elision, folding and French stemmer of Lucene, for tests
version=1
name={PLUGIN}
classname=jalon.FrenchAnalysis
java.version=17
elasticsearch.version={VERSION}
"""
SETTINGS = """cluster.name: jalon
node.name: jalon
discovery.type: single-node
network.host: 127.0.0.1
http.port: {http}
transport.port: {transport}
xpack.security.enabled: false
cluster.routing.allocation.disk.threshold_enabled: false
path.data: {place}/data
path.logs: {place}/logs
"""


def java_home() -> Path | None:
    """Where the Java that compiles is."""
    found = shutil.which("javac")
    return Path(found).resolve().parent.parent if found else None


def present() -> bool:
    """True when Java and the program that fetches the server are here."""
    return bool(java_home() and shutil.which("mvn"))


def owner() -> str:
    """The user that runs the server: another one when this is root."""
    return USER if machine.is_root() else ""


def make_owner() -> None:
    """An ordinary user without a home and without a shell, once."""
    if owner() and not machine.run("getent", "passwd", USER, check=False):
        machine.run("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", USER)


def folder(home: Path) -> Path:
    """Where server and data are: in the checkout, or outside when the server's user cannot come in."""
    pointer = home / "place"
    if pointer.exists():
        return Path(pointer.read_text().strip())
    seen = f"test -x '{home}' && echo open || true"
    closed = machine.is_root() and machine.run("sh", "-c", seen, user=owner()) != "open"
    place = machine.outside_home("elasticsearch") if closed else home / "node"
    pointer.write_text(str(place))
    return place


def archive() -> Path:
    """The server as Maven keeps it; fetched once for the machine."""
    kept = machine.run(
        "mvn", "-q", "-B", "help:evaluate", "-Dexpression=settings.localRepository", "-DforceStdout"
    )
    return (
        Path(kept.splitlines()[-1])
        / GROUP.replace(".", "/")
        / f"elasticsearch/{VERSION}/elasticsearch-{VERSION}.zip"
    )


def fetch() -> Path:
    """The archive, from the usual folder of Maven or from Maven Central."""
    usual = Path.home() / ".m2/repository" / GROUP.replace(".", "/") / "elasticsearch" / VERSION
    found = usual / f"elasticsearch-{VERSION}.zip"
    if not found.exists():
        machine.run(
            "mvn", "-q", "-B", GET, "-Dtransitive=false", f"-Dartifact={GROUP}:elasticsearch:{VERSION}:zip"
        )
        found = found if found.exists() else archive()
    return found


def install(place: Path) -> Path:
    """Unpack the server and build its plugin, beside, then move in one go: half a folder never stands."""
    server = place / f"elasticsearch-{VERSION}"
    if server.exists():
        return server
    place.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=place) as beside:
        with zipfile.ZipFile(fetch()) as packed:
            packed.extractall(beside)
            for one in packed.infolist():  # zipfile forgets what may be run
                if mode := one.external_attr >> 16:
                    (Path(beside) / one.filename).chmod(mode)
        fresh = Path(beside) / server.name
        build_plugin(fresh)
        (fresh / "config" / "jvm.options.d").mkdir(exist_ok=True)
        (fresh / "config" / "jvm.options.d" / "heap.options").write_text(f"-Xms{HEAP}\n-Xmx{HEAP}\n")
        fresh.rename(server)
    return server


def build_plugin(server: Path) -> None:
    """Compile the plugin against the server's own jars."""
    home, plugin, classes = java_home(), server / "plugins" / PLUGIN, server / "classes"
    assert home is not None
    plugin.mkdir(parents=True)
    classes.mkdir()
    machine.run(str(home / "bin/javac"), "-nowarn", "-cp", f"{server}/lib/*", "-d", str(classes), str(SOURCE))
    machine.run(str(home / "bin/jar"), "-cf", str(plugin / f"{PLUGIN}.jar"), "-C", str(classes), ".")
    (plugin / "plugin-descriptor.properties").write_text(DESCRIPTOR)
    shutil.rmtree(classes)


def start(home: Path) -> dict[str, str]:
    """Install once, then start on free ports; the command comes back once the node is up."""
    make_owner()
    place = folder(home)
    server, http = install(place), machine.free_port()
    words = SETTINGS.format(http=http, transport=machine.free_port(), place=place)
    (server / "config" / "elasticsearch.yml").write_text(words)
    for name in ("data", "logs"):
        (place / name).mkdir(exist_ok=True)
    if owner():
        machine.run("chown", "-R", f"{USER}:", str(place))
    java, pid = f"ES_JAVA_HOME={java_home()}", f"{place}/pid"
    command = ("env", "-u", "JAVA_TOOL_OPTIONS", java, f"{server}/bin/elasticsearch", "-d", "-p", pid)
    # its output goes to a file: a server that stays would keep a pipe open
    line = " ".join(f"'{word}'" for word in command)
    log = place / "logs" / "start.log"
    try:
        machine.run("sh", "-c", f"{line} > '{log}' 2>&1 < /dev/null", user=owner(), cwd=place)
    except machine.Trouble:
        raise machine.Trouble(f"did not start: {log.read_text(errors='replace').strip()[-600:]}") from None
    return {"ELASTICSEARCH_URL": f"http://127.0.0.1:{http}"}


def ask(found: dict[str, str], path: str) -> dict[str, object]:
    """One page of the server's own interface; it does not tell its name at the root."""
    address = found.get("ELASTICSEARCH_URL", "")
    if not address:
        return {}
    try:
        with urllib.request.urlopen(f"{address}{path}", timeout=5) as answer:
            return dict(json.load(answer))
    except (OSError, ValueError, urllib.error.URLError):
        return {}


def answers(found: dict[str, str]) -> bool:
    """True when the cluster is well and can be written to."""
    return ask(found, "/_cluster/health").get("status") in ("green", "yellow")


def version(found: dict[str, str]) -> str:
    """What the running server says it is."""
    said = json.dumps(ask(found, "/_nodes/_local?filter_path=nodes.*.version"))
    number = re.search(r'"version": "([^"]+)"', said)
    return number.group(1) if number else ""


def stop(home: Path) -> None:
    """Stop it by its process id; a folder outside the checkout is removed, it held only tests' documents."""
    pointer = home / "place"
    if not pointer.exists():
        return
    place = Path(pointer.read_text().strip())
    machine.end(place / "pid", "elasticsearch")
    shutil.rmtree(place / "data", ignore_errors=True)
    if home not in place.parents and place.name.startswith("jalon-"):
        shutil.rmtree(place, ignore_errors=True)
        pointer.unlink()
