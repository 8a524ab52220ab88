"""The types of the document in TypeScript, so that the page and the servers cannot differ unseen.

Written here because the schemas that msgspec makes need only a few words of JSON Schema.
"""

import json
from typing import Any

_HEAD = """// Made by `vedette api --typescript`: edit the types in src/vedette/app/api instead.

"""
_PLAIN = {name: name for name in ("string", "number", "boolean", "null")} | {"integer": "number"}


def typescript_of(document: dict[str, Any]) -> str:
    """All schemas of a document as exported types, in the order of their names."""
    schemas = document["components"]["schemas"]
    parts = [_declared(name, schema) for name, schema in sorted(schemas.items())]
    sent = " | ".join(_type(schema) for schema in document["x-websocket"]["sends"])
    return _HEAD + "\n".join(parts) + f"\nexport type Message = {sent}\n"


def _declared(name: str, schema: dict[str, Any]) -> str:
    told = schema.get("description", "").split("\n")[0]
    return (f"/** {told} */\n" if told else "") + f"export type {name} = {_type(schema)}\n"


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "anyOf" in schema:
        return " | ".join(dict.fromkeys(_type(one) for one in schema["anyOf"]))
    if "enum" in schema or "const" in schema:
        return " | ".join(_quoted(value) for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type")
    if kind == "array":
        if "prefixItems" in schema:
            return "[" + ", ".join(_type(one) for one in schema["prefixItems"]) + "]"
        item = _type(schema.get("items", {}))
        return f"({item})[]" if " | " in item else f"{item}[]"
    if kind == "object":
        return _object(schema)
    return _PLAIN.get(str(kind), "unknown")


def _quoted(value: Any) -> str:
    plain = isinstance(value, str) and "'" not in value
    return f"'{value}'" if plain else json.dumps(value)


def _object(schema: dict[str, Any]) -> str:
    if "properties" not in schema:
        return f"Record<string, {_type(schema.get('additionalProperties') or {})}>"
    required = set(schema.get("required", ()))
    fields = [
        f"  {name}{'' if name in required else '?'}: {_type(one)}".replace("\n", "\n  ")
        for name, one in schema["properties"].items()
    ]
    return "{\n" + "\n".join(fields) + "\n}"
