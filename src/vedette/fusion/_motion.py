"""Kernels that move a track in time: its lanes side by side, and the mixture of them.

A track's lanes are (ROW, LANES): each number of all lanes is one value of ``_lanes``. Lanes that a track does not
use have no weight and hold numbers, so that what is summed over lanes needs no bound.
"""

import math
from typing import Any

from vedette.fusion import _layout as c
from vedette.model._lanes import add_up, any_of, fill, put, read, splat, where, write
from vedette.model.columns import Floats
from vedette.model.kernel import inlined_kernel, inner_kernel, merged_kernel


@inlined_kernel
def lane_coefficients(motions: Floats, m: int, dt_s: float) -> tuple[float, float, float, float]:
    """a, b, c, s of x' = x + a·vx - b·vy, vx' = c·vx - s·vy (and the same turned for y) of one lane."""
    a, b, cosine, sine = dt_s, 0.0, 1.0, 0.0
    if motions[c.M_KIND, m] == c.TURN:
        rate = motions[c.M_RATE, m]
        angle = rate * dt_s
        if abs(angle) < 0.5:  # series: exact to 1e-12 there, and no division by a small rate
            u = angle * angle
            by_sine = 1.0 - u / 6.0 * (1.0 - u / 20.0 * (1.0 - u / 42.0 * (1.0 - u / 72.0)))
            by_cosine = 0.5 - u / 24.0 * (1.0 - u / 30.0 * (1.0 - u / 56.0 * (1.0 - u / 90.0)))
            a, b = dt_s * by_sine, dt_s * angle * by_cosine
            sine, cosine = angle * by_sine, 1.0 - u * by_cosine
        else:
            sine, cosine = math.sin(angle), math.cos(angle)
            a, b = sine / rate, (1.0 - cosine) / rate
    elif motions[c.M_KIND, m] == c.SLOW:
        # backwards the velocity would grow without bound; half a memory is as far as it tells anything
        decay = motions[c.M_DECAY, m]
        cosine = math.exp(-max(dt_s, -0.5 * decay) / decay)
        a = decay * (1.0 - cosine)
    return a, b, cosine, sine


@inlined_kernel
def lane_noise(motions: Floats, m: int, dt_s: float) -> tuple[float, float, float]:
    """Variance of position, covariance, variance of velocity that white acceleration adds to one lane."""
    q = motions[c.M_Q, m]
    place, both, speed = q * dt_s * dt_s * dt_s / 3.0, q * dt_s * dt_s / 2.0, q * dt_s
    if motions[c.M_KIND, m] == c.SLOW:
        tau = motions[c.M_DECAY, m]
        e = math.exp(-dt_s / tau)
        place = max(q * tau * tau * (dt_s - 2.0 * tau * (1.0 - e) + 0.5 * tau * (1.0 - e * e)), 0.0)
        both = 0.5 * q * tau * tau * (1.0 - e) * (1.0 - e)
        speed = 0.5 * q * tau * (1.0 - e * e)
    return place, both, speed


@inner_kernel
def rare_coefficients(motions: Floats, dt_s: float) -> Any:
    """As ``coefficients``, of lanes that turn far or forget their velocity."""
    a = b = cosine = sine = splat(0.0)
    for m in range(c.LANES):
        p, q, r, s = lane_coefficients(motions, m, dt_s)
        a, b, cosine, sine = put(a, m, p), put(b, m, q), put(cosine, m, r), put(sine, m, s)
    return a, b, cosine, sine


@inner_kernel
def rare_noise(motions: Floats, dt_s: float) -> Any:
    """As ``noise``, where a lane forgets its velocity."""
    place = both = speed = splat(0.0)
    for m in range(c.LANES):
        p, q, r = lane_noise(motions, m, dt_s)
        place, both, speed = put(place, m, p), put(both, m, q), put(speed, m, r)
    return place, both, speed


@merged_kernel
def coefficients(motions: Floats, dt_s: float) -> Any:
    """What ``lane_coefficients`` gives of every lane, as four times four numbers."""
    angle = read(motions, c.M_RATE) * dt_s
    u = angle * angle
    if any_of(u > 0.2499) or any_of(read(motions, c.M_KIND) > c.TURN + 0.5):
        return rare_coefficients(motions, dt_s)
    by_sine = 1.0 - u / 6.0 * (1.0 - u / 20.0 * (1.0 - u / 42.0 * (1.0 - u / 72.0)))
    by_cosine = 0.5 - u / 24.0 * (1.0 - u / 30.0 * (1.0 - u / 56.0 * (1.0 - u / 90.0)))
    return dt_s * by_sine, dt_s * angle * by_cosine, 1.0 - u * by_cosine, angle * by_sine


@merged_kernel
def noise(motions: Floats, dt_s: float) -> Any:
    """What ``lane_noise`` gives of every lane."""
    if any_of(read(motions, c.M_KIND) > c.TURN + 0.5):
        return rare_noise(motions, dt_s)
    q = read(motions, c.M_Q)
    return q * dt_s * dt_s * dt_s / 3.0, q * dt_s * dt_s / 2.0, q * dt_s


@inner_kernel
def propagate(
    y: Floats, motions: Floats, noisy: bool, coupled: bool, climb_mps: float, drift: float, dt_s: float
) -> None:  # fmt: skip
    """Move all lanes by ``dt_s``; backwards without noise (the caller widens the plot instead)."""
    a, b, co, si = coefficients(motions, dt_s)
    x, vx, n, vn = read(y, 0), read(y, 1), read(y, 2), read(y, 3)
    p00, p01, p02, p03 = read(y, 4), read(y, 5), read(y, 6), read(y, 7)
    p11, p12, p13 = read(y, 8), read(y, 9), read(y, 10)
    p22, p23, p33 = read(y, 11), read(y, 12), read(y, 13)
    write(y, 0, x + a * vx - b * vn)
    write(y, 1, co * vx - si * vn)
    write(y, 2, n + b * vx + a * vn)
    write(y, 3, si * vx + co * vn)
    qp = qc = qv = splat(0.0)
    if noisy and dt_s > 0.0:
        qp, qc, qv = noise(motions, dt_s)
    # rows of F·P
    f00 = p00 + a * p01 - b * p03
    f01 = p01 + a * p11 - b * p13
    f02 = p02 + a * p12 - b * p23
    f03 = p03 + a * p13 - b * p33
    g01 = co * p11 - si * p13
    g02 = co * p12 - si * p23
    g03 = co * p13 - si * p33
    h01 = b * p11 + p12 + a * p13
    h02 = b * p12 + p22 + a * p23
    h03 = b * p13 + p23 + a * p33
    k01 = si * p11 + co * p13
    k03 = si * p13 + co * p33
    write(y, 4, f00 + a * f01 - b * f03 + qp)
    write(y, 5, co * f01 - si * f03 + qc)
    write(y, 6, b * f01 + f02 + a * f03)
    write(y, 7, si * f01 + co * f03)
    write(y, 8, co * g01 - si * g03 + qv)
    write(y, 9, b * g01 + g02 + a * g03)
    write(y, 10, si * g01 + co * g03)
    write(y, 11, b * h01 + h02 + a * h03 + qp)
    write(y, 12, si * h01 + co * h03 + qc)
    write(y, 13, si * k01 + co * k03 + qv)
    if coupled:
        x4, vx4, n4, vn4 = read(y, c.HX), read(y, c.HVX), read(y, c.HY), read(y, c.HVY)
        write(y, c.H, read(y, c.H) + climb_mps * dt_s)
        write(y, c.HX, x4 + a * vx4 - b * vn4)
        write(y, c.HVX, co * vx4 - si * vn4)
        write(y, c.HY, n4 + b * vx4 + a * vn4)
        write(y, c.HVY, si * vx4 + co * vn4)
        if noisy and dt_s > 0.0:
            write(y, c.HH, read(y, c.HH) + drift * dt_s)


@merged_kernel
def mix_and_predict(
    states: Floats, motions: Floats, models: int, coupled: bool, climb_mps: float, drift: float, dt_s: float,
    out: Floats, work: Floats,
) -> None:  # fmt: skip
    """IMM: mix the lanes of one track and move each by ``dt_s``.

    ``states`` and ``out`` are (ROW, LANES); ``motions`` (MOTION_FLOATS, LANES) those of its lanes; ``work`` holds
    WORK rows of LANES numbers. Mixing is done on second moments about the first lane's mean, where it
    is linear.
    """
    if models == 1 or dt_s <= 0.0:
        for u in range(c.ROW):
            write(out, u, read(states, u))
        propagate(out, motions, True, coupled, climb_mps, drift, dt_s)
        return
    # chance that a motion has not changed: one over one plus t over its mean time
    weight, stay = read(states, c.WEIGHT), read(motions, c.M_STAY)
    stay = stay / (stay + dt_s)
    write(work, c.ROW, weight * stay)
    write(work, c.ROW + 1, weight * (1.0 - stay) / read(motions, c.M_REST))
    x0, x1, x2, x3 = read(states, 0), read(states, 1), read(states, 2), read(states, 3)
    r0, r1, r2, r3 = states[0, 0], states[1, 0], states[2, 0], states[3, 0]
    d0, d1, d2, d3 = x0 - r0, x1 - r1, x2 - r2, x3 - r3
    write(work, 0, d0)
    write(work, 1, d1)
    write(work, 2, d2)
    write(work, 3, d3)
    write(work, 4, read(states, 4) + d0 * d0)
    write(work, 5, read(states, 5) + d0 * d1)
    write(work, 6, read(states, 6) + d0 * d2)
    write(work, 7, read(states, 7) + d0 * d3)
    write(work, 8, read(states, 8) + d1 * d1)
    write(work, 9, read(states, 9) + d1 * d2)
    write(work, 10, read(states, 10) + d1 * d3)
    write(work, 11, read(states, 11) + d2 * d2)
    write(work, 12, read(states, 12) + d2 * d3)
    write(work, 13, read(states, 13) + d3 * d3)
    r4 = states[c.H, 0]
    if coupled:
        d4 = read(states, c.H) - r4
        write(work, c.H, d4)
        write(work, c.HX, read(states, c.HX) + d0 * d4)
        write(work, c.HVX, read(states, c.HVX) + d1 * d4)
        write(work, c.HY, read(states, c.HY) + d2 * d4)
        write(work, c.HVY, read(states, c.HVY) + d3 * d4)
        write(work, c.HH, read(states, c.HH) + d4 * d4)
    entry, rest = read(motions, c.M_ENTRY), work[c.ROW + 1]
    w0 = put(rest[0] * entry, 0, work[c.ROW, 0])
    w1 = put(rest[1] * entry, 1, work[c.ROW, 1])
    w2 = put(rest[2] * entry, 2, work[c.ROW, 2])
    w3 = put(rest[3] * entry, 3, work[c.ROW, 3])
    whole = w0 + w1 + w2 + w3
    write(out, c.WEIGHT, whole)
    whole = where(whole > 0.0, whole, 1.0)
    w0, w1, w2, w3 = w0 / whole, w1 / whole, w2 / whole, w3 / whole
    for u in range(c.FLAT):
        write(out, u, w0 * work[u, 0] + w1 * work[u, 1] + w2 * work[u, 2] + w3 * work[u, 3])
    d0, d1, d2, d3 = read(out, 0), read(out, 1), read(out, 2), read(out, 3)
    write(out, 4, read(out, 4) - d0 * d0)
    write(out, 5, read(out, 5) - d0 * d1)
    write(out, 6, read(out, 6) - d0 * d2)
    write(out, 7, read(out, 7) - d0 * d3)
    write(out, 8, read(out, 8) - d1 * d1)
    write(out, 9, read(out, 9) - d1 * d2)
    write(out, 10, read(out, 10) - d1 * d3)
    write(out, 11, read(out, 11) - d2 * d2)
    write(out, 12, read(out, 12) - d2 * d3)
    write(out, 13, read(out, 13) - d3 * d3)
    write(out, 0, d0 + r0)
    write(out, 1, d1 + r1)
    write(out, 2, d2 + r2)
    write(out, 3, d3 + r3)
    if coupled:
        for u in range(c.FLAT, c.WEIGHT):
            write(out, u, w0 * work[u, 0] + w1 * work[u, 1] + w2 * work[u, 2] + w3 * work[u, 3])
        d4 = read(out, c.H)
        write(out, c.HX, read(out, c.HX) - d0 * d4)
        write(out, c.HVX, read(out, c.HVX) - d1 * d4)
        write(out, c.HY, read(out, c.HY) - d2 * d4)
        write(out, c.HVY, read(out, c.HVY) - d3 * d4)
        write(out, c.HH, read(out, c.HH) - d4 * d4)
        write(out, c.H, d4 + r4)
    propagate(out, motions, True, coupled, climb_mps, drift, dt_s)


@inner_kernel
def combine(states: Floats, coupled: bool, out: Floats) -> None:
    """Mean and covariance of the mixture, as one (ROW,) lane or as each of (ROW, LANES)."""
    w = read(states, c.WEIGHT)
    for u in range(c.ROW):
        fill(out, u, 0.0)
    m0, m1 = add_up(0.0, w * read(states, 0)), add_up(0.0, w * read(states, 1))
    m2, m3 = add_up(0.0, w * read(states, 2)), add_up(0.0, w * read(states, 3))
    d0, d1, d2, d3 = (
        read(states, 0) - m0,
        read(states, 1) - m1,
        read(states, 2) - m2,
        read(states, 3) - m3,
    )
    fill(out, 0, m0)
    fill(out, 1, m1)
    fill(out, 2, m2)
    fill(out, 3, m3)
    fill(out, 4, add_up(add_up(0.0, w * read(states, 4)), w * d0 * d0))
    fill(out, 5, add_up(add_up(0.0, w * read(states, 5)), w * d0 * d1))
    fill(out, 6, add_up(add_up(0.0, w * read(states, 6)), w * d0 * d2))
    fill(out, 7, add_up(add_up(0.0, w * read(states, 7)), w * d0 * d3))
    fill(out, 8, add_up(add_up(0.0, w * read(states, 8)), w * d1 * d1))
    fill(out, 9, add_up(add_up(0.0, w * read(states, 9)), w * d1 * d2))
    fill(out, 10, add_up(add_up(0.0, w * read(states, 10)), w * d1 * d3))
    fill(out, 11, add_up(add_up(0.0, w * read(states, 11)), w * d2 * d2))
    fill(out, 12, add_up(add_up(0.0, w * read(states, 12)), w * d2 * d3))
    fill(out, 13, add_up(add_up(0.0, w * read(states, 13)), w * d3 * d3))
    if coupled:
        m4 = add_up(0.0, w * read(states, c.H))
        d4 = read(states, c.H) - m4
        fill(out, c.H, m4)
        fill(out, c.HX, add_up(add_up(0.0, w * read(states, c.HX)), w * d0 * d4))
        fill(out, c.HVX, add_up(add_up(0.0, w * read(states, c.HVX)), w * d1 * d4))
        fill(out, c.HY, add_up(add_up(0.0, w * read(states, c.HY)), w * d2 * d4))
        fill(out, c.HVY, add_up(add_up(0.0, w * read(states, c.HVY)), w * d3 * d4))
        fill(out, c.HH, add_up(add_up(0.0, w * read(states, c.HH)), w * d4 * d4))
    fill(out, c.WEIGHT, 1.0)
