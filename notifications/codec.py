"""The document model as canonical JSON text and back: what is stored, hashed and drawn is one text."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from typing import Any

from notifications.letters import document as model
from workflows.chain import canonical

KINDS: dict[str, type] = {
    name: kind
    for name, kind in vars(model).items()
    if isinstance(kind, type) and dataclasses.is_dataclass(kind) and kind.__module__ == model.__name__
}


def dumps(document: model.Document) -> str:
    """The canonical text of a document."""
    return canonical(_plain(document))


def loads(text: str) -> model.Document:
    """The document of a stored text."""
    built = _built(json.loads(text))
    if not isinstance(built, model.Letter | model.Report):
        raise TypeError("the stored text is not a document")
    return built


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"_": type(value).__name__, **fields}
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, datetime):
        return {"_": "datetime", "iso": value.isoformat()}
    return value


def _built(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_built(item) for item in value)
    if not isinstance(value, dict):
        return value
    name = value["_"]
    if name == "datetime":
        return datetime.fromisoformat(value["iso"])
    return KINDS[name](**{key: _built(item) for key, item in value.items() if key != "_"})
