"""The drop folder: which workbooks are there, whether they are complete, and where they go afterwards.

Files are never deleted: a workbook lies where it is until it goes to the archive or to the rejected ones. Only this
process moves files, so that looking and then moving is safe; people only add new ones."""

import fnmatch
import os
import re
import stat
import time
from datetime import datetime, timezone

from .failure import UNAVAILABLE, Failure
from .reasons import reason_text

ACCEPT = ".accept"
REASON = ".reason.txt"
LONGEST_REASON = 100_000


def shown(name):
    """A file name as it can be told; one that is not plain text in hexadecimal."""
    try:
        name.encode()
        if name.isprintable():
            return name
    except UnicodeEncodeError:
        pass
    return "0x" + os.fsencode(name).hex()


def unusable(what, path, error):
    return Failure(UNAVAILABLE, "QZ-FIL-001", f"{what} {shown(path)}: {error.strerror}")


def state_of(entry):
    """What tells one content of a file from another without reading it."""
    return (entry.st_dev, entry.st_ino, entry.st_size, entry.st_mtime_ns)


def open_workbook(path):
    """Only regular files; a symbolic link is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise unusable("cannot open", path, error) from None
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise Failure(UNAVAILABLE, "QZ-FIL-001", f"{shown(path)} is not a regular file")
    return os.fdopen(descriptor, "rb")


class Folder:
    def __init__(self, settings):
        self._settings = settings
        self._seen = {}  # name -> state, and since when it is so

    def path(self, name):
        return os.path.join(self._settings.folder, name)

    def names(self, folder):
        try:
            return sorted(os.listdir(folder), key=os.fsencode)
        except OSError as error:
            raise unusable("cannot read the folder", folder, error) from None

    def tables_in(self, name, tables):
        """Of these tables, those that the workbook of this name holds."""
        marks = [ACCEPT, REASON] + ([self._settings.marker] if self._settings.marker else [])
        if name.startswith((".", "~$")) or name.endswith(tuple(marks)):
            return []
        return [t for t in tables if self._settings.table(t).files and
                fnmatch.fnmatchcase(name, self._settings.table(t).files)]

    def waiting(self, tables):
        """Workbooks of these tables, complete or not: (name, tables)."""
        found = []
        for name in self.names(self._settings.folder):
            held = self.tables_in(name, tables)
            try:
                if held and stat.S_ISREG(os.lstat(self.path(name)).st_mode):
                    found.append((name, held))
            except OSError:
                continue  # it was taken away meanwhile
        return found

    def complete(self, tables):
        """Those that nobody writes to any more, in the order of their names."""
        found = self.waiting(tables)
        complete = [(name, held) for name, held in found if self._is_complete(name)]
        names = {name for name, _ in found}
        self._seen = {name: seen for name, seen in self._seen.items() if name in names}
        return complete

    def rejected(self, tables):
        """Those that still lie among the rejected ones: (name, tables)."""
        if not os.path.isdir(self._settings.rejected):
            return []
        pairs = [(name, self.tables_in(name, tables)) for name in self.names(self._settings.rejected)]
        return [(name, held) for name, held in pairs if held]

    def _is_complete(self, name):
        if self._settings.marker:
            return os.path.lexists(self.path(name + self._settings.marker))
        try:
            state = state_of(os.lstat(self.path(name)))
        except OSError:
            return False
        # The steady clock counts: the file's own times follow a clock that may step.
        now = time.monotonic()
        before = self._seen.get(name)
        if before is None or before[0] != state:
            before = self._seen[name] = (state, now)
        return now - before[1] >= self._settings.quiet

    def is_accepted(self, name):
        return os.path.lexists(self.path(name + ACCEPT))

    def promised_rows(self, name):
        """What the marker says of the rows of all tables together; None if it says nothing."""
        if not self._settings.marker:
            return None
        try:
            with open(self.path(name + self._settings.marker), "rb") as marker:
                found = re.match(rb"\s*([0-9]{1,18})\s*$", marker.read(64))
        except OSError:
            return None
        return int(found[1]) if found else None

    def archive(self, name):
        self._move(self.path(name), os.path.join(self._settings.archive, stamp() + name))
        self._drop_marks(name)

    def reject(self, name, code, detail):
        """The workbook keeps its name, and NAME.reason.txt says why."""
        self.forgive(name)
        path = os.path.join(self._settings.rejected, name + REASON)
        try:
            os.makedirs(self._settings.rejected, exist_ok=True)
            # The reason first: a rejected file without one would help nobody.
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o640)
            with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace", newline="") as reason:
                reason.write(reason_text(shown(name), code, detail))
                os.fchmod(reason.fileno(), 0o640)  # for the people who drop files, whatever our umask is
        except OSError as error:
            raise unusable("cannot write", path, error) from None
        self._move(self.path(name), os.path.join(self._settings.rejected, name))
        self._drop_marks(name)

    def remark_of(self, name):
        """Code and detail of a rejected workbook. Others may write there: only what looks like ours is repeated."""
        path = os.path.join(self._settings.rejected, name + REASON)
        try:
            with open(path, encoding="utf-8-sig", errors="replace") as reason:
                lines = [line.strip() for line in reason.read(LONGEST_REASON).splitlines()]
        except OSError:
            lines = []
        code = next((line for line in lines if re.fullmatch(r"QZ-FIL-[0-9]{3}", line)), None)
        last = next((line for line in reversed(lines) if line), "")
        if code is None or len(last) > 2000 or not last.isprintable():
            return "QZ-FIL-014", shown(name)
        return code, f"{shown(name)}: {last}"

    def forgive(self, name):
        """It was replaced by a better one: the rejected one goes to the archive."""
        path = os.path.join(self._settings.rejected, name)
        if os.path.lexists(path):
            self._move(path, os.path.join(self._settings.archive, f"{stamp()}rejected-{name}"))
        try:
            os.unlink(path + REASON)
        except OSError:
            pass  # it has none, or stays as one without its workbook

    def _move(self, source, target):
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            if os.path.lexists(target):
                raise FileExistsError(17, "a file of this name is there")
            os.rename(source, target)
        except OSError as error:
            raise Failure(UNAVAILABLE, "QZ-FIL-012",
                          f"cannot move {shown(source)} to {shown(target)}: {error.strerror}") from None

    def _drop_marks(self, name):
        for mark in {self._settings.marker, ACCEPT} - {""}:
            try:
                os.unlink(self.path(name + mark))
            except OSError:
                pass


def stamp():
    return datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%S.%fZ-")
