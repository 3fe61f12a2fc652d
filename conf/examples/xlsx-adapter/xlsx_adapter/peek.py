"""A look at workbooks before anything is imported: nothing is written, and the state is not touched."""

import sqlite3

from .failure import UNAVAILABLE, Failure
from .folder import Folder, open_workbook, shown
from .importer import header_names, places_of
from .package import Unfinished
from .workbook import Workbook


class Look:
    """An open workbook."""

    def __init__(self, settings, path):
        self._file = open_workbook(path)
        self._database = sqlite3.connect("", isolation_level=None)  # a file of SQLite's own that nobody sees
        self._database.execute("CREATE TABLE string(id INTEGER PRIMARY KEY, text TEXT, bad INTEGER)")
        try:
            self.book = Workbook(self._file, settings, self._database, "string")
            for _ in self.book.open():
                pass
        except Unfinished:
            self.close()
            raise Failure(UNAVAILABLE, "QZ-FIL-011", f"{shown(path)}: the end of the ZIP file is missing") from None
        except BaseException:
            self.close()
            raise

    def close(self):
        self._file.close()
        self._database.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def header(self, table):
        """Names in the header of a table's sheet."""
        found = []

        def choose(names):
            found.append(header_names(names, table))
            return []

        for _ in self.book.rows(table.sheet, table.header, choose):
            if found:
                break
        return list(found[0].values()) if found else []


def newest(settings, table):
    """Path of the last workbook that holds the table, complete or not; or None."""
    folder = Folder(settings)
    names = [name for name, _ in folder.waiting([table])]
    return folder.path(names[-1]) if names else None


def peek(settings, table, cursor, most):
    """Rows as the newest workbook has them, in its order: (cursor behind it, values)."""
    path = newest(settings, table["table"])
    if path is None:
        raise Failure(UNAVAILABLE, "QZ-FIL-015", f"there is no workbook with table {table['table']}")
    seen = int(cursor) if cursor.isdigit() and len(cursor) < 10 else 0
    told = settings.table(table["table"])
    columns = table["columns"]
    at = 0
    with Look(settings, path) as look:
        for rows in look.book.rows(told.sheet, told.header, lambda names: places_of(names, columns, told)):
            for _, values in rows:
                at += 1
                if at > seen:
                    yield b"%d" % at, values
                    if at - seen >= most:
                        return
