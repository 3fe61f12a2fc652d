"""What happens to workbooks in the folder, and what the agent hears of it."""

import json
import os
import shutil
import tempfile
import unittest
import unittest.mock

from support import Agent, Book, Refused, SourceTest, header, n, rows_of, t

from xlsx_adapter.failure import Failure
from xlsx_adapter.importer import Importer
from xlsx_adapter.settings import Settings
from xlsx_adapter.state import State


def firm(*rows):
    return Book().sheet("firm", [header("id", "name")] + [[t(key), t(name)] for key, name in rows])


class Drops(SourceTest):
    old_columns = ["name"]

    def told(self):
        """Everything that waits: (operation, row, old)."""
        found = []
        more = True
        while more:
            changes = self.changes()
            for table in changes["tables"]:
                operations = table["rows"]["operations"] or bytes(table["rows"]["rows"])
                found += zip(operations, rows_of(table["columns"]), rows_of(table["old"]))
            more = changes["more"]
        return found

    def test_what_differs_is_told_with_the_old_values_removes_first(self):
        self.drop(firm(("1", "one"), ("2", "two"), ("3", "three")))
        self.settle()
        self.drop(firm(("1", "uno"), ("3", "three"), ("4", "four")))
        self.assertEqual(self.told(), [(1, ("2", ...), ("two",)), (0, ("1", "uno"), ("one",)), (0, ("4", "four"), (...,))])
        self.assertEqual(self.snapshot(), [("1", "uno"), ("3", "three"), ("4", "four")])

    def test_the_first_workbook_comes_as_a_refill(self):
        self.assertEqual([event["kind"] for event in self.changes()["events"]], [2])
        self.drop(firm(("1", "one")))
        self.assertEqual(self.told(), [])
        self.assertEqual(self.changes()["events"], [])

    def test_P39_the_same_name_with_the_same_content_counts_once(self):
        first = firm(("1", "one"))
        name = self.drop(first)
        self.settle()
        self.drop(first, name)
        self.assertEqual(self.told(), [])
        self.assertEqual(len(self.names("drop/archive")), 2)
        self.drop(firm(("2", "two")))
        self.settle()
        self.drop(first, name)
        self.settle()
        self.assertIn("QZ-FIL-008", self.reason(name))
        self.assertEqual(self.snapshot(), [("2", "two")])

    def test_P39_a_workbook_without_its_marker_waits(self):
        self.drop(firm(("1", "one")))
        self.settle()
        firm(("2", "two")).write(self.path("drop", "z.xlsx"))
        self.assertEqual(self.told(), [])
        open(self.path("drop", "z.xlsx.done"), "w").close()
        self.assertEqual(len(self.told()), 2)

    def test_the_marker_may_promise_a_number_of_rows(self):
        name = self.drop(firm(("1", "one"), ("2", "two")))
        with open(self.path("drop", name + ".done"), "w", encoding="ascii") as marker:
            marker.write("3\n")
        self.settle()
        self.assertIn("QZ-FIL-007", self.reason(name))

    def test_too_many_removals_need_a_persons_word(self):
        self.drop(firm(*((f"{at:03}", "x") for at in range(100))))
        self.settle()
        name = self.drop(firm(("001", "x")))
        self.settle()
        self.assertIn("99 of 100 rows of firm would be removed", self.reason(name))
        self.assertEqual(len(self.snapshot()), 100)
        self.assertIn("QZ-FIL-010", self.codes())
        open(self.path("drop", name + ".accept"), "w").close()
        self.drop(firm(("001", "x")), name)
        self.assertEqual(self.snapshot(), [("001", "x")])
        self.assertEqual(self.names(), [])
        self.assertEqual(self.names("drop/rejected"), [])  # it was mended
        self.assertEqual(self.codes(), [])

    def test_rows_without_a_key_and_with_the_key_of_another_are_named(self):
        book = Book().sheet("firm", [header("id", "name"), [t("1"), t("a")], [None, t("b")], [t("1"), t("c")],
                                     ['<c t="e"><v>#REF!</v></c>', t("d")], [None, None]])
        self.assert_rejected(book, "QZ-FIL-005", "firm row 3: the key is empty, or is no value, firm row 5: the key is empty,"
                                                 " or is no value, firm row 4: the key stands in row 2, too")

    def test_a_missing_sheet_and_a_missing_or_doubled_column(self):
        self.assert_rejected(Book().sheet("Firm", [header("id", "name")]), "QZ-FIL-004", "no sheet firm; there are: Firm")
        self.assert_rejected(Book().sheet("firm", [header("id", "nom")]), "QZ-FIL-004", "lacks: name; it has: id, nom")
        self.assert_rejected(Book().sheet("firm", [header("id", "name", "id")]), "QZ-FIL-004", "names id twice")
        self.assert_rejected(Book().sheet("firm", []), "QZ-FIL-004", "no header")

    def test_merged_cells_in_columns_that_are_read_are_refused(self):
        rows = [header("id", "name", "note"), [t("1"), t("a"), t("x")], [t("2"), None, None]]
        merged = '<mergeCells><mergeCell ref="{}"/></mergeCells>'
        self.assert_rejected(Book().sheet("firm", rows, merged.format("B2:B3")), "QZ-FIL-005", "B2:B3 are merged")
        self.drop(Book().sheet("firm", rows, merged.format("C2:C3")))
        self.assertEqual(self.snapshot(), [("1", "a"), ("2", None)])

    def test_a_hidden_sheet_is_read_like_any_other(self):
        self.drop(Book().sheet("firm", [header("id", "name"), [t("1"), t("one")]], attributes='state="veryHidden"'))
        self.assertEqual(self.snapshot(), [("1", "one")])

    def test_what_was_imported_survives_a_restart_and_a_kill(self):
        self.drop(firm(("1", "one")))
        self.settle()
        checkpoint = self.checkpoint
        self.drop(firm(("1", "uno")))
        self.agent.process.kill()
        self.open()
        self.checkpoint = checkpoint
        self.assertEqual(self.told(), [(0, ("1", "uno"), ("one",))])

    def test_a_second_process_keeps_out_of_the_state(self):
        self.settle()
        other = Agent()
        other.ask("open_source", self.spec())
        with self.assertRaises(Refused) as refused:
            other.ask("present")
        self.assertEqual((refused.exception.kind, refused.exception.code), (1, "QZ-SQL-001"))
        other.close()

    def test_a_damaged_state_is_told_as_corrupt(self):
        self.drop(firm(("1", "one")))
        self.settle()
        with open(self.path("state/state.db"), "r+b") as file:
            file.write(b"not a database, whatever it was before")
        self.open()
        with self.assertRaises(Refused) as refused:
            self.agent.ask("present")
        self.assertEqual((refused.exception.kind, refused.exception.code), (3, "QZ-SQL-003"))

    def test_P28_a_new_column_waits_for_a_workbook_that_tells_it(self):
        self.drop(firm(("1", "one")))
        self.settle()
        self.columns = ["id", "name", "town"]
        self.open()
        self.assertEqual([event["kind"] for event in self.changes()["events"]], [2])
        with self.assertRaises(Refused) as refused:
            self.agent.ask("read_snapshot", {"limits": {"rows": 1, "octets": 1}})
        self.assertEqual(refused.exception.code, "QZ-FIL-015")
        self.drop(Book().sheet("firm", [header("id", "name", "town"), [t("1"), t("one"), t("广州")]]))
        self.assertEqual(self.snapshot(), [("1", "one", "广州")])

    def test_a_column_that_is_taken_out_changes_nothing_else(self):
        self.columns = ["name", "town", "id"]
        self.open()
        self.drop(Book().sheet("firm", [header("id", "name", "town"), [t("1"), t("one"), t("广州")]]))
        self.settle()
        self.columns, self.old_columns = ["id", "name"], []
        self.open()
        self.assertEqual(self.snapshot(), [("1", "one")])

    def test_events_that_last_end_a_wait_only_once(self):
        self.changes()
        began = os.times().elapsed
        self.agent.ask("read_changes", {"after": self.checkpoint, "limits": {"rows": 1, "octets": 1}, "wait": 300_000})
        self.assertGreater(os.times().elapsed - began, 0.25)

    def test_a_folder_that_is_away_is_told_and_what_is_known_can_be_read(self):
        self.drop(firm(("1", "one")))
        self.settle()
        os.rename(self.path("drop"), self.path("away"))
        self.assertEqual(self.codes(), ["QZ-FIL-001"])
        self.assertEqual(self.snapshot(), [("1", "one")])
        os.rename(self.path("away"), self.path("drop"))

    def test_secrets_and_values_are_not_told(self):
        name = self.drop(Book().sheet("firm", [header("id", "name"), [t("hunter2"), t("a")], [t("hunter2"), t("b")]]))
        events = str(self.changes()["events"]) + str(self.changes()["events"])
        self.assertIn("QZ-FIL-005", events)
        self.assertNotIn("hunter2", events + self.reason(name))


class Quiet(SourceTest):
    options = {"marker": "", "quiet": "200ms"}

    def test_P39_without_markers_a_workbook_is_complete_when_it_is_quiet_and_has_an_end(self):
        firm(("1", "one")).write(self.path("whole.xlsx"))
        with open(self.path("whole.xlsx"), "rb") as file:
            whole = file.read()
        with open(self.path("drop/a.xlsx"), "wb") as out:
            out.write(whole[:-30])
            out.flush()
            self.assertEqual(self.names("drop/archive"), [])
            self.wait_for(lambda: "QZ-FIL-011" in self.codes())
            self.assertEqual(self.names("drop/rejected"), [])
            out.write(whole[-30:])
        self.wait_for(lambda: self.names("drop/archive"))
        self.assertEqual(self.snapshot(), [("1", "one")])

    def test_the_lock_file_of_a_spreadsheet_is_no_workbook(self):
        with open(self.path("drop/~$a.xlsx"), "wb") as file:
            file.write(b"x" * 165)
        firm(("1", "one")).write(self.path("drop/a.xlsx"))
        self.wait_for(lambda: self.names("drop/archive"))
        self.assertEqual(self.names(), ["~$a.xlsx"])
        self.assertEqual(self.codes(), [])

    def wait_for(self, holds):
        """The adapter waits by itself; each question lets it look again."""
        for _ in range(200):
            if holds():
                return
            self.changes()
            after = self.checkpoint
            self.agent.ask("read_changes", {"after": after, "limits": {"rows": 1, "octets": 1}, "wait": 50_000})
        self.fail("it did not happen")


class Races(unittest.TestCase):
    """What others do to the folder while a workbook is read, step by step."""

    def setUp(self):
        self.folder = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, self.folder)
        os.makedirs(os.path.join(self.folder, "drop"))
        settings = Settings({"folder": self.path("drop"), "state": self.path("state"), "quiet": "0", "look": "0",
                             "files": "*.xlsx"})
        spec = {"tables": [{"table": "firm", "columns": ["id", "name"], "key": ["id"], "old_columns": []}]}
        self.state = State(settings, spec)
        self.addCleanup(self.state.close)
        self.importer = Importer(settings, spec, self.state)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def rows(self):
        return [json.loads(cells) for cells, in self.state.database.execute("SELECT cells FROM row ORDER BY key")]

    def test_P39_a_workbook_that_is_replaced_while_it_is_read_is_not_put_away_unread(self):
        for steps in range(40):
            firm(("1", f"old {steps}")).write(self.path("drop/a.xlsx"))
            firm(("1", f"new {steps}")).write(self.path("new.xlsx"))
            self.importer._look()  # it begins with the task
            for _ in range(steps):
                if self.importer._task is None or next(self.importer._task, self) is self:
                    break
            os.replace(self.path("new.xlsx"), self.path("drop/a.xlsx"))
            while self.importer.work(1):
                pass
            self.assertEqual(self.rows(), [["1", f"new {steps}"]], steps)

    def test_a_workbook_that_cannot_be_opened_holds_up_no_other(self):
        firm(("1", "one")).write(self.path("drop/a.xlsx"))
        firm(("2", "two")).write(self.path("drop/b.xlsx"))

        def refuse(path):
            if path.endswith("a.xlsx"):
                raise Failure(1, "QZ-FIL-001", "cannot open it")
            return open(path, "rb")
        with unittest.mock.patch("xlsx_adapter.importer.open_workbook", refuse):
            for _ in range(5):
                self.importer.work(1)
            self.assertFalse(self.importer.work(1))
        self.assertEqual(self.rows(), [["2", "two"]])
        self.assertEqual([code for _, code, _ in self.importer.remarks], ["QZ-FIL-001"])


class Shapes(SourceTest):
    """Titles above the header, other names, two tables in one workbook."""

    options = {"table.firm.sheet": "注册登记", "table.firm.header": "3", "table.firm.column.编号": "id",
               "table.firm.column.企业名称": "name", "significant": "15"}

    def spec(self):
        spec = super().spec()
        spec["tables"].append({"table": "town", "columns": ["code", "title"], "key": ["code", "title"], "old_columns": []})
        return spec

    def book(self, towns):
        rows = [[t("企业名单")], '<row r="3">' + "".join(c.replace("<c", f'<c r="{at}3"') for at, c in
                                                      zip("AB", header("编号", "企业名称"))) + "</row>",
                '<row r="4"><c r="A4"><v>5</v></c><c r="B4"><v>1.1000000000000001</v></c></row>']
        return (Book().sheet("注册登记", rows, '<mergeCells><mergeCell ref="A1:B2"/></mergeCells>')
                .sheet("notes", [[t("anything")]]).sheet("town", [header("code", "title")] + towns))

    def test_two_tables_and_names_of_their_own(self):
        self.drop(self.book([[t("a"), t("x y")], [t("a"), t("x")], [t("a b"), t("")], [t("𠮷"), t("1")], [t("㐀"), t("1")]]))
        self.assertEqual(self.snapshot(0), [("5", "1.1")])
        self.assertEqual(self.snapshot(1), [("a", "x"), ("a", "x y"), ("a b", ""), ("㐀", "1"), ("𠮷", "1")])

    def test_one_bad_sheet_refuses_the_whole_workbook(self):
        self.drop(self.book([[t("a"), t("x")]]))
        self.settle()
        book = self.book([[t("a"), None]])
        name = self.drop(book)
        self.settle()
        self.assertIn("town row 2", self.reason(name))
        self.assertEqual(self.snapshot(1), [("a", "x")])

    def test_describe_preflight_and_plan(self):
        self.drop(self.book([[t("a"), t("x")]]), "0.xlsx")
        tables = {table["name"]: [column["name"] for column in table["columns"]]
                  for table in self.agent.ask("describe", self.spec()["connection"])["tables"]["tables"]}
        self.assertEqual(tables, {"firm": ["id", "name"], "town": ["code", "title"], "notes": ["anything"]})
        self.assertEqual(self.agent.ask("preflight")["findings"]["findings"], [])
        plan = self.agent.ask("plan_source", self.spec())["plan"]
        self.assertIn(self.path("drop/archive"), plan["install"])
        self.drop(Book().sheet("注册登记", [[t("x")]]), "1.xlsx")
        codes = [finding["code"] for finding in self.agent.ask("preflight")["findings"]["findings"]]
        self.assertEqual(codes, ["QZ-FIL-004", "QZ-FIL-004"])
        os.rmdir(self.path("drop/rejected"))
        codes = [finding["code"] for finding in self.agent.ask("preflight")["findings"]["findings"]]
        self.assertIn("QZ-FIL-001", codes)
        self.assertFalse(os.path.exists(self.path("state")))  # nothing was written


class Samples(SourceTest):
    mode = 2

    def test_a_look_at_the_rows_changes_nothing_and_needs_no_state(self):
        with self.assertRaises(Refused):
            self.snapshot()
        self.drop(firm(*((f"{9999 - at}", "x") for at in range(5000))))
        rows = self.snapshot()
        self.assertEqual((len(rows), rows[0], rows[-1]), (5000, ("9999", "x"), ("5000", "x")))
        self.assertEqual(len(self.names()), 2)
        self.assertFalse(os.path.exists(self.path("state")))
        with self.assertRaises(Refused) as refused:
            self.agent.ask("present")
        self.assertEqual(refused.exception.code, "QZ-ADP-021")


class SettingsTest(SourceTest):
    def test_options_that_are_missing_wrong_or_unknown(self):
        for options in ({"state": ""}, {"folder": "relative"}, {"quiet": "1 week"}, {"look": "99d"}, {"most_removed": "101"},
                        {"colour": "red"}, {"table.firm": "x"}, {"table.firm.header": "0"}, {"table.firm.sheets": "x"},
                        {"marker": "/x"}, {"most_unpacked": "x"}):
            with self.subTest(options=options):
                spec = self.spec()
                spec["connection"]["options"].update(options)
                agent = Agent()
                with self.assertRaises(Refused) as refused:
                    agent.ask("open_source", spec)
                self.assertEqual((refused.exception.kind, refused.exception.code), (5, "QZ-FIL-002"))
                self.assertEqual(agent.close(), 0)

    def test_ways_of_capture_that_workbooks_have_not(self):
        for mode in (0, 3):
            agent = Agent()
            with self.assertRaises(Refused) as refused:
                agent.ask("open_source", {**self.spec(), "mode": mode})
            self.assertEqual(refused.exception.code, "QZ-ADP-021")
            agent.close()

    def test_a_table_without_workbooks(self):
        agent = Agent()
        spec = self.spec()
        del spec["connection"]["options"]["files"]
        agent.ask("open_source", spec)
        with self.assertRaises(Refused) as refused:
            agent.ask("present")
        self.assertEqual(refused.exception.code, "QZ-ADP-011")
        agent.close()

    def test_numbers_in_a_key(self):
        self.drop(Book().sheet("firm", [header("id", "name"), [n("10"), t("a")], [n("9"), t("b")]]))
        self.assertEqual(self.snapshot(), [("10", "a"), ("9", "b")])


if __name__ == "__main__":
    unittest.main()
