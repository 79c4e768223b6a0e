"""The faces: five of ours and one last resort, registered once, and which characters each one holds."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Final

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

FOLDER: Final = Path(__file__).parent / "faces"

SERIF: Final = "SourceSerif4-Regular"
SERIF_ITALIC: Final = "SourceSerif4-Italic"
SERIF_STRONG: Final = "SourceSerif4-SemiBold"
SANS: Final = "RadioCanada-Regular"
SANS_STRONG: Final = "RadioCanada-SemiBold"
LAST_RESORT: Final = "DejaVuSans"

FILES: Final = {
    SERIF: "SourceSerif4_400Regular.ttf",
    SERIF_ITALIC: "SourceSerif4_400Regular_Italic.ttf",
    SERIF_STRONG: "SourceSerif4_600SemiBold.ttf",
    SANS: "RadioCanada_400Regular.ttf",
    SANS_STRONG: "RadioCanada_600SemiBold.ttf",
    LAST_RESORT: "DejaVuSans.ttf",
}
STRONG: Final = {SERIF: SERIF_STRONG, SERIF_ITALIC: SERIF_STRONG, SANS: SANS_STRONG}
EMPHASIS: Final = {SERIF: SERIF_ITALIC}
_REGULAR: Final = (SERIF, SANS, LAST_RESORT)
_STRONG: Final = (SERIF_STRONG, SANS_STRONG, SERIF, SANS, LAST_RESORT)
REPLACEMENT: Final = "\ufffd"


@cache
def register() -> None:
    """Register the faces, once for the process. No family: it would lose the strong face without a word."""
    for name, file in FILES.items():
        pdfmetrics.registerFont(TTFont(name, FOLDER / file))


@cache
def coverage(face: str) -> frozenset[int]:
    """Return the characters that the face holds."""
    register()
    font: Any = pdfmetrics.getFont(face)
    glyphs: dict[int, int] = font.face.charToGlyph
    return frozenset(code for code, glyph in glyphs.items() if glyph and code <= 0xFFFF)


def chain(face: str) -> tuple[str, ...]:
    """Return the faces tried for a character, the wanted one first."""
    others = _STRONG if face in {SERIF_STRONG, SANS_STRONG} else _REGULAR
    return (face, *(other for other in others if other != face))


@cache
def face_for(character: str, face: str) -> str | None:
    """Return the first face of the chain that holds the character, or None."""
    return next((name for name in chain(face) if ord(character) in coverage(name)), None)
