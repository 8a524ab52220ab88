"""Coverage-guided fuzzing of every format's framer and decoder; see docs/reference/fuzzing.md.

    python tools/fuzz.py FORMAT [--runs N] [--seed N]      one format, in this process
    python tools/fuzz.py all --runs N --jobs 2             every format, one process each

A run fails on an exception, on octets lost, on more than five seconds or 2 GB for one input. Needs ``atheris``.
"""

import argparse
import os
import re
import resource
import runpy
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import atheris

ROOT = Path(__file__).parents[1]
PLAIN = [
    *("vedette.feeds.lines", "vedette.feeds.documents", "vedette.feeds.plots", "vedette.feeds.sbs"),
    *(
        "vedette.feeds.readsb",
        "vedette.feeds.opensky",
        "vedette.feeds.reports",
        "vedette.feeds.people",
    ),
    *("vedette.feeds.pcap", "vedette.feeds.mode_s.avr", "vedette.feeds.mode_s.decoder"),
    *(
        f"vedette.feeds.asterix.{name}"
        for name in ("decoder", "framers", "category_decoder", "categories")
    ),
    *(
        "vedette.feeds.remote_id",
        "vedette.feeds.mavlink",
        "vedette.feeds.sapient",
        "vedette.feeds.cot",
    ),
    *(f"vedette.feeds.table.{name}" for name in ("decoder", "reader", "times")),
]
# Compiled code cannot be instrumented; what leads to it and from it is
COMPILED = sorted(
    ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
    for path in (ROOT / "src/vedette").rglob("*.py")
    if re.search(r"^@\w*kernel$", path.read_text(), re.MULTILINE) or path.stem == "kernel"
)


def target(name: str, example: bytes) -> None:
    """Give one format octets for ever."""
    from vedette.feeds.formats import codec

    reading = codec(name)

    def once(data: bytes) -> None:
        if not data:
            return
        how, octets = data[0], data[1:]
        decoder = reading.decoder("fuzz", (), None)
        if how & 3 == 0:
            middle = len(octets) // 2
            for piece in (octets[:middle], octets[middle:]):
                checked(decoder.decode(piece, 1_700_000_000_000_000_000, 0))
        elif how & 3 == 1:
            reading.sniff(octets)
            framer = reading.framer(octets, 0)
            for chunk in [*framer.push(octets), *framer.finish()]:
                checked(decoder.decode(chunk.data, chunk.received_ns, 0))
        elif how & 3 == 2 and reading.redact is not None:
            found = reading.redact(octets)
            if found is not None:
                checked(decoder.decode(found[0], 1_700_000_000_000_000_000, 0))
        else:
            if reading.cutter is not None:
                cutter = reading.cutter()
                octets = b"".join(c.data for c in [*cutter.push(octets), *cutter.finish()])
            checked(decoder.decode(octets, 1_700_000_000_000_000_000, 0))

    for how in range(4):  # compiles what is compiled at its first use: no input's time
        once(bytes((how,)) + example)
    atheris.Setup(sys.argv, once)
    atheris.Fuzz()


def checked(decoded: object) -> None:
    """What every decoder promises of its result."""
    from vedette.feeds.decoder import Decoded
    from vedette.model.plot import PLOT

    assert isinstance(decoded, Decoded)
    assert decoded.plots.schema.equals(PLOT)
    assert all(fault.offset >= 0 and fault.reason for fault in decoded.faults)


def one(name: str, runs: int, seed: int) -> tuple[str, int, float]:
    """Fuzz one format in a process of its own; its name, exit code and seconds."""
    begun = time.monotonic()
    command = [sys.executable, __file__, name, "--runs", str(runs), "--seed", str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    took = time.monotonic() - begun
    if done.returncode:
        print(done.stdout[-3_000:], done.stderr[-3_000:], file=sys.stderr)
    print(f"{name}: {runs} executions, exit {done.returncode}, {took:.0f} s", flush=True)
    return name, done.returncode, took


def inherited_mb() -> int:
    """The most memory that this process is said to have held already: Linux counts in it that of who began it."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Parse the command line and go."""
    parser = argparse.ArgumentParser()
    parser.add_argument("format")
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1)
    chosen = parser.parse_args()
    from vedette.feeds.formats import FORMATS

    if chosen.format == "all":
        with ThreadPoolExecutor(chosen.jobs) as pool:
            found = list(pool.map(lambda name: one(name, chosen.runs, chosen.seed), FORMATS))
        sys.exit(max(code for _, code, _ in found))
    examples = runpy.run_path(str(ROOT / "tests/feeds/test_formats.py"))["EXAMPLES"]
    with tempfile.TemporaryDirectory() as folder:
        example = examples[chosen.format]()
        for number in range(4):
            Path(folder, f"seed{number}").write_bytes(bytes((number,)) + example[:700])
        os.environ.setdefault("NUMBA_DISABLE_PERFORMANCE_WARNINGS", "1")
        sys.argv = [
            sys.argv[0],
            folder,
            f"-runs={chosen.runs}",
            f"-seed={chosen.seed}",
            "-max_len=768",
            "-timeout=5",
            f"-rss_limit_mb={inherited_mb() + 2048}",
            "-print_final_stats=1",
            "-verbosity=0",
            f"-artifact_prefix={os.getcwd()}/fuzz-{chosen.format}-",
        ]
        target(chosen.format, example)


if __name__ == "__main__":
    with atheris.instrument_imports(include=PLAIN, exclude=COMPILED, enable_loader_override=False):
        import vedette.feeds.asterix.decoder
        import vedette.feeds.cot.decoder
        import vedette.feeds.mavlink.decoder
        import vedette.feeds.mavlink.framers
        import vedette.feeds.mavlink.personal
        import vedette.feeds.mode_s.avr
        import vedette.feeds.opensky
        import vedette.feeds.plots
        import vedette.feeds.readsb
        import vedette.feeds.remote_id.network
        import vedette.feeds.remote_id.packets
        import vedette.feeds.remote_id.personal
        import vedette.feeds.reports
        import vedette.feeds.sapient.decoder
        import vedette.feeds.sbs
        import vedette.feeds.table  # noqa: F401
    main()
