"""Kernels that move a track in time: one model, and the mixture of all models."""

import math

from vedette.fusion._layout import (
    M_DECAY,
    M_ENTRY,
    M_KIND,
    M_Q,
    M_RATE,
    M_STAY,
    ROW,
    SLOW,
    STATE,
    TURN,
)
from vedette.model.columns import Floats
from vedette.model.kernel import kernel


@kernel
def coefficients(motion: Floats, dt_s: float) -> tuple[float, float, float, float]:
    """a, b, c, s of x' = x + a·vx - b·vy, vx' = c·vx - s·vy (and the same turned for y)."""
    if motion[M_KIND] == TURN and motion[M_RATE] != 0.0:
        angle = motion[M_RATE] * dt_s
        sine, cosine = math.sin(angle), math.cos(angle)
        return sine / motion[M_RATE], (1.0 - cosine) / motion[M_RATE], cosine, sine
    if motion[M_KIND] == SLOW:
        # backwards the velocity would grow without bound; half a memory is as far as it tells anything
        decay = math.exp(-max(dt_s, -0.5 * motion[M_DECAY]) / motion[M_DECAY])
        return motion[M_DECAY] * (1.0 - decay), 0.0, decay, 0.0
    return dt_s, 0.0, 1.0, 0.0


@kernel
def noise(motion: Floats, dt_s: float) -> tuple[float, float, float]:
    """Variance of position, covariance, variance of velocity that white acceleration adds."""
    q = motion[M_Q]
    dt2 = dt_s * dt_s
    if motion[M_KIND] == SLOW:
        tau = motion[M_DECAY]
        e = math.exp(-dt_s / tau)
        return (
            max(q * tau * tau * (dt_s - 2.0 * tau * (1.0 - e) + 0.5 * tau * (1.0 - e * e)), 0.0),
            0.5 * q * tau * tau * (1.0 - e) * (1.0 - e),
            0.5 * q * tau * (1.0 - e * e),
        )
    return q * dt2 * dt_s / 3.0, q * dt2 / 2.0, q * dt_s


@kernel
def propagate(
    y: Floats, motion: Floats, noisy: bool, climb_mps: float, drift: float, dt_s: float
) -> None:
    """Move one model state by ``dt_s``; backwards without noise (the caller widens the plot instead)."""
    a, b, c, s = coefficients(motion, dt_s)
    x, vx, n, vn = y[0], y[1], y[2], y[3]
    p00, p01, p02, p03, p04 = y[5], y[6], y[7], y[8], y[9]
    p11, p12, p13, p14 = y[10], y[11], y[12], y[13]
    p22, p23, p24 = y[14], y[15], y[16]
    p33, p34 = y[17], y[18]
    y[0] = x + a * vx - b * vn
    y[1] = c * vx - s * vn
    y[2] = n + b * vx + a * vn
    y[3] = s * vx + c * vn
    y[4] += climb_mps * dt_s
    qp = qc = qv = qh = 0.0
    if noisy and dt_s > 0.0:
        qp, qc, qv = noise(motion, dt_s)
        qh = drift * dt_s
    # rows of F·P
    f01 = p01 + a * p11 - b * p13
    f03 = p03 + a * p13 - b * p33
    f00 = p00 + a * p01 - b * p03
    f02 = p02 + a * p12 - b * p23
    g01 = c * p11 - s * p13
    g02 = c * p12 - s * p23
    g03 = c * p13 - s * p33
    h01 = b * p11 + p12 + a * p13
    h02 = b * p12 + p22 + a * p23
    h03 = b * p13 + p23 + a * p33
    k01 = s * p11 + c * p13
    k03 = s * p13 + c * p33
    y[5] = f00 + a * f01 - b * f03 + qp
    y[6] = c * f01 - s * f03 + qc
    y[7] = b * f01 + f02 + a * f03
    y[8] = s * f01 + c * f03
    y[9] = p04 + a * p14 - b * p34
    y[10] = c * g01 - s * g03 + qv
    y[11] = b * g01 + g02 + a * g03
    y[12] = s * g01 + c * g03
    y[13] = c * p14 - s * p34
    y[14] = b * h01 + h02 + a * h03 + qp
    y[15] = s * h01 + c * h03 + qc
    y[16] = b * p14 + p24 + a * p34
    y[17] = s * k01 + c * k03 + qv
    y[18] = s * p14 + c * p34
    y[19] += qh


@kernel
def mix_and_predict(
    states: Floats,
    weights: Floats,
    motions: Floats,
    climb_mps: float,
    drift: float,
    dt_s: float,
    out: Floats,
    out_weights: Floats,
    scratch: Floats,
) -> None:
    """IMM: mix the model states of one track and move each by ``dt_s``.

    ``states`` (m, 20) and ``weights`` (m,) are those of the motions; ``out`` and ``out_weights`` of the same
    shapes are written; ``scratch`` holds at least m + 5 numbers.
    """
    m = states.shape[0]
    if m == 1 or dt_s <= 0.0:
        for j in range(m):
            out_weights[j] = weights[j]
            for u in range(ROW):
                out[j, u] = states[j, u]
            propagate(out[j], motions[j], True, climb_mps, drift, dt_s)
        return
    entry = 0.0
    for j in range(m):
        entry += motions[j, M_ENTRY]
    for j in range(m):
        total = 0.0
        for i in range(m):
            stay = math.exp(-dt_s / motions[i, M_STAY])
            share = stay
            if i != j:
                share = (1.0 - stay) * motions[j, M_ENTRY] / (entry - motions[i, M_ENTRY])
            scratch[i] = weights[i] * share
            total += scratch[i]
        out_weights[j] = total
        y = out[j]
        for u in range(ROW):
            y[u] = 0.0
        for i in range(m):
            share = scratch[i] / total
            for u in range(ROW):
                y[u] += share * states[i, u]
        for i in range(m):
            share = scratch[i] / total
            for u in range(STATE):
                scratch[m + u] = states[i, u] - y[u]
            at = STATE
            for u in range(STATE):
                for v in range(u, STATE):
                    y[at] += share * scratch[m + u] * scratch[m + v]
                    at += 1
        propagate(y, motions[j], True, climb_mps, drift, dt_s)


@kernel
def combine(states: Floats, weights: Floats, out: Floats) -> None:
    """Mean and covariance of the mixture, as one (20,) state."""
    m = states.shape[0]
    for u in range(ROW):
        out[u] = 0.0
    for i in range(m):
        for u in range(ROW):
            out[u] += weights[i] * states[i, u]
    for i in range(m):
        at = STATE
        for u in range(STATE):
            du = states[i, u] - out[u]
            for v in range(u, STATE):
                out[at] += weights[i] * du * (states[i, v] - out[v])
                at += 1
