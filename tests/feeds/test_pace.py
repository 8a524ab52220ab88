"""Laws of a recording's time: gaps are kept, one wrong date moves nothing but itself."""

from itertools import accumulate, pairwise

from hypothesis import given
from hypothesis import strategies as st

from vedette.feeds.pace import FOLLOWERS, STEP_NS, Pace
from vedette.feeds.sbs import Message, SbsDecoder, SbsFramer, encode_line
from vedette.model.time import SECOND_NS

START_NS = 1_700_000_000 * SECOND_NS
STEPS = st.lists(
    st.one_of(
        st.integers(min_value=-STEP_NS // 4, max_value=STEP_NS // 4),
        st.sampled_from([3_600 * SECOND_NS, 86_400 * SECOND_NS, 400 * 86_400 * SECOND_NS]),
        st.none(),
    ),
    max_size=3 * FOLLOWERS,
)


def paced(times_ns: list[int | None]) -> list[tuple[int, int]]:
    pace: Pace[int] = Pace()
    found = [one for at, t in enumerate(times_ns) for one in pace.push(at, t)]
    return [*found, *pace.finish()]


def times_of(steps: list[int | None]) -> list[int | None]:
    latest_ns, times = START_NS, list[int | None]()
    for step_ns in steps:
        if step_ns is None:
            times.append(None)
        elif step_ns > STEP_NS:  # a gap: all goes on after it
            latest_ns += step_ns
            times.append(latest_ns)
        else:
            times.append(latest_ns + step_ns)
    return times


@given(STEPS)
def test_gaps_stay_gaps_and_time_never_goes_back(steps: list[int | None]) -> None:
    times = [START_NS, *times_of(steps)]
    expected = accumulate(times, lambda latest, t: latest if t is None else max(latest or 0, t))
    assert paced(times) == [(latest, at) for at, latest in enumerate(expected)]


@given(
    st.integers(min_value=0, max_value=100),
    st.integers(min_value=1, max_value=FOLLOWERS // 4),
    st.integers(min_value=2 * STEP_NS, max_value=50 * 366 * 86_400 * SECOND_NS),
)
def test_a_few_wrong_dates_move_nothing_but_themselves(at: int, many: int, ahead_ns: int) -> None:
    right: list[int | None] = [START_NS + k * SECOND_NS for k in range(100 + 2 * FOLLOWERS)]
    wild = [START_NS + ahead_ns + (100 + 2 * FOLLOWERS + k) * SECOND_NS for k in range(many)]
    found = paced([*right[:at], *wild, *right[at:]])
    assert [part for _, part in found] == list(range(len(right) + many))
    others = [t for t, part in found if not at <= part < at + many]
    assert others == right
    assert {t for t, part in found if at <= part < at + many} == {right[max(at - 1, 0)]}


LINES = st.sampled_from(
    [
        b"", b" ", b"MSG", b"no line at all", b"x" * 1_200,
        *(
            encode_line(Message(kind=8, icao24=1, valid_ns=START_NS + k * SECOND_NS)).rstrip()
            for k in (0, 1, 2, 90_000)
        ),
    ]
)  # fmt: skip


@given(
    st.lists(st.tuples(LINES, st.sampled_from([b"\n", b"\r\n"])), max_size=20),
    st.booleans(),
    st.lists(st.integers(min_value=0, max_value=3_000), max_size=4),
)
def test_a_recording_of_lines_is_kept_octet_by_octet(
    lines: list[tuple[bytes, bytes]], whole: bool, cuts: list[int]
) -> None:
    data = b"".join(line + end for line, end in lines)
    data = data if whole else data.rstrip(b"\r\n")
    edges = [0, *sorted(min(cut, len(data)) for cut in cuts), len(data)]
    framer = SbsFramer()
    chunks = [c for start, end in pairwise(edges) for c in framer.push(data[start:end])]
    chunks += framer.finish()
    missing = b"" if not data or data.endswith(b"\n") else b"\n"
    assert b"".join(chunk.data for chunk in chunks) == data + missing
    heard = [chunk.received_ns for chunk in chunks]
    assert heard == sorted(heard)
    if any(line.startswith(b"MSG,") for line, _ in lines):
        assert all(
            instant >= START_NS for instant in heard
        )  # what has no date comes with the first


def test_a_line_dated_years_ahead_is_quarantined_and_what_follows_is_used() -> None:
    messages = [
        Message(
            kind=3, icao24=0x4B1234, valid_ns=START_NS + k * SECOND_NS, altitude_ft=30_000,
            latitude_deg=47.0, longitude_deg=8.0,
        )
        for k in range(120)
    ]  # fmt: skip
    wild_ns = START_NS + 3 * 365 * 86_400 * SECOND_NS
    messages.insert(50, messages[50]._replace(valid_ns=wild_ns))
    framer = SbsFramer()
    chunks = [*framer.push(b"".join(map(encode_line, messages))), *framer.finish()]
    decoder = SbsDecoder("sbs-1", None)
    decoded = [decoder.decode(chunk.data, chunk.received_ns, 0) for chunk in chunks]
    valid_ns = [t for one in decoded for t in one.plots.column("valid_ns").to_pylist()]
    assert valid_ns == [START_NS + k * SECOND_NS for k in range(120)]
    assert [chunk.received_ns for chunk in chunks] == valid_ns
    (fault,) = (fault for one in decoded for fault in one.faults)
    assert fault.reason == "wild_time"
    assert fault.detail == "its time is 3.0 years after that of what was heard with it"
    assert fault.data == encode_line(messages[50]).rstrip()
