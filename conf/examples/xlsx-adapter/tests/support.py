"""The agent's side of the protocol, and workbooks written part by part, for the tests."""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import unittest
import zipfile
from xml.sax.saxutils import escape

HERE = os.path.dirname(os.path.realpath(__file__))
PROGRAM = os.path.join(os.path.dirname(HERE), "qianzhi-adapter-xlsx")
sys.path.insert(0, os.path.dirname(HERE))

from xlsx_adapter import wire  # noqa: E402  the path comes first

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
NO_POSITION = {"order": b"", "identity": b""}
LIMITS = {"rows": 2000, "octets": 1 << 20}


class Refused(Exception):
    """A failure that the adapter answered."""

    def __init__(self, failure):
        super().__init__(failure["code"] + " " + failure["detail"])
        self.kind, self.code = failure["kind"], failure["code"]


def start(**more):
    """The adapter as the agent starts it, with the agent's end of the socket."""
    ours, theirs = socket.socketpair()
    # The shell puts the socket where the adapter looks for it.
    process = subprocess.Popen(["/bin/sh", "-c", f'exec "$0" 3<&{theirs.fileno()}', PROGRAM], stdin=subprocess.DEVNULL,
                               pass_fds=[theirs.fileno()], env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"}, **more)
    theirs.close()
    ours.settimeout(60)
    return process, ours


class Agent:
    def __init__(self):
        self.process, self.socket = start(stderr=subprocess.PIPE)
        self.greeting = self.ask("hello", {"protocol": 1})["greeting"]

    def close(self):
        """Closes the socket, upon which the adapter ends; gives its exit status."""
        self.socket.close()
        status = self.process.wait(30)
        self.errors = self.process.stderr.read().decode()
        self.process.stderr.close()
        return status

    def send_raw(self, octets):
        self.socket.sendall(octets)

    def ask(self, call, what=None):
        octets = wire.encode("Request", {call: what or {}})
        self.send_raw(len(octets).to_bytes(4, "big") + octets)
        reply = wire.decode("Reply", self.receive())
        if "failure" in reply:
            raise Refused(reply["failure"])
        return reply

    def receive(self):
        return self._exactly(int.from_bytes(self._exactly(4), "big"))

    def _exactly(self, size):
        data = b""
        while len(data) < size:
            piece = self.socket.recv(size - len(data))
            if not piece:
                raise ConnectionError("the adapter left")
            data += piece
        return data


def values_of(column):
    """None for null, (text,) for invalid, ... for unchanged."""
    values, at = [], 0
    for row, length in enumerate(column["lengths"]):
        text = column["data"][at:at + length].decode()
        at += length
        presence = column["presence"][row] if column["presence"] else 0
        values.append([text, None, ..., (text,)][presence])
    return values


def rows_of(columns):
    return list(zip(*map(values_of, columns)))


class Book:
    """A workbook: cells are XML, made by the functions below. parts can be changed before it is written."""

    def __init__(self, formats=(), shared=(), date1904=False):
        self.formats, self.shared, self.date1904 = formats, shared, date1904
        self.sheets = []
        self.parts = {}

    def sheet(self, name, rows, after="", before="", attributes=""):
        """rows: lists of cells (None: there is none), or texts of XML."""
        body = ""
        for number, row in enumerate(rows, 1):
            if isinstance(row, list):
                cells = "".join(cell.replace("<c", f'<c r="{letters(at)}{number}"', 1)
                                for at, cell in enumerate(row) if cell is not None)
                row = f'<row r="{number}">{cells}</row>'
            body += row
        self.sheets.append((name, f'<worksheet xmlns="{MAIN}">{before}<sheetData>{body}</sheetData>{after}</worksheet>',
                            attributes))
        return self

    def all_parts(self):
        listed = related = ""
        parts = {"_rels/.rels": relations(f'<Relationship Id="r" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/>')}
        for at, (name, text, attributes) in enumerate(self.sheets, 1):
            listed += f'<sheet name="{escape(name)}" sheetId="{at}" r:id="s{at}" {attributes}/>'
            related += f'<Relationship Id="s{at}" Type="{OFFICE}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            parts[f"xl/worksheets/sheet{at}.xml"] = text
        for kind in ("styles", "sharedStrings"):
            related += f'<Relationship Id="{kind}" Type="{OFFICE}/{kind}" Target="{kind}.xml"/>'
        parts["xl/_rels/workbook.xml.rels"] = relations(related)
        parts["xl/workbook.xml"] = (f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><workbookPr date1904="'
                                    f'{int(self.date1904)}"/><sheets>{listed}</sheets></workbook>')
        own = [f for f in self.formats if isinstance(f, str)]
        numbers = [own.index(f) + 164 if isinstance(f, str) else f for f in self.formats]
        parts["xl/styles.xml"] = (
            f'<styleSheet xmlns="{MAIN}"><numFmts>'
            + "".join(f'<numFmt numFmtId="{at}" formatCode="{escape(f, {chr(34): "&quot;"})}"/>'
                      for at, f in enumerate(own, 164))
            + '</numFmts><cellXfs><xf numFmtId="0"/>' + "".join(f'<xf numFmtId="{n}"/>' for n in numbers)
            + "</cellXfs></styleSheet>")
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">' + "".join(f"<si>{s}</si>" for s in self.shared) + "</sst>"
        parts.update(self.parts)
        return parts

    def write(self, path, compression=zipfile.ZIP_DEFLATED):
        with zipfile.ZipFile(path, "w", compression) as file:
            for name, text in self.all_parts().items():
                file.writestr(name, text)


def relations(text):
    return f'<Relationships xmlns="{PACKAGE}">{text}</Relationships>'


def letters(column):
    text = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        text = chr(65 + rest) + text
    return text


def t(text):
    """A text within the cell."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def n(text, style=0):
    return f'<c s="{style}"><v>{text}</v></c>'


def s(index):
    return f'<c t="s"><v>{index}</v></c>'


def header(*names):
    return [t(name) for name in names]


class SourceTest(unittest.TestCase):
    """A drop folder, an agent, and a source with the table firm(id, name)."""

    columns = ["id", "name"]
    old_columns = []
    mode = 1
    options = {}

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        for name in ("drop", "drop/archive", "drop/rejected"):
            os.mkdir(os.path.join(self.folder, name))
        self.agent = None
        self.number = 0
        self.open()

    def tearDown(self):
        if self.agent is not None:
            self.agent.close()

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def spec(self):
        return {"connection": {"options": {"folder": self.path("drop"), "state": self.path("state"), "marker": ".done",
                                           "look": "0", "files": "*.xlsx", **self.options}},
                "name": "test", "mode": self.mode,
                "tables": [{"table": "firm", "columns": self.columns, "key": ["id"], "old_columns": self.old_columns}]}

    def open(self):
        """Anew, as after a restart of the agent."""
        if self.agent is not None:
            self.agent.close()
        self.agent = Agent()
        self.agent.ask("open_source", self.spec())
        self.checkpoint = None

    def drop(self, book, name=None):
        """Writes it as the next workbook and says that it is complete."""
        if name is None:
            self.number += 1
            name = f"book-{self.number:04}.xlsx"
        if isinstance(book, bytes):
            with open(self.path("drop", name), "wb") as file:
                file.write(book)
        else:
            book.write(self.path("drop", name))
        open(self.path("drop", name + ".done"), "w").close()
        return name

    def settle(self):
        """Until every workbook was taken; a large one takes more than one call."""
        while self.changes()["more"]:
            pass

    def snapshot(self, table=0):
        if self.mode == 1:
            self.settle()
        rows, cursor = [], b""
        while True:
            page = self.agent.ask("read_snapshot", {"table": table, "cursor": cursor, "limits": LIMITS})["page"]
            rows += rows_of(page["columns"])
            cursor = page["cursor"]
            if page["done"]:
                return rows

    def changes(self, limits=None):
        """After the checkpoint, which then moves."""
        if self.checkpoint is None:
            self.checkpoint = self.agent.ask("present")["position"]
        changes = self.agent.ask("read_changes", {"after": self.checkpoint, "high_water": NO_POSITION,
                                                  "limits": limits or LIMITS, "wait": 0})["changes"]
        if changes["continuity"] == 0:
            self.checkpoint = changes["position"]
        return changes

    def codes(self):
        """Of the events that a person should see."""
        return [event["code"] for event in self.changes()["events"] if event["kind"] == 3]

    def names(self, folder="drop"):
        return sorted(name for name in os.listdir(self.path(folder)) if name not in ("archive", "rejected"))

    def reason(self, name):
        with open(self.path("drop/rejected", name + ".reason.txt"), encoding="utf-8-sig") as file:
            return file.read()

    def assert_rejected(self, book, code, words):
        """The workbook is refused with this code and these words, and what was there stays."""
        self.drop(Book().sheet("firm", [header("id", "name"), [t("kept"), t("good")]]))
        self.assertEqual(self.snapshot(), [("kept", "good")])
        name = self.drop(book)
        self.settle()
        self.assertIn(name, self.names("drop/rejected"))
        self.assertIn(code, self.reason(name))
        self.assertIn(words, self.reason(name))
        self.assertEqual(self.snapshot(), [("kept", "good")])
        self.assertIn(code, self.codes())
