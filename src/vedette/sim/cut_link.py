"""A link between two real servers that can be cut and made whole: for benches and tests."""

import asyncio
from contextlib import suppress


class CutLink:
    """Passes octets between whoever connects and a port of this machine, while it is whole."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._whole = True
        self._ends: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Listen on loopback; the port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._ends.add(writer)
        if not self._whole:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._port)
        except OSError:
            writer.transport.abort()
            return
        if not self._whole:  # it was cut meanwhile
            writer.transport.abort()
            far_writer.transport.abort()
            return
        self._ends.add(far_writer)
        with suppress(asyncio.CancelledError):  # the program ends
            await asyncio.gather(_pass(reader, far_writer), _pass(far_reader, writer))
        self._ends -= {writer, far_writer}

    def cut(self) -> None:
        """Break all that goes through, and refuse what comes."""
        self._whole = False
        for end in self._ends:
            end.transport.abort()
        self._ends.clear()

    def heal(self) -> None:
        """Let connections through again."""
        self._whole = True

    def close(self) -> None:
        """Stop."""
        self.cut()
        if self._server is not None:
            self._server.close()


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    with suppress(OSError, RuntimeError):
        writer.close()
