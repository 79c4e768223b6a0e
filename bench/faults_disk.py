"""A full disk under uploads: `python bench/faults_disk.py`.

Files go to a disk of two megabytes (a tmpfs when root, else the limit RLIMIT_FSIZE). Through the pages of the site, as
a municipality: a file that does not fit is refused in a sentence while what was typed beside it is kept; no half file
and no row that points to nothing; answers go on being saved; the dossier is filed and its receipt stored. Ends with 1
when any of it is not so.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

ROOM = 2 * 2**20
LIMIT = 12 * 2**20  # of a file, without a disk of one's own; the database stays below
BIG = 15_000_000


@contextmanager
def small_disk(place: Path) -> Iterator[str]:
    """A disk without room at `place`; tells how it was made."""
    place.mkdir(parents=True, exist_ok=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "none", str(place)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:
        try:
            yield "tmpfs of 2 MiB"
        finally:
            subprocess.run(["umount", "-l", str(place)], check=True)
        return
    kept = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, kept[1]))
    try:
        yield "RLIMIT_FSIZE of 12 MiB"
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, kept)


def big_pdf() -> bytes:
    """A file that is what it says and does not fit."""
    from pypdf import PdfWriter
    from pypdf.generic import StreamObject

    book, weight, out = PdfWriter(), StreamObject(), BytesIO()
    book.add_blank_page(612, 792)
    weight.set_data(os.urandom(BIG))
    book._add_object(weight)
    book.write(out)
    return out.getvalue()


def send(client: Any, dossier: Any) -> Any:
    """The big file, through its slot."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    data = SimpleUploadedFile("resolution.pdf", big_pdf(), "application/pdf")
    url = reverse("file_add", args=[dossier.pk, "resolution"])
    return client.post(url, {"file": data, "upload_key": "plein"})


def typed(client: Any, dossier: Any) -> str:
    """The form of a section without script: words beside a file that finds no room; what the page then says."""
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    from applications.fields import questions

    section = next(q.section for q in questions(dossier.edition.content) if q.code == "resolution")
    data = SimpleUploadedFile("resolution.pdf", big_pdf(), "application/pdf")
    answer = client.post(reverse("section", args=[dossier.pk, section]), {"resolution": data}, follow=True)
    said: str = answer.content.decode()
    return said


def strays(place: Path) -> list[str]:
    """Files that no row names."""
    from applications.models import Attachment

    known = set(Attachment.objects.values_list("path", flat=True))
    found = [one.relative_to(place).as_posix() for one in place.rglob("*") if one.is_file()]
    return [one for one in found if one.startswith("dossiers/") and one not in known]


def missing(place: Path) -> list[str]:
    """Rows whose file is not there, or not whole."""
    from applications.models import Attachment

    return [
        row.path
        for row in Attachment.objects.all()
        if not (place / row.path).exists() or (place / row.path).stat().st_size != row.size
    ]


def scenario(client: Any, dossier: Any, person: Any, place: Path) -> list[str]:
    """What is not as it must be; `dossier` may be filed, its first files are in `place` already."""
    from django.test import override_settings
    from django.urls import reverse

    from applications.models import Attachment
    from tests.applications import filled

    before, wrong = Attachment.objects.count(), []
    answer = send(client, dossier)
    if answer.status_code != 422 or "manque de place" not in answer.content.decode():
        wrong.append(f"the slot answers {answer.status_code}: {answer.content[:120]!r}")
    if Attachment.objects.count() != before:
        wrong.append("a row was written for a file that is not there")
    wrong += [f"half a file stays: {one}" for one in strays(place)]
    if "manque de place" not in typed(client, dossier):
        wrong.append("the form of the section does not say that there is no room")
    with override_settings(FILE_UPLOAD_TEMP_DIR=str(place)):  # where large files arrive is full as well
        if "manque de place" not in typed(client, dossier):
            wrong.append("the form does not say so when the file could not even arrive")
    wrong += [f"half a file stays: {one}" for one in strays(place)]
    url = reverse("answer", args=[dossier.pk, "need"])
    words = {"value": "Écrit pendant que le disque est plein.", "client": "essai", "n": 1}
    saved = client.post(url, json.dumps(words), content_type="application/json")
    if saved.status_code >= 400:
        wrong.append(f"an answer is not saved: {saved.status_code}")
    wrong += [f"a row points to nothing: {one}" for one in missing(place)]
    snapshot = filled.file_now(dossier, person)
    if not snapshot.code:
        wrong.append("the dossier is not filed")
    return wrong


def main() -> int:
    """A database and files of its own."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(DATA_DIR=folder, DJANGO_SETTINGS_MODULE="config.settings", FILE_SCANNER="none")
        import django

        django.setup()
        from django.conf import settings
        from django.core.management import call_command
        from django.test import Client

        call_command("migrate", verbosity=0)
        from tests import factories
        from tests.applications import filled
        from tests.fixtures_calls import make_flin

        settings.ALLOWED_HOSTS = ["*"]
        place = Path(folder) / "files"
        with small_disk(place) as how:
            adstock = factories.make_org("31056")
            person = filled.signatory_of(adstock)
            dossier = filled.make_filled(make_flin().call, adstock, person)
            client = Client()
            client.force_login(person)
            wrong = scenario(client, dossier, person, place)
    print(f"disk           {how}; a file of {BIG / 1e6:.0f} MB sent to it")
    print("held" if not wrong else "\n".join(f"WRONG          {one}" for one in wrong))
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
