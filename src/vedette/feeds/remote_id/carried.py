"""What a link-layer packet can carry of Remote ID, whatever the radio."""

from typing import Final, NamedTuple

from vedette.feeds.remote_id.messages import Refused

ODID, DJI, FRENCH = "odid", "dji", "french"
# Link types (tcpdump.org)
IEEE802_11, PRISM, RADIOTAP, AVS = 105, 119, 127, 163
HCI_H4, HCI_H4_PHDR, LINUX_MONITOR, LE_LL, LE_LL_PHDR, NORDIC_BLE = 187, 201, 254, 251, 256, 272
WIFI_LINKS: Final = frozenset((IEEE802_11, PRISM, RADIOTAP, AVS))
HCI_LINKS: Final = frozenset((HCI_H4, HCI_H4_PHDR, LINUX_MONITOR))
LE_LINKS: Final = frozenset((LE_LL, LE_LL_PHDR, NORDIC_BLE))
LINKS: Final = WIFI_LINKS | HCI_LINKS | LE_LINKS


class Carried(NamedTuple):
    """One payload of Remote ID in a packet."""

    transmitter: str  # radio address, "60:60:1f:c6:0e:cc"
    transport: str  # "wifi beacon", "wifi nan", "bluetooth"
    form: str  # ODID, DJI or FRENCH
    data: bytes  # one message or a pack (ODID), or the vendor's octets after its identifier


class Found(NamedTuple):
    """All that one packet gave."""

    carried: tuple[Carried, ...] = ()
    refused: tuple[Refused, ...] = ()


NOTHING: Final = Found()


def address_text(octets: bytes) -> str:
    """A radio address as people write it."""
    return octets.hex(":")
