"""Which decoder reads which feed."""

from vedette.engine.settings import DESK, FeedSpec, RunBody
from vedette.feeds.decoder import Decoder
from vedette.feeds.formats import codec


def decoder_for(feed: FeedSpec, body: RunBody) -> Decoder | None:
    """A fresh decoder of one feed; None for the desk, whose acts are no sensor's.

    Raises:
        SettingError: the feed is of a format that is not known here.
    """
    if feed.decoder == DESK:
        return None
    return codec(feed.decoder).decoder(feed.feed_id, body.sensors, body.day_start_ns)
