"""The ZIP file that a workbook is, read as something that a stranger made: what it promises is checked before memory is
taken for it, what it unpacks to is counted, and its XML may hold neither a document type nor an entity."""

import os
import posixpath
import struct
import zipfile
import zlib
from xml.parsers import expat

from .failure import UNAVAILABLE, Failure, rejected

MOST_PARTS = 10_000
MOST_DIRECTORY = 4 << 20  # octets
FREE_OF_RATIO = 16 << 20  # what is smaller when unpacked is no bomb
MOST_RATIO = 300  # DEFLATE reaches 1,032; real sheets stay below 100
PIECE = 1 << 16
DEEPEST = 100  # elements within each other
LONGEST_TEXT = 1 << 20  # characters; a cell of a workbook holds 32,767
STUCK = 16  # pieces of XML in which nothing begins or ends: one tag or comment of a MiB
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, struct.error, ValueError,
          OverflowError)


def unreadable(what):
    return rejected("QZ-FIL-003", what)


class Unfinished(Exception):
    """The file has no end: it is still being written, or a transfer broke off."""


def check_directory(file):
    """The list of parts at the file's end. Raises Unfinished if there is none, Failure if it is too long."""
    size = os.fstat(file.fileno()).st_size
    file.seek(0)
    if file.read(8) == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        raise unreadable("this is an old .xls file, or a workbook with a password")
    begin = max(0, size - 65_557 - 76)
    file.seek(begin)
    tail = file.read()
    at = tail.rfind(b"PK\5\6")
    if at < 0 or len(tail) - at < 22:
        raise Unfinished()
    entries, octets = struct.unpack_from("<HL", tail, at + 10)
    if at >= 76 and tail[at - 20:at - 16] == b"PK\6\7" and tail[at - 76:at - 72] == b"PK\6\6":
        more = struct.unpack_from("<QQ", tail, at - 76 + 32)
        entries, octets = max(entries, more[0]), max(octets, more[1])
    if entries > MOST_PARTS or octets > MOST_DIRECTORY:
        raise unreadable(f"the file lists {entries} parts in {octets} octets, more than any workbook")


class Package:
    """file: open, of at most most_file octets; must outlive it."""

    def __init__(self, file, most_file, most_unpacked):
        if os.fstat(file.fileno()).st_size > most_file:
            raise unreadable(f"the file is larger than {most_file} octets (option most_file)")
        check_directory(file)
        self._left = self._most = most_unpacked
        try:
            self._zip = zipfile.ZipFile(file)
        except BROKEN:
            raise unreadable("the ZIP file is damaged") from None
        except OSError as error:
            raise Failure(UNAVAILABLE, "QZ-FIL-001", f"cannot read a workbook: {error.strerror}") from None
        self._parts = {}
        for info in self._zip.infolist():
            name = info.filename.lower().lstrip("/")
            if name in self._parts:
                raise unreadable("the ZIP file holds one name twice")
            if info.flag_bits & 0x41:
                raise unreadable("the ZIP file is encrypted")
            if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                raise unreadable("the ZIP file is packed in a way that workbooks are not")
            self._parts[name] = info

    def has(self, name):
        return name.lower() in self._parts

    def pieces(self, name):
        """The octets of a part, piece by piece."""
        info = self._parts.get(name.lower())
        if info is None:
            raise unreadable(f"the part {name[:100]} is missing")
        unpacked = 0
        try:
            with self._zip.open(info) as part:
                while True:
                    piece = part.read(PIECE)
                    if not piece:
                        return
                    unpacked += len(piece)
                    self._left -= len(piece)
                    if self._left < 0:
                        raise unreadable(f"it unpacks to more than {self._most} octets (option most_unpacked)")
                    if unpacked > max(FREE_OF_RATIO, MOST_RATIO * info.compress_size):
                        raise unreadable("it unpacks to far more than a workbook would")
                    yield piece
        except BROKEN:
            raise unreadable(f"the part {name[:100]} is damaged") from None
        except OSError as error:
            raise Failure(UNAVAILABLE, "QZ-FIL-001", f"cannot read a workbook: {error.strerror}") from None


def resolve(part, target):
    """A target that a part's relations name, as the name of a part."""
    if target.startswith("/"):
        return posixpath.normpath(target).lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(part), target))


class Walk:
    """Walks through XML along a table of elements that are known; everything else is passed over with what is in it.

    tree: for each state the elements that are looked at in it; the state within one is "STATE/ELEMENT". begin(state,
    attributes) and end(state, text) are called for each; text is kept in the states of `texts` only."""

    def __init__(self, namespaces, tree, texts, begin, end):
        self._next = {}
        for state, elements in tree.items():
            for element in elements:
                for namespace in namespaces:
                    self._next[state, f"{namespace} {element}"] = f"{state}/{element}"
        self._texts = texts
        self._begin, self._end = begin, end
        self._states = [""]
        self._passing = 0
        self._text = None
        self._size = 0
        self._still = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._stop
        self._parser.CharacterDataHandler = self._data
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.EntityDeclHandler = self._refuse

    def feed(self, piece, last=False):
        self._still += 1
        try:
            self._parser.Parse(piece, last)
        except expat.ExpatError as error:
            raise unreadable(f"the XML is damaged: {expat.errors.messages.get(error.code, '')}") from None
        except (LookupError, UnicodeError):
            raise unreadable("the XML is of an unknown encoding") from None
        if self._still >= STUCK:
            raise unreadable("the XML holds a tag or comment of more than a MiB")

    @staticmethod
    def _refuse(*_):
        raise unreadable("the XML holds a document type or an entity; no workbook does")

    def _start(self, name, attributes):
        self._still = 0
        if self._passing:
            self._passing += 1
            if self._passing > DEEPEST:
                raise unreadable("the XML is nested too deeply")
            return
        state = self._next.get((self._states[-1], name))
        if state is None:
            self._passing = 1
            return
        self._states.append(state)
        if state in self._texts:
            self._text, self._size = [], 0
        self._begin(state, attributes)

    def _stop(self, _):
        self._still = 0
        if self._passing:
            self._passing -= 1
            return
        state = self._states.pop()
        if state in self._texts:
            text, self._text = "".join(self._text), None
            self._end(state, text)
        else:
            self._end(state, None)

    def _data(self, data):
        self._still = 0
        if self._text is not None and not self._passing:
            self._size += len(data)
            if self._size > LONGEST_TEXT:
                raise unreadable("a text is longer than any cell may hold")
            self._text.append(data)


def read_xml(package, part, walk):
    """The whole of a part through a walk; yields after each piece."""
    for piece in package.pieces(part):
        walk.feed(piece)
        yield
    walk.feed(b"", True)
