"""The process: its arguments, its calls and its end. ADAPTERS.md, sections 1 and 2."""

import sys
import traceback

from . import PROTOCOL, VERSION, wire
from .channel import DESCRIPTOR, LONGEST_FRAME, Channel, is_stream_socket
from .failure import CORRUPT, MISUSE, REJECTED, Broken, Failure, Gone
from .plan import describe, plan_source
from .settings import Settings
from .source import Source

NAME = "qianzhi-adapter-xlsx"
HELP = f"""{NAME}: an adapter of Qianzhi for XLSX workbooks in a drop folder. The agent starts it; it speaks the \
protocol of adapters/ADAPTERS.md over the socket on descriptor {DESCRIPTOR}.
{NAME}：由前置代理启动的 XLSX 工作簿适配器，不单独运行。
"""
MODES = ("log", "journal", "snapshot", "watermark")


class Server:
    """One opened source a process. answer() gives the reply to a request, or raises Failure, Broken or Gone."""

    def __init__(self, channel):
        self._channel = channel
        self._greeted = False
        self._source = None

    def answer(self, request):
        if not request:
            raise Broken("a request of another version")
        (call, what), = request.items()
        if call == "hello":
            return self._greet(what)
        if not self._greeted:
            raise Broken("a request before the greeting")
        if call == "describe":
            return {"tables": {"tables": describe(Settings(what["options"]))}}
        if call == "plan_source":
            return {"plan": plan_source(Settings(what["connection"]["options"]), check_spec(what))}
        if call in ("plan_target", "open_target"):
            raise Failure(MISUSE, "QZ-ADP-021", "workbooks are only read", "use an adapter that writes")
        if call == "open_source":
            if self._source is not None:
                raise Broken("a second open")
            self._source = Source(check_spec(what), self._channel.wait)
            return {"done": {}}
        if self._source is None:
            raise Broken("a request before open")
        return self._ask(call, what)

    def _greet(self, hello):
        if hello["protocol"] != PROTOCOL:
            raise Failure(MISUSE, "QZ-ADP-006", f"the agent speaks protocol {hello['protocol']}")
        self._greeted = True
        return {"greeting": {"protocol": PROTOCOL, "journal": True, "snapshot": True}}

    def _ask(self, call, what):
        source = self._source
        if call == "present":
            return {"position": source.present()}
        if call == "read_changes":
            check_position(what["after"])
            check_position(what["high_water"])
            return {"changes": source.read_changes(what["after"], what["high_water"], what["limits"], what["wait"])}
        if call == "forget":
            check_position(what)
            source.forget(what)
            return {"done": {}}
        if call == "read_snapshot":
            return {"page": source.read_snapshot(what["table"], what["cursor"], what["limits"])}
        if call == "preflight":
            return {"findings": {"findings": source.preflight()}}
        raise Broken("not a request to a source")


def check_spec(spec):
    if spec["mode"] >= len(MODES):
        raise Broken("a capture mode")
    return spec


def check_position(position):
    if len(position["order"]) > 1024 or len(position["identity"]) > 1024:
        raise Broken("a position")


def serve(channel):
    """Until the agent closes the socket."""
    server = Server(channel)
    while True:
        frame = channel.receive()
        if frame is None:
            return
        request = wire.decode("Request", frame)
        del frame
        try:
            octets = wire.encode("Reply", server.answer(request))
        except Failure as failure:
            octets = wire.encode("Reply", failure.reply())
        if len(octets) > LONGEST_FRAME:
            octets = wire.encode("Reply", Failure(REJECTED, "QZ-ADP-005", "the answer is over 64 MiB").reply())
        channel.send(octets)


def where(error):
    """The place of a fault without its text, which may hold a row's values."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {last.filename.rsplit('/', 1)[-1]}:{last.lineno}"


def main(arguments):
    if arguments[1:2] == ["--version"]:
        print(f"{NAME} {VERSION}, protocol {PROTOCOL}")
        return 0
    wants_help = arguments[1:2] == ["--help"]
    if wants_help or len(arguments) > 1 or not is_stream_socket(DESCRIPTOR):
        (sys.stdout if wants_help else sys.stderr).write(HELP)
        return 0 if wants_help else 64
    try:
        serve(Channel(DESCRIPTOR))
        return 0
    except Gone:
        return 0
    except Broken as error:
        print(f"{NAME}: kind {CORRUPT} QZ-ADP-004: malformed: {error}", file=sys.stderr)
    except Exception as error:  # whatever else is a fault of this program: the agent starts another process
        print(f"{NAME}: {where(error)}", file=sys.stderr)
    return 70
