"""An opened source: ADAPTERS.md, section 5."""

import json
import os
import sqlite3
import time

from .cells import Invalid
from .database import Transaction, failure_of
from .failure import FULL, MISUSE, UNAVAILABLE, Failure
from .importer import Importer
from .peek import peek
from .plan import check_folders
from .settings import Settings
from .state import GOOD, State, from_cells, from_key, identity_of, position, sequence_of

LOG, JOURNAL, SNAPSHOT, WATERMARK = 0, 1, 2, 3
VALUE, NULL, UNCHANGED, INVALID = 0, 1, 2, 3
UPSERT, REMOVE = 0, 1
UNSEEN, ATTENTION = 2, 3  # kinds of events
IMPORT_SHARE = 2.0  # seconds of one call
LONGEST_PAUSE = 1.0
FORGET_INTERVAL = 1.0
MOST_ROWS, MOST_OCTETS = 1_000_000, 32 << 20  # of a chunk, whatever is asked for: a frame must hold it
UNKNOWN = object()  # a value that is sent as unchanged


class Column:
    def __init__(self):
        self.presence = bytearray()
        self.lengths = []
        self.data = bytearray()

    def append(self, value):
        if value is None or value is UNKNOWN:
            self.presence.append(NULL if value is None else UNCHANGED)
            self.lengths.append(0)
            return
        octets = value.encode()
        self.presence.append(INVALID if isinstance(value, Invalid) else VALUE)
        self.lengths.append(len(octets))
        self.data += octets

    def message(self):
        return {"presence": bytes(self.presence) if any(self.presence) else b"", "lengths": self.lengths,
                "data": bytes(self.data)}


def octets_of(values):
    return sum(len(value.encode()) for value in values if isinstance(value, str))


class Rows:
    """Changes of one table on their way into a message."""

    def __init__(self, index, table):
        self.index = index
        self.operations, self.times = bytearray(), []
        self.columns = [Column() for _ in table["columns"]]
        self.old = [Column() for _ in table["old_columns"]]

    def append(self, operation, at, values, old):
        self.operations.append(operation)
        self.times.append(at)
        for columns, row in ((self.columns, values), (self.old, old)):
            for column, value in zip(columns, row):
                column.append(value)

    def message(self):
        steps = [time - before for time, before in zip(self.times, [0, *self.times])]
        return {"table": self.index, "columns": [c.message() for c in self.columns], "old": [c.message() for c in self.old],
                "rows": {"rows": len(self.times), "source_times": steps,
                         "operations": bytes(self.operations) if any(self.operations) else b""}}


class News:
    """Whether an answer ends a wait: an event that lasts does so only once."""

    def __init__(self):
        self._told = set()

    def is_in(self, changes, after):
        if changes["continuity"] != GOOD:
            return True
        told = {(event["table"], event["kind"], event["detail"]) for event in changes["events"]}
        is_news = told != self._told or changes["position"] != after
        self._told = told
        return is_news


def answers(method):
    """Faults of the state file and of the disk as failures, after which the state is opened anew."""
    def guarded(self, *arguments):
        try:
            return method(self, *arguments)
        except sqlite3.Error as error:
            self.close()
            raise failure_of(error) from None
        except OSError as error:
            self.close()
            kind, code = (FULL, "QZ-SQL-002") if error.errno == 28 else (UNAVAILABLE, "QZ-FIL-001")
            raise Failure(kind, code, f"the folders cannot be used: {error.strerror}") from None
    return guarded


class Source:
    """wait(seconds): waits, and raises Gone when the agent has left."""

    def __init__(self, spec, wait):
        if spec["mode"] in (LOG, WATERMARK):
            raise Failure(MISUSE, "QZ-ADP-021", "workbooks have neither a log nor a watermark", "use capture: journal")
        self._settings = Settings(spec["connection"]["options"])
        self._spec = spec
        self._tables = spec["tables"]
        self._wait = wait
        self._state = self._importer = None
        self._news = News()
        self._to_forget = None
        self._forgot = None

    def close(self):
        if self._importer is not None:
            try:
                self._importer.close()
            except sqlite3.Error:
                pass  # its transaction ends with the connection
        if self._state is not None:
            self._state.close()
        self._state = self._importer = None

    def _open(self):
        if self._spec["mode"] == SNAPSHOT:
            raise Failure(MISUSE, "QZ-ADP-021", "workbooks that are only looked at have no changes", "use capture: journal")
        if self._state is not None and self._state.was_replaced():
            self.close()
        if self._state is None:
            for table in self._tables:
                if not self._settings.table(table["table"]).files:
                    raise Failure(MISUSE, "QZ-ADP-011", f"no workbooks are configured for table {table['table']}")
            self._state = State(self._settings, self._spec)
            self._importer = Importer(self._settings, self._spec, self._state)
        return self._state

    def _take_workbooks(self):
        return self._importer.work(IMPORT_SHARE)

    @answers
    def present(self):
        state = self._open()
        self._take_workbooks()
        with Transaction(state.database):
            return state.present()

    @answers
    def forget(self, wanted):
        self._open()
        self._to_forget = wanted
        self._forget_due()

    def _forget_due(self):
        """At most once a second, however often the agent says so."""
        if self._to_forget is None or (self._forgot is not None and time.monotonic() - self._forgot < FORGET_INTERVAL):
            return
        self._forgot = time.monotonic()
        if self._to_forget["order"]:
            self._state.forget(self._to_forget)
        self._to_forget = None

    @answers
    def read_changes(self, after, high_water, limits, wait):
        deadline = time.monotonic() + wait / 1e6
        while True:
            state = self._open()
            self._forget_due()
            busy = self._take_workbooks()
            with Transaction(state.database):
                changes = self._read(state, after, high_water, limits)
            if changes["continuity"] == GOOD:
                changes["more"] = changes["more"] or busy
            if self._news.is_in(changes, after):
                return changes
            left = deadline - time.monotonic()
            if left <= 0:
                return changes
            if not busy:
                self._wait(min(left, max(self._settings.look, 0.005), LONGEST_PAUSE))

    def _read(self, state, after, high_water, limits):
        continuity, reason = state.check(after, high_water)
        if continuity != GOOD:
            return {"continuity": continuity, "reason": reason}
        names = {state.tables[table["table"]][0]: index for index, table in enumerate(self._tables)}
        tables = [Rows(index, table) for index, table in enumerate(self._tables)]
        changes = {"continuity": GOOD, "events": self._lasting_events(state), "position": after, "more": False}
        octets = 0
        most = min(limits["octets"], MOST_OCTETS)
        last = sequence_of(after)
        for entry in state.entries(last, max(1, min(limits["rows"], MOST_ROWS))):
            last = entry[0]
            changes["position"] = position(last, identity_of(entry))
            index = names.get(entry[1])
            if index is None:
                continue
            if entry[2] == "x":
                changes["events"].append({"table": index, "kind": UNSEEN,
                                          "detail": "a workbook was read as the first one of its table"})
                continue
            octets += self._append(state, tables[index], entry)
            if octets >= most:
                break
        changes["tables"] = [rows.message() for rows in tables if rows.times]
        changes["more"] = state.newest() > last
        return changes

    def _append(self, state, rows, entry):
        """One entry with the row's present values; returns its octets."""
        _, number, operation, key, old, at, _ = entry
        table = self._tables[rows.index]
        row = state.one("SELECT cells FROM row WHERE tbl = ? AND key = ?", number, key)
        if row is None and operation == "i":
            return 0  # it is gone again: the entry of its removal says so with the old values
        if row is not None:
            values = from_cells(row[0])
        else:
            parts = dict(zip(table["key"], from_key(key)))
            values = [parts.get(column, UNKNOWN) for column in table["columns"]]
        were = json.loads(old) if old else {}
        before = []
        for column in table["old_columns"]:
            value = were.get(column, UNKNOWN)
            before.append(Invalid(value[0]) if isinstance(value, list) else value)
        rows.append(UPSERT if row is not None else REMOVE, at, values, before)
        return octets_of(values) + octets_of(before)

    def _lasting_events(self, state):
        events = []
        for index, table in enumerate(self._tables):
            if not state.is_loaded(table["table"]):
                events.append({"table": index, "kind": UNSEEN,
                               "detail": f"no workbook with table {table['table']} has been imported yet"})
        for index, code, detail in self._importer.remarks:
            events.append({"table": index, "kind": ATTENTION, "detail": detail[:1000], "code": code})
        return events

    @answers
    def read_snapshot(self, index, cursor, limits):
        if index >= len(self._tables):
            raise Failure(MISUSE, "QZ-ADP-011", "no such table in this source")
        table = self._tables[index]
        most_rows, most_octets = max(1, min(limits["rows"], MOST_ROWS)), min(limits["octets"], MOST_OCTETS)
        if self._spec["mode"] == SNAPSHOT:
            rows = peek(self._settings, table, cursor, most_rows)
            return page(table, rows, cursor, most_rows, most_octets)
        state = self._open()
        self._take_workbooks()
        if not state.is_loaded(table["table"]):
            raise Failure(UNAVAILABLE, "QZ-FIL-015", f"no workbook with table {table['table']}")
        with Transaction(state.database):
            # The key of a row may be empty, a cursor may not: a letter stands before it.
            rows = state.database.execute(
                "SELECT key, cells FROM row WHERE tbl = ? AND (? OR key > ?) ORDER BY key LIMIT ?",
                (state.tables[table["table"]][0], not cursor, cursor[1:], most_rows))
            answer = page(table, ((b"k" + key, from_cells(cells)) for key, cells in rows), cursor, most_rows, most_octets)
            answer["position"] = state.present()
        return answer

    @answers
    def preflight(self):
        return check_folders(self._settings, self._tables)


def page(table, rows, cursor, most_rows, most_octets):
    """rows: (cursor behind it, values). Passes the octets by at most one row."""
    columns = [Column() for _ in table["columns"]]
    count = octets = 0
    for cursor, values in rows:
        for column, value in zip(columns, values):
            column.append(value)
        count += 1
        octets += octets_of(values)
        if count >= most_rows or octets >= most_octets:
            break
    return {"rows": count, "columns": [column.message() for column in columns], "cursor": cursor,
            "done": count < most_rows and octets < most_octets}
