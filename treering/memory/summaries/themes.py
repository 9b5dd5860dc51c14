"""Sessions that are about the same: communities of the graph of their likeness."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from treering.memory.retrieval.vector import dots

if TYPE_CHECKING:
    from collections.abc import Sequence

    from treering.memory.retrieval.vector import Vector

NEIGHBOURS = 8
"""Most alike sessions that a session is linked to: the graph has that many links a session, not all pairs."""

JOIN_COSINE = 0.1
"""Likeness to the middle of a theme, beyond what all sessions share, from which on a new session belongs to it."""

SEED = 7
"""Of the order in which the communities are looked for."""

DECIMALS = 5
"""Likeness is compared to this many decimals, so that the last bits of a sum decide nothing."""

GROWTH = 1.5
"""Themes are looked for anew whenever there are this many times as many sessions as the last time."""

FIRST = 4
"""Fewer sessions than this are one theme."""


def themes(vectors: Vector) -> list[tuple[int, ...]]:
    """Places of the sessions of each theme, by their first session; every session is in exactly one.

    The first sessions, as many as `settled` says, make communities (Louvain) of the graph that links each to the most
    alike. Those that came later join the nearest theme, or begin one. So the outcome follows from the vectors alone,
    and between two searches a new session changes one theme and no other.

    Cost: the likeness of all pairs, and the search in a graph with 8 links a session; 0.2 s for 1,000 sessions.

    Args:
        vectors: A unit vector a session in the order in which they began, shape (sessions, dimension).
    """
    count = len(vectors)
    if count < FIRST:
        return [tuple(range(count))] if count else []
    searched = settled(count)
    # What all sessions of a person share (who speaks, and how) says nothing about their themes.
    own = _unit(vectors - vectors[:searched].mean(axis=0, dtype=np.float64).astype(np.float32))
    groups = [list(group) for group in _communities(own[:searched])]
    middles = [own[group].sum(axis=0, dtype=np.float64) for group in groups]
    for place in range(searched, count):
        best = _nearest(middles, own[place])
        if best is None:
            groups.append([place])
            middles.append(own[place].astype(np.float64))
        else:
            groups[best].append(place)
            middles[best] = middles[best] + own[place]
    return [tuple(group) for group in groups]


def settled(count: int) -> int:
    """How many of `count` sessions there were when themes were last looked for.

    Example:
        >>> [settled(count) for count in (4, 5, 6, 20, 21)]
        [4, 4, 6, 14, 21]
    """
    searched = FIRST
    while (following := int(np.ceil(searched * GROWTH))) <= count:
        searched = following
    return searched


def _communities(own: Vector) -> list[tuple[int, ...]]:
    import networkx as nx  # noqa: PLC0415 - 0.2 s to import, and a recall needs none of it

    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(own)))
    for place, vector in enumerate(own):
        likeness = dots(own, vector).round(DECIMALS)
        likeness[place] = 0.0
        nearest = [int(other) for other in np.argsort(-likeness, kind="stable")[:NEIGHBOURS]]
        links = [(place, other, float(likeness[other])) for other in nearest if likeness[other] > 0]
        graph.add_weighted_edges_from(links)
    found = nx.community.louvain_communities(graph, seed=SEED)
    return sorted(tuple(sorted(group)) for group in found)


def _nearest(middles: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.float64]]], vector: Vector) -> int | None:
    likeness = [round(float(middle @ vector) / (float(np.linalg.norm(middle)) or 1.0), DECIMALS) for middle in middles]
    best = max(range(len(likeness)), key=lambda place: (likeness[place], -place))
    return best if likeness[best] >= JOIN_COSINE else None


def _unit(rows: Vector) -> Vector:
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit: Vector = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return unit
