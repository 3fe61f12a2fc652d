"""SQLite as this adapter uses it."""

import sqlite3

from .failure import CORRUPT, FULL, UNAVAILABLE, Failure


def failure_of(error):
    """By SQLite's own numbers, never by its words."""
    code = (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return Failure(FULL, "QZ-SQL-002", "the disk of the state folder is full")
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return Failure(CORRUPT, "QZ-SQL-003", f"the state file is damaged (SQLite error {code})")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Failure(UNAVAILABLE, "QZ-SQL-001", f"the state file is busy (SQLite error {code})")
    return Failure(UNAVAILABLE, "QZ-SQL-005", f"the state file cannot be used (SQLite error {code})")


class Transaction:
    """with Transaction(database): all of it, or nothing."""

    def __init__(self, database, mode=""):
        self._database, self._mode = database, mode

    def __enter__(self):
        self._database.execute(f"BEGIN {self._mode}")

    def __exit__(self, kind, *_):
        if kind is None:
            self._database.execute("COMMIT")
        elif self._database.in_transaction:
            self._database.execute("ROLLBACK")
