"""Optimal pairing of truths and tracks, solved in each group of neighbours by itself."""

from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment
from scipy.sparse import coo_array, csr_array
from scipy.sparse.csgraph import connected_components, min_weight_full_bipartite_matching
from scipy.spatial import cKDTree

from vedette.model.columns import Floats, Integers

_DENSE_MAX: Final = 4_000_000  # cells of a cost matrix; a larger group is solved as a sparse one


def near_pairs(left_m: Floats, right_m: Floats, cut_m: float) -> tuple[Integers, Integers, Floats]:
    """Every pair of places closer than ``cut_m``: rows of both and the distance.

    Args:
        left_m: (n, 3) Earth-centred places [m].
        right_m: (m, 3) the same.
        cut_m: distance that no longer counts [m].
    """
    if len(left_m) == 0 or len(right_m) == 0:
        none = np.zeros(0, np.int64)
        return none, none, np.zeros(0)
    found = cKDTree(left_m).sparse_distance_matrix(cKDTree(right_m), cut_m, output_type="ndarray")
    inside = found["v"] < cut_m
    return (
        found["i"][inside].astype(np.int64),
        found["j"][inside].astype(np.int64),
        np.asarray(found["v"][inside], dtype=np.float64),
    )


def pair_up(
    left: Integers, right: Integers, distance_m: Floats, cut_m: float, order: float
) -> Integers:
    """The edges of the best pairing: it minimises the sum of distance^order, cut^order for what is alone.

    Args:
        left: (e,) left node of each edge; any numbers.
        right: (e,) right node.
        distance_m: (e,) distances below ``cut_m`` [m].
        cut_m: cost of leaving a pair apart [m].
        order: p, at least 1.

    Returns:
        (k,) rows of the chosen edges, ascending.

    Source of the method: rectangular linear assignment (Crouse 2016, as in SciPy); groups of nodes that no
    edge joins do not influence each other, so each is solved alone.
    """
    if len(left) == 0:
        return np.zeros(0, np.int64)
    _, i = np.unique(left, return_inverse=True)
    _, j = np.unique(right, return_inverse=True)
    alone = (np.bincount(i)[i] == 1) & (np.bincount(j)[j] == 1)
    chosen = [np.flatnonzero(alone)]
    crowd = np.flatnonzero(~alone)
    if len(crowd):
        chosen += _crowd(crowd, i, j, distance_m, cut_m, order)
    return np.sort(np.concatenate(chosen))


def _crowd(
    crowd: Integers, i: Integers, j: Integers, distance_m: Floats, cut_m: float, order: float
) -> list[Integers]:
    """Chosen edges of every group of more than one edge."""
    lefts, rights = int(i.max()) + 1, int(j.max()) + 1
    nodes = lefts + rights
    graph = coo_array((np.ones(len(crowd)), (i[crowd], lefts + j[crowd])), (nodes, nodes))
    _, group = connected_components(graph.tocsr(), directed=False)
    of_edge = group[i[crowd]]
    # a group that hangs together in one node gives that node its nearest
    left_nodes = np.bincount(group[np.unique(i[crowd])], minlength=nodes)
    right_nodes = np.bincount(group[lefts + np.unique(j[crowd])], minlength=nodes)
    star = (left_nodes == 1) | (right_nodes == 1)
    by_group = np.lexsort((distance_m[crowd], of_edge))
    ordered = of_edge[by_group]
    begins = np.concatenate(([True], ordered[1:] != ordered[:-1]))
    chosen = [crowd[by_group[begins & star[ordered]]]]
    rest = by_group[~star[ordered]]
    if len(rest):
        bounds = np.flatnonzero(np.diff(of_edge[rest])) + 1
        chosen += [
            part[_solve(i[part], j[part], distance_m[part], cut_m, order)]
            for part in np.split(crowd[rest], bounds)
        ]
    return chosen


def _solve(i: Integers, j: Integers, distance_m: Floats, cut_m: float, order: float) -> Integers:
    """Rows of the chosen edges of one group."""
    lefts, a = np.unique(i, return_inverse=True)
    rights, b = np.unique(j, return_inverse=True)
    cost = (distance_m / cut_m) ** order
    if len(lefts) * len(rights) <= _DENSE_MAX:
        matrix = np.ones((len(lefts), len(rights)))
        edge = np.full(matrix.shape, -1, np.int64)
        matrix[a, b], edge[a, b] = cost, np.arange(len(i))
        picked = edge[linear_sum_assignment(matrix)]
        return np.asarray(picked[picked >= 0])
    # each left node may also take a partner of its own that stands for being alone
    n = len(lefts)
    rows = np.concatenate([a, np.arange(n)])
    columns = np.concatenate([b, len(rights) + np.arange(n)])
    weights = np.concatenate([cost, np.ones(n)]) + 1.0  # zeros would not be stored
    _, partner = min_weight_full_bipartite_matching(
        csr_array((weights, (rows, columns)), (n, len(rights) + n))
    )
    return np.flatnonzero(partner[a] == b)
