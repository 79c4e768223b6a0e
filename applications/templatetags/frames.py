"""What the controls of a self-diagnosis, of public targets and of what is suggested beside a table need."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import template

from applications import diagnosis, pledges
from applications.editor import Box, Editor, Row
from grants import frames

register = template.Library()


@register.simple_tag
def dimensions_of(box: Box) -> list[dict[str, Any]]:
    """The statements of a self-diagnosis with what is chosen."""
    return diagnosis.in_boxes(box.question, box.value)


@register.simple_tag
def result_of(box: Box) -> diagnosis.Diagnosis:
    """The result of a self-diagnosis as it stands."""
    return diagnosis.display(box.question, box.value)


@register.simple_tag
def done_on(box: Box) -> str:
    """The day of a self-diagnosis, as a date control holds it."""
    return str(box.value.get("done_on") or "") if isinstance(box.value, dict) else ""


@register.simple_tag
def frameworks_of(box: Box) -> list[dict[str, Any]]:
    """Frameworks with their targets in words, and which are ticked."""
    chosen = box.value.get("targets") or [] if isinstance(box.value, dict) else []
    return [
        {
            **framework,
            "targets": [
                {**one, "path": pledges.target_words(one), "is_chosen": one["code"] in chosen}
                for one in framework["targets"]
            ],
        }
        for framework in box.question.frame.get("frameworks") or ()
    ]


@register.simple_tag
def pledge_rows(box: Box) -> list[Row]:
    """The pledges, and a blank row at the end: as many as are asked for."""
    made = [Row(*one) for one in pledges.in_boxes(box.question, box.value)]
    known, wanted = {one.id for one in made}, max(box.question.min_pledges - len(made), 1)
    names = [f"r{n}" for n in range(1, len(known) + wanted + 1) if f"r{n}" not in known]
    return [*made, *(Row(name, {}) for name in names[:wanted])]


@register.simple_tag
def suggested_for(editor: Editor, box: Box) -> list[Mapping[str, Any]]:
    """Training paths of the weakest dimensions of this dossier, beside a question that asks for them."""
    if box.question.suggest not in frames.SUGGESTIONS:
        return []
    asked = next((one for one in editor.material.questions if one.type == "maturity"), None)
    value = editor.material.answers.get(asked.code) if asked else None
    return diagnosis.suggested(asked.frame, value) if asked and isinstance(value, dict) else []
