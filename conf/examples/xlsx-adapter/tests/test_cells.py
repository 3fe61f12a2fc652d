"""Values: canonical, exact, and invalid rather than near."""

import unittest

from support import Book, SourceTest, header, n, s, t

from xlsx_adapter.cells import (BOTH, DATE, ELAPSED, TIME, Invalid, format_kind, iso_value, moment_value, number_value,
                                text_value)


class Numbers(unittest.TestCase):
    def test_the_digits_of_the_file_stay_as_they_are(self):
        for text in ("12345678901234567.89", "0.1", "1.1000000000000001", "90071992547409.93", "0", "-0.10", "100"):
            self.assertEqual(number_value(text), text)

    def test_exponents_zeros_and_signs_become_plain_digits(self):
        for text, value in (("1E3", "1000"), ("1.50e-3", "0.00150"), ("-1.25E+20", "-125000000000000000000"), ("007", "7"),
                            ("-0", "0"), ("+5", "5"), ("5.", "5"), ("0E5", "0")):
            self.assertEqual(number_value(text), value)

    def test_what_is_no_number_is_invalid(self):
        for text in ("INF", "NaN", "1,5", "0x10", "１", "", "1e5000", "-"):
            self.assertIsInstance(number_value(text), Invalid, text)

    def test_significant_digits_are_kept_only_if_that_is_asked_for(self):
        self.assertEqual(number_value("1.1000000000000001", 15), "1.1")
        self.assertEqual(number_value("19.989999999999998", 15), "19.99")
        self.assertEqual(number_value("12345678901234567", 15), "12345678901234600")
        self.assertEqual(number_value("0.30000000000000004", 0), "0.30000000000000004")


class Moments(unittest.TestCase):
    def test_dates_by_number_format(self):
        for code, kind in (("yyyy-mm-dd", DATE), ('yyyy"年"m"月"d"日"', DATE), ("[$-409]d/m/yyyy;@", DATE), ("mmm", DATE),
                           ("h:mm:ss", TIME), ("mm:ss", TIME), ("[$-804]上午/下午h\"时\"mm\"分\"", TIME),
                           ("yyyy/m/d h:mm", BOTH), ("[h]:mm:ss", ELAPSED), ("[mm]:ss", ELAPSED), ("aaaa", DATE),
                           ("General", None), ("0.00E+00", None), ("#,##0.00_);[Red]\\(#,##0.00\\)", None),
                           ('0"day"', None), ("0\\d", None), ("@", None), ("[Red]0", None), ("0.00%", None)):
            self.assertEqual(format_kind(code), kind, code)

    def test_P20_days_from_1900_know_the_day_that_never_was(self):
        for text, value in (("1", "1900-01-01"), ("59", "1900-02-28"), ("61", "1900-03-01"), ("45292", "2024-01-01"),
                            ("2958465", "9999-12-31")):
            self.assertEqual(moment_value(text, DATE, False), value)
        for text in ("0", "60", "-1", "2958466", "1e30"):
            self.assertIsInstance(moment_value(text, DATE, False), Invalid, text)

    def test_days_from_1904(self):
        self.assertEqual(moment_value("0", DATE, True), "1904-01-01")
        self.assertEqual(moment_value("43830", DATE, True), "2024-01-01")
        self.assertIsInstance(moment_value("2958465", DATE, True), Invalid)

    def test_times_are_exact_to_the_millisecond(self):
        for text, value in (("45292.5", "2024-01-01T12:00:00"), ("45292.416666666664", "2024-01-01T10:00:00"),
                            ("45292.4166666667", "2024-01-01T10:00:00"), ("45292.000002893519", "2024-01-01T00:00:00.250000"),
                            ("45292.999999999", "2024-01-02T00:00:00"), ("45292", "2024-01-01T00:00:00")):
            self.assertEqual(moment_value(text, BOTH, False), value)

    def test_a_time_is_not_lost_where_a_format_shows_the_date_only(self):
        self.assertEqual(moment_value("45292.5", DATE, False), "2024-01-01T12:00:00")

    def test_times_of_day_and_durations(self):
        self.assertEqual(moment_value("0.5", TIME, False), "12:00:00")
        self.assertEqual(moment_value("1.0833333333333333", ELAPSED, False), "26:00:00")
        self.assertEqual(moment_value("45292.25", TIME, False), "2024-01-01T06:00:00")

    def test_iso_dates(self):
        for text, value in (("2024-02-29", "2024-02-29"), ("2024-01-02T03:04", "2024-01-02T03:04:00"),
                            ("2024-01-02T03:04:05.5Z", "2024-01-02T03:04:05.500000Z")):
            self.assertEqual(iso_value(text), value)
            self.assertNotIsInstance(iso_value(text), Invalid)
        for text in ("2024-02-30", "2024-01-02T25:00:00", "yesterday"):
            self.assertIsInstance(iso_value(text), Invalid)


class Texts(unittest.TestCase):
    def test_P32_escaped_characters(self):
        self.assertEqual(text_value("a_x000D_\nb"), "a\r\nb")
        self.assertEqual(text_value("_x005F_x000D_"), "_x000D_")
        self.assertEqual(text_value("_xD842__xDFB7_"), "𠮷")
        for text in ("a_x0000_b", "_xD842_"):
            self.assertIsInstance(text_value(text), Invalid)


class InWorkbooks(SourceTest):
    columns = ["id", "a", "b", "c"]

    def rows_of(self, book):
        self.drop(book)
        return self.snapshot()

    def test_numbers_and_dates_arrive_as_they_are(self):
        book = Book(formats=["yyyy-mm-dd", "yyyy-mm-dd hh:mm", 14, 46])
        book.sheet("firm", [header("id", "a", "b", "c"),
                            [t("1"), n("12345678901234567.89"), n("0.1"), n("45292", 1)],
                            [t("2"), n("45292.5", 2), n("61", 3), n("1.5", 4)],
                            [t("3"), n("60", 1), n("1E-7"), n("-3")]])
        self.assertEqual(self.rows_of(book), [("1", "12345678901234567.89", "0.1", "2024-01-01"),
                                              ("2", "2024-01-01T12:00:00", "1900-03-01", "36:00:00"),
                                              ("3", ("60",), "0.0000001", "-3")])

    def test_1904_mode_holds_for_the_whole_workbook(self):
        book = Book(formats=[14], date1904=True).sheet("firm", [header("id", "a", "b", "c"), [t("1"), n("43830", 1)]])
        self.assertEqual(self.rows_of(book), [("1", "2024-01-01", None, None)])

    def test_booleans_and_errors(self):
        book = Book().sheet("firm", [header("id", "a", "b", "c"),
                                     [t("1"), '<c t="b"><v>1</v></c>', '<c t="b"><v>0</v></c>', '<c t="e"><v>#N/A</v></c>']])
        self.assertEqual(self.rows_of(book), [("1", "true", "false", ("#N/A",))])

    def test_formulas_give_what_was_last_calculated_or_nothing_that_is_valid(self):
        book = Book().sheet("firm", [header("id", "a", "b", "c"),
                                     [t("1"), "<c><f>1+1</f><v>2</v></c>", "<c><f>1+1</f></c>",
                                      '<c t="str"><f>""</f><v></v></c>']])
        self.assertEqual(self.rows_of(book), [("1", "2", ("(a formula without a value)",), "")])

    def test_P32_rare_characters_shared_rich_and_phonetic_texts(self):
        book = Book(shared=["<t>㐀䶮𠮷</t>", "<r><rPr><b/></rPr><t>广</t></r><r><t xml:space=\"preserve\">州 </t></r>",
                            "<t>東京</t><rPh sb=\"0\" eb=\"2\"><t>トウキョウ</t></rPh>"])
        book.sheet("firm", [header("id", "a", "b", "c"), [t("䶮"), s(0), s(1), s(2)]])
        self.assertEqual(self.rows_of(book), [("䶮", "㐀䶮𠮷", "广州 ", "東京")])

    def test_P32_an_empty_text_is_not_a_missing_cell(self):
        book = Book(shared=["<t></t>"]).sheet("firm", [header("id", "a", "b", "c"), [t(""), s(0), None, "<c/>"]])
        self.assertEqual(self.rows_of(book), [("", "", None, None)])

    def test_cells_and_rows_without_references_follow_each_other(self):
        book = Book().sheet("firm", [f"<row>{''.join(header('id', 'a', 'b', 'c'))}</row>",
                                     f"<row>{t('1')}{n('5')}</row>", '<row r="9"><c r="A9"><v>9</v></c></row>'])
        self.assertEqual(self.rows_of(book), [("1", "5", None, None), ("9", None, None, None)])

    def test_many_shared_texts_keep_their_places(self):
        count = 3000
        book = Book(shared=[f"<t>text {at}</t>" for at in range(count)])
        book.sheet("firm", [header("id", "a", "b", "c")] + [[t(f"{at:05}"), s(count - 1 - at)] for at in range(count)])
        rows = self.rows_of(book)
        self.assertEqual([row[1] for row in rows], [f"text {count - 1 - at}" for at in range(count)])


if __name__ == "__main__":
    unittest.main()
