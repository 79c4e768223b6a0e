"""Text that means harm, text no face holds, and documents longer than anybody planned."""

from __future__ import annotations

import io
import string
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph as Untagged

from notifications.letters import document as d
from notifications.letters import fonts
from notifications.letters.layout import MEASURE, new_canvas, sheet
from notifications.letters.render import render, render_checked
from notifications.letters.tags import Book, Tag, UntaggedText
from notifications.letters.text import clean, markup
from tests.notifications.letters.reading import faces, folded, page_words, spoken, structure
from tests.notifications.letters.samples import KINDS

Writer = Callable[[d.Document], Path]

HOSTILE = (
    "<b>gras</b> <img src=\"/etc/passwd\"/> <a href='javascript:alert(1)'>clic</a> </para> &lt;i&gt; "
    '<onDraw name="tag" label="0"/> <font size=90>grand</font> <br/> tag:0 ]]> %s {0} <seq/>'
)


def report(*blocks: d.Block, title: str = "Essai") -> d.Report:
    """Return the smallest report that holds the blocks."""
    return d.Report(
        kind="Essai",
        language="fr",
        title=title,
        reference="E-1",
        issued=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        date="2 janvier 2026",
        letterhead=d.Letterhead("Ministère"),
        body=blocks,
    )


def links(pdf: Path) -> list[str]:
    """Return every live address of a file."""
    with pikepdf.open(pdf) as opened:
        return [
            str(link.A.URI) for page in opened.pages for link in page.obj.get("/Annots", []) if "/A" in link
        ]


def hostile_letter() -> d.Letter:
    """Return a letter in which every word means harm."""
    return replace(
        KINDS["acceptance"](),
        organisation=HOSTILE,
        subject=HOSTILE,
        reference=HOSTILE,
        title=HOSTILE,
        salutation=HOSTILE,
        closing=HOSTILE,
        recipient=d.Address((HOSTILE, HOSTILE)),
        letterhead=d.Letterhead(HOSTILE, HOSTILE),
        body=(
            d.Heading(HOSTILE),
            d.Paragraph(
                (
                    HOSTILE,
                    d.Run(HOSTILE, strong=True),
                    d.Run(HOSTILE, lang="en-CA"),
                    d.Run(HOSTILE, digest=True),
                )
            ),
            d.ItemList((HOSTILE, d.Item(HOSTILE, d.ItemList((HOSTILE,))))),
            d.Table(
                HOSTILE, (d.Column(HOSTILE), d.Column("n", "amount")), ((d.Cell(HOSTILE, HOSTILE), "1"),)
            ),
            d.Figure(HOSTILE, d.Bars((d.Bar(HOSTILE, 3, "3"),), 2)),
        ),
        enclosures=(HOSTILE,),
        copies=(HOSTILE,),
        contact=d.Contact(HOSTILE, HOSTILE, "appel@jalon.example"),
        signatures=(d.Signature(HOSTILE, HOSTILE),),
    )


def test_markup_stays_words_everywhere(written: Writer) -> None:
    path = written(hostile_letter())
    said = spoken(path)
    assert said.count("<b>gras</b> <img") >= 18
    assert folded(HOSTILE) in said
    assert set(links(path)) == {"mailto:appel@jalon.example", "https://jalon.example/v/K7QF-2M9X-T4RD-8HW3"}
    assert faces(path) <= set(fonts.FILES)


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "JavaScript:alert(1)",
        "file:///etc/passwd",
        "http://jalon.example/",
        "https://",
        "https://jalon.example/\nx",
        " https://jalon.example",
        "data:text/html,x",
        "//jalon.example",
        "mailto:",
        "https://[",
        "",
    ],
)
def test_a_link_that_is_not_allowed_leaves_its_words(target: str, written: Writer) -> None:
    assert not d.allowed_link(target)
    path = written(report(d.Paragraph(("voir ", d.Run("ces mots", link=target), "."))))
    assert links(path) == []
    assert "voir ces mots." in spoken(path)


def test_a_check_at_a_wrong_address_is_refused() -> None:
    with pytest.raises(ValueError, match="address"):
        d.Verification("X", "javascript:alert(1)")


def test_text_without_a_tag_raises() -> None:
    document = report(d.Paragraph("x"))
    canvas = new_canvas(Book(), document)(io.BytesIO())
    fonts.register()
    paragraph = Untagged("mots", ParagraphStyle("s", fontName=fonts.SERIF))
    paragraph.wrapOn(canvas, 200, 200)
    with pytest.raises(UntaggedText):
        paragraph.drawOn(canvas, 50, 500)
    with pytest.raises(UntaggedText):
        canvas.drawString(10, 10, "mots")


def test_what_no_face_holds_is_replaced_and_told(written: Writer) -> None:
    done = render_checked(
        report(d.Paragraph("Merci 🙂 à ᐃᓄᒃᑎᑐᑦ, ≥ 5 → 6, Łódź, Ω, \u202eabc\u202c, so\u00adin."))
    )
    assert done.missing == {"🙂"}
    path = written(report(d.Paragraph("Merci 🙂 à ᐃᓄᒃᑎᑐᑦ, ≥ 5 → 6, Łódź, Ω, \u202eabc\u202c, so\u00adin.")))
    assert spoken(path).endswith("Merci � à ᐃᓄᒃᑎᑐᑦ, ≥ 5 → 6, Łódź, Ω, abc, soin.")
    assert faces(path) <= set(fonts.FILES)


def test_narrow_space_binds_as_the_ordinary_one_does() -> None:
    assert clean("1\u202f000\u00a0$\r\n a\t b\u2028c\x00\x07\u200b\ue000") == "1\u00a0000\u00a0$ a b c"


words_of_a_person = st.text(
    st.characters(categories=["L", "N", "P", "S", "Z", "M", "Cc", "Cf", "Co", "Cs"]), min_size=1, max_size=60
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(words_of_a_person, min_size=3, max_size=3))
def test_any_string_makes_a_whole_document(parts: list[str]) -> None:
    first, second, third = parts
    table = d.Table(first, (d.Column(second, "header"), d.Column(third)), ((d.Cell(second, third), first),))
    document = report(
        d.Paragraph(
            (
                first,
                d.Run(second, emphasis=True, lang="en"),
                d.Run(third, strong=True, link="https://a.example"),
            )
        ),
        d.Heading(second),
        d.ItemList((third, first), ordered=True),
        table,
        title=first,
    )
    done = render(replace(document, organisation=second, reference=third, notice=first))
    with pikepdf.open(io.BytesIO(done)) as pdf:
        assert len(pdf.pages) >= 1


@settings(max_examples=200, deadline=None)
@given(st.lists(words_of_a_person, min_size=1, max_size=4))
def test_markup_holds_no_tag_that_a_person_wrote(parts: list[str]) -> None:
    book = Book()
    made = markup(tuple(parts), fonts.SERIF, 10, book, french=True)
    for known in ('<font name="', "</font>", '<onDraw name="tag" label="', '"/>', "<super rise=", "</super>"):
        made = made.replace(known, "")
    assert "<" not in made


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(string.ascii_letters + "éàç’<>&", min_size=1, max_size=12), min_size=1, max_size=120))
def test_words_are_kept_whole_and_apart_over_line_ends(written: Writer, parts: list[str]) -> None:
    cut = len(parts) // 2
    english = d.Run(" ".join(parts[cut:]), lang="en-CA", emphasis=True)
    path = written(report(d.Paragraph((" ".join(parts[:cut]) + " ", english))))
    assert dict(structure(path))["P"] == folded(" ".join(parts))


def shifted(lines: int, address: int = 5) -> d.Letter:
    """Return a letter whose end comes lower by so many short paragraphs and lines of address."""
    filler = tuple(d.Paragraph(f"Ligne {number}.") for number in range(lines))
    last = d.Paragraph("Le mot de la fin doit rester au-dessus de la signature, " * 3 + "toujours.")
    to = d.Address(tuple(f"Adresse {number}" for number in range(address)))
    return replace(KINDS["acceptance"](), recipient=to, body=(*filler, d.Heading("Pour finir"), last))


@pytest.mark.parametrize("lines", range(0, 30, 2))
def test_a_signature_is_never_alone(lines: int, written: Writer) -> None:
    letter = shifted(lines)
    path = written(letter)
    with pikepdf.open(path) as pdf:
        last = len(pdf.pages)
    end = page_words(path, last)
    for wanted in ("toujours.", "Pour finir", "Antoine Exemple", "Vérifier cette lettre", "mes salutations"):
        assert wanted in end
    assert spoken(path).count("Ligne") == lines


@pytest.mark.parametrize("words", [150, 400, 900, 1700])
def test_a_long_last_paragraph_leaves_its_last_lines_with_the_signature(words: int, written: Writer) -> None:
    text = "demande " * words + "conclue."
    letter = replace(KINDS["acceptance"](), body=(d.Paragraph(text),))
    path = written(letter)
    with pikepdf.open(path) as pdf:
        last = len(pdf.pages)
    assert "conclue." in page_words(path, last)
    assert "Antoine Exemple" in page_words(path, last)
    assert spoken(path).count("demande") == words


@pytest.mark.parametrize("lines", range(14, 44, 3))
def test_a_heading_is_never_alone(lines: int, written: Writer) -> None:
    table = d.Table(
        "Légende", (d.Column("Nom", "header"), d.Column("Somme", "amount")), (("Un", "1 $"), ("Deux", "2 $"))
    )
    filler = tuple(d.Paragraph(f"Ligne {number}.") for number in range(lines))
    path = written(report(*filler, d.Heading("Un titre"), table, d.Paragraph("Suite.")))
    with pikepdf.open(path) as pdf:
        pages = [page_words(path, number) for number in range(1, len(pdf.pages) + 1)]
    [held] = [page for page in pages if "Un titre" in page]
    assert "Légende" in held
    assert "Deux" in held


def test_a_long_table_repeats_its_head_for_the_eye_only(written: Writer) -> None:
    rows = tuple((f"Organisme {number}", f"{number} $") for number in range(130))
    table = d.Table(
        "Liste",
        (d.Column("Organisme demandeur", "header"), d.Column("Somme", "amount")),
        rows,
        ("Total", "0 $"),
    )
    path = written(report(table))
    with pikepdf.open(path) as pdf:
        pages = len(pdf.pages)
    assert pages >= 4
    assert all("Organisme demandeur" in page_words(path, number) for number in range(1, pages + 1))
    said = spoken(path)
    assert said.count("Organisme demandeur") == 1
    assert [f"Organisme {number} {number} $" in said for number in range(130)] == [True] * 130


def test_a_row_taller_than_a_page_goes_on(written: Writer) -> None:
    tall = " ".join(f"mot{number}" for number in range(2500))
    columns = (d.Column("Question", "header"), d.Column("Réponse"))
    path = written(
        report(d.Table("Réponses", columns, (("Une", "courte"), ("Deux", tall), ("Trois", "courte"))))
    )
    said = spoken(path)
    assert tall in said
    assert said.index("Une courte Deux") < said.index("mot2499 Trois courte")


def test_a_long_word_stays_on_the_page(written: Writer) -> None:
    path = written(
        report(d.Paragraph("x" * 900), d.facts("Noms", (("y" * 300, "z" * 300),)), title="w" * 200)
    )
    assert "x" * 100 in spoken(path).replace(" ", "")


def test_an_empty_document_still_has_its_title(written: Writer) -> None:
    empty = (d.Paragraph(""), d.ItemList(()), d.Table("Rien", (d.Column("A"),), ()), d.Heading(""))
    assert "Essai" in spoken(written(report(*empty)))


def test_a_table_with_a_short_row_is_refused() -> None:
    with pytest.raises(ValueError, match="one cell"):
        d.Table("Légende", (d.Column("A"), d.Column("B")), (("a",),))
    with pytest.raises(ValueError, match="figure"):
        d.Figure(" ", d.Qr("x"))


def test_free_text_is_cut_at_its_lines() -> None:
    assert d.paragraphs("un\r\n\r\n deux\n\x0b") == (d.Paragraph("un"), d.Paragraph(" deux"))


def test_the_measure_is_148_mm() -> None:
    assert abs(MEASURE / 72 * 25.4 - 147.9) < 0.1
    assert sheet(dense=True).body.fontSize >= 9.8
    assert Tag("P").kids == []
