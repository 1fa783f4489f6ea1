"""Reads, changes and writes packets of XMP.

A packet is XML from outside: one that has a document type, and with it entities, or is larger or
deeper than any honest one, is left out as a whole. What is not changed stays as it was written.

Layouts: Adobe's XMP specification, parts 1 and 3; IPTC's Photo Metadata standard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, NoReturn
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XML: Final = "http://www.w3.org/XML/1998/namespace"
DC: Final = "http://purl.org/dc/elements/1.1/"
XMP: Final = "http://ns.adobe.com/xap/1.0/"
RIGHTS: Final = "http://ns.adobe.com/xap/1.0/rights/"
MEDIA: Final = "http://ns.adobe.com/xap/1.0/mm/"
EVENT: Final = "http://ns.adobe.com/xap/1.0/sType/ResourceEvent#"
EXIF: Final = "http://ns.adobe.com/exif/1.0/"
TIFF: Final = "http://ns.adobe.com/tiff/1.0/"
PHOTOSHOP: Final = "http://ns.adobe.com/photoshop/1.0/"
IPTC_CORE: Final = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
IPTC_EXTENSION: Final = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
NOTE: Final = "http://ns.adobe.com/xmp/note/"

_PREFIXES: Final[Mapping[str, str]] = {
    DC: "dc",
    XMP: "xmp",
    RIGHTS: "xmpRights",
    MEDIA: "xmpMM",
    EXIF: "exif",
    TIFF: "tiff",
    PHOTOSHOP: "photoshop",
    IPTC_CORE: "Iptc4xmpCore",
    IPTC_EXTENSION: "Iptc4xmpExt",
    NOTE: "xmpNote",
}

_WRAPPER: Final = (
    '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'.encode(),
    b'\n<?xpacket end="w"?>',
)

MAX_BYTES: Final = 2**23
_MAX_NODES: Final = 200_000
_MAX_DEPTH: Final = 60
_MAX_NAMESPACES: Final = 1_000
"""At one place."""
_MAX_HELD: Final = 1_000_000
"""Over all elements that declare some: each keeps all that hold in it."""

Name = tuple[str, str]
"""Namespace and local name."""


class NotXmp(ValueError):
    """It is no packet that can be read."""


@dataclass(slots=True)
class Node:
    """An element, with names as they are written."""

    written: str
    attributes: dict[str, str]
    scope: Mapping[str, str]
    """Namespaces by their prefixes."""
    children: list[Node | str] = field(default_factory=list)

    @property
    def name(self) -> Name:
        return _resolved(self.written, self.scope, self.scope.get("", ""))

    @property
    def elements(self) -> list[Node]:
        return [child for child in self.children if isinstance(child, Node)]

    @property
    def text(self) -> str:
        return "".join(child for child in self.children if isinstance(child, str)).strip()

    def value(self, name: Name) -> str | None:
        """Return the text of a field, which is an attribute or an element; ``None``: no such."""
        for written, each in self.named_attributes():
            if each == name:
                return self.attributes[written]
        return next((element.text for element in self.elements if element.name == name), None)

    def replace(self, name: Name, text: str) -> None:
        """Give a field another text, where it is there."""
        for written, each in self.named_attributes():
            if each == name:
                self.attributes[written] = text
        for element in self.elements:
            if element.name == name:
                element.children = [text]

    def named_attributes(self) -> Iterator[tuple[str, Name]]:
        """Yield the attributes as they are written, and the names that they mean."""
        for written in self.attributes:
            if written != "xmlns" and not written.startswith("xmlns:"):
                yield written, _resolved(written, self.scope, "")


class Packet:
    """The properties of a picture."""

    def __init__(self, root: Node) -> None:
        self._root = root
        self._rdf = next((node for node in _all(root) if node.name == (RDF, "RDF")), root)
        if self._rdf.name != (RDF, "RDF"):
            raise NotXmp("it has no RDF")

    @classmethod
    def parse(cls, data: bytes) -> Packet:
        """Read a packet.

        :raises NotXmp: it is none, or none that an honest program writes.
        """
        if len(data) > MAX_BYTES:
            raise NotXmp("it is too large")
        return cls(_parse(data))

    @classmethod
    def empty(cls) -> Packet:
        """Return a packet without properties."""
        return cls.parse(
            b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="%b"/></x:xmpmeta>'
            % RDF.encode()
        )

    def properties(self) -> Iterator[tuple[Name, str | Node]]:
        """Yield the properties, each with its text or its element."""
        for description in self._descriptions():
            for written, name in description.named_attributes():
                if name[0] not in (RDF, XML):
                    yield name, description.attributes[written]
            for element in description.elements:
                yield element.name, element

    def nodes(self) -> list[Node]:
        """Return all elements."""
        return list(_all(self._rdf))

    def value(self, name: Name) -> str:
        """Return the text of a property, or of the first entry of its list; empty without one."""
        for each, value in self.properties():
            if each == name:
                if isinstance(value, str):
                    return value
                return next((node.text for node in _all(value) if node.text), "")
        return ""

    def has(self, name: Name) -> bool:
        return any(each == name for each, _ in self.properties())

    def remove(self, unwanted: Callable[[Name], bool]) -> bool:
        """Remove what has a name, wherever it stands; return whether there was any."""
        found = False
        for node in self.nodes():
            for written, name in list(node.named_attributes()):
                if unwanted(name):
                    del node.attributes[written]
                    found = True
            kept = [
                child
                for child in node.children
                if not (isinstance(child, Node) and unwanted(child.name))
            ]
            found = found or len(kept) < len(node.children)
            node.children = kept
        return found

    def replace(self, name: Name, value: str) -> None:
        """Give a simple property another text, where it is there."""
        for description in self._descriptions():
            description.replace(name, value)

    def set(self, name: Name, value: str) -> None:
        """Give a simple property its text."""
        self.remove(lambda each: each == name)
        self._add(f"<{_prefixed(name)}>{escape(value)}</{_prefixed(name)}>", name[0])

    def set_list(self, name: Name, kind: str, values: list[str]) -> None:
        """Give a property a list of texts.

        :param kind: "Seq", "Bag", or "Alt" for texts in languages.
        """
        self.remove(lambda each: each == name)
        language = ' xml:lang="x-default"' if kind == "Alt" else ""
        entries = "".join(f"<rdf:li{language}>{escape(value)}</rdf:li>" for value in values)
        tag = _prefixed(name)
        self._add(f"<{tag}><rdf:{kind}>{entries}</rdf:{kind}></{tag}>", name[0])

    def add_event(self, values: Mapping[str, str]) -> None:
        """Add an entry to the history.

        :param values: its texts by the names of the type ResourceEvent.
        """
        texts = " ".join(f"stEvt:{key}={quoteattr(value)}" for key, value in values.items())
        entry = f'<rdf:li xmlns:rdf="{RDF}" xmlns:stEvt="{EVENT}" {texts}/>'
        for description in self._descriptions():
            for element in description.elements:
                lists = [each for each in element.elements if each.name == (RDF, "Seq")]
                if element.name == (MEDIA, "History") and lists:
                    lists[0].children.append(_parse(entry.encode()))
                    return
        self._add(f"<xmpMM:History><rdf:Seq>{entry}</rdf:Seq></xmpMM:History>", MEDIA)

    def join(self, other: Packet) -> None:
        """Take over the properties that another packet has and this one does not."""
        own = {name for name, _ in self.properties()}
        other.remove(lambda name: name in own)
        for description in other._descriptions():
            if any(name[0] not in (RDF, XML) for _, name in description.named_attributes()) or (
                description.elements
            ):
                self._rdf.children.append(description)

    def take_out(self, max_bytes: int) -> Packet | None:
        """Move the largest properties into a packet of their own, until this one is small enough.

        :returns: that packet; ``None`` where nothing had to be moved.
        :raises NotXmp: it cannot be divided.
        """
        moved: Packet | None = None
        while (over_bytes := len(self.to_bytes()) - max_bytes) > 0:
            elements = [
                (len(_written(element, {})), description, element)
                for description in self._descriptions()
                for element in description.elements
            ]
            if not elements:
                raise NotXmp("it cannot be divided")
            elements.sort(key=lambda each: each[0], reverse=True)
            moved = moved or Packet.empty()
            gone: set[int] = set()
            # Many at once: to write the whole anew for each would take hours for a hostile one.
            for size, description, element in elements:
                moved.take(_carrier_of(description, element))
                gone.add(id(element))
                over_bytes -= size
                if over_bytes <= 0:
                    break
            for description in self._descriptions():
                description.children = [
                    child for child in description.children if id(child) not in gone
                ]
        return moved

    def take(self, description: Node) -> None:
        """Put an element with properties to the others."""
        self._rdf.children.append(description)

    def to_bytes(self) -> bytes:
        """Return the packet in UTF-8, without the wrapper that marks it in a stream."""
        return _written(self._root, {}).encode("utf-8", "replace")

    def wrapped(self) -> bytes:
        """Return the packet in UTF-8 with the wrapper that marks it in a stream."""
        return self.to_bytes().join(_WRAPPER)

    def _descriptions(self) -> list[Node]:
        return [node for node in self._rdf.elements if node.name == (RDF, "Description")]

    def _add(self, element: str, namespace: str) -> None:
        prefix = _PREFIXES[namespace]
        about = next(
            (
                description.attributes[written]
                for description in self._descriptions()
                for written, name in description.named_attributes()
                if name == (RDF, "about")
            ),
            "",
        )
        self._rdf.children.append(
            _parse(
                f'<rdf:Description xmlns:rdf="{RDF}" xmlns:{prefix}="{namespace}" '
                f"rdf:about={quoteattr(about)}>{element}</rdf:Description>".encode()
            )
        )


def _carrier_of(description: Node, element: Node) -> Node:
    """Return an element like a description that holds one of its properties alone."""
    carrier = Node(description.written, dict(description.attributes), description.scope)
    for written, name in list(description.named_attributes()):
        if name[0] not in (RDF, XML):
            del carrier.attributes[written]
    carrier.children.append(element)
    return carrier


def _prefixed(name: Name) -> str:
    return f"{_PREFIXES[name[0]]}:{name[1]}"


def _resolved(written: str, scope: Mapping[str, str], default: str) -> Name:
    prefix, colon, local = written.rpartition(":")
    return (scope.get(prefix, ""), local) if colon else (default, written)


def _all(node: Node) -> Iterator[Node]:
    yield node
    for child in node.elements:
        yield from _all(child)


def _parse(data: bytes) -> Node:
    """:raises NotXmp: it is no well-formed XML without a document type."""
    top = Node("", {}, {"xml": XML})
    open_nodes = [top]
    count = held = 0

    def start(written: str, attributes: dict[str, str]) -> None:
        nonlocal count, held
        count += 1
        if len(open_nodes) > _MAX_DEPTH or count > _MAX_NODES:
            raise NotXmp("it is too deep or has too many parts")
        scope = open_nodes[-1].scope
        declared = {
            key.partition(":")[2]: value
            for key, value in attributes.items()
            if key == "xmlns" or key.startswith("xmlns:")
        }
        if declared:
            held += len(scope) + len(declared)
        if len(scope) + len(declared) > _MAX_NAMESPACES or held > _MAX_HELD:
            raise NotXmp("it has too many namespaces")
        node = Node(written, attributes, {**scope, **declared} if declared else scope)
        open_nodes[-1].children.append(node)
        open_nodes.append(node)

    def take_text(text: str) -> None:
        open_nodes[-1].children.append(text)

    def refuse(*_: object) -> NoReturn:
        raise NotXmp("it has a document type")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda _: open_nodes.pop()
    parser.CharacterDataHandler = take_text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    try:
        parser.Parse(data.strip(b"\0 \t\r\n"), True)
    except (expat.ExpatError, LookupError, UnicodeError) as error:
        raise NotXmp("it is no well-formed XML") from error
    return top.elements[0]


def _written(node: Node, around: Mapping[str, str]) -> str:
    """Write an element.

    :param around: the namespaces that are declared where it will stand.
    """
    attributes = dict(node.attributes)
    inside = dict(around)
    for written, value in attributes.items():
        if written == "xmlns" or written.startswith("xmlns:"):
            inside[written.partition(":")[2]] = value
    for written in (node.written, *attributes):
        prefix = written.rpartition(":")[0]
        # It may have been moved here from under other declarations.
        meant = None if prefix in ("", "xml", "xmlns") else node.scope.get(prefix)
        if meant is not None and inside.get(prefix) != meant:
            attributes[f"xmlns:{prefix}"] = inside[prefix] = meant
    texts = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    content = "".join(
        escape(child) if isinstance(child, str) else _written(child, inside)
        for child in node.children
    )
    if not content:
        return f"<{node.written}{texts}/>"
    return f"<{node.written}{texts}>{content}</{node.written}>"
