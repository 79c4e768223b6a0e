"""The last pass over the file: structure, parent tree, metadata, colour, and the same bytes every time."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from typing import Any, Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name, Object, ObjectStreamMode, OutlineItem, String

from . import fonts, text
from .document import Document
from .fixed import WORDS
from .tags import Book, LinkBox, Mark, Tag

PRODUCER: Final = "Jalon"
SEAL_FIELD: Final = "Sceau"
_PRINTED_LOCKED: Final = 132
_KEPT_EMPTY: Final = frozenset({"TD", "TH"})

_XMP: Final = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/"
 xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>
<dc:creator><rdf:Seq><rdf:li>{author}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>{language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreateDate>{date}</xmp:CreateDate><xmp:ModifyDate>{date}</xmp:ModifyDate>
<xmp:CreatorTool>{producer}</xmp:CreatorTool><pdf:Producer>{producer}</pdf:Producer>
<pdfaid:part>2</pdfaid:part><pdfaid:conformance>A</pdfaid:conformance><pdfuaid:part>1</pdfuaid:part>
</rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of PDF/UA standard</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""


class _Structure:
    """Writes the tree of tags as structure elements, and gathers the parent tree as it goes."""

    def __init__(self, pdf: pikepdf.Pdf) -> None:
        self.pdf = pdf
        self.pages: list[pikepdf.Page] = list(pdf.pages)
        self.parents: list[dict[int, Object]] = [{} for _ in self.pages]
        self.boxes: list[Object] = []

    def element(self, tag: Tag, parent: Object) -> Object | None:
        """Return the element of a tag, or None for one that holds nothing."""
        made = self.pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name("/" + tag.kind), P=parent))
        kids: list[Any] = []
        pages = [kid.page for kid in tag.kids if isinstance(kid, Mark)]
        if pages:
            made.Pg = self.pages[pages[0] - 1].obj
        for kid in tag.kids:
            if isinstance(kid, Tag):
                child = self.element(kid, made)
                kids += [child] if child is not None else []
            elif isinstance(kid, Mark):
                kids.append(self.mark(kid, made, pages[0]))
            else:
                kids.append(self.link(kid, made))
        if not kids and tag.kind not in _KEPT_EMPTY:
            return None
        if kids:
            made.K = Array(kids)
        self.describe(tag, made)
        return made

    def mark(self, kid: Mark, element: Object, first_page: int) -> Any:
        """Return the reference to a marked content."""
        self.parents[kid.page - 1][kid.mcid] = element
        if kid.page == first_page:
            return kid.mcid
        return Dictionary(Type=Name.MCR, Pg=self.pages[kid.page - 1].obj, MCID=kid.mcid)

    def link(self, kid: LinkBox, element: Object) -> Object:
        """Return the reference to an annotation, which learns its place in the parent tree."""
        page = self.pages[kid.page - 1].obj
        annotation = page.Annots[kid.place]
        annotation.StructParent = len(self.pages) + len(self.boxes)
        self.boxes.append(element)
        return Dictionary(Type=Name.OBJR, Pg=page, Obj=annotation)

    @staticmethod
    def describe(tag: Tag, element: Object) -> None:
        """Write the attributes of an element."""
        if tag.lang:
            element.Lang = String(tag.lang)
        if tag.alt:
            element.Alt = String(tag.alt)
        if tag.actual:
            element.ActualText = String(tag.actual)
        if tag.scope:
            element.A = Dictionary(O=Name.Table, Scope=Name("/" + tag.scope))
        if tag.numbering:
            element.A = Dictionary(O=Name.List, ListNumbering=Name("/" + tag.numbering))
        if tag.box is not None:
            box = Array([round(value, 3) for value in tag.box])
            element.A = Dictionary(O=Name.Layout, BBox=box, Placement=Name.Block)

    def seal_field(self, document: Object, said: str) -> None:
        """Add an empty field for a seal, without any picture, as the last element of the last page."""
        page = self.pages[-1].obj
        field = self.pdf.make_indirect(
            Dictionary(
                Type=Name.Annot,
                Subtype=Name.Widget,
                FT=Name.Sig,
                T=String(SEAL_FIELD),
                TU=String(said),
                Rect=Array([0, 0, 0, 0]),
                F=_PRINTED_LOCKED,
                P=page,
                StructParent=len(self.pages) + len(self.boxes),
            )
        )
        if "/Annots" in page:
            page.Annots.append(field)
        else:
            page.Annots = Array([field])
        held = Dictionary(Type=Name.OBJR, Pg=page, Obj=field)
        element = Dictionary(Type=Name.StructElem, S=Name.Form, P=document, Pg=page, K=Array([held]))
        made = self.pdf.make_indirect(element)
        document.K.append(made)
        self.boxes.append(made)
        self.pdf.Root.AcroForm = self.pdf.make_indirect(Dictionary(Fields=Array([field]), SigFlags=3))

    def write(self, root: Tag, seal: str) -> None:
        """Write the whole structure into the catalogue and the pages; `seal` names the field of a seal."""
        tree = self.pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        document = self.element(root, tree)
        if document is None:
            raise ValueError("a document without words has no structure")
        if seal:
            self.seal_field(document, seal)
        tree.K = Array([document])
        numbers: list[Any] = []
        for index, (page, parents) in enumerate(zip(self.pages, self.parents, strict=True)):
            page.obj.StructParents = index
            page.obj.Tabs = Name.S
            numbers += [index, self.pdf.make_indirect(Array([parents[mcid] for mcid in sorted(parents)]))]
        for offset, element in enumerate(self.boxes):
            numbers += [len(self.pages) + offset, element]
        tree.ParentTree = self.pdf.make_indirect(Dictionary(Nums=Array(numbers)))
        tree.ParentTreeNextKey = len(self.pages) + len(self.boxes)
        self.pdf.Root.StructTreeRoot = tree


def _metadata(pdf: pikepdf.Pdf, document: Document) -> None:
    issued: datetime = document.issued.astimezone(UTC).replace(microsecond=0)
    title = " ".join(text.clean(document.title).split())
    author = " ".join(text.clean(document.letterhead.ministry).split())
    packet = _XMP.format(
        title=escape(title),
        author=escape(author),
        language=WORDS[document.language].tag,
        date=issued.strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        producer=PRODUCER,
    )
    stream = pdf.make_stream(packet.encode("utf-8"))
    stream.Type, stream.Subtype = Name.Metadata, Name.XML
    pdf.Root.Metadata = stream
    stamp = issued.strftime("D:%Y%m%d%H%M%S+00'00'")
    pdf.trailer.Info = pdf.make_indirect(
        Dictionary(
            Title=String(title),
            Author=String(author),
            Creator=String(PRODUCER),
            Producer=String(PRODUCER),
            CreationDate=String(stamp),
            ModDate=String(stamp),
        )
    )


def _catalogue(pdf: pikepdf.Pdf, document: Document) -> None:
    root = pdf.Root
    root.Lang = String(WORDS[document.language].tag)
    root.MarkInfo = Dictionary(Marked=True)
    root.ViewerPreferences = Dictionary(DisplayDocTitle=True)
    profile = pdf.make_stream((fonts.FOLDER / "sRGB.icc").read_bytes())
    profile.N = 3
    intent = Dictionary(
        Type=Name.OutputIntent,
        S=Name.GTS_PDFA1,
        OutputConditionIdentifier=String("sRGB"),
        Info=String("sRGB"),
        DestOutputProfile=profile,
    )
    root.OutputIntents = Array([pdf.make_indirect(intent)])


def _outline(pdf: pikepdf.Pdf, book: Book) -> None:
    with pdf.open_outline() as outline:
        open_items: list[tuple[int, OutlineItem]] = []
        for entry in book.outline:
            item = OutlineItem(entry.title, entry.page - 1, "XYZ", left=0, top=round(entry.top, 2))
            while open_items and open_items[-1][0] >= entry.level:
                open_items.pop()
            (open_items[-1][1].children if open_items else outline.root).append(item)
            open_items.append((entry.level, item))
    pdf.Root.PageMode = Name.UseOutlines


def finish(raw: bytes, document: Document, book: Book, *, outline: bool, seal: bool = False) -> bytes:
    """Return the file made whole: PDF/UA-1 and PDF/A-2a, and the same bytes for the same document.

    With `seal` it holds an empty field that a seal will fill.
    """
    head = " ".join(text.clean(document.letterhead.ministry).split())
    said = WORDS[document.language].seal.format(name=head) if seal else ""
    with pikepdf.open(io.BytesIO(raw)) as pdf:
        for key in ("/Outlines", "/PageMode"):
            if key in pdf.Root:
                del pdf.Root[key]
        _Structure(pdf).write(book.root, said)
        _catalogue(pdf, document)
        if outline and book.outline:
            _outline(pdf, book)
        _metadata(pdf, document)
        out = io.BytesIO()
        pdf.save(
            out,
            deterministic_id=True,
            object_stream_mode=ObjectStreamMode.generate,
            min_version="1.7",
            fix_metadata_version=False,
        )
    return out.getvalue()
