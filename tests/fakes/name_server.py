"""A name server on loopback, over UDP and TCP: it has the texts that a test gives it."""

from __future__ import annotations

import socketserver
import struct
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class NameServer:
    """What it knows, and how it misbehaves."""

    address: str = ""
    texts: dict[str, list[str]] = field(default_factory=dict)
    failure: int = 0
    silent: bool = False
    foreign: bool = False
    """Whether it answers with the number of another question."""

    def answer(self, query: bytes, *, room: int) -> bytes | None:
        if self.silent:
            return None
        name, at = [], 12
        while query[at]:
            name.append(query[at + 1 : at + 1 + query[at]].decode())
            at += 1 + query[at]
        texts = self.texts.get(".".join(name))
        code = self.failure or (3 if texts is None else 0)
        (number,) = struct.unpack_from("!H", query)
        records = b"".join(_record(text) for text in texts or [])
        flags, count = 0x8180 | code, len(texts or [])
        if len(query) + len(records) > room:
            flags, count, records = flags | 0x0200, 0, b""
        head = struct.pack("!HHHHHH", number ^ self.foreign, flags, 1, count, 0, 0)
        return head + query[12:] + records


def _record(text: str) -> bytes:
    data = text.encode()
    parts = [data[at : at + 255] for at in range(0, len(data), 255)] or [b""]
    packed = b"".join(bytes([len(part)]) + part for part in parts)
    return b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, len(packed)) + packed


@contextmanager
def name_server() -> Iterator[NameServer]:
    """Run one on a free port."""
    known = NameServer()

    class Datagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            if (answer := known.answer(self.request[0], room=512)) is not None:
                self.request[1].sendto(answer, self.client_address)

    class Stream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            (length,) = struct.unpack("!H", self.rfile.read(2))
            answer = known.answer(self.rfile.read(length), room=65_000) or b""
            self.wfile.write(struct.pack("!H", len(answer)) + answer)

    udp, tcp = _of_one_port(Datagram, Stream)
    known.address = f"127.0.0.1:{udp.server_address[1]}"
    for server in (udp, tcp):
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield known
    for server in (udp, tcp):
        server.shutdown()
        server.server_close()


def _of_one_port(
    datagram: type[socketserver.BaseRequestHandler], stream: type[socketserver.BaseRequestHandler]
) -> tuple[socketserver.UDPServer, socketserver.TCPServer]:
    """Answer two servers of one number: what is free for datagrams may be taken for streams."""
    while True:
        udp = socketserver.ThreadingUDPServer(("127.0.0.1", 0), datagram)
        try:
            return udp, socketserver.ThreadingTCPServer(udp.server_address, stream)
        except OSError:
            udp.server_close()
