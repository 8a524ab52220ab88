"""Kernels of the height: what is told of it, and how it hangs together with the place."""

import math

from vedette.fusion import _layout as c
from vedette.fusion._associate import NS
from vedette.model._lanes import add_up, fill, larger, read, write
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import inner_kernel

# below this sigma the height no longer moves the place: the track is uncoupled
KNOWN_HEIGHT_M = 400.0


@inner_kernel
def vertical(
    f: Floats, i: Integers, at: int, t_column: int, bad: int, t_ns: int, z: float, var: float,
    rate: float, g: Floats,
) -> bool:  # fmt: skip
    """Filter one kind of height; false when the value was put aside as a garble."""
    dt_s = (t_ns - i[t_column]) * NS
    if i[t_column] == c.NEVER or dt_s > 120.0:
        f[at], f[at + 1], f[at + 2], f[at + 3], f[at + 4] = z, 0.0, var, 0.0, 400.0
        if not math.isnan(rate):
            f[at + 1], f[at + 4] = rate, 9.0
        i[t_column], i[bad] = t_ns, 0
        return True
    if dt_s < -1.0:
        return True  # late heights add little: the rate is already known
    if dt_s > 0.0:
        q = g[c.G_CLIMB]
        f[at] += f[at + 1] * dt_s
        f[at + 2] += 2.0 * dt_s * f[at + 3] + dt_s * dt_s * f[at + 4] + q * dt_s**3 / 3.0
        f[at + 3] += dt_s * f[at + 4] + q * dt_s * dt_s / 2.0
        f[at + 4] += q * dt_s
        i[t_column] = t_ns
    s = f[at + 2] + var
    miss = z - f[at]
    if miss * miss > 36.0 * s + 10_000.0:
        i[bad] += 1
        if i[bad] < 3:  # one or two may be garbled; three in a row are the truth
            return False
        f[at], f[at + 1], f[at + 2], f[at + 3], f[at + 4] = z, 0.0, var, 0.0, 400.0
        i[bad] = 0
        return True
    i[bad] = 0
    k0, k1 = f[at + 2] / s, f[at + 3] / s
    f[at] += k0 * miss
    f[at + 1] += k1 * miss
    f[at + 4] -= k1 * f[at + 3]
    f[at + 3] *= 1.0 - k0
    f[at + 2] *= 1.0 - k0
    if not math.isnan(rate):
        s = f[at + 4] + 4.0  # broadcast vertical rate: 64 ft/min steps, some lag
        miss = rate - f[at + 1]
        k0, k1 = f[at + 3] / s, f[at + 4] / s
        f[at] += k0 * miss
        f[at + 1] += k1 * miss
        f[at + 2] -= k0 * f[at + 3]
        f[at + 3] -= k0 * f[at + 4]
        f[at + 4] *= 1.0 - k1
    return True


@inner_kernel
def learn_height(f: Floats, i: Integers, y: Floats, measured: float, var: float) -> None:
    """Take a height above WGS 84 into the state.

    A datum error stays the same from plot to plot, so the variance never falls below ``var``: it is
    reached once, and after that the value only steers. A coupled track learns its place from it and is then
    uncoupled.
    """
    if i[c.COUPLED] == 0:
        if f[c.HEIGHT_VAR] <= var:
            f[c.MEAN + 4] += 0.1 * (measured - f[c.MEAN + 4])
        else:
            f[c.MEAN + 4], f[c.HEIGHT_VAR] = measured, var
        return
    own = larger(read(y, c.HH), 1.0)
    s = own + var
    miss = measured - read(y, c.H)
    gain = (read(y, c.HX) / s, read(y, c.HVX) / s, read(y, c.HY) / s, read(y, c.HVY) / s)
    at = 4
    for a in range(4):
        write(y, a, read(y, a) + gain[a] * miss)
        for b in range(a, 4):
            write(y, at, read(y, at) - gain[a] * gain[b] * s)
            at += 1
        write(y, c.HX + a, read(y, c.HX + a) * (1.0 - own / s))
    write(y, c.H, read(y, c.H) + own / s * miss)
    write(y, c.HH, own * (1.0 - own / s))
    height = add_up(0.0, read(y, c.WEIGHT) * read(y, c.H))
    spread = add_up(0.0, read(y, c.WEIGHT) * read(y, c.HH))
    f[c.MEAN + 4] = height
    if spread < KNOWN_HEIGHT_M * KNOWN_HEIGHT_M:
        f[c.HEIGHT_VAR] = max(spread, var)
        i[c.COUPLED] = 0


@inner_kernel
def forget_height(f: Floats, i: Integers, y: Floats) -> None:
    """Couple a track again whose height has not been told for long."""
    i[c.COUPLED] = 1
    fill(y, c.H, f[c.MEAN + 4])
    fill(y, c.HH, f[c.HEIGHT_VAR])
    for u in range(c.HX, c.HX + 4):
        fill(y, u, 0.0)
