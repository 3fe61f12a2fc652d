"""What the agent's configuration says about the folder, checked. README.md lists the options."""

import os
import re

from .failure import MISUSE, Failure

TIMES = {"": 1e-6, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400}  # in seconds
SIZES = {"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
NAME = re.compile(r"[^\0-\x1f/]{1,128}")


def refuse(what):
    raise Failure(MISUSE, "QZ-FIL-002", what)


class TableSettings:
    """Where the rows of one table stand."""

    def __init__(self, name, files):
        self.name = name
        self.files = files  # glob of the workbooks that hold it; empty: none are configured
        self.sheet = name
        self.header = 1  # row of the header
        self.columns = {}  # header in the sheet -> column; others keep their name


class Settings:
    def __init__(self, options):
        self._options = dict(options)
        self.folder = self._folder("folder")
        self.state = self._folder("state")
        self.archive = self._folder("archive", os.path.join(self.folder, "archive"))
        self.rejected = self._folder("rejected", os.path.join(self.folder, "rejected"))
        self.files = self._options.pop("files", "")
        self.marker = self._options.pop("marker", "")
        self.quiet = self._unit("quiet", "60s", TIMES, 86400)
        self.look = self._unit("look", "1s", TIMES, 3600)
        self.most_removed = self._number("most_removed", 50, 0, 100)
        self.most_file = int(self._unit("most_file", "256MiB", SIZES, 4 << 30))
        self.most_unpacked = int(self._unit("most_unpacked", "2GiB", SIZES, 64 << 30))
        self.significant = self._number("significant", 0, 0, 100)
        self.tables = self._tables()
        if "/" in self.marker:
            refuse("the option marker must be the end of a file name")
        for name in self._options:
            refuse(f"the option {name} is not known")

    def table(self, name):
        """Settings of a table, whether it is named in an option or not."""
        return self.tables.get(name) or TableSettings(name, self.files)

    def _folder(self, name, usual=""):
        path = self._options.pop(name, usual)
        if not path:
            refuse(f"the option {name} is missing")
        if not os.path.isabs(path) or "\0" in path:
            refuse(f"the option {name} must be an absolute path")
        return os.path.normpath(path)

    def _number(self, name, usual, least, most):
        text = self._options.pop(name, str(usual))
        if not re.fullmatch(r"[0-9]{1,9}", text) or not least <= int(text) <= most:
            refuse(f"the option {name} must be a number from {least} to {most}")
        return int(text)

    def _unit(self, name, usual, units, most):
        found = re.fullmatch(r"([0-9]{1,15}) ?([A-Za-z]*)", self._options.pop(name, usual))
        if not found or found[2] not in units or int(found[1]) * units[found[2]] > most:
            refuse(f"the option {name} must be a number with one of the units {' '.join(u for u in units if u)}")
        return int(found[1]) * units[found[2]]

    def _tables(self):
        tables = {}
        for option in sorted(self._options):
            if not option.startswith("table."):
                continue
            value = self._options.pop(option)
            _, name, *rest = option.split(".", 2)
            if not rest or not NAME.fullmatch(name):
                refuse(f"the option {option} says nothing of its table")
            table = tables.setdefault(name, TableSettings(name, self.files))
            what = rest[0]
            if what in ("files", "sheet") and value:
                setattr(table, what, value)
            elif what == "header" and re.fullmatch(r"[1-9][0-9]{0,2}", value):
                table.header = int(value)
            elif what.startswith("column.") and what != "column." and value:
                table.columns[what[len("column."):]] = value
            else:
                refuse(f"the option {option} is not known, or its value cannot be used")
        return tables
