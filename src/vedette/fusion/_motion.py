"""Kernels that move a track in time: one lane, and the mixture of all lanes."""

import math

from vedette.fusion import _layout as c
from vedette.model.columns import Floats
from vedette.model.kernel import inlined_kernel, inner_kernel, merged_kernel


@inlined_kernel
def coefficients(motions: Floats, m: int, dt_s: float) -> tuple[float, float, float, float]:
    """a, b, c, s of x' = x + a·vx - b·vy, vx' = c·vx - s·vy (and the same turned for y)."""
    a, b, cosine, sine = dt_s, 0.0, 1.0, 0.0
    if motions[m, c.M_KIND] == c.TURN:
        rate = motions[m, c.M_RATE]
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
    elif motions[m, c.M_KIND] == c.SLOW:
        # backwards the velocity would grow without bound; half a memory is as far as it tells anything
        decay = motions[m, c.M_DECAY]
        cosine = math.exp(-max(dt_s, -0.5 * decay) / decay)
        a = decay * (1.0 - cosine)
    return a, b, cosine, sine


@inlined_kernel
def noise(motions: Floats, m: int, dt_s: float) -> tuple[float, float, float]:
    """Variance of position, covariance, variance of velocity that white acceleration adds."""
    q = motions[m, c.M_Q]
    place, both, speed = q * dt_s * dt_s * dt_s / 3.0, q * dt_s * dt_s / 2.0, q * dt_s
    if motions[m, c.M_KIND] == c.SLOW:
        tau = motions[m, c.M_DECAY]
        e = math.exp(-dt_s / tau)
        place = max(q * tau * tau * (dt_s - 2.0 * tau * (1.0 - e) + 0.5 * tau * (1.0 - e * e)), 0.0)
        both = 0.5 * q * tau * tau * (1.0 - e) * (1.0 - e)
        speed = 0.5 * q * tau * (1.0 - e * e)
    return place, both, speed


@inner_kernel
def propagate(
    y: Floats, motions: Floats, m: int, noisy: bool, coupled: bool, climb_mps: float, drift: float,
    dt_s: float,
) -> None:  # fmt: skip
    """Move one lane by ``dt_s``; backwards without noise (the caller widens the plot instead)."""
    a, b, co, si = coefficients(motions, m, dt_s)
    x, vx, n, vn = y[0], y[1], y[2], y[3]
    p00, p01, p02, p03 = y[4], y[5], y[6], y[7]
    p11, p12, p13 = y[8], y[9], y[10]
    p22, p23, p33 = y[11], y[12], y[13]
    y[0] = x + a * vx - b * vn
    y[1] = co * vx - si * vn
    y[2] = n + b * vx + a * vn
    y[3] = si * vx + co * vn
    qp = qc = qv = 0.0
    if noisy and dt_s > 0.0:
        qp, qc, qv = noise(motions, m, dt_s)
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
    y[4] = f00 + a * f01 - b * f03 + qp
    y[5] = co * f01 - si * f03 + qc
    y[6] = b * f01 + f02 + a * f03
    y[7] = si * f01 + co * f03
    y[8] = co * g01 - si * g03 + qv
    y[9] = b * g01 + g02 + a * g03
    y[10] = si * g01 + co * g03
    y[11] = b * h01 + h02 + a * h03 + qp
    y[12] = si * h01 + co * h03 + qc
    y[13] = si * k01 + co * k03 + qv
    if coupled:
        x4, vx4, n4, vn4 = y[c.HX], y[c.HVX], y[c.HY], y[c.HVY]
        y[c.H] += climb_mps * dt_s
        y[c.HX] = x4 + a * vx4 - b * vn4
        y[c.HVX] = co * vx4 - si * vn4
        y[c.HY] = n4 + b * vx4 + a * vn4
        y[c.HVY] = si * vx4 + co * vn4
        if noisy and dt_s > 0.0:
            y[c.HH] += drift * dt_s


@merged_kernel
def mix_and_predict(
    states: Floats, motions: Floats, coupled: bool, climb_mps: float, drift: float, dt_s: float,
    out: Floats, work: Floats,
) -> None:  # fmt: skip
    """IMM: mix the lanes of one track and move each by ``dt_s``.

    ``states`` and ``out`` are (LANES, ROW); ``motions`` has a row for each lane in use; ``work`` holds
    LANES + 1 rows of ROW numbers. Mixing is done on second moments about the first lane's mean, where it
    is linear.
    """
    models = motions.shape[0]
    if models == 1 or dt_s <= 0.0:
        for j in range(models):
            for u in range(c.ROW):
                out[j, u] = states[j, u]
            propagate(out[j], motions, j, True, coupled, climb_mps, drift, dt_s)
        return
    r0, r1, r2, r3, r4 = states[0, 0], states[0, 1], states[0, 2], states[0, 3], states[0, c.H]
    share = work[c.LANES]
    for i in range(c.LANES):
        q = work[i]
        if i >= models:
            for u in range(c.ROW):
                q[u] = 0.0
            share[i] = share[c.LANES + i] = 0.0
            continue
        s = states[i]
        # chance that a motion has not changed: one over one plus t over its mean time
        stay = motions[i, c.M_STAY] / (motions[i, c.M_STAY] + dt_s)
        share[i] = s[c.WEIGHT] * stay
        share[c.LANES + i] = s[c.WEIGHT] * (1.0 - stay) / motions[i, c.M_REST]
        d0, d1, d2, d3 = s[0] - r0, s[1] - r1, s[2] - r2, s[3] - r3
        q[0], q[1], q[2], q[3] = d0, d1, d2, d3
        q[4] = s[4] + d0 * d0
        q[5] = s[5] + d0 * d1
        q[6] = s[6] + d0 * d2
        q[7] = s[7] + d0 * d3
        q[8] = s[8] + d1 * d1
        q[9] = s[9] + d1 * d2
        q[10] = s[10] + d1 * d3
        q[11] = s[11] + d2 * d2
        q[12] = s[12] + d2 * d3
        q[13] = s[13] + d3 * d3
        if coupled:
            d4 = s[c.H] - r4
            q[c.H] = d4
            q[c.HX] = s[c.HX] + d0 * d4
            q[c.HVX] = s[c.HVX] + d1 * d4
            q[c.HY] = s[c.HY] + d2 * d4
            q[c.HVY] = s[c.HVY] + d3 * d4
            q[c.HH] = s[c.HH] + d4 * d4
    b0, b1, b2, b3 = work[0], work[1], work[2], work[3]
    for j in range(models):
        entry = motions[j, c.M_ENTRY]
        w0, w1, w2, w3 = share[4] * entry, share[5] * entry, share[6] * entry, share[7] * entry
        if j == 0:
            w0 = share[0]
        elif j == 1:
            w1 = share[1]
        elif j == 2:
            w2 = share[2]
        else:
            w3 = share[3]
        total = w0 + w1 + w2 + w3
        w0, w1, w2, w3 = w0 / total, w1 / total, w2 / total, w3 / total
        y = out[j]
        for u in range(c.FLAT):
            y[u] = w0 * b0[u] + w1 * b1[u] + w2 * b2[u] + w3 * b3[u]
        if coupled:
            for u in range(c.FLAT, c.WEIGHT):
                y[u] = w0 * b0[u] + w1 * b1[u] + w2 * b2[u] + w3 * b3[u]
        y[c.WEIGHT] = total
        d0, d1, d2, d3 = y[0], y[1], y[2], y[3]
        y[4] -= d0 * d0
        y[5] -= d0 * d1
        y[6] -= d0 * d2
        y[7] -= d0 * d3
        y[8] -= d1 * d1
        y[9] -= d1 * d2
        y[10] -= d1 * d3
        y[11] -= d2 * d2
        y[12] -= d2 * d3
        y[13] -= d3 * d3
        y[0], y[1], y[2], y[3] = d0 + r0, d1 + r1, d2 + r2, d3 + r3
        if coupled:
            d4 = y[c.H]
            y[c.HX] -= d0 * d4
            y[c.HVX] -= d1 * d4
            y[c.HY] -= d2 * d4
            y[c.HVY] -= d3 * d4
            y[c.HH] -= d4 * d4
            y[c.H] = d4 + r4
        propagate(y, motions, j, True, coupled, climb_mps, drift, dt_s)


@inner_kernel
def combine(states: Floats, models: int, coupled: bool, out: Floats) -> None:
    """Mean and covariance of the mixture, as one (ROW,) lane."""
    width = c.WEIGHT if coupled else c.FLAT
    for u in range(c.ROW):
        out[u] = 0.0
    for i in range(models):
        w = states[i, c.WEIGHT]
        for u in range(width):
            out[u] += w * states[i, u]
    for i in range(models):
        w, s = states[i, c.WEIGHT], states[i]
        d0, d1, d2, d3 = s[0] - out[0], s[1] - out[1], s[2] - out[2], s[3] - out[3]
        out[4] += w * d0 * d0
        out[5] += w * d0 * d1
        out[6] += w * d0 * d2
        out[7] += w * d0 * d3
        out[8] += w * d1 * d1
        out[9] += w * d1 * d2
        out[10] += w * d1 * d3
        out[11] += w * d2 * d2
        out[12] += w * d2 * d3
        out[13] += w * d3 * d3
        if coupled:
            d4 = s[c.H] - out[c.H]
            out[c.HX] += w * d0 * d4
            out[c.HVX] += w * d1 * d4
            out[c.HY] += w * d2 * d4
            out[c.HVY] += w * d3 * d4
            out[c.HH] += w * d4 * d4
    out[c.WEIGHT] = 1.0
