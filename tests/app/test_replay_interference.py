"""Where navigation was disturbed, on a record that is shown again: derived anew from its bytes."""

import json
from pathlib import Path

from click.testing import CliRunner
from starlette.testclient import TestClient

from vedette.app.commands.watch import watch
from vedette.app.replay_door import ReplayDoor, replay_application
from vedette.engine.record import Record
from vedette.model.time import SECOND_NS

BEGUN_S = 1_700_000_000


def disturbed(path: Path) -> None:
    """Eight aircraft, of which six lose their accuracy after 20 of 40 seconds."""
    rows = []
    for second in range(40):
        instant_ns = (BEGUN_S + second) * SECOND_NS
        for number in range(8):
            low = second >= 20 and number < 6
            rows.append(
                {
                    "sensor_id": "rx", "kind": "ads_b", "valid_ns": instant_ns, "received_ns": instant_ns,
                    "latitude_deg": 48.0 + 0.03 * number + 0.0015 * second,
                    "longitude_deg": 10.0 + 0.05 * number, "icao24": 0x3C0000 + number,
                    "nic": 0 if low else 8, "nac_p": 0 if low else 9, "sil": 3,
                }
            )  # fmt: skip
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_replay_shows_the_map_of_each_time_and_answers_with_the_last(tmp_path: Path) -> None:
    feed, folder = tmp_path / "feed.ndjson", tmp_path / "record"
    disturbed(feed)
    options = ["--record", str(folder), "--until-end", "--speed", "max"]
    done = CliRunner().invoke(watch, [f"plots+file:{feed}", *options])
    assert done.exit_code == 0, done.output
    door = ReplayDoor(Record(folder))
    door.run()
    client = TestClient(replay_application(door, frozenset({"testserver"})))
    answer = client.get("/api/interference")
    assert answer.status_code == 200, answer.text
    film = door.film
    shown = [
        json.loads(film.message("interference", film.version("interference", tick)))
        for tick in (0, len(film) - 1)
    ]
    assert shown[0]["cells"] == []
    assert shown[1] == answer.json()
    assert [(cell["seen"], cell["affected"]) for cell in shown[1]["cells"]] == [(8, 6)]
    film.close()
