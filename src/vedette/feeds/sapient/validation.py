"""Checks of SAPIENT messages, driven by the options in the standard's own protobuf definitions.

Which fields are mandatory and which hold an identifier stands in the descriptors; what they leave out (the version
that must be named, choices of which one must be made, texts that may not be empty) is listed here.
"""

import math
import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final, Literal, NamedTuple

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import DecodeError, Message
from sapient_msg import proto_options_pb2
from sapient_msg.bsi_flex_335_v2_0.sapient_message_pb2 import SapientMessage

Reason = Literal[
    "missing", "wrong_type", "bad_id", "bad_version", "bad_time", "out_of_range", "truncated"
]  # fmt: skip

VERSION: Final = "BSI Flex 335 v2.0"
DEPTH_MAX: Final = 16  # nested sub-classes; the standard's own taxonomy has four
FINDINGS_MAX: Final = 50
# Times before are no reports of a sensor that speaks this standard, times after are nonsense
_SECONDS: Final = (0, 4_102_444_800)
_UUID: Final = re.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ULID: Final = re.compile("[0-7][0-9A-HJKMNP-TV-Z]{25}")  # Crockford's base 32, 128 bits
# What the definitions do not mark: a predicted location needs a place, and an error says what was wrong
CHOICES: Final = {"DetectionReport.PredictedLocation": "predicted_location_oneof"}
# The text of the standard asks for these too: the number of tasks that a node can do at once, when a detection was
# that another was derived from, and identifiers of nodes and of the object to follow
MANDATORY: Final = {
    ("Error", "error_message"),
    ("Registration.TaskDefinition", "concurrent_tasks"),
    ("DetectionReport.DerivedDetection", "timestamp"),
}
UUIDS: Final = {("Registration", "dependent_nodes")}
ULIDS: Final = {("FollowObject", "follow_object_id")}
_KIND: Final = {
    FieldDescriptor.TYPE_MESSAGE: "message",
    FieldDescriptor.TYPE_ENUM: "enum",
    FieldDescriptor.TYPE_STRING: "string",
    FieldDescriptor.TYPE_DOUBLE: "real",
    FieldDescriptor.TYPE_FLOAT: "real",
}


class Finding(NamedTuple):
    """What is wrong with a message, and where."""

    path: str  # "detection_report.location.x"
    reason: Reason
    detail: str


class Rule(NamedTuple):
    """What is asked of one field."""

    field: FieldDescriptor
    kind: str
    mandatory: bool
    uuid: bool
    ulid: bool


def read_message(data: bytes) -> SapientMessage | Finding:
    """The message of protobuf octets, not yet checked; a finding if they are none."""
    message = SapientMessage()
    try:
        message.ParseFromString(data)
    except (DecodeError, RecursionError, UnicodeDecodeError) as error:
        return Finding("", "wrong_type", f"no SAPIENT message: {error}")
    return message


def check_json(text: bytes | str) -> tuple[SapientMessage | None, list[Finding]]:
    """A message in protobuf's JSON form and all that is wrong with it.

    JSON is written by people and tests: a field that the standard does not have is a mistake there. In the
    octets of the wire it may be one of a later version, and is passed over.
    """
    try:
        message = _parse(text, lenient=True)
    except json_format.ParseError as error:
        said = str(error)
        reason: Reason = "bad_time" if "imestamp" in said else "wrong_type"
        return None, [Finding("", reason, said[:300])]
    except (RecursionError, UnicodeDecodeError, ValueError) as error:
        return None, [Finding("", "wrong_type", str(error)[:300])]
    found = check(message)
    try:
        _parse(text, lenient=False)
    except json_format.ParseError as error:
        found.append(Finding("", "wrong_type", str(error)[:300]))
    return message, found


def _parse(text: bytes | str, *, lenient: bool) -> SapientMessage:
    return json_format.Parse(
        text, SapientMessage(), ignore_unknown_fields=lenient, max_recursion_depth=2 * DEPTH_MAX
    )


def check(message: Message) -> list[Finding]:
    """All that is wrong with a message, at most ``FINDINGS_MAX``; empty if it may be used."""
    found = []
    for finding in _check(message, "", 0):
        found.append(finding)
        if len(found) == FINDINGS_MAX:
            break
    return found


@cache
def rules(descriptor: Descriptor) -> tuple[Rule, ...]:
    """What the definitions ask of each field of a message."""
    found = []
    for field in descriptor.fields:
        options = field.GetOptions().Extensions[proto_options_pb2.field_options]
        name = (_short(descriptor), field.name)
        found.append(
            Rule(
                field=field,
                kind=_KIND.get(field.type, "other"),
                mandatory=options.is_mandatory or name in MANDATORY,
                uuid=options.is_uuid or name in UUIDS,
                ulid=options.is_ulid or name in ULIDS,
            )
        )
    return tuple(found)


def _short(descriptor: Descriptor) -> str:
    name: str = descriptor.full_name
    return name.removeprefix(descriptor.file.package + ".")


@cache
def choices(descriptor: Descriptor) -> tuple[str, ...]:
    """The groups of a message of which one field must be there."""
    return tuple(
        oneof.name
        for oneof in descriptor.oneofs
        if oneof.GetOptions().Extensions[proto_options_pb2.oneof_options].is_mandatory
        or CHOICES.get(_short(descriptor)) == oneof.name
    )


def _check(message: Message, path: str, depth: int) -> Iterator[Finding]:
    descriptor = message.DESCRIPTOR
    if depth > DEPTH_MAX:
        yield Finding(path, "out_of_range", f"nested more than {DEPTH_MAX} deep")
        return
    if descriptor.full_name == "google.protobuf.Timestamp":
        yield from _time(message, path)
        return
    for name in choices(descriptor):
        if message.WhichOneof(name) is None:
            one = " or ".join(field.name for field in descriptor.oneofs_by_name[name].fields)
            yield Finding(_joined(path, name), "missing", f"one of {one} is needed")
    for rule in rules(descriptor):
        here = _joined(path, rule.field.name)
        values = _values(message, rule.field)
        if not values:
            if rule.mandatory:
                yield Finding(here, "missing", "is mandatory")
            continue
        for value in values:
            if rule.kind == "message":
                yield from _check(value, here, depth + 1)
            else:
                yield from _value(rule, value, here)
    if descriptor.name == "Registration" and _stated(message, "icd_version", VERSION):
        yield Finding(_joined(path, "icd_version"), "bad_version", f"is not {VERSION!r}")


def _stated(message: Any, name: str, wanted: str) -> bool:
    return bool(message.HasField(name)) and getattr(message, name) not in ("", wanted)


def _values(message: Message, field: FieldDescriptor) -> list[Any]:
    value = getattr(message, field.name)
    if field.is_repeated:
        return list(value)
    if field.has_presence:
        return [value] if message.HasField(field.name) else []
    return [value] if value != field.default_value else []


def _value(rule: Rule, value: Any, path: str) -> Iterator[Finding]:
    if rule.kind == "enum":
        known = rule.field.enum_type.values_by_number.get(value)
        if known is None:
            yield Finding(path, "out_of_range", f"{value} is no {rule.field.enum_type.name}")
        elif value == 0 and known.name.endswith("_UNSPECIFIED") and rule.mandatory:
            yield Finding(path, "missing", "is unspecified, and mandatory")
    elif rule.kind == "string":
        if not value.strip():
            if rule.mandatory:
                yield Finding(path, "missing", "is empty, and mandatory")
        elif rule.uuid and _UUID.fullmatch(value) is None:
            yield Finding(path, "bad_id", f"{value[:60]!r} is no UUID")
        elif rule.ulid and _ULID.fullmatch(value) is None:
            yield Finding(path, "bad_id", f"{value[:60]!r} is no ULID")
    elif rule.kind == "real" and not math.isfinite(value):
        yield Finding(path, "out_of_range", f"{value} is no measured value")


def _time(message: Any, path: str) -> Iterator[Finding]:
    if not _SECONDS[0] < message.seconds < _SECONDS[1] or not 0 <= message.nanos < 10**9:
        yield Finding(path, "bad_time", f"{message.seconds} s {message.nanos} ns is no time")


def _joined(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
