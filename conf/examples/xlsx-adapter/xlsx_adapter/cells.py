"""From what a cell holds to a canonical value: ADAPTERS.md, section 4. Never through binary floats.

A value is a str; None is null; Invalid is what no type can express, with what the workbook holds."""

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

DATE, TIME, BOTH, EITHER, ELAPSED = "date", "time", "both", "either", "elapsed"

# Formats that have a number only; 27 to 36 and 50 to 58 as in Chinese versions.
BUILT_IN = {
    **dict.fromkeys([14, 15, 16, 17, 27, 28, 29, 30, 31, 36, 50, 51, 52, 53, 54, 57, 58], DATE),
    **dict.fromkeys([18, 19, 20, 21, 32, 33, 34, 35, 45, 47], TIME),
    22: BOTH, 46: ELAPSED, 55: EITHER, 56: EITHER,
}
NUMBER = re.compile(r"([+-]?)([0-9]{1,400})(\.[0-9]{0,400})?(?:[eE]([+-]?[0-9]{1,3}))?")
ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")
ISO = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(\.[0-9]{1,6})?)?(Z?))?")
EXACT = Context(prec=2000)
DAY = 86_400_000  # milliseconds: as fine as a spreadsheet shows time; what is beyond is the noise of its numbers
LAST_DAY = 2_958_465  # 9999-12-31 where days count from 1900


class Invalid(str):
    """What the workbook holds where there is no value."""


def text_value(text):
    """A text of a workbook; _xHHHH_ stands for characters that XML cannot hold."""
    if "_x" in text:
        text = ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        text = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")
        try:
            text.encode()
        except UnicodeEncodeError:
            return Invalid(text.encode("utf-8", "surrogatepass").hex())
    if "\0" in text:
        return Invalid(text.encode().hex())
    return text


def number_value(text, significant=0):
    """The digits that stand in the file, without an exponent. significant: so many digits are kept, 0: all."""
    found = NUMBER.fullmatch(text)
    if not found:
        return Invalid(text)
    sign, whole, fraction, exponent = found.groups()
    whole = whole.lstrip("0") or "0"
    fraction = "" if fraction in (None, ".") else fraction
    sign = "-" if sign == "-" and (whole + fraction).strip("0.") else ""
    digits = sign + whole + fraction
    if exponent is not None:
        exact = EXACT.create_decimal(f"{digits}E{exponent}")
        digits = format(exact, "f") if exact else "0"
    if significant and len(digits.lstrip("-0.").replace(".", "")) > significant:
        rounded = format(Context(prec=significant, rounding=ROUND_HALF_EVEN).create_decimal(digits), "f")
        digits = rounded.rstrip("0").rstrip(".") if "." in rounded else rounded
    return digits


def format_kind(code):
    """What a number format makes of a number: DATE, TIME, BOTH, ELAPSED, or None for a number."""
    plain = re.sub(r'"[^"]*"|\\.|_.|\*.', "", code).lower()
    elapsed = re.search(r"\[(h+|m+|s+)\]", plain) is not None
    plain = re.sub(r"\[[^\]]*\]|general|e[+-]", "", plain)
    day = re.search(r"[yde]|aaa", plain) is not None
    time = re.search(r"[hs]|am/pm|a/p|上午/下午", plain) is not None
    if elapsed and not day:
        return ELAPSED
    if day or time:
        return BOTH if day and time else DATE if day else TIME
    return DATE if "m" in plain else None


def moment_value(text, kind, from_1904):
    """A number of days in a date or time format, as date, timestamp or time of day."""
    if not NUMBER.fullmatch(text):
        return Invalid(text)
    days = EXACT.create_decimal(text)
    if not 0 <= days < LAST_DAY + 1:
        return Invalid(text)
    whole, rest = divmod(int(EXACT.quantize(EXACT.multiply(days, DAY), Decimal(1))), DAY)
    if kind == ELAPSED:
        return clock(whole * DAY + rest)
    if whole == 0 and days < 1 and kind in (TIME, EITHER):
        return clock(rest)
    day = calendar_day(whole, from_1904)
    if day is None:
        return Invalid(text)
    if kind in (DATE, EITHER) and rest == 0:
        return day
    return f"{day}T{clock(rest)}"


def calendar_day(number, from_1904):
    try:
        if from_1904:
            return (date(1904, 1, 1) + timedelta(number)).isoformat()
        # Day 60 is 1900-02-29, which never was; day 0 is no day.
        if number in (0, 60):
            return None
        return (date(1899, 12, 31 if number < 60 else 30) + timedelta(number)).isoformat()
    except OverflowError:
        return None


def clock(milliseconds):
    seconds, fraction = divmod(milliseconds, 1000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return f"{text}.{fraction:03d}000" if fraction else text


def iso_value(text):
    """A cell of type d."""
    found = ISO.fullmatch(text)
    if not found:
        return Invalid(text)
    year, month, day, hour, minute, second, fraction, zone = found.groups()
    try:
        date(int(year), int(month), int(day))
    except ValueError:
        return Invalid(text)
    if hour is None:
        return text
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 59:
        return Invalid(text)
    fraction = f".{fraction[1:]:0<6}" if fraction and fraction.strip(".0") else ""
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{fraction}{zone}"
