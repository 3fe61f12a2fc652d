"""Protocol Buffers, as much of them as adapters/api/adapter.proto needs: messages are dicts, fields stand in a table.

A source needs half of the file's messages. The calls of a target are named, so that they can be refused by name, but
not taken apart. Fields that are not known are passed over, as Protocol Buffers want it.
"""

from .failure import Broken

# Kinds: "uint" (uint32, uint64), "int" (int64), "sint" (sint64), "bool", "text", "bytes", "map" (text to text), or the
# name of a message. "*" before a kind: repeated; numbers are then packed.
MESSAGES = {
    "Request": {
        1: ("hello", "Hello"), 2: ("describe", "Connection"), 3: ("plan_source", "SourceSpec"), 4: ("plan_target", "bytes"),
        5: ("open_source", "SourceSpec"), 6: ("open_target", "bytes"), 7: ("present", "Nothing"),
        8: ("read_changes", "ReadChanges"), 9: ("forget", "Position"), 10: ("read_snapshot", "ReadPage"),
        11: ("preflight", "Nothing"), 12: ("marks", "Nothing"), 13: ("apply", "bytes"), 14: ("commit", "Nothing"),
        15: ("rollback", "Nothing"), 16: ("read_rows", "bytes"),
    },
    "Reply": {
        1: ("failure", "Failure"), 2: ("done", "Nothing"), 3: ("greeting", "Greeting"), 4: ("tables", "Tables"),
        5: ("plan", "Plan"), 6: ("position", "Position"), 7: ("changes", "Changes"), 8: ("page", "Page"),
        9: ("findings", "Findings"),
    },
    "Nothing": {},
    "Hello": {1: ("protocol", "uint")},
    "Greeting": {
        1: ("protocol", "uint"), 2: ("log", "bool"), 3: ("journal", "bool"), 4: ("snapshot", "bool"), 5: ("write", "bool"),
        6: ("watermark", "bool"),
    },
    "Failure": {1: ("kind", "uint"), 2: ("code", "text"), 3: ("detail", "text"), 4: ("hint", "text")},
    "Connection": {1: ("options", "map"), 2: ("secrets", "map")},
    "Tables": {1: ("tables", "*TableInfo")},
    "TableInfo": {1: ("name", "text"), 2: ("columns", "*ColumnInfo"), 3: ("key", "*text"), 4: ("rows", "sint")},
    "ColumnInfo": {1: ("name", "text"), 2: ("native_type", "text"), 3: ("type", "uint"), 4: ("nullable", "bool")},
    "Plan": {1: ("install", "text"), 2: ("grants", "text"), 3: ("uninstall", "text")},
    "Findings": {1: ("findings", "*Finding")},
    "Finding": {1: ("severity", "uint"), 2: ("code", "text"), 3: ("detail", "text"), 4: ("cure", "text")},
    "SourceSpec": {
        1: ("connection", "Connection"), 2: ("name", "text"), 3: ("mode", "uint"), 4: ("tables", "*SourceTable"),
        5: ("retained_log_ceiling", "int"),
    },
    "SourceTable": {
        1: ("table", "text"), 2: ("columns", "*text"), 3: ("key", "*text"), 4: ("old_columns", "*text"),
        5: ("watermark", "text"),
    },
    "Column": {1: ("presence", "bytes"), 2: ("lengths", "*uint"), 3: ("data", "bytes")},
    "Position": {1: ("order", "bytes"), 2: ("identity", "bytes")},
    "Limits": {1: ("rows", "uint"), 2: ("octets", "uint")},
    "ReadChanges": {
        1: ("after", "Position"), 2: ("high_water", "Position"), 3: ("limits", "Limits"), 4: ("wait", "int"),
    },
    "ReadPage": {1: ("table", "uint"), 2: ("cursor", "bytes"), 3: ("limits", "Limits")},
    "RowInfo": {
        1: ("rows", "uint"), 2: ("operations", "bytes"), 3: ("transactions", "*uint"), 4: ("source_times", "*sint"),
    },
    "Changes": {
        1: ("continuity", "uint"), 2: ("reason", "text"), 3: ("tables", "*TableChanges"), 4: ("events", "*TableEvent"),
        5: ("position", "Position"), 6: ("more", "bool"),
    },
    "TableChanges": {1: ("table", "uint"), 2: ("rows", "RowInfo"), 3: ("columns", "*Column"), 4: ("old", "*Column")},
    "TableEvent": {1: ("table", "uint"), 2: ("kind", "uint"), 3: ("detail", "text"), 4: ("code", "text")},
    "Page": {
        1: ("rows", "uint"), 2: ("columns", "*Column"), 3: ("cursor", "bytes"), 4: ("done", "bool"),
        5: ("position", "Position"),
    },
}

ONE_OF = {"Request", "Reply"}  # messages that hold one field: the last one that was sent
NUMBERS = {"uint", "int", "sint", "bool"}
EMPTY = {"uint": 0, "int": 0, "sint": 0, "bool": False, "text": "", "bytes": b""}
VARINT, FIXED64, BYTES, FIXED32 = 0, 1, 2, 5


def _varint(data, at, end):
    value = shift = 0
    while at < end and shift < 70:
        octet = data[at]
        at += 1
        value |= (octet & 0x7F) << shift
        if octet < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
    raise Broken("a number")


def _put_varint(value):
    out = bytearray()
    value &= 0xFFFFFFFFFFFFFFFF
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(kind, raw):
    if kind == "int" and raw >> 63:
        return raw - (1 << 64)
    if kind == "sint":
        return (raw >> 1) ^ -(raw & 1)
    return bool(raw) if kind == "bool" else raw


def _raw(kind, value):
    if kind == "sint":
        return (value << 1) ^ (value >> 63)
    return int(value)


def _text(data):
    try:
        return str(data, "utf-8")
    except UnicodeDecodeError:
        raise Broken("a text that is not UTF-8") from None


def empty(name):
    """The message that no octets stand for."""
    if name in ONE_OF:
        return {}
    message = {}
    for field, kind in MESSAGES[name].values():
        message[field] = {} if kind == "map" else [] if kind[0] == "*" else EMPTY[kind] if kind in EMPTY else empty(kind)
    return message


def decode(name, data):
    """A message as a dict with all its fields. Raises Broken."""
    return _decode_into(empty(name), name, memoryview(data))


def _decode_into(message, name, data):
    fields = MESSAGES[name]
    at, end = 0, len(data)
    while at < end:
        tag, at = _varint(data, at, end)
        number, wire_type = tag >> 3, tag & 7
        if wire_type == VARINT:
            value, at = _varint(data, at, end)
        elif wire_type in (BYTES, FIXED64, FIXED32):
            size = 8 if wire_type == FIXED64 else 4
            if wire_type == BYTES:
                size, at = _varint(data, at, end)
            if size > end - at:
                raise Broken("a length beyond the message")
            value = data[at:at + size]
            at += size
        else:
            raise Broken("a field of an unknown form")
        if number == 0:
            raise Broken("a field without a number")
        field, kind = fields.get(number, (None, None))
        if field is not None:
            _take(message, name, field, kind, wire_type, value)
    return message


def _take(message, name, field, kind, wire_type, value):
    repeated = kind[0] == "*"
    kind = kind.lstrip("*")
    if (wire_type == VARINT) != (kind in NUMBERS) and not (wire_type == BYTES and repeated) or wire_type in (1, 5):
        raise Broken("a field of another form")
    if name in ONE_OF and field not in message:
        message.clear()
    if kind == "map":
        entry = {"key": "", "value": ""}
        for part, what in ((1, "key"), (2, "value")):
            entry[what] = _map_part(value, part)
        message[field][entry["key"]] = entry["value"]
    elif kind in NUMBERS:
        if wire_type == VARINT:
            values = [_number(kind, value)]
        else:
            values, at = [], 0
            while at < len(value):
                raw, at = _varint(value, at, len(value))
                values.append(_number(kind, raw))
        if repeated:
            message[field].extend(values)
        else:
            message[field] = values[-1]
    elif kind in ("text", "bytes"):
        item = _text(value) if kind == "text" else bytes(value)
        if repeated:
            message[field].append(item)
        else:
            message[field] = item
    elif repeated:
        message[field].append(_decode_into(empty(kind), kind, value))
    else:
        message[field] = _decode_into(message.get(field) or empty(kind), kind, value)


def _map_part(data, part):
    found, at, end = "", 0, len(data)
    while at < end:
        tag, at = _varint(data, at, end)
        size, at = _varint(data, at, end)
        if tag & 7 != BYTES or size > end - at:
            raise Broken("an entry of a map")
        if tag >> 3 == part:
            found = _text(data[at:at + size])
        at += size
    return found


def encode(name, message):
    """Octets of a message; fields that are missing, or are what they are without being sent, are left out."""
    out = []
    by_name = {field: (number, kind) for number, (field, kind) in MESSAGES[name].items()}
    for field, value in message.items():
        number, kind = by_name[field]
        if kind[0] == "*":
            if not value:
                continue
            kind = kind[1:]
            if kind in NUMBERS:
                _put_bytes(out, number, _packed(kind, value))
            else:
                for item in value:
                    _put_bytes(out, number, _octets(kind, item))
        elif kind in NUMBERS:
            if value:
                out.append(_put_varint(number << 3 | VARINT) + _put_varint(_raw(kind, value)))
        elif kind == "map":
            for key, item in value.items():
                entry = []
                _put_bytes(entry, 1, key.encode())
                _put_bytes(entry, 2, item.encode())
                _put_bytes(out, number, b"".join(entry))
        elif kind in EMPTY:
            if value:
                _put_bytes(out, number, _octets(kind, value))
        elif value is not None:
            _put_bytes(out, number, encode(kind, value))
    return b"".join(out)


def _packed(kind, values):
    if kind == "uint" and max(values) < 0x80:
        return bytes(values)
    return b"".join(_put_varint(_raw(kind, value)) for value in values)


def _octets(kind, value):
    if kind == "text":
        return value.encode("utf-8", "replace")
    return value if kind == "bytes" else encode(kind, value)


def _put_bytes(out, number, octets):
    out.append(_put_varint(number << 3 | BYTES) + _put_varint(len(octets)))
    out.append(octets)
