"""The process of a call as a drawing and as the table that says the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from web.formats import tr

STEP, HEIGHT, WIDTH, LEFT = 84, 46, 270, 96
ENDS = {
    "accepted": gettext_lazy("Accepté"),
    "waitlisted": gettext_lazy("Liste d’attente"),
    "rejected": gettext_lazy("Non retenu"),
}
ROLES = {
    "signatory": gettext_lazy("signataire de l’organisme"),
    "analyst": gettext_lazy("analyste"),
    "second_analyst": gettext_lazy("analyste contresignataire"),
    "secretary": gettext_lazy("secrétaire"),
    "chair": gettext_lazy("présidence du comité"),
    "reviewer": gettext_lazy("évaluation"),
    "manager": gettext_lazy("gestionnaire"),
    "authority": gettext_lazy("autorité décisionnelle"),
}


@dataclass
class Way:
    """An outcome of a stage."""

    label: str
    to: str
    letter: str = ""
    is_end: bool = False
    end: str = ""


@dataclass
class Box:
    """A stage: where it is drawn, who acts, what leads out of it."""

    code: str
    label: str
    actor: str
    y: int
    delay: str = ""
    others: str = ""
    ways: list[Way] = field(default_factory=list)

    @property
    def middle(self) -> int:
        """The height of its middle."""
        return self.y + HEIGHT // 2

    @property
    def bottom(self) -> int:
        """Its lower edge."""
        return self.y + HEIGHT

    @property
    def text_y(self) -> int:
        """The base line of its label."""
        return self.y + 20

    @property
    def actor_y(self) -> int:
        """The base line of who acts."""
        return self.y + 37


@dataclass
class Drawing:
    """Boxes, curves between them, ends at the side."""

    boxes: list[Box]
    curves: list[str]
    ends: list[dict[str, Any]]
    height: int
    width: int = LEFT + WIDTH + 300


def draw(content: dict[str, Any]) -> Drawing:
    """Lay the stages one under the other: on along the middle, back at the left, ends at the right."""
    labels = {one["code"]: tr(one["label"]["staff"]) for one in content["stages"]}
    boxes = [_box(one, index, labels) for index, one in enumerate(content["stages"])]
    places = {box.code: index for index, box in enumerate(boxes)}
    curves, ends = [], []
    for index, stage in enumerate(content["stages"]):
        targets = {one["to"] for one in stage["outcomes"] if one.get("to") in places}
        for target in sorted(targets, key=lambda code: places[code]):
            curves.append(_curve(boxes[index], boxes[places[target]], places[target] - index))
        finals = [one for one in stage["outcomes"] if one.get("end")]
        for row, final in enumerate(finals):
            y = boxes[index].middle + (row * 26 - 13 * (len(finals) - 1))
            ends.append(
                {
                    "path": f"M{LEFT + WIDTH} {boxes[index].middle}C{LEFT + WIDTH + 40} {boxes[index].middle} "
                    f"{LEFT + WIDTH + 30} {y} {LEFT + WIDTH + 64} {y}",
                    "y": y,
                    "text_y": y + 4,
                    "label": tr(final["label"]["staff"]),
                    "letter": final.get("letter") or "",
                    "end": final["end"],
                }
            )
    bottom = max([box.bottom for box in boxes] + [one["y"] for one in ends] + [0])
    return Drawing(boxes, curves, ends, bottom + 24)


def _curve(source: Box, target: Box, jump: int) -> str:
    """A line down to the next stage, an arc at the left to any other."""
    if jump == 1:
        x = LEFT + WIDTH // 2
        return f"M{x} {source.bottom}V{target.y - 6}"
    reach = min(84, 22 + 16 * abs(jump))
    shift = -6 if jump < 0 else 6
    return (
        f"M{LEFT} {source.middle + shift}C{LEFT - reach} {source.middle + shift} "
        f"{LEFT - reach} {target.middle - shift} {LEFT - 6} {target.middle - shift}"
    )


def _box(stage: dict[str, Any], index: int, labels: dict[str, str]) -> Box:
    delay = ""
    if stage.get("delay"):
        days = stage["delay"]["days"]
        delay = (_("%(n)s jours ouvrables") if stage["delay"].get("working") else _("%(n)s jours")) % {
            "n": days
        }
    return Box(
        code=stage["code"],
        label=labels[stage["code"]],
        actor=str(ROLES.get(stage["actor"], stage["actor"])),
        y=8 + index * STEP,
        delay=delay,
        others=", ".join(labels.get(code, code) for code in stage.get("other_than") or ()),
        ways=[_way(one, labels) for one in stage["outcomes"]],
    )


def _way(outcome: dict[str, Any], labels: dict[str, str]) -> Way:
    if outcome.get("end"):
        return Way(
            label=tr(outcome["label"]["staff"]),
            to=str(ENDS.get(outcome["end"], outcome["end"])),
            letter=outcome.get("letter") or "",
            is_end=True,
            end=outcome["end"],
        )
    return Way(label=tr(outcome["label"]["staff"]), to=labels.get(outcome["to"], outcome["to"]))
