"""Workbooks and frames of somebody who means harm, or of a program that is broken."""

import io
import os
import resource
import struct
import subprocess
import time
import unittest
import zipfile

from support import MAIN, Agent, Book, Refused, SourceTest, header, n, start, t, values_of

from xlsx_adapter import wire
from xlsx_adapter.failure import Broken

DOCTYPE = '<!DOCTYPE a [<!ENTITY x "lol"><!ENTITY y "&x;&x;&x;&x;&x;&x;&x;&x;&x;">]>'


def good():
    return Book().sheet("firm", [header("id", "name"), [t("1"), t("one")]])


def octets_of(book):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        for name, text in book.all_parts().items():
            out.writestr(name, text)
    return file.getvalue()


class Workbooks(SourceTest):
    options = {"most_unpacked": "64MiB"}

    def peak(self):
        """Of the adapter's memory, in MiB."""
        with open(f"/proc/{self.agent.process.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024

    def test_P39_a_workbook_cut_anywhere_is_not_used(self):
        whole = octets_of(good())
        for cut in (0, 10, len(whole) // 2, len(whole) - 1):
            with self.subTest(cut=cut):
                self.assert_rejected(whole[:cut], "QZ-FIL-003", "the end of the ZIP file is missing")

    def test_octets_changed_in_the_middle_are_found(self):
        whole = bytearray(octets_of(good()))
        at = whole.find(b"xl/worksheets/sheet1.xml") + 40
        whole[at] ^= 0xFF
        self.assert_rejected(bytes(whole), "QZ-FIL-003", "is damaged")

    def test_a_bomb_of_zeros_is_refused_before_it_fills_the_memory(self):
        book = good()
        book.parts["xl/worksheets/sheet1.xml"] = f'<worksheet xmlns="{MAIN}">' + " " * (40 << 20)
        self.assert_rejected(book, "QZ-FIL-003", "unpacks to far more")
        self.assertLess(self.peak(), 100)

    def test_more_than_the_limit_is_refused_also_if_it_is_no_bomb(self):
        book = good()
        noise = os.urandom(1 << 20).hex()
        book.parts["xl/sharedStrings.xml"] = f'<sst xmlns="{MAIN}">' + f"<x>{noise}</x>" * 40
        self.assert_rejected(book, "QZ-FIL-003", "most_unpacked")

    def test_a_document_type_or_an_entity_is_refused_in_every_part(self):
        for part in ("_rels/.rels", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml",
                     "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml"):
            with self.subTest(part=part):
                for declaration in ("<!DOCTYPE a>", DOCTYPE):
                    book = good()
                    book.parts[part] = declaration + book.all_parts()[part]
                    self.assert_rejected(book, "QZ-FIL-003", "document type or an entity")

    def test_a_huge_dimension_takes_no_memory(self):
        book = Book().sheet("firm", [header("id", "name"), [t("1"), t("one")]], before='<dimension ref="A1:XFD1048576"/>')
        self.drop(book)
        self.assertEqual(self.snapshot(), [("1", "one")])
        self.assertLess(self.peak(), 60)

    def test_seventeen_thousand_columns(self):
        row = "".join(f'<c r="{chr(65)}1"/>' if at == 0 else "<c><v>1</v></c>" for at in range(17_000))
        self.assert_rejected(Book().sheet("firm", [f'<row r="1">{row}</row>']), "QZ-FIL-003", "beyond column 16384")
        self.assert_rejected(Book().sheet("firm", ['<row r="1"><c r="XFE1"><v>1</v></c></row>']), "QZ-FIL-003",
                             "beyond column 16384")

    def test_a_row_beyond_the_last_and_rows_out_of_order(self):
        for number in ("1048577", "99999999999", "1", "-1"):
            with self.subTest(number=number):
                book = Book().sheet("firm", [header("id", "name"), f'<row r="{number}"><c><v>1</v></c></row>'])
                self.assert_rejected(book, "QZ-FIL-003", "row")

    def test_a_cell_that_stands_in_another_row_or_comes_twice(self):
        for cell in ('<c r="A3"><v>1</v></c>', '<c r="B2"><v>1</v></c><c r="A2"><v>1</v></c>',
                     '<c r="A2"><v>1</v></c><c r="A2"><v>2</v></c>'):
            with self.subTest(cell=cell):
                self.assert_rejected(Book().sheet("firm", [header("id", "name"), f'<row r="2">{cell}</row>']), "QZ-FIL-003",
                                     "row 2")

    def test_nesting_a_giant_tag_and_a_giant_text(self):
        for text, words in (("<a>" * 200, "too deeply"), (f'<row x="{"y" * (3 << 20)}"/>', "tag or comment"),
                            (f"<row><c><v>{'1' * (2 << 20)}</v></c></row>", "longer than any cell")):
            with self.subTest(words=words):
                self.assert_rejected(Book().sheet("firm", [text]), "QZ-FIL-003", words)

    def test_shared_texts_and_styles_that_are_not_there(self):
        for cell in ('<c t="s"><v>5</v></c>', '<c t="s"><v>-1</v></c>', '<c s="9"><v>5</v></c>', '<c s="x"><v>5</v></c>'):
            with self.subTest(cell=cell):
                self.assert_rejected(Book().sheet("firm", [header("id", "name"), [t("1"), cell]]), "QZ-FIL-003", "not there")

    def test_a_list_of_a_million_parts_is_not_read(self):
        whole = octets_of(good())
        end = whole.rfind(b"PK\5\6")
        for at, form, value in ((10, "<H", 60_000), (12, "<L", 1 << 30)):
            broken = bytearray(whole)
            struct.pack_into(form, broken, end + at, value)
            self.assert_rejected(bytes(broken), "QZ-FIL-003", "more than any workbook")

    def test_one_name_twice_a_password_and_an_old_format(self):
        file = io.BytesIO(octets_of(good()))
        with zipfile.ZipFile(file, "a") as out:
            out.writestr("XL/workbook.xml", "<other/>")
        self.assert_rejected(file.getvalue(), "QZ-FIL-003", "one name twice")
        encrypted = bytearray(octets_of(good()))
        encrypted[encrypted.find(b"PK\1\2") + 8] |= 1
        self.assert_rejected(bytes(encrypted), "QZ-FIL-003", "encrypted")
        self.assert_rejected(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "QZ-FIL-003", "old .xls")
        with zipfile.ZipFile(file := io.BytesIO(), "w") as out:
            out.writestr("letter.txt", "no workbook")
        self.assert_rejected(file.getvalue(), "QZ-FIL-003", "no workbook")

    def test_a_link_is_not_followed(self):
        os.symlink("/etc/passwd", self.path("drop", "link.xlsx"))
        open(self.path("drop", "link.xlsx.done"), "w").close()
        self.changes()
        self.assertIn("link.xlsx", self.names())
        self.assertEqual(self.names("drop/archive"), [])

    def test_a_number_of_many_digits_is_no_way_to_spend_hours(self):
        began = time.process_time()
        self.drop(Book().sheet("firm", [header("id", "name")] + [[t(str(i)), n("9" * 400 + "E999")] for i in range(50)]))
        self.assertEqual(len(self.snapshot()), 50)
        self.assertLess(resource.getrusage(resource.RUSAGE_SELF).ru_utime - began, 30)


class Frames(unittest.TestCase):
    def ends_with(self, octets, close=False):
        """Exit status of an adapter that was greeted and then got these octets, and what it said."""
        agent = Agent()
        try:
            agent.send_raw(octets)
        except OSError:
            pass
        if not close:
            with self.assertRaises((ConnectionError, OSError)):
                agent.receive()
        return agent.close(), agent.errors

    def test_a_length_beyond_the_limit_ends_it_at_once(self):
        for prefix in (b"\xff\xff\xff\xff", b"\x04\x00\x00\x01"):
            self.assertEqual(self.ends_with(prefix)[0], 70)

    def test_the_length_alone_takes_no_memory(self):
        agent = Agent()
        agent.send_raw(b"\x04\x00\x00\x00" + b"x" * 1000)
        time.sleep(0.2)
        with open(f"/proc/{agent.process.pid}/status", encoding="ascii") as status:
            self.assertLess(next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024, 50)
        self.assertEqual(agent.close(), 0)

    def test_a_frame_cut_short_is_the_end_of_the_agent(self):
        self.assertEqual(self.ends_with(b"\0\0\0\x09abc", close=True)[0], 0)

    def test_bytes_that_are_no_request_end_it(self):
        for octets in (b"", b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", b"\x0a\x7f", b"\x0b", b"\xd2\x0f\x00"):
            with self.subTest(octets=octets):
                status, errors = self.ends_with(len(octets).to_bytes(4, "big") + octets)
                self.assertEqual(status, 70)
                self.assertIn("QZ-ADP-004", errors)

    def test_an_unknown_call_and_one_before_open_end_it(self):
        for call in ("present", "read_snapshot", "marks", "commit"):
            octets = wire.encode("Request", {call: {}})
            self.assertEqual(self.ends_with(len(octets).to_bytes(4, "big") + octets)[0], 70, call)

    def test_a_call_before_the_greeting_ends_it(self):
        process, ours = start(stderr=subprocess.DEVNULL)
        octets = wire.encode("Request", {"describe": {}})
        ours.sendall(len(octets).to_bytes(4, "big") + octets)
        self.assertEqual(ours.recv(1), b"")
        ours.close()
        self.assertEqual(process.wait(30), 70)

    def test_another_version_is_refused_by_its_code(self):
        agent = Agent()
        with self.assertRaises(Refused) as refused:
            agent.ask("hello", {"protocol": 2})
        self.assertEqual((refused.exception.kind, refused.exception.code), (5, "QZ-ADP-006"))
        self.assertEqual(agent.close(), 0)

    def test_a_target_is_refused_by_its_code(self):
        agent = Agent()
        with self.assertRaises(Refused) as refused:
            agent.ask("open_target", b"\x0a\x00")
        self.assertEqual(refused.exception.code, "QZ-ADP-021")
        agent.close()

    def test_it_ends_when_the_agent_leaves_in_the_middle_of_a_wait(self):
        test = Workbooks("test_a_link_is_not_followed")
        test.setUp()
        try:
            test.changes()
            octets = wire.encode("Request", {"read_changes": {"after": test.checkpoint, "wait": 600_000_000,
                                                              "limits": {"rows": 1, "octets": 1}}})
            test.agent.send_raw(len(octets).to_bytes(4, "big") + octets)
            time.sleep(0.2)
            began = time.monotonic()
            self.assertEqual(test.agent.close(), 0)
            self.assertLess(time.monotonic() - began, 5)
        finally:
            test.agent = None
            test.doCleanups()

    def test_without_a_socket_it_exits_with_64(self):
        from support import PROGRAM
        with open("/dev/null", "rb") as null:
            closed = subprocess.run(["/bin/sh", "-c", 'exec "$0" 3<&-', PROGRAM], capture_output=True, check=False)
            other = subprocess.run(["/bin/sh", "-c", f'exec "$0" 3<&{null.fileno()}', PROGRAM], capture_output=True,
                                   pass_fds=[null.fileno()], check=False)
        self.assertEqual((closed.returncode, other.returncode), (64, 64))
        version = subprocess.run([PROGRAM, "--version"], capture_output=True, check=True).stdout
        self.assertRegex(version.decode(), r"^qianzhi-adapter-xlsx [0-9.]+, protocol 1\n$")
        self.assertEqual(subprocess.run([PROGRAM, "--help"], capture_output=True, check=True).stderr, b"")


class Wire(unittest.TestCase):
    def test_known_octets(self):
        self.assertEqual(wire.encode("Reply", {"greeting": {"protocol": 1, "journal": True}}), bytes.fromhex("1a0408011801"))
        self.assertEqual(wire.decode("Request", bytes.fromhex("0a020801")), {"hello": {"protocol": 1}})
        self.assertEqual(wire.encode("RowInfo", {"rows": 300, "source_times": [-1, 150]}), bytes.fromhex("08ac02220301ac02"))
        self.assertEqual(wire.decode("Column", bytes.fromhex("10051202ac02"))["lengths"], [5, 300])
        self.assertEqual(wire.decode("ReadChanges", bytes.fromhex("20ffffffffffffffffff01"))["wait"], -1)

    def test_unknown_fields_are_passed_over(self):
        self.assertEqual(wire.decode("Hello", bytes.fromhex("0801" "9a0603616263" "a00601" "ad0600000000")), {"protocol": 1})

    def test_every_cut_is_found(self):
        whole = wire.encode("Request", {"open_source": {"connection": {"options": {"folder": "/x", "名": "值"}}, "name": "n",
                                                        "tables": [{"table": "t", "columns": ["a"], "key": ["a"]}]}})
        self.assertEqual(wire.decode("Request", whole)["open_source"]["connection"]["options"], {"folder": "/x", "名": "值"})
        for cut in range(1, len(whole)):
            with self.assertRaises(Broken, msg=cut):
                wire.decode("Request", whole[:cut])

    def test_columns(self):
        from xlsx_adapter.cells import Invalid
        from xlsx_adapter.source import UNKNOWN, Column
        column = Column()
        for value in ("㐀", None, UNKNOWN, Invalid("#N/A"), ""):
            column.append(value)
        back = wire.decode("Column", wire.encode("Column", column.message()))
        self.assertEqual(values_of(back), ["㐀", None, ..., ("#N/A",), ""])


if __name__ == "__main__":
    unittest.main()
