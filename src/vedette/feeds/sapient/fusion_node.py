"""What a fusion node answers: it acknowledges registrations and alerts, and refuses tasks. It tasks nobody."""

from typing import Final

from sapient_msg.bsi_flex_335_v2_0.registration_pb2 import Registration

from vedette.feeds.sapient import encoder
from vedette.feeds.sapient.framing import Frame, cut_frames
from vedette.feeds.sapient.validation import Finding, check, read_message

REFUSAL: Final = "this node watches and takes no tasks"
# Nodes that act on the world: they have nothing to report here, and nothing here may reach them
_EFFECTORS: Final = frozenset(
    f"NODE_TYPE_{name}" for name in ("KINETIC", "JAMMER", "LDEW", "RFDEW")
)
NO_EFFECTOR: Final = "this node has no use for effectors and does not speak to them"


class FusionNode:
    """The answers to one connection's messages; a function of them and of the time."""

    def __init__(self, node_id: str) -> None:
        """Prepare to answer as ``node_id``, a UUID."""
        self.node_id = node_id

    def replies(self, chunk: bytes, now_ns: int) -> bytes:
        """The octets to send back for a chunk of whole messages."""
        frames, _ = cut_frames(chunk)
        return b"".join(self.answer(frame, now_ns) for frame in frames)

    def answer(self, frame: Frame, now_ns: int) -> bytes:
        """The octets to send back for one message; empty where none are due."""
        if not frame.is_message:
            reasons = ["a length that no message has"]
            return encoder.framed(encoder.error(self.node_id, now_ns, frame.data, reasons))
        found = read_message(frame.data)
        findings = [found] if isinstance(found, Finding) else check(found)
        if isinstance(found, Finding) or findings:
            reasons = [f"{one.path}: {one.reason}: {one.detail}" for one in findings]
            if not isinstance(found, Finding) and found.WhichOneof("content") == "registration":
                answer = encoder.registration_ack(self.node_id, now_ns, reasons)
            else:
                answer = encoder.error(self.node_id, now_ns, frame.data, reasons)
        elif found.WhichOneof("content") == "registration":
            kinds = {
                Registration.NodeType.Name(one.node_type)
                for one in found.registration.node_definition
            }
            why = [NO_EFFECTOR] if kinds & _EFFECTORS else []
            answer = encoder.registration_ack(self.node_id, now_ns, why)
        elif found.WhichOneof("content") == "alert":
            answer = encoder.alert_ack(self.node_id, now_ns, found.alert.alert_id)
        elif found.WhichOneof("content") == "task":
            answer = encoder.task_refusal(self.node_id, now_ns, found.task.task_id, REFUSAL)
        else:
            return b""
        if not isinstance(found, Finding) and found.HasField("node_id"):
            answer.destination_id = found.node_id
        return encoder.framed(answer)
