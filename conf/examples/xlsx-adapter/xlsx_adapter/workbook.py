"""What stands in a workbook: its sheets, row by row, as they are read; no row is held longer than the caller holds it."""

import re

from .cells import BUILT_IN, Invalid, format_kind, iso_value, moment_value, number_value, text_value
from .database import Transaction
from .failure import rejected
from .package import Package, Walk, read_xml, resolve, unreadable

MAIN = ("http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main")
RELATIONS = ("http://schemas.openxmlformats.org/package/2006/relationships",)
OFFICE = ("http://schemas.openxmlformats.org/officeDocument/2006/relationships",
          "http://purl.oclc.org/ooxml/officeDocument/relationships")
MOST_SHEETS = 1000
MOST_STYLES = 70_000
LAST_COLUMN, LAST_ROW = 16_384, 1_048_576
MOST_ROW = 32 << 20  # octets of the columns that are read
MOST_MERGED = 100_000
REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")


class Strings:
    """The texts that cells share, in a table of a database, for a workbook may hold millions of them."""

    MOST_KEPT = 16 << 20  # characters in memory
    BLOCK = 64  # texts that are fetched together, for neighbours are used together

    def __init__(self, database, table):
        self._database, self._table = database, table
        self._cache = {}
        self._kept = 0
        self._count = 0
        self._batch = []

    def append(self, value):
        self._batch.append((self._count, value, isinstance(value, Invalid)))
        self._count += 1
        self._kept += len(value)
        if len(self._batch) >= 1000 or self._kept > self.MOST_KEPT:
            self.flush()

    def flush(self):
        with Transaction(self._database):
            self._database.executemany(f"INSERT INTO {self._table} VALUES (?, ?, ?)", self._batch)
        self._batch = []
        self._kept = 0

    def get(self, text):
        if not text.isascii() or not text.isdigit() or len(text) > 9 or int(text) >= self._count:
            raise unreadable("a cell names a shared text that is not there")
        number = int(text)
        if number not in self._cache:
            if self._kept > self.MOST_KEPT:
                self._cache.clear()
                self._kept = 0
            first = number - number % self.BLOCK
            for at, value, bad in self._database.execute(
                    f"SELECT id, text, bad FROM {self._table} WHERE id >= ? AND id < ?", (first, first + self.BLOCK)):
                self._cache[at] = Invalid(value) if bad else value
                self._kept += len(value) + 100  # what an object takes beside its text
        return self._cache[number]


class Workbook:
    """file: open; database: where shared texts may lie, in `table`(id INTEGER PRIMARY KEY, text, bad)."""

    def __init__(self, file, settings, database, table):
        self._package = Package(file, settings.most_file, settings.most_unpacked)
        self._significant = settings.significant
        self._strings = Strings(database, table)
        self._kinds = []
        self._from_1904 = False
        self.sheets = {}  # name -> part

    def open(self):
        """Yields while it reads everything but the sheets."""
        book = next((target for kind, target in (yield from self._relations("")).values() if kind == "officeDocument"),
                    None)
        if book is None:
            raise unreadable("the file is a ZIP file, but no workbook")
        relations = yield from self._relations(book)
        yield from self._read_book(book, relations)
        for kind, target in relations.values():
            if kind == "styles":
                yield from self._read_styles(target)
            elif kind == "sharedStrings":
                yield from self._read_strings(target)
                self._strings.flush()

    def _relations(self, part):
        """Of a part, or of the package: id -> (kind, part)."""
        folder, _, name = part.rpartition("/")
        file = f"{folder}/_rels/{name}.rels".lstrip("/") if part else "_rels/.rels"
        relations = {}

        def begin(state, attributes):
            if state == "/Relationships/Relationship" and attributes.get("TargetMode") != "External":
                kind = attributes.get("Type", "").rpartition("/")[2]
                relations[attributes.get("Id")] = (kind, resolve(part, attributes.get("Target", "")))

        if self._package.has(file):
            tree = {"": ["Relationships"], "/Relationships": ["Relationship"]}
            yield from read_xml(self._package, file, Walk(RELATIONS, tree, (), begin, lambda *_: None))
        return relations

    def _read_book(self, part, relations):
        def begin(state, attributes):
            if state == "/workbook/workbookPr":
                self._from_1904 = attributes.get("date1904", "0") in ("1", "true")
            elif state == "/workbook/sheets/sheet":
                name = attributes.get("name", "")
                number = next((attributes[f"{space} id"] for space in OFFICE if f"{space} id" in attributes), None)
                kind, target = relations.get(number, (None, None))
                if name in self.sheets or len(self.sheets) >= MOST_SHEETS:
                    raise unreadable("the workbook lists one sheet twice, or too many sheets")
                self.sheets[name] = target if kind == "worksheet" else None

        tree = {"": ["workbook"], "/workbook": ["workbookPr", "sheets"], "/workbook/sheets": ["sheet"]}
        yield from read_xml(self._package, part, Walk(MAIN, tree, (), begin, lambda *_: None))

    def _read_styles(self, part):
        formats = dict(BUILT_IN)

        def begin(state, attributes):
            number = attributes.get("numFmtId", "0")
            if not number.isascii() or not number.isdigit() or max(len(formats), len(self._kinds)) > MOST_STYLES:
                raise unreadable("the styles of the workbook are damaged")
            if state == "/styleSheet/numFmts/numFmt":
                formats[int(number)] = format_kind(attributes.get("formatCode", "")[:1000])
            elif state == "/styleSheet/cellXfs/xf":
                self._kinds.append(formats.get(int(number)))

        tree = {"": ["styleSheet"], "/styleSheet": ["numFmts", "cellXfs"], "/styleSheet/numFmts": ["numFmt"],
                "/styleSheet/cellXfs": ["xf"]}
        walk = Walk(MAIN, tree, (), lambda state, attributes: begin(state, attributes) if state.count("/") == 3 else None,
                    lambda *_: None)
        yield from read_xml(self._package, part, walk)

    def _read_strings(self, part):
        text = []

        def begin(state, _):
            if state == "/sst/si":
                text.clear()

        def end(state, part_of_it):
            if part_of_it is not None:
                text.append(part_of_it)
            elif state == "/sst/si":
                self._strings.append(text_value("".join(text)))

        # Phonetic runs (rPh) are no part of the text; rich text (r) is, without its formats.
        tree = {"": ["sst"], "/sst": ["si"], "/sst/si": ["t", "r"], "/sst/si/r": ["t"]}
        yield from read_xml(self._package, part, Walk(MAIN, tree, ("/sst/si/t", "/sst/si/r/t"), begin, end))

    def rows(self, sheet, header, choose):
        """Yields lists of (row number, values). choose: gets the texts of the header's row by their columns, 0 the first,
        and gives the column of each value that is wanted. Rows in which none of them has a value are left out."""
        part = self.sheets.get(sheet)
        if part is None:
            there = ", ".join(self.sheets)[:500]
            raise rejected("QZ-FIL-004", f"there is no sheet {sheet[:100]}; there are: {there}")
        reader = SheetReader(self.value_of, header, choose)
        for _ in read_xml(self._package, part, reader.walk):
            yield reader.take()
        reader.finish()
        yield reader.take()

    def value_of(self, kind, style, text, is_formula):
        """Of a cell that has a value element, or a formula."""
        if text is None:
            return Invalid("(a formula without a value)") if is_formula else None
        if kind == "s":
            return self._strings.get(text.strip())
        if kind in ("str", "inlineStr"):
            return text_value(text)
        text = text.strip()
        if kind == "b":
            return {"0": "false", "1": "true", "false": "false", "true": "true"}.get(text, Invalid(text))
        if kind == "d":
            return iso_value(text)
        if kind != "n":
            return Invalid(text)  # e: an error such as #N/A
        if not text:
            return Invalid("(a formula without a value)") if is_formula else None
        if style and not (style.isascii() and style.isdigit() and int(style) < len(self._kinds)):
            raise unreadable("a cell has a style that is not there")
        moment = self._kinds[int(style)] if style else self._kinds[0] if self._kinds else None
        if moment:
            return moment_value(text, moment, self._from_1904)
        return number_value(text, self._significant)


class SheetReader:
    """Feeds on the XML of a sheet through `walk`; what is complete is taken with take()."""

    TREE = {
        "": ["worksheet"], "/worksheet": ["sheetData", "mergeCells"], "/worksheet/sheetData": ["row"],
        "/worksheet/sheetData/row": ["c"], "/worksheet/sheetData/row/c": ["v", "f", "is"],
        "/worksheet/sheetData/row/c/is": ["t", "r"], "/worksheet/sheetData/row/c/is/r": ["t"],
        "/worksheet/mergeCells": ["mergeCell"],
    }
    ROW = "/worksheet/sheetData/row"
    CELL = ROW + "/c"
    TEXTS = (CELL + "/v", CELL + "/is/t", CELL + "/is/r/t")

    def __init__(self, value_of, header, choose):
        self.walk = Walk(MAIN, self.TREE, self.TEXTS, self._begin, self._end)
        self._value_of = value_of
        self._header, self._choose = header, choose
        self._wanted = None  # column -> place among the values; None: the header was not seen yet
        self._places = 0
        self._columns = {}  # letters -> column
        self._ready = []
        self._row = self._column = 0
        self._values = self._octets = None
        self._kind = self._style = self._text = None
        self._formula = False
        self._merged = 0

    def take(self):
        ready, self._ready = self._ready, []
        return ready

    def finish(self):
        if self._wanted is None:
            self._take_header({})

    def _begin(self, state, attributes):
        if state == self.CELL:
            self._begin_cell(attributes)
        elif state == self.CELL + "/f":
            self._formula = True
        elif state == self.CELL + "/is":
            self._text = self._text or ""
        elif state == self.ROW:
            number = attributes.get("r")
            if number is not None and not (number.isascii() and number.isdigit() and len(number) < 8):
                raise unreadable("a row without a number")
            number = self._row + 1 if number is None else int(number)
            if not self._row < number <= LAST_ROW:
                raise unreadable(f"the rows are out of order, or beyond {LAST_ROW}")
            if self._wanted is None and number > self._header:
                self._take_header({})
            self._row, self._column = number, -1
            self._values = {} if number == self._header else [None] * self._places
            self._octets = 0
        elif state == "/worksheet/mergeCells/mergeCell":
            self._check_merged(attributes.get("ref", ""))

    def _begin_cell(self, attributes):
        reference = attributes.get("r")
        if reference is None:
            column = self._column + 1
        else:
            letters = reference.rstrip("0123456789")
            column = self._columns.get(letters)
            if column is None:
                column = self._columns[letters] = column_of(letters)
            if reference[len(letters):] != str(self._row):
                raise unreadable(f"row {self._row} holds a cell of another row")
        if not self._column < column < LAST_COLUMN:
            raise unreadable(f"row {self._row}: the cells are out of order, or beyond column {LAST_COLUMN}")
        self._column = column
        self._kind = attributes.get("t", "n")
        self._style = attributes.get("s", "")
        self._text, self._formula = None, False

    def _end(self, state, text):
        if text is not None:
            # A cell of the kind inlineStr has its text in pieces, all others one value.
            self._text = text if state == self.CELL + "/v" else (self._text or "") + text
        elif state == self.CELL:
            self._end_cell()
        elif state == self.ROW:
            self._end_row()

    def _end_cell(self):
        if self._row < self._header or (self._text is None and not self._formula):
            return
        if self._row == self._header:
            self._values[self._column] = self._value_of(self._kind, self._style, self._text, self._formula)
            return
        place = self._wanted.get(self._column)
        if place is None:
            return
        value = self._value_of(self._kind, self._style, self._text, self._formula)
        self._octets += len(value) * 4 if value is not None else 0
        if self._octets > MOST_ROW:
            raise unreadable(f"row {self._row} is longer than {MOST_ROW} octets")
        self._values[place] = value

    def _end_row(self):
        if self._row == self._header:
            self._take_header(self._values)
        elif self._row > self._header and any(value is not None for value in self._values):
            self._ready.append((self._row, self._values))

    def _take_header(self, names):
        columns = self._choose(names)
        self._wanted = {column: place for place, column in enumerate(columns)}
        self._places = len(columns)

    def _check_merged(self, reference):
        """Of merged cells the file holds the first one's value only; whether it is meant for all, nobody can know."""
        self._merged += 1
        found = REFERENCE.match(reference), REFERENCE.match(reference.partition(":")[2] or reference)
        if not all(found) or self._merged > MOST_MERGED:
            raise unreadable("the merged cells are damaged, or too many")
        (left, top), (right, bottom) = ((column_of(f[1]), int(f[2])) for f in found)
        is_one = (left, top) == (right, bottom)
        if bottom > self._header and not is_one and any(left <= column <= right for column in self._wanted or ()):
            raise rejected("QZ-FIL-005", f"the cells {reference[:30]} are merged: give each row its own value")


def column_of(letters):
    """0 for A; LAST_COLUMN for what is beyond XFD."""
    number = 0
    for letter in letters:
        if not "A" <= letter <= "Z" or number > LAST_COLUMN:
            return LAST_COLUMN
        number = number * 26 + ord(letter) - 64
    return min(number - 1, LAST_COLUMN) if number else LAST_COLUMN
