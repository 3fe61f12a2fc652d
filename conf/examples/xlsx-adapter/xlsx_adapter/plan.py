"""What an operator has to do and to know before anything is read: plan_source, describe and preflight. Nothing here
writes."""

import os

from .failure import MISUSE, Failure
from .folder import Folder, shown
from .peek import Look, newest
from .settings import TableSettings

OK, NOTICE, WARNING, ERROR = 0, 1, 2, 3
TEXT = 0


def word(text):
    """As one word for a shell."""
    return "'" + text.replace("'", "'\\''") + "'"


def one_line(text):
    """A comment cannot be left by what stands in it."""
    return "".join(c if c.isprintable() else " " for c in text)


def plan_source(settings, spec):
    folders = " ".join(word(folder) for folder in (settings.folder, settings.archive, settings.rejected))
    return {
        "install": f"# Drop folder of source {one_line(spec['name'])}. Run as root; it may be run twice.\n"
                   f"install -d -m 2770 -o qianzhi -g qianzhi {folders}\n",
        "grants": "# The account of those who drop workbooks needs the group (name it in place of ACCOUNT):\n"
                  "#   usermod -a -G qianzhi ACCOUNT\n"
                  "# The agent's service may write below /srv/qianzhi only. For a folder elsewhere, systemctl edit qianzhi:\n"
                  f"#   [Service]\n#   ReadWritePaths={one_line(settings.folder)}\n",
        "uninstall": f"# Nothing was installed. What was read is in {one_line(settings.archive)}; keep it as long as your"
                     " rules say.\n",
    }


def describe(settings):
    """Tables that are configured, and other sheets of the newest workbook."""
    tables = [settings.table(name) for name in settings.tables]
    if settings.files:
        path = newest(settings, "")
        if path is not None:
            taken = {table.sheet for table in tables}
            with Look(settings, path) as look:
                tables += [TableSettings(sheet, settings.files) for sheet in look.book.sheets if sheet not in taken]
    return [{"name": table.name, "key": [], "rows": -1,
             "columns": [{"name": name, "native_type": "text", "type": TEXT, "nullable": True}
                         for name in header_of(settings, table)]} for table in tables]


def header_of(settings, table):
    """Of the newest workbook that is readable; nothing if there is none."""
    folder = Folder(settings)
    for name, _ in reversed(folder.waiting([table.name])):
        try:
            with Look(settings, folder.path(name)) as look:
                return look.header(table)
        except Failure:
            continue
    return []


def finding(severity, code, detail, cure=""):
    return {"severity": severity, "code": code, "detail": detail[:4000], "cure": cure}


def check_folder(path, findings):
    if not os.path.isdir(path):
        findings.append(finding(ERROR, "QZ-FIL-001", f"there is no folder {shown(path)}", f"mkdir {word(path)}"))
        return False
    if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
        findings.append(finding(ERROR, "QZ-FIL-001", f"the agent needs to read, write and enter the folder {shown(path)}",
                                f"chgrp qianzhi {word(path)} && chmod g+rwxs {word(path)}"))
        return False
    return True


def check_folders(settings, tables):
    """Everything that stands in the way."""
    findings = []
    if not check_folder(settings.folder, findings):
        return findings
    for path in (settings.archive, settings.rejected):
        if check_folder(path, findings) and os.stat(path).st_dev != os.stat(settings.folder).st_dev:
            findings.append(finding(ERROR, "QZ-FIL-012", f"{shown(path)} is on another file system than the drop folder"))
    for table in tables:
        told = settings.table(table["table"])
        if not told.files:
            findings.append(finding(ERROR, "QZ-ADP-011", f"no workbooks are configured for table {table['table']}"))
            continue
        path = newest(settings, table["table"])
        if path is None:
            continue
        try:
            with Look(settings, path) as look:
                there = look.header(told)
            missing = [name for name in table["columns"] if name not in there]
            if missing:
                raise Failure(MISUSE, "QZ-FIL-004", f"sheet {told.sheet} lacks: {', '.join(missing)};"
                                                    f" it has: {', '.join(there)}")
        except Failure as failure:
            findings.append(finding(ERROR, failure.code, f"{shown(os.path.basename(path))}: {failure.detail}"))
    return findings
