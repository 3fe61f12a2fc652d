"""What the workbooks said, and the journal of what changed: one SQLite file of this adapter alone.

Positions, forgetting and restored copies follow R2.1 and R2.2 of the streams' rules as adapters/sqlite does: entries are
numbered without gaps, each has a random salt, and the digest of an entry tells it from another one of the same number
that was written after an older copy of the file came back."""

import fcntl
import hashlib
import json
import os
import sqlite3
import time

from .cells import Invalid
from .database import Transaction
from .failure import MISUSE, UNAVAILABLE, Failure

GOOD, GAP, REGRESSED = 0, 1, 2
ABSENT = "absent"  # identity of an entry that somebody removed by hand; equal to itself, so that a rebase cures it
FORGET_SLICE = 5000  # entries in one transaction

SCHEMA = """
CREATE TABLE IF NOT EXISTS tbl(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, columns TEXT NOT NULL,
  key TEXT NOT NULL, old TEXT NOT NULL, loaded INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS row(tbl INTEGER NOT NULL, key BLOB NOT NULL, cells TEXT NOT NULL, PRIMARY KEY(tbl, key))
  WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS workbook(seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl INTEGER NOT NULL, name BLOB NOT NULL,
  fingerprint TEXT NOT NULL, rows INTEGER NOT NULL, at INTEGER NOT NULL);
CREATE INDEX IF NOT EXISTS workbook_name ON workbook(tbl, name, seq);
CREATE TABLE IF NOT EXISTS journal(seq INTEGER PRIMARY KEY AUTOINCREMENT, tbl INTEGER NOT NULL, op TEXT NOT NULL,
  key BLOB, old TEXT, at INTEGER NOT NULL, salt BLOB NOT NULL DEFAULT (randomblob(8)));
CREATE TABLE IF NOT EXISTS forgotten(id INTEGER PRIMARY KEY CHECK (id = 1), seq INTEGER NOT NULL, identity TEXT NOT NULL);
INSERT OR IGNORE INTO forgotten VALUES (1, 0, lower(hex(randomblob(16))));
"""
ENTRY = "SELECT seq, tbl, op, key, old, at, salt FROM journal"


def to_cells(values):
    """Values of a row as text; invalid ones in a list of one."""
    return json.dumps([[str(v)] if isinstance(v, Invalid) else v for v in values], ensure_ascii=False, separators=(",", ":"))


def from_cells(cells):
    return [Invalid(v[0]) if isinstance(v, list) else v for v in json.loads(cells)]


def to_key(values):
    """Texts hold no NUL, so that keys compare octet by octet as their parts do, one after the other."""
    return "\0".join(values).encode()


def from_key(key):
    return key.decode().split("\0")


def order_of(sequence):
    return sequence.to_bytes(8, "big")


def sequence_of(position):
    if len(position["order"]) != 8:
        raise Failure(MISUSE, "QZ-ADP-012", "a stored position is not one of this journal")
    return int.from_bytes(position["order"], "big")


def identity_of(entry):
    digest = hashlib.sha256()
    for part in entry:
        octets = part if isinstance(part, bytes) else str(part).encode()
        digest.update(b"%d:" % len(octets) + octets)
    return digest.hexdigest()[:32]


class State:
    FILE = "state.db"

    def __init__(self, settings, spec):
        self._path = os.path.join(settings.state, self.FILE)
        self.tables = {}  # name -> (id, columns)
        try:
            os.makedirs(settings.state, 0o700, exist_ok=True)
            self._lock = os.open(os.path.join(settings.state, "lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._lock)
            raise Failure(UNAVAILABLE, "QZ-SQL-001", "another process works in this state folder") from None
        except OSError as error:
            raise Failure(UNAVAILABLE, "QZ-FIL-001", f"cannot use the state folder: {error.strerror}") from None
        try:
            self._connect(spec)
        except BaseException:
            os.close(self._lock)
            raise

    def _connect(self, spec):
        self.database = sqlite3.connect(self._path, isolation_level=None, timeout=10)
        self.database.execute("PRAGMA journal_mode=DELETE")  # a copy of the file is then whole, without others beside it
        self.database.execute("PRAGMA synchronous=FULL")
        with Transaction(self.database, "IMMEDIATE"):
            for statement in SCHEMA.split(";\n"):
                self.database.execute(statement)
            for table in spec["tables"]:
                self._ensure_table(table)
        entry = os.stat(self._path)
        self._file = (entry.st_dev, entry.st_ino)

    def close(self):
        self.database.close()
        os.close(self._lock)

    def was_replaced(self):
        """Another file lies in its place."""
        try:
            entry = os.stat(self._path)
        except OSError:
            return True
        return (entry.st_dev, entry.st_ino) != self._file

    def one(self, sql, *values):
        return self.database.execute(sql, values).fetchone()

    def _ensure_table(self, table):
        """A key that changed, or a column that is new, makes what is there too little: only another workbook tells."""
        name, columns, key, old = table["table"], table["columns"], table["key"], sorted(table["old_columns"])
        if not key or not set(key) <= set(columns) or not set(old) <= set(columns) or len(set(columns)) != len(columns):
            raise Failure(MISUSE, "QZ-ADP-011", f"table {name}: key and old columns must be among its columns")
        told = json.dumps(columns), json.dumps(key), json.dumps(old)
        before = self.one("SELECT id, columns, key, old FROM tbl WHERE name = ?", name)
        if before is None:
            cursor = self.database.execute("INSERT INTO tbl(name, columns, key, old, loaded) VALUES (?, ?, ?, ?, 0)",
                                           (name, *told))
            self.tables[name] = (cursor.lastrowid, columns)
            return
        number, had = before[0], json.loads(before[1])
        self.tables[name] = (number, columns)
        if before[1:] == told:
            return
        if before[2] != told[1]:
            self.database.execute("DELETE FROM row WHERE tbl = ?", (number,))
            self.database.execute("DELETE FROM workbook WHERE tbl = ?", (number,))
        elif had != columns:
            place = {column: had.index(column) for column in columns if column in had}

            def moved(cells):
                values = json.loads(cells)
                return json.dumps([values[place[c]] if c in place else None for c in columns], ensure_ascii=False,
                                  separators=(",", ":"))
            self.database.create_function("moved", 1, moved)
            self.database.execute("UPDATE row SET cells = moved(cells) WHERE tbl = ?", (number,))
        if before[2] != told[1] or not set(columns) <= set(had):
            self.database.execute("UPDATE tbl SET loaded = 0 WHERE id = ?", (number,))
        if before[3] != told[2]:
            self.note_unseen(number)  # earlier entries do not say what these columns were
        self.database.execute("UPDATE tbl SET columns = ?, key = ?, old = ? WHERE id = ?", (*told, number))

    def is_loaded(self, name):
        """Whether a workbook has told all of the table."""
        return self.one("SELECT loaded FROM tbl WHERE name = ?", name)[0] == 1

    # ---- what was imported ---------------------------------------------------------------------------------------

    def imported(self, name, file):
        """Of the newest workbook of this name: its fingerprint, and whether no other came after it; or None."""
        number = self.tables[name][0]
        return self.one("SELECT fingerprint, seq = (SELECT max(seq) FROM workbook WHERE tbl = ?1) FROM workbook"
                        " WHERE tbl = ?1 AND name = ?2 ORDER BY seq DESC LIMIT 1", number, os.fsencode(file))

    def note_import(self, name, file, fingerprint, rows):
        number = self.tables[name][0]
        self.database.execute("INSERT INTO workbook(tbl, name, fingerprint, rows, at) VALUES (?, ?, ?, ?, ?)",
                              (number, os.fsencode(file), fingerprint, rows, now()))
        self.database.execute("UPDATE tbl SET loaded = 1 WHERE id = ?", (number,))

    def note_unseen(self, number):
        """Ends as if capture had been installed anew: the table is read again."""
        self.database.execute("INSERT INTO journal(tbl, op, at) VALUES (?, 'x', ?)", (number, now()))

    # ---- the journal -----------------------------------------------------------------------------------------------

    def forgotten(self):
        row = self.one("SELECT seq, identity FROM forgotten WHERE id = 1")
        if row is None:
            raise Failure(MISUSE, "QZ-ADP-012", "the row that says what was forgotten is missing")
        return row

    def newest(self):
        row = self.one("SELECT seq FROM sqlite_sequence WHERE name = 'journal'")
        return row[0] if row else 0

    def identity_at(self, sequence):
        row = self.one(f"{ENTRY} WHERE seq = ?", sequence)
        return identity_of(row) if row else ABSENT

    def present(self):
        """Position of the newest entry ever written, whether it is still there or not."""
        sequence = self.newest()
        gone, identity = self.forgotten()
        return position(sequence, identity if sequence == gone else self.identity_at(sequence))

    def check(self, after, high_water):
        """R2.2: (continuity, reason)."""
        if not after["order"]:
            return GAP, "nothing was read from this source before"
        checkpoint = sequence_of(after)
        mark = sequence_of(high_water) if high_water["order"] else 0
        newest = self.newest()
        gone, identity = self.forgotten()
        if gone > checkpoint:
            return GAP, "the journal was forgotten beyond the checkpoint"
        if gone == checkpoint and identity.encode() != after["identity"]:
            return GAP, "the journal was forgotten or made anew by somebody else"
        if newest < checkpoint:
            return REGRESSED, "the journal ends before the checkpoint"
        if newest < mark:
            return REGRESSED, "the journal ends before what a snapshot has seen"
        if gone < checkpoint and self.identity_at(checkpoint).encode() != after["identity"]:
            return REGRESSED, "the entry at the checkpoint is another one"
        if mark > checkpoint and self.identity_at(mark).encode() != high_water["identity"]:
            return REGRESSED, "the entry that a snapshot has seen is another one"
        following = self.one("SELECT min(seq) FROM journal WHERE seq > ?", checkpoint)[0]
        if newest > checkpoint if following is None else following != checkpoint + 1:
            return GAP, "entries of the journal were removed by somebody else"
        return GOOD, ""

    def entries(self, sequence, limit):
        """After the sequence, in order. A hole further on is found when reading has come to it."""
        for entry in self.database.execute(f"{ENTRY} WHERE seq > ? ORDER BY seq LIMIT ?", (sequence, limit)):
            sequence += 1
            if entry[0] != sequence:
                return
            yield entry

    def forget(self, wanted):
        """R2.1: what is deleted and (position, identity) in one transaction."""
        target = sequence_of(wanted)
        while True:
            with Transaction(self.database, "IMMEDIATE"):
                gone, _ = self.forgotten()
                if target <= gone or self.identity_at(target).encode() != wanted["identity"]:
                    return
                until = min(target, gone + FORGET_SLICE)
                self.database.execute("UPDATE forgotten SET seq = ?, identity = ? WHERE id = 1",
                                      (until, self.identity_at(until)))
                self.database.execute("DELETE FROM journal WHERE seq <= ?", (until,))


def position(sequence, identity):
    return {"order": order_of(sequence), "identity": identity.encode()}


def now():
    return time.time_ns() // 1000
