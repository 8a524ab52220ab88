"""A node with made-up tracks and alerts, as a process of the bench."""

import asyncio
import signal
import sys
import time
from pathlib import Path

from vedette.alliance.items import Alert
from vedette.alliance.release import OwnTrack
from vedette.alliance.state import Input, Made, OwnPicture
from vedette.engine.alliance.runner import NodeRunner


def main() -> None:
    folder, tracks, picture_s, alert_s = sys.argv[1:]
    asyncio.run(_run(Path(folder), int(tracks), int(picture_s), float(alert_s)))


async def _run(folder: Path, tracks: int, picture_s: int, alert_s: float) -> None:
    runner = NodeRunner(folder)
    said = shown_s = 0

    def poll(now_ns: int) -> list[Input]:
        nonlocal said, shown_s
        shown = tuple(
            OwnTrack(
                track_id=f"T{k}",
                valid_ns=now_ns,
                latitude_deg=50.0 + k / 10,
                longitude_deg=20.0,
                position_sigma_m=80.0,
                east_mps=200.0,
                north_mps=10.0,
                height_hae_m=10_000.0,
                height_sigma_m=30.0,
                callsign=f"CALL{k}",
            )
            for k in range(tracks)
        )
        made: list[Input] = []
        if int(time.monotonic()) >= shown_s + picture_s:
            shown_s = int(time.monotonic())
            made.append(OwnPicture(tracks=shown))
        if int(time.monotonic() / alert_s) != said:
            said = int(time.monotonic() / alert_s)
            alert = Alert(
                incident_id=f"I-{now_ns}",
                revision=1,
                status="open",
                latitude_deg=55.0,
                longitude_deg=20.0,
            )
            made.append(Made(key=f"alert:{now_ns}", item=alert))
        return made

    runner.share(poll)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, runner.stop.set)
    await runner.run()


if __name__ == "__main__":
    main()
