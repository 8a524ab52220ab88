"""Tracks of other nations on their way into this node's fusion: plots of kind ``track``, as lines over TCP.

A watch takes them with ``plots+tcp://HOST:PORT``. Fusion treats them as foreign tracks: whose errors may be
the same as ours, so that nothing is counted twice (covariance intersection).
"""

import asyncio
from math import atan2, hypot, tau
from typing import Any, Final
from zlib import crc32

import msgspec

from vedette.alliance.messages import Picture

SENSOR: Final = "alliance-"  # and the nation
_BEHIND_MAX: Final = 4 << 20  # octets that a slow reader may leave
_encode = msgspec.json.Encoder().encode


def plot_lines(picture: Picture, received_ns: int) -> bytes:
    """The tracks of a picture as plots, one JSON object a line."""
    rows = []
    for track in picture.tracks:
        row: dict[str, Any] = {
            "sensor_id": SENSOR + picture.nation,
            "kind": "track",
            "valid_ns": track.valid_ns,
            "received_ns": max(received_ns, track.valid_ns),
            "latitude_deg": track.latitude_deg,
            "longitude_deg": track.longitude_deg,
            "position_sigma_m": track.position_sigma_m,
            "pressure_altitude_m": track.pressure_altitude_m,
            "height_hae_m": track.height_hae_m,
            "height_sigma_m": track.height_sigma_m,
            "icao24": track.icao24,
            "mode3a": track.mode3a,
            "callsign": track.callsign,
            "emitter_category": track.emitter_category,
            "class_hint": track.object_class,
            "on_ground": track.on_ground,
            "track_number": crc32(track.track_id.encode()) & 0x7FFFFFFF,
        }
        if track.east_mps is not None and track.north_mps is not None:
            row["ground_speed_mps"] = hypot(track.east_mps, track.north_mps)
            row["track_angle_rad"] = atan2(track.east_mps, track.north_mps) % tau
        rows.append(
            _encode({name: value for name, value in row.items() if value is not None}) + b"\n"
        )
    return b"".join(rows)


class ForeignTracks:
    """Gives foreign tracks to whoever of this machine connects."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._readers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.dropped = 0

    async def start(self) -> int:
        """Listen; the port."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._readers.add(writer)
        try:
            while await reader.read(1024):
                pass
        except OSError:
            pass
        finally:
            self._readers.discard(writer)
            writer.close()

    def give(self, lines: bytes) -> None:
        """Hand lines to all who listen; one that does not read loses them, which is counted."""
        for writer in self._readers:
            if writer.transport.get_write_buffer_size() > _BEHIND_MAX:
                self.dropped += 1
            else:
                writer.write(lines)

    def close(self) -> None:
        """Stop listening."""
        if self._server is not None:
            self._server.close()
        for writer in self._readers:
            writer.close()
