"""Queues between sockets and ticks: bounded by number and by octets, and nothing is lost on the way."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vedette.engine.octet_queue import OctetQueue


@given(st.lists(st.binary(max_size=20), max_size=40), st.integers(1, 10), st.integers(1, 60))
def test_it_holds_so_many_and_so_much_and_whoever_waits_comes_in_turn(
    made: list[bytes], most: int, octets: int
) -> None:
    async def scene() -> list[bytes]:
        queue = OctetQueue[bytes](most, len, octets)

        async def put() -> None:
            for item in made:
                await queue.put(item)

        putting = asyncio.create_task(put())
        found: list[bytes] = []
        while len(found) < len(made):
            await asyncio.sleep(0)
            held = [queue.get_nowait() for _ in range(queue.qsize())]
            assert len(held) <= most
            assert sum(map(len, held[:-1])) < octets
            found += held
        await putting
        assert not queue.full()
        return found

    assert asyncio.run(scene()) == made


def test_what_finds_it_full_of_octets_is_refused() -> None:
    async def scene() -> None:
        queue = OctetQueue[bytes](100, len, 10)
        queue.put_nowait(b"123456")
        queue.put_nowait(b"123456")
        with pytest.raises(asyncio.QueueFull):
            queue.put_nowait(b"")
        queue.get_nowait()
        queue.put_nowait(b"1")

    asyncio.run(scene())
