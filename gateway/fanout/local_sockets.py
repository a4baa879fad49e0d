"""Notices between gateways of one machine: each listens on a Unix socket in a folder that they share."""

import asyncio
import errno
import os
import socket
from contextlib import suppress
from pathlib import Path

import structlog

from gateway.fanout.port import Backlog, Gap, Receive

log = structlog.get_logger(__name__)

# What may wait for a gateway that does not read; then it is left to look at the store by itself.
MOST_WAITING = 1024 * 1024
LONGEST_NOTICE = 64 * 1024


class LocalSockets:
    """For SQLite, whose file no other machine opens. Nobody but this user may enter the folder."""

    def __init__(self, folder: Path, gateway_id: str) -> None:
        self._folder = folder
        self._own = f"{gateway_id}.sock"
        self._backlog = Backlog()
        self._peers: dict[str, asyncio.StreamWriter] = {}
        self.connected = False

    def send(self, notice: str) -> None:
        self._backlog.put(notice)

    async def run(self, receive: Receive, gap: Gap) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)

        incoming: set[asyncio.StreamWriter] = set()

        async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            incoming.add(writer)
            try:
                while line := await reader.readline():
                    receive(line.decode().removesuffix("\n"))
            except (ConnectionError, ValueError) as error:
                log.warning("fanout.lost", by="socket", error=type(error).__name__)
            finally:
                incoming.discard(writer)
                writer.close()
                # It has died, or has given up on us: both may have been in the middle of telling something.
                gap()

        server = await asyncio.start_unix_server(
            listen, sock=_bound(_address(folder, self._folder, self._own)), limit=LONGEST_NOTICE
        )
        try:
            self.connected = True
            await self._tell(folder)
        finally:
            self.connected = False
            server.close()
            for writer in (*incoming, *self._peers.values()):
                writer.transport.abort()
            with suppress(FileNotFoundError):
                os.unlink(self._own, dir_fd=folder)
            os.close(folder)

    async def _tell(self, folder: int) -> None:
        while True:
            notices = await self._backlog.take()
            data = "".join(f"{notice}\n" for notice in notices).encode()
            peers = {name for name in os.listdir(folder) if name != self._own}
            for name in self._peers.keys() - peers:
                self._drop(name)
            for name in peers:
                writer = self._peers.get(name) or await self._connect(folder, name)
                if writer is not None:
                    self._write(name, writer, data)
            self._backlog.sent()

    def _write(self, name: str, writer: asyncio.StreamWriter, data: bytes) -> None:
        if writer.is_closing() or writer.transport.get_write_buffer_size() > MOST_WAITING:
            self._drop(name)
        else:
            writer.write(data)

    async def _connect(self, folder: int, name: str) -> asyncio.StreamWriter | None:
        try:
            _, writer = await asyncio.open_unix_connection(_address(folder, self._folder, name))
        except OSError as error:
            if error.errno == errno.ECONNREFUSED:
                # Left behind by a gateway that was killed.
                with suppress(FileNotFoundError):
                    os.unlink(name, dir_fd=folder)
            return None
        self._peers[name] = writer
        return writer

    def _drop(self, name: str) -> None:
        self._peers.pop(name).transport.abort()


def _address(folder: int, path: Path, name: str) -> str:
    """A socket's address has room for 107 bytes only; by way of the open folder it is always short."""
    by_descriptor = Path(f"/proc/self/fd/{folder}")
    return str((by_descriptor if by_descriptor.exists() else path) / name)


def _bound(address: str) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listening.bind(address)
    except OSError:
        listening.close()
        raise
    return listening
