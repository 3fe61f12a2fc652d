"""What an adapter answers when it cannot do what was asked: ADAPTERS.md, section 3."""

# What the agent does about it: repeat later; set the item aside; stop and keep the evidence; pause; tell a person.
UNAVAILABLE, REJECTED, CORRUPT, FULL, MISUSE = 1, 2, 3, 4, 5

LONGEST_TEXT = 4096  # octets


class Failure(Exception):
    """detail and hint: English, without secrets and row values."""

    def __init__(self, kind, code, detail, hint=""):
        super().__init__(code)
        self.kind = kind
        self.code = code
        self.detail = detail
        self.hint = hint

    def reply(self):
        return {"failure": {"kind": self.kind, "code": self.code, "detail": cut(self.detail), "hint": cut(self.hint)}}


class Broken(Exception):
    """The agent's bytes break the protocol: the process ends with 70, for nothing that follows can be understood."""


class Gone(Exception):
    """The agent closed the socket: the process ends with 0."""


def cut(text):
    """No longer than a failure's text may be, and valid UTF-8."""
    return text.encode("utf-8", "replace")[:LONGEST_TEXT].decode("utf-8", "ignore")


def rejected(code, detail):
    return Failure(REJECTED, code, detail)
