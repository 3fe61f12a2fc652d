"""From complete workbooks in the drop folder to the state: one workbook in one transaction, or not at all. One that
cannot be taken whole goes to the rejected ones with the reason; nothing of it is used.

The work is done in slices, for the agent waits for an answer meanwhile: reading a large workbook takes minutes."""

import hashlib
import json
import os
import time

from .cells import Invalid
from .database import Transaction
from .failure import REJECTED, UNAVAILABLE, Failure, rejected
from .folder import Folder, open_workbook, shown, state_of
from .package import Unfinished
from .state import now, to_cells, to_key
from .workbook import Workbook

MOST_FAULTS = 20
TOO_FEW_TO_MIND = 20  # rows: a table this small may well lose most of them
PIECE = 1 << 20


class Importer:
    def __init__(self, settings, spec, state):
        self._settings = settings
        self._tables = {table["table"]: table for table in spec["tables"]}
        self._indexes = {table["table"]: index for index, table in enumerate(spec["tables"])}
        self._state = state
        self._folder = Folder(settings)
        self._looked = None
        self._task = None
        self._known = {}  # name -> (state, code, detail): looked at and still there; no code: imported, to be put away
        self.remarks = []  # (table, code, detail): what stands in the way now

    def close(self):
        if self._task is not None:
            self._task.close()

    def work(self, share):
        """Up to so many seconds. True: more waits."""
        until = time.monotonic() + share
        while time.monotonic() < until:
            if self._task is None:
                if self._looked is not None and time.monotonic() - self._looked < self._settings.look:
                    return False
                if not self._look():
                    return False
            try:
                next(self._task)
            except StopIteration:
                self._task = self._looked = None  # what came meanwhile is taken at once
            except BaseException:
                self._task = None
                raise
        return True

    def _remark(self, tables, code, detail):
        self.remarks.extend((self._indexes[table], code, detail) for table in tables)

    def _look(self):
        """True: there is a workbook to be taken."""
        self._looked = time.monotonic()
        self.remarks = []
        try:
            self._rejected = self._folder.rejected(self._tables)
            for name, held in self._rejected:
                self._remark(held[:1], *self._folder.remark_of(name))
            for name, held in self._folder.complete(self._tables):
                if self._begin(name, held):
                    return True
        except Failure as failure:
            # What was imported before can still be read.
            if failure.kind != UNAVAILABLE:
                raise
            self._remark(list(self._tables)[:1], failure.code, failure.detail)
        return False

    def _begin(self, name, held):
        known = self._known.get(name)
        if known is not None:
            if self._is_still(name, known[0]):
                if known[1] is None:
                    self._put_away(name, held, known[0])
                elif known[1] == "QZ-FIL-011":
                    self._remark(held[:1], known[1], known[2])
                else:
                    self._refuse(name, held, known[0], rejected(known[1], known[2]))
                return False
            del self._known[name]
        try:
            file = open_workbook(self._folder.path(name))
        except Failure as failure:
            self._remark(held[:1], failure.code, failure.detail)
            return False
        self._task = self._take(file, name, held)
        return True

    def _is_still(self, name, state):
        """Neither written to nor replaced by another file: what is put away must be what was read."""
        try:
            return state_of(os.lstat(self._folder.path(name))) == state
        except OSError:
            return False

    def _refuse(self, name, held, state, failure):
        """A workbook that cannot be moved stays, and is not read again as long as it is the same."""
        self._known[name] = (state, failure.code, failure.detail)
        self._remark(held[:1], failure.code, f"{shown(name)}: {failure.detail}")
        try:
            self._folder.reject(name, failure.code, failure.detail)
            del self._known[name]
        except Failure as fault:
            if fault.kind != UNAVAILABLE:
                raise
            self._remark(held[:1], fault.code, fault.detail)

    def _put_away(self, name, held, state):
        self._known[name] = (state, None, "")
        try:
            self._folder.archive(name)
            del self._known[name]
            # Of rejected ones this mends those that told nothing but what it tells.
            for other, others in self._rejected:
                if set(others) <= set(held):
                    self._folder.forgive(other)
        except Failure as fault:
            if fault.kind != UNAVAILABLE:
                raise
            self._remark(held[:1], fault.code, fault.detail)

    def _take(self, file, name, held):
        """All of one workbook; yields between slices."""
        with file:
            state = state_of(os.fstat(file.fileno()))
            try:
                fingerprint = yield from self._fingerprint(file)
                if not self._was_imported(name, held, fingerprint):
                    yield from self._read(file, name, held, state, fingerprint)
            except Unfinished:
                if self._settings.marker:
                    self._refuse(name, held, state, rejected("QZ-FIL-003", "the end of the ZIP file is missing"))
                else:
                    self._known[name] = (state, "QZ-FIL-011", f"{shown(name)}: the end of the ZIP file is missing")
                return
            except Failure as failure:
                if failure.kind != REJECTED:
                    raise
                # What was written to or replaced meanwhile is read again.
                if self._is_still(name, state):
                    self._refuse(name, held, state, failure)
                return
            if self._is_still(name, state):
                self._put_away(name, held, state)

    def _fingerprint(self, file):
        if os.fstat(file.fileno()).st_size > self._settings.most_file:
            raise rejected("QZ-FIL-003", f"the file is larger than {self._settings.most_file} octets (option most_file)")
        digest = hashlib.sha256()
        while piece := file.read(PIECE):
            digest.update(piece)
            yield
        return digest.hexdigest()

    def _was_imported(self, name, held, fingerprint):
        """The same name with the same content counts once; to be taken again it must still be the newest one."""
        before = {table: self._state.imported(table, name) for table in held}
        again = [table for table, found in before.items() if found and found[0] == fingerprint]
        if any(not before[table][1] for table in again):
            raise rejected("QZ-FIL-008", "the same workbook was imported before, and others after it")
        return len(again) == len(held)

    def _read(self, file, name, held, state, fingerprint):
        database = self._state.database
        database.execute("ATTACH '' AS stage")  # a file of SQLite's own that nobody sees, gone with DETACH
        try:
            database.execute("PRAGMA stage.cache_size=-16384")
            database.execute("CREATE TABLE stage.string(id INTEGER PRIMARY KEY, text TEXT, bad INTEGER)")
            database.execute("CREATE TABLE stage.row(tbl INTEGER, key BLOB, cells TEXT, line INTEGER, PRIMARY KEY(tbl, key))"
                             " WITHOUT ROWID")
            book = Workbook(file, self._settings, database, "stage.string")
            yield from book.open()
            faults = Faults()
            rows = {}
            for table in held:
                rows[table] = yield from self._stage(book, table, faults)
            faults.finish()
            promised = self._folder.promised_rows(name)
            if promised is not None and promised != sum(rows.values()):
                raise rejected("QZ-FIL-007",
                               f"the marker says {promised} rows, the workbook holds {sum(rows.values())}")
            if not self._is_still(name, state):
                return
            with Transaction(database, "IMMEDIATE"):
                for table in held:
                    self._merge(table, self._folder.is_accepted(name))
                    self._state.note_import(table, name, fingerprint, rows[table])
        finally:
            if database.in_transaction:
                database.execute("ROLLBACK")
            database.execute("DETACH stage")

    def _stage(self, book, table, faults):
        """The rows of one sheet; returns how many there are."""
        number, columns = self._state.tables[table]
        settings = self._settings.table(table)
        places = [columns.index(part) for part in self._tables[table]["key"]]
        count = 0
        for rows in book.rows(settings.sheet, settings.header, lambda names: places_of(names, columns, settings)):
            batch = []
            for line, values in rows:
                parts = [values[place] for place in places]
                if any(part is None or isinstance(part, Invalid) for part in parts):
                    faults.add(settings.sheet, line, "the key is empty, or is no value")
                else:
                    batch.append((number, to_key(parts), to_cells(values), line))
            count += len(rows)
            if batch:
                self._insert(batch, settings.sheet, faults)
            yield
        return count

    def _insert(self, batch, sheet, faults):
        database = self._state.database
        with Transaction(database):
            cursor = database.executemany("INSERT INTO stage.row VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", batch)
            if cursor.rowcount == len(batch):
                return
            for number, key, _, line in batch:
                other = self._state.one("SELECT line FROM stage.row WHERE tbl = ? AND key = ?", number, key)[0]
                if other != line:
                    faults.add(sheet, line, f"the key stands in row {other}, too")

    def _merge(self, table, accepted):
        """Only what differs is written and journalled. Removes come first: a row whose key changed leaves before it comes
        (pitfall 7). The first load comes out as a refill, not as a change of each row."""
        database, state = self._state.database, self._state
        number, columns = state.tables[table]
        old = [(name, columns.index(name)) for name in self._tables[table]["old_columns"]]

        def old_of(cells):
            values = json.loads(cells)
            return json.dumps({name: values[place] for name, place in old}, ensure_ascii=False)

        gone = "FROM row AS t WHERE t.tbl = ?1 AND NOT EXISTS" \
               " (SELECT 1 FROM stage.row AS s WHERE s.tbl = t.tbl AND s.key = t.key)"
        if not state.is_loaded(table):
            database.execute("DELETE FROM row WHERE tbl = ?", (number,))
            database.execute("INSERT INTO row SELECT tbl, key, cells FROM stage.row WHERE tbl = ?", (number,))
            return state.note_unseen(number)
        removed = state.one(f"SELECT count(*) {gone}", number)[0]
        there = state.one("SELECT count(*) FROM row WHERE tbl = ?", number)[0]
        if not accepted and removed > TOO_FEW_TO_MIND and removed * 100 > there * self._settings.most_removed:
            raise rejected("QZ-FIL-010", f"{removed} of {there} rows of {table} would be removed")
        database.create_function("old_of", 1, old_of, deterministic=True)
        values = (number, now())
        database.execute("INSERT INTO journal(tbl, op, key, old, at)"
                         f" SELECT t.tbl, 'd', t.key, old_of(t.cells), ?2 {gone} ORDER BY t.key", values)
        database.execute(f"DELETE {gone}", (number,))
        both = "FROM stage.row AS s JOIN row AS t ON t.tbl = s.tbl AND t.key = s.key WHERE s.tbl = ?1 AND s.cells <> t.cells"
        database.execute("INSERT INTO journal(tbl, op, key, old, at)"
                         f" SELECT t.tbl, 'u', t.key, old_of(t.cells), ?2 {both} ORDER BY t.key", values)
        new = "FROM stage.row AS s WHERE s.tbl = ?1 AND NOT EXISTS" \
              " (SELECT 1 FROM row AS t WHERE t.tbl = s.tbl AND t.key = s.key)"
        database.execute("INSERT INTO journal(tbl, op, key, at)"
                         f" SELECT s.tbl, 'i', s.key, ?2 {new} ORDER BY s.key", values)
        database.execute("INSERT INTO row SELECT tbl, key, cells FROM stage.row WHERE tbl = ?"
                         " ON CONFLICT(tbl, key) DO UPDATE SET cells = excluded.cells WHERE cells <> excluded.cells",
                         (number,))
        return None


class Faults:
    """What is wrong with rows; all of it is told at once, or the first twenty."""

    def __init__(self):
        self._found = []

    def add(self, sheet, line, what):
        self._found.append(f"{sheet} row {line}: {what}")
        if len(self._found) >= MOST_FAULTS:
            self._found.append("and perhaps more")
            self.finish()

    def finish(self):
        if self._found:
            raise rejected("QZ-FIL-005", ", ".join(self._found))


def header_names(names, settings):
    """Column -> name, with the configured names in place of the sheet's."""
    named = {}
    for column, text in names.items():
        if text is not None and not isinstance(text, Invalid) and text.strip():
            named[column] = settings.columns.get(text.strip(), text.strip())
    return named


def places_of(names, columns, settings):
    """The sheet's column of each column that is wanted."""
    named = header_names(names, settings)
    found = {}
    for column, name in named.items():
        if name in found and name in columns:
            raise rejected("QZ-FIL-004", f"sheet {settings.sheet}: the header names {name[:100]} twice")
        found[name] = column
    missing = [name for name in columns if name not in found]
    if missing:
        there = ", ".join(named.values())[:1000]
        raise rejected("QZ-FIL-004", f"sheet {settings.sheet} lacks: {', '.join(missing)}; it has: {there or 'no header'}")
    return [found[name] for name in columns]
