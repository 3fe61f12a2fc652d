"""Frames over the socket that the agent gives: ADAPTERS.md, section 2."""

import os
import select
import socket
import stat

from .failure import Broken, Gone

DESCRIPTOR = 3
LONGEST_FRAME = 67_108_864
PIECE = 1 << 20  # memory grows with what really came, not with what a length promised


def is_stream_socket(descriptor):
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        with socket.socket(fileno=os.dup(descriptor)) as copy:
            return copy.type == socket.SOCK_STREAM
    except OSError:
        return False


class Channel:
    def __init__(self, descriptor):
        self._socket = socket.socket(fileno=descriptor)
        self._hangup = select.poll()
        self._hangup.register(self._socket, select.POLLHUP | select.POLLRDHUP | select.POLLERR)

    def receive(self):
        """The next frame, or None when the agent has closed the socket between two frames."""
        prefix = self._exactly(4, True)
        if prefix is None:
            return None
        length = int.from_bytes(prefix, "big")
        if length > LONGEST_FRAME:
            raise Broken(f"a frame of {length} octets was announced")
        return self._exactly(length, False)

    def _exactly(self, size, may_end):
        data = bytearray()
        while len(data) < size:
            try:
                piece = self._socket.recv(min(size - len(data), PIECE))
            except ConnectionError:
                raise Gone() from None
            if not piece:
                if may_end and not data:
                    return None
                raise Gone()
            data += piece
        return data

    def send(self, octets):
        try:
            self._socket.sendall(len(octets).to_bytes(4, "big"))
            self._socket.sendall(octets)
        except ConnectionError:
            raise Gone() from None

    def wait(self, seconds):
        """Waits, but no longer than the agent is there."""
        if self._hangup.poll(max(0, seconds) * 1000):
            raise Gone()
