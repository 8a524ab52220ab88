"""Kernels of registration: what a radar's plots say against tracks that other sensors see as well."""

from vedette.fusion import _layout as c
from vedette.model._lanes import add_up, read
from vedette.model.columns import Floats, Integers
from vedette.model.kernel import bare_kernel, inner_kernel

OTHERS_S = 8.0  # a track that no other sensor has seen for so long says nothing of this one
BIASES = 3  # range [m], azimuth [rad], clock [s]


@inner_kernel
def hold_against(
    f: Floats, n: Integers, y: Floats, w: Floats, z: Floats, k: Integers, sensors: Floats
) -> None:  # fmt: skip
    """Note in plot ``z`` how far it lies from the prediction ``y`` of the track that owns it."""
    s = k[c.P_SENSOR]
    if sensors[s, c.S_POLAR] == 0.0 or n[c.STATUS] != c.CONFIRMED:
        return
    if z[c.SLANT] == 0.0:
        return  # a place in degrees, which a radar may also give: of its range and azimuth it says nothing
    if k[c.P_KEY] & int(sensors[s, c.S_SAMPLES]) != 0:
        return
    others_ns = n[c.OTHERS_T] if n[c.LAST_SENSOR] == s else n[c.UPDATED]
    if (k[c.P_T] - others_ns) * 1e-9 > OTHERS_S:
        return
    weight, east, norths = read(y, c.WEIGHT), read(y, 0), read(y, 2)
    x, v = add_up(0.0, weight * east), add_up(0.0, weight * read(y, 1))
    north, vn = add_up(0.0, weight * norths), add_up(0.0, weight * read(y, 3))
    dxs, dys = east - x, norths - north
    pxx = add_up(0.0, weight * (read(y, 4) + dxs * dxs))
    pxy = add_up(0.0, weight * (read(y, 6) + dxs * dys))
    pyy = add_up(0.0, weight * (read(y, 11) + dys * dys))
    ux = z[c.UX] * f[c.EX] + z[c.UX + 1] * f[c.EX + 1] + z[c.UX + 2] * f[c.EX + 2]
    un = z[c.UX] * f[c.NX] + z[c.UX + 1] * f[c.NX + 1] + z[c.UX + 2] * f[c.NX + 2]
    size = (ux * ux + un * un) ** 0.5
    if size == 0.0:
        return
    ux, un = ux / size, un / size
    # across grows with the azimuth: to the right of the range
    dx, dy = w[c.ZX] - x, w[c.ZY] - north
    z[c.O_ALONG], z[c.O_ACROSS] = dx * ux + dy * un, dx * un - dy * ux
    z[c.O_V_ALONG], z[c.O_V_ACROSS] = v * ux + vn * un, v * un - vn * ux
    z[c.O_VAR_ALONG] = z[c.VAR_U] + pxx * ux * ux + 2.0 * pxy * ux * un + pyy * un * un
    z[c.O_VAR_ACROSS] = z[c.VAR_T] + pxx * un * un - 2.0 * pxy * ux * un + pyy * ux * ux


@bare_kernel
def gather(
    plots: Floats, plot_ints: Integers, weight: float, information: Floats, pull: Floats,
    counts: Integers, a: Floats, b: Floats,
) -> None:  # fmt: skip
    """Normal equations of what is left of each sensor's biases, summed in the order of the plots.

    ``information`` (sensors, 3, 3) and ``pull`` (sensors, 3) are added to; ``counts`` are plots used.
    """
    for p in range(plots.shape[0]):
        z = plots[p]
        if not z[c.O_VAR_ALONG] > 0.0:
            continue
        # gross residuals are turns that begin and wrong pairs: they say nothing of the sensor
        if z[c.O_ALONG] ** 2 > 16.0 * z[c.O_VAR_ALONG] or (
            z[c.O_ACROSS] ** 2 > 16.0 * z[c.O_VAR_ACROSS]
        ):
            continue
        s = plot_ints[p, c.P_SENSOR]
        # a clock that is ahead gives places that the object has left behind
        a[0], a[1], a[2] = z[c.O_STRETCH], 0.0, -z[c.O_V_ALONG]
        b[0], b[1], b[2] = 0.0, z[c.O_ARC], -z[c.O_V_ACROSS]
        for row in range(BIASES):
            pull[s, row] += weight * (
                a[row] * z[c.O_ALONG] / z[c.O_VAR_ALONG]
                + b[row] * z[c.O_ACROSS] / z[c.O_VAR_ACROSS]
            )
            for column in range(BIASES):
                information[s, row, column] += weight * (
                    a[row] * a[column] / z[c.O_VAR_ALONG] + b[row] * b[column] / z[c.O_VAR_ACROSS]
                )
        counts[s] += 1
