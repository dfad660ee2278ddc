"""Where the demo listens, and what to say when somebody else is there already."""

from __future__ import annotations

import socket
from dataclasses import dataclass, fields

from voiceline.errors import UserError

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """The demo's four web servers."""

    telephone: int
    dashboard: int
    softphone: int
    consumer: int

    def url(self, name: str) -> str:
        """Answer the address of one of them."""
        return f"http://{HOST}:{getattr(self, name)}"

    def check_free(self) -> None:
        """Raise UserError naming every port that is taken, and the option that moves it."""
        taken = [each.name for each in fields(self) if self._is_taken(each.name)]
        if taken:
            which = ", ".join(f"{getattr(self, name)} ({name})" for name in taken)
            options = " ".join(f"--{name}-port {getattr(self, name) + 100}" for name in taken)
            raise UserError(
                f"Taken already: port {which}. Another demo may be running. Choose others with: "
                f'voiceline demo {options}   (make demo ARGS="{options}")'
            )

    def _is_taken(self, name: str) -> bool:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, getattr(self, name)))
            except OSError:
                return True
        return False
