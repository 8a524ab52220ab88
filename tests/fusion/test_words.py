"""Short texts as numbers: what a kernel makes of a column is what is made of each text alone."""

import numpy as np
import pyarrow as pa
from hypothesis import example, given
from hypothesis import strategies as st

from vedette.fusion.words import pack_text, pack_texts, unpack_text, unpack_texts

CALLSIGNS = st.text(st.sampled_from("ABCZ019 _\t\0\x1c\x85é日"), max_size=12)
TEXTS = st.lists(st.none() | CALLSIGNS | st.text(max_size=12), max_size=30)
WORDS = st.lists(
    st.integers(-(2**63), 2**63 - 1) | st.just(0) | CALLSIGNS.map(pack_text), max_size=30
)


@given(TEXTS, st.integers(0, 5))
@example([None, "  SWR123  ", "DLH4YA", "", " ", "longer than eight"], 2)
def test_a_column_is_packed_as_its_texts_are(texts: list[str | None], skipped: int) -> None:
    column = pa.chunked_array([pa.array([*(["x"] * skipped), *texts], pa.string())[skipped:]])
    assert pack_texts(column).tolist() == [pack_text(text) for text in texts]


@given(WORDS)
@example([pack_text("SWR123"), 0, pack_text("é")])
def test_a_column_is_unpacked_as_its_numbers_are(words: list[int]) -> None:
    told = unpack_texts(np.array(words, np.int64))
    told.validate(full=True)
    assert told.to_pylist() == [unpack_text(word) for word in words]
