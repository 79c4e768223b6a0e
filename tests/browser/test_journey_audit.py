"""J7: the auditor reads as of a day and takes the call away; an outsider verifies and computes it again, alone."""

from __future__ import annotations

import json
import re
import zipfile
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urldefrag, urlsplit

import pytest
from playwright.sync_api import expect

from grants.models import Decision
from tests import factories
from tests.browser import stage, steps
from tests.browser.steps import follow, press, sees
from tests.cores import alone
from web import formats
from workflows.models import Event

TITLES = {
    "A": "Zirconium au fond du lac",
    "B": "Zirconium sous la patinoire",
    "C": "Zirconium à la collecte",
    "D": "Zirconium au conseil",
}
MARKS = {"A": "5 4 4", "B": "4 4 4", "C": "4 3.5 4", "D": "1 1 1"}
PLANTED = ("Zirconium", "FLIN-PARCOURS-0", "sept lacs", "Parce que C1")
LINK = re.compile(r'href="(/[^"#]*)')
MOST = 60  # pages that the crawl of the administrator may reach


@pytest.fixture
def windows(site: str, page_as: Any, look: Any, travel: Any, work: Any, mail_to: Any) -> stage.Windows:
    """A decision signed and released, its letters gone, its list not public yet."""
    made = stage.filed(travel, TITLES, pool=92_000, small=64_000)
    travel.forward(days=1)
    made.lock(MARKS)
    made.decide(minutes=30, days=2)
    work()
    return stage.Windows(site, made, page_as, look, work, mail_to)


def test_the_auditor_and_the_outsider(windows: stage.Windows, tmp_path: Path) -> None:
    """Every step, in the browser and then without anything of the site."""
    the_auditor_reads_the_call_as_of_a_day(windows)
    a_line_says_why(windows, tmp_path)
    the_administrator_reads_no_word_of_a_dossier(windows)
    windows.wait_until(decision().publish_at + timedelta(minutes=1))
    folder = the_auditor_takes_the_call_away(windows, tmp_path / "export")
    an_outsider_verifies_it(folder)
    an_outsider_computes_what_was_published(windows, folder)
    a_flipped_byte_is_found(folder)


def decision() -> Decision:
    """The one of this journey."""
    return Decision.objects.get()


def the_auditor_reads_the_call_as_of_a_day(windows: stage.Windows) -> None:
    """From the home, by the link that leads there; the day before the panel, then a dossier."""
    page = windows.at("auditor", "/accueil/")
    follow(page, "Vérification", exact=True)
    windows.look(page, "audit, calls")
    follow(page, windows.made.call.code)
    sees(page, "Libérée", "Qui tient quel rôle", "Exporter l’appel entier")
    windows.look(page, "audit, call now")
    day = formats.local(windows.made.travel.now() - timedelta(days=1)).date()
    page.get_by_label("Lire au").fill(day.isoformat())
    press(page, "Lire à cette date")
    sees(
        page,
        f"tel qu’il était le {formats.date_long(day)}",
        "En traitement",
        "Aucune décision n’était préparée.",
    )
    windows.look(page, "audit, call then")
    page.locator("main").get_by_role("link", name="Dossiers", exact=True).click()
    sees(page, "Évaluation", *(windows.number(name) for name in TITLES))
    windows.look(page, "audit, dossiers then")
    follow(page, windows.number("A"))
    sees(page, "Aucune décision ne portait encore sur ce dossier.", "Étape terminée", TITLES["A"])
    steps.misses(page, "Offre partielle", "Accepté")
    windows.look(page, "audit, dossier then")
    follow(page, "Revenir à maintenant")
    sees(page, "Pourquoi la décision nᵒ 1")


def a_line_says_why(windows: stage.Windows, tmp_path: Path) -> None:
    """Input, rule, sheets, people and hash in one page, computed again; its files run alone."""
    page = windows.at("auditor")
    follow(page, "Pourquoi la décision nᵒ 1")
    one = decision()
    sees(page, "La réponse de la règle", "Rang 1 de 3", "Aubert Premier", "Décision signée", one.digest)
    press(page, "Recalculer maintenant")
    sees(page, "tout est identique")
    page.get_by_text("Commentaires").first.click()
    windows.look(page, "why, computed again")
    with page.expect_download() as waiting:
        page.locator("#recalcul ~ ul a").last.click()
    given = tmp_path / "selection.json"
    waiting.value.save_as(given)
    assert json.loads(given.read_text()) == json.loads(one.selection_input)
    authority = windows.at("authority", urlsplit(page.url).path)
    sees(authority, "Fiche 1", "ne sont pas montrés à votre rôle")
    steps.misses(authority, "Aubert Premier", "Parce que C1")
    windows.look(authority, "why, authority")


def the_administrator_reads_no_word_of_a_dossier(windows: stage.Windows) -> None:
    """Every page that links lead to from the home, and the addresses that others have."""
    windows.people["technical"] = factories.make_user("technique@exemple.example", is_technical_admin=True)
    own, call, one = windows.pk("A"), windows.made.call.code, decision()
    line = one.lines.get(dossier_id=own).pk
    hidden = [f"/dossiers/{own}/", f"/dossiers/{own}/demande/", f"/dossiers/{own}/historique/", "/decisions/"]
    hidden += [f"/decisions/{one.pk}/", f"/decisions/{one.pk}/pourquoi/{line}/", "/audit/", f"/audit/{call}/"]
    hidden += [f"/audit/{call}/dossiers/", f"/audit/{call}/dossiers/{own}/", "/comites/", "/gestion/envois/"]
    hidden += [f"/decisions/{one.pk}/pourquoi/{line}/selection.json"]
    page = windows.at("technical", "/accueil/")
    windows.look(page, "home of the administrator")
    waiting, seen = deque(["/accueil/", "/dossiers/", "/projets/", "/comptes/", *hidden]), set[str]()
    while waiting and len(seen) < MOST:
        path = urldefrag(waiting.popleft()).url
        if path in seen or "deconnexion" in path or path.startswith("/static/"):
            continue
        seen.add(path)
        status, text = windows.get("technical", path)
        assert path not in hidden or status == 404, (path, status)
        assert [word for word in PLANTED if word in text] == [], path
        if not path.startswith("/en/"):
            waiting += [found.replace("&amp;", "&") for found in LINK.findall(text)]
    assert len(seen) > len(hidden) + 4, seen


def the_auditor_takes_the_call_away(windows: stage.Windows, folder: Path) -> Path:
    """One zip, written down in the register."""
    page = windows.at("auditor", f"/audit/{windows.made.call.code}/")
    with page.expect_download() as waiting:
        press(page, "Exporter l’appel")
    taken = folder.with_suffix(".zip")
    waiting.value.save_as(taken)
    assert waiting.value.suggested_filename.startswith(windows.made.call.code)
    with zipfile.ZipFile(taken) as made:
        made.extractall(folder)
    told = Event.objects.get(verb="grants.call.export_whole")
    assert told.actor == f"user:{windows.made.flin.auditor.pk}"
    page.reload()
    expect(page.locator("#registre ~ dl")).to_contain_text(str(told.n))
    return folder


def an_outsider_verifies_it(folder: Path) -> None:
    """Everything at once, then the chain by the very command of the README."""
    done = alone(folder, "audit.verify", "..")
    assert done.returncode == 0, done.stdout.decode()
    command = next(
        row.split() for row in (folder / "README.txt").read_text().splitlines() if "-m workflows.chain" in row
    )
    options = command[command.index("workflows.chain") + 1 : command.index("<")]
    verified = json.loads(alone(folder, "workflows.chain", *options, given="chain/events.jsonl").stdout)
    assert verified["ok"] is True, verified


def an_outsider_computes_what_was_published(windows: stage.Windows, folder: Path) -> None:
    """Notes and offers of the cores alone are those of the public list, to the dollar."""
    selected = json.loads(alone(folder, "review.selection", given="cases/selection/decision-1.json").stdout)
    page = windows.at("anonymous", "/projets/")
    offers = {one["id"]: one["amount"] for one in selected["offers"]}
    assert set(offers) == {windows.number(name) for name in "ABC"}
    for name in "ABC":
        public = windows.at("anonymous", f"/projets/{windows.number(name)}/")
        sees(public, TITLES[name], formats.money(offers[windows.number(name)], "fr"))
    assert windows.get("anonymous", f"/projets/{windows.number('D')}/")[0] == 404
    rows = {
        row["id"]: row
        for row in json.loads((folder / "cases/selection/decision-1.json").read_text())["dossiers"]
    }
    for name in TITLES:
        scored = json.loads(
            alone(folder, "review.scoring", given=f"cases/scoring/{windows.number(name)}.json").stdout
        )
        assert scored["score"]["exact"] == rows[windows.number(name)]["score"]
        assert scored["passes"] is (name != "D")
    assert page is not None


def a_flipped_byte_is_found(folder: Path) -> None:
    """In the register: located to its line; in a signed decision: said."""
    events = folder / "chain/events.jsonl"
    lines = events.read_bytes().splitlines(keepends=True)
    place = len(lines) // 2
    held = bytearray(lines[place])
    held[len(held) // 2] ^= 1
    events.write_bytes(b"".join([*lines[:place], bytes(held), *lines[place + 1 :]]))
    told = json.loads(alone(folder, "workflows.chain", given="chain/events.jsonl").stdout)
    assert told == {"ok": False, "line": place + 1, "fault": "changed"}
    done = alone(folder, "audit.verify", "..")
    assert done.returncode == 1
    assert f"chain/events.jsonl, line {place + 1}: changed".encode() in done.stdout
