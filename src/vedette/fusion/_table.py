"""Kernels of the track table: what the picture says of each track, in the order of their names."""

import math

import numpy as np

from vedette.fusion import _layout as c
from vedette.fusion._associate import HEIGHT_FRESH_S, NS
from vedette.fusion._fuse import AHEAD
from vedette.fusion._life import coasting
from vedette.fusion._order import stirred
from vedette.fusion._place import EARTH_M, turn
from vedette.model._kernels import ECCENTRICITY2
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import (
    bare_kernel,
    count_bits,
    inner_kernel,
    lowest_bit,
    merged_kernel,
    prefetch,
    put_word,
)  # fmt: skip

# integers of a track that the table tells
TOLD = np.array([
    c.BIRTH, c.UPDATED, c.UPDATES, c.ICAO, c.CODE, c.CALLSIGN, c.CATEGORY, c.NIC, c.NAC_P, c.SIL,
    c.EMERGENCY, c.GROUND, c.MILITARY, c.HINT, c.COOPERATIVE, c.KINDS, c.MERGED,
])  # fmt: skip


@bare_kernel
def name_words(keys: Integers, words: Integers) -> None:
    """Sixty bits of each track's name, most significant letter first, so that they sort as the names do."""
    for r in range(keys.shape[0]):
        word = stirred(np.uint64(keys[r]))
        value = np.uint64(0)
        for place in range(12):
            letter = (word >> np.uint64(5 * place)) & np.uint64(31)
            value = (value << np.uint64(5)) | letter
        words[r] = np.int64(value)


@bare_kernel
def spell(words: Integers, alphabet: Integers, letters: Integers) -> None:
    """The twelve letters of each word after the first byte of its row in ``letters`` (n, 13)."""
    for r in range(words.shape[0]):
        for place in range(12):
            letters[r, place + 1] = alphabet[(words[r] >> (5 * (11 - place))) & 31]


@inner_kernel
def sound(p: Floats) -> None:
    """Make a packed 4 x 4 covariance positive definite by its diagonal, if rounding has spoilt it."""
    p[0], p[4] = max(p[0], 1e-2), max(p[4], 1e-2)
    p[7], p[9] = max(p[7], 1e-4), max(p[9], 1e-4)
    d0 = p[0]
    l1, l2, l3 = p[1] / d0, p[2] / d0, p[3] / d0
    d1 = p[4] - l1 * p[1]
    a2, a3 = p[5] - l1 * p[2], p[6] - l1 * p[3]
    good = d1 > 1e-9 * p[4]
    d2 = d3 = 0.0
    if good:
        d2 = p[7] - l2 * p[2] - a2 * a2 / d1
        good = d2 > 1e-9 * p[7]
    if good:
        a23 = p[8] - l2 * p[3] - a2 * a3 / d1
        d3 = p[9] - l3 * p[3] - a3 * a3 / d1 - a23 * a23 / d2
        good = d3 > 1e-9 * p[9]
    if not good:
        p[1] = p[2] = p[3] = p[5] = p[6] = p[8] = 0.0


@merged_kernel
def fetch_row(
    i: int, at: int, floats: Floats, ints: Integers, circles: Floats, view: Floats, outs: Floats,
    covariance: Floats, numbers: Integers,
) -> None:  # fmt: skip
    """Ask for what is read of a track, and for where it is written."""
    for line in range(0, 8 * c.FLOATS, c.LINE):
        prefetch(floats, i, line)
    for line in range(0, 8 * c.INTEGERS, c.LINE):
        prefetch(ints, i, line)
    for line in range(0, 8 * c.ROW, c.LINE):
        prefetch(view, i, line)
    prefetch(circles, i, 0)
    for line in range(0, 8 * numbers.shape[1], c.LINE):
        prefetch(numbers, at, line)
    for line in range(0, 8 * outs.shape[1], c.LINE):
        prefetch(outs, at, line)
        prefetch(covariance, at, line)


@bare_kernel
def describe(
    now_ns: int, rows: Integers, floats: Floats, ints: Integers, states: Floats, circles: Floats,
    view: Floats, motions: Floats, lanes: Integers, g: Floats, places: Integers, outs: Floats,
    covariance: Floats, numbers: Integers, v: Floats,
) -> None:  # fmt: skip
    """Rows of the track table: tracks are read as they lie in memory, and written at their ``places``.

    A row of ``outs`` (rows, 10) gets latitude, longitude [degrees], heights above WGS 84 and of pressure, sigma
    of the former [m], east, north, up velocity [m/s], the weight of the turning models and the confidence of the
    class hint; NaN is unknown. ``covariance`` is (rows, 10). One of ``numbers`` gets the status (0 tentative,
    1 confirmed, 2 coasting, 3 ended) and then ``TOLD``.
    """
    for r in range(rows.shape[0]):
        if r + AHEAD < rows.shape[0]:
            fetch_row(
                rows[r + AHEAD],
                places[r + AHEAD],
                floats,
                ints,
                circles,
                view,
                outs,
                covariance,
                numbers,
            )
        i, at = rows[r], places[r]
        f, n, o, out = floats[i], ints[i], covariance[at], outs[at]
        for u in range(c.ROW):
            v[u] = view[i, u]
        # on the ellipsoid the vertical needs no search
        x, y, z = circles[i, c.CX], circles[i, c.CY], circles[i, c.CZ]
        flat = math.sqrt(x * x + y * y)
        latitude = math.atan2(z, (1.0 - ECCENTRICITY2) * flat)
        longitude = math.atan2(y, x)
        out[0], out[1] = math.degrees(latitude), math.degrees(longitude)
        # axes here against those of the anchor
        e0, e1 = (-y / flat, x / flat) if flat > 0.0 else (0.0, 1.0)
        cosine = e0 * f[c.EX] + e1 * f[c.EX + 1]
        sine = e0 * f[c.NX] + e1 * f[c.NX + 1]
        size = math.sqrt(cosine * cosine + sine * sine)
        turn(v, False, cosine / size, sine / size)
        sigma = math.sqrt(max(v[c.HH], 0.0))
        out[2] = out[3] = out[4] = out[7] = math.nan
        if sigma < g[c.G_HEIGHT_UNKNOWN]:
            out[2], out[4] = v[c.H], sigma
        pressure_s = (now_ns - n[c.PRESSURE_T]) * NS
        geometric_s = (now_ns - n[c.GEOMETRIC_T]) * NS
        if pressure_s < 2.0 * HEIGHT_FRESH_S:
            out[3] = f[c.PRESSURE] + f[c.PRESSURE + 1] * min(pressure_s, HEIGHT_FRESH_S)
            out[7] = f[c.PRESSURE + 1]
        elif geometric_s < 2.0 * HEIGHT_FRESH_S:
            out[7] = f[c.GEOMETRIC + 1]
        # the filter works on the ellipsoid; up there the same angle is a longer way
        scale = 1.0 + min(max(v[c.H], 0.0), 50_000.0) / EARTH_M
        out[5], out[6] = v[1] * scale, v[3] * scale
        # in the order east, north, their velocities
        o[0], o[1], o[2], o[3] = v[4], v[6], v[5], v[7]
        o[4], o[5], o[6] = v[11], v[9], v[12]
        o[7], o[8], o[9] = v[8], v[10], v[13]
        sound(o)
        out[8] = 0.0
        group = n[c.GROUP]
        for m in range(lanes[group]):
            if motions[group, c.M_KIND, m] == c.TURN:
                out[8] += states[i, c.WEIGHT, m]
        out[9] = f[c.HINT_CONFIDENCE] if n[c.HINT] >= 0 else math.nan
        for u in range(TOLD.shape[0]):
            numbers[at, u + 1] = n[TOLD[u]]
        status = 0
        if n[c.STATUS] == c.CONFIRMED:
            status = 2 if coasting(now_ns, f, n, g) else 1
        elif n[c.STATUS] == c.ENDED:
            status = 3
        numbers[at, 0] = status


@merged_kernel
def put_text(octets: Integers, at: int, text: int, words: Integers, lengths: Integers) -> int:
    """Write one of some texts, (texts, words of eight octets), from a place on; returns where it ends.

    Whole words are written: there has to be room for one more.
    """
    for word in range((lengths[text] + 7) >> 3):
        put_word(octets, at + 8 * word, words[text, word])
    return int(at + lengths[text])


@bare_kernel
def spell_codes(
    codes: Integers, ends: Integers, parts: Integers, words: Integers, lengths: Integers, lists: Integers,
    offsets: Integers, octets: Integers,
) -> None:  # fmt: skip
    """Texts of codes, as Arrow keeps a column of lists of text, one behind the other.

    Args:
        codes: (n,) of what is to be told.
        ends: (codes + 1,) where the parts of each code begin in ``parts``.
        parts: of which texts each code is made up.
        words: (texts, words) the octets of each text in words of eight.
        lengths: of the texts in octets.
        lists: (n + 1,) gets where the texts of each begin.
        offsets: gets where each text begins in ``octets``, and where the last ends.
        octets: gets the texts; with room for a word more.
    """
    at = found = 0
    for k in range(codes.shape[0]):
        lists[k] = found
        for part in range(ends[codes[k]], ends[codes[k] + 1]):
            offsets[found] = at
            found += 1
            at = put_text(octets, at, parts[part], words, lengths)
    lists[codes.shape[0]] = found
    offsets[found] = at


@inner_kernel
def mark_seers(
    i: int, ranks: Integers, plain: bool, ints: Integers, sights: Integers, marks: Integers
) -> None:
    """Bits of the sensors that have seen a track, by their ranks; ``plain`` where these are their numbers."""
    if plain:
        for word in range(marks.shape[0]):
            marks[word] = ints[i, c.SEERS + word]
        return
    for word in range(marks.shape[0]):
        marks[word] = 0
    for word in range(c.SEER_WORDS):
        rest = ints[i, c.SEERS + word]
        while rest != 0:
            rank = ranks[64 * word + lowest_bit(rest)]
            marks[rank >> 6] |= 1 << (rank & 63)
            rest &= rest - 1
    for s in range(c.SEERS_MAX, ranks.shape[0]):
        if sights[i, s, c.HIT] > c.NEVER_MS:
            marks[ranks[s] >> 6] |= 1 << (ranks[s] & 63)


@bare_kernel
def count_seers(
    rows: Integers, ranks: Integers, ints: Integers, sights: Integers, ends: Integers
) -> None:  # fmt: skip
    """By how many sensors tracks have been seen, summed: ``ends[k + 1]`` is that up to the k-th of ``rows``."""
    for k in range(rows.shape[0]):
        i, found = rows[k], 0
        for word in range(c.SEER_WORDS):
            found += count_bits(ints[i, c.SEERS + word])
        for s in range(c.SEERS_MAX, ranks.shape[0]):
            found += int(sights[i, s, c.HIT] > c.NEVER_MS)
        ends[k + 1] = ends[k] + found


@bare_kernel
def spell_seers(
    rows: Integers, ranks: Integers, plain: bool, words: Integers, lengths: Integers,
    ints: Integers, sights: Integers, marks: Integers, offsets: Integers, octets: Integers,
) -> None:  # fmt: skip
    """Names of the sensors that have seen each track, one after the other, as Arrow keeps a column of text.

    Args:
        rows: of tracks.
        ranks: of each sensor by its name.
        plain: whether they are the sensors' numbers.
        words: (sensors, words) by rank: the octets of each name in words of eight.
        lengths: of the names in octets, by rank.
        ints: of all tracks.
        sights: of all tracks and sensors.
        marks: room for a bit for each sensor.
        offsets: gets where each name begins in ``octets``, and where the last ends.
        octets: gets the names; with room for a word more.
    """
    at = found = 0
    for k in range(rows.shape[0]):
        mark_seers(rows[k], ranks, plain, ints, sights, marks)
        for word in range(marks.shape[0]):
            rest = marks[word]
            while rest != 0:
                rank = 64 * word + lowest_bit(rest)
                rest &= rest - 1
                offsets[found] = at
                found += 1
                at = put_text(octets, at, rank, words, lengths)
    offsets[found] = at
