"""Cursor on Target: events as XML and as TAK protobuf."""
