"""What the watch keeps when the feeds have ended: the desk may still be heard, and the record be continued."""

import msgspec

from vedette.watch.incidents import WatchState
from vedette.watch.watched import Watched


def kept(before: WatchState, over: WatchState) -> WatchState:
    """The state to go on with after ``finish``: of the last tick, its incidents as they were told at the end.

    Without its tracks every object would be a new one at the next tick, and its incident be opened anew beside
    the one that people have answered about.

    Args:
        before: of the last tick.
        over: what ``finish`` gave.
    """
    tracks = {name: _told(watched) for name, watched in before.tracks.items()}
    return msgspec.structs.replace(before, tracks=tracks, cases=over.cases)


def _told(watched: Watched) -> Watched:
    """Exits that might still have been revised are final, and were told as such."""
    return msgspec.structs.replace(watched, settling=()) if watched.settling else watched
