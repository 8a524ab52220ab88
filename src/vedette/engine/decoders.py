"""Which decoder reads which feed."""

from vedette.engine.settings import FeedSpec, RunBody
from vedette.feeds.decoder import Decoder
from vedette.model.sensor import Sensor


def decoder_for(feed: FeedSpec, body: RunBody) -> Decoder | None:
    """A fresh decoder of one feed; None for the desk, whose acts are no sensor's."""
    if feed.decoder == "asterix":
        from vedette.feeds.asterix.decoder import AsterixDecoder

        return AsterixDecoder(feed.feed_id, body.sensors, body.day_start_ns)
    if feed.decoder == "beast":
        from vedette.feeds.mode_s.decoder import BeastDecoder

        return BeastDecoder(feed.feed_id, _own(feed, body))
    if feed.decoder == "table":
        from vedette.feeds.table import TableDecoder

        return TableDecoder(feed.feed_id, _own(feed, body))
    if feed.decoder == "report":
        from vedette.feeds.reports import ReportDecoder

        return ReportDecoder(feed.feed_id)
    return None


def _own(feed: FeedSpec, body: RunBody) -> Sensor | None:
    return next((sensor for sensor in body.sensors if sensor.sensor_id == feed.feed_id), None)
