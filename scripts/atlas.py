"""`python scripts/atlas.py`: the shapes of the map of funded projects, from the boundaries of the regions.

Reads grants/opendata/source/regions.geojson (SDA, MRNF, CC BY 4.0: see the README beside it) and writes
grants/opendata/quebec.json: paths for the south, where nearly everybody lives, and for the whole of Québec in small.
Lambert conformal conic projection of Québec (parallels 46 and 60, meridian 68.5 W) on a sphere; whole units.
"""

from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1] / "grants" / "opendata"
RADIUS = 6371.0  # kilometres
WEST = -68.5
SOUTH, NORTH = math.radians(46), math.radians(60)
Point = tuple[float, float]
# The frame of the large map, in kilometres of the projection, and how many kilometres a unit is.
LARGE = (-835.0, 565.0, 20.0, 800.0)
LARGE_SCALE = 1.5
SMALL_SCALE = 9.6
SMALL_AT = (610, 300)  # where the north-west corner of the small map is
SMALLEST = 3  # a ring of fewer points is a dot: not drawn
# Where the number of a region is written (longitude, latitude); those of `ASIDE` have a line to their region.
LABELS = {
    "01": (-68.45, 48.10),
    "02": (-72.1, 49.1),
    "03": (-71.25, 47.35),
    "04": (-73.35, 47.45),
    "05": (-71.45, 45.55),
    "07": (-76.5, 46.65),
    "08": (-77.9, 48.1),
    "09": (-66.6, 50.3),
    "10": (-75.8, 50.0),
    "11": (-65.0, 48.72),
    "12": (-70.55, 46.45),
    "14": (-73.93, 46.55),
    "15": (-75.0, 46.3),
    "17": (-72.25, 46.08),
    "16": (-72.95, 45.45),
}
ASIDE = {
    "06": ((-73.55, 44.42), (-73.62, 45.52)),
    "13": ((-74.9, 44.55), (-73.74, 45.61)),
}


def project(point: tuple[float, float]) -> Point:
    """Kilometres east and north of the origin (68.5 W, 44 N)."""
    lon, lat = math.radians(point[0] - WEST), math.radians(point[1])
    turn = math.log(math.cos(SOUTH) / math.cos(NORTH)) / math.log(_stretch(NORTH) / _stretch(SOUTH))
    size = RADIUS * math.cos(SOUTH) * _stretch(SOUTH) ** turn / turn
    far, here = size / _stretch(math.radians(44)) ** turn, size / _stretch(lat) ** turn
    return here * math.sin(turn * lon), far - here * math.cos(turn * lon)


def _stretch(lat: float) -> float:
    return math.tan(math.pi / 4 + lat / 2)


def clip(ring: list[Point], frame: tuple[float, float, float, float]) -> list[Point]:
    """The part of a ring that is inside a frame (west, east, south, north)."""
    for axis, limit, sign in ((0, frame[0], 1), (0, frame[1], -1), (1, frame[2], 1), (1, frame[3], -1)):
        kept: list[Point] = []
        for place, here in enumerate(ring):
            before = ring[place - 1]
            inside, was = (here[axis] - limit) * sign >= 0, (before[axis] - limit) * sign >= 0
            if inside != was:
                share = (limit - before[axis]) / (here[axis] - before[axis])
                kept.append(
                    (before[0] + share * (here[0] - before[0]), before[1] + share * (here[1] - before[1]))
                )
            if inside:
                kept.append(here)
        ring = kept
    return ring


def draw(rings: list[list[Point]], west: float, north: float, scale: float, at: tuple[int, int]) -> str:
    """A path in whole units, relative; neighbours keep the same corners since only rounding moves them."""
    parts = []
    for ring in rings:
        points = [
            (round((east - west) / scale) + at[0], round((north - up) / scale) + at[1]) for east, up in ring
        ]
        kept = [one for place, one in enumerate(points) if one != points[place - 1]]
        if len(kept) < SMALLEST:
            continue
        steps = [f"{x - before[0]} {y - before[1]}" for before, (x, y) in itertools.pairwise(kept)]
        parts.append(f"M{kept[0][0]} {kept[0][1]}l" + " ".join(steps).replace(" -", "-") + "z")
    return "".join(parts)


def rings_of(geometry: dict[str, Any]) -> list[list[Point]]:
    """The outer rings of a geometry, projected."""
    shapes = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    return [[project(one) for one in shape[0][:-1]] for shape in shapes]


def place(point: tuple[float, float]) -> list[int]:
    """A point of the large map, in units."""
    east, up = project(point)
    return [round((east - LARGE[0]) / LARGE_SCALE), round((LARGE[3] - up) / LARGE_SCALE)]


def main() -> None:
    """Write the shapes."""
    found = json.loads((ROOT / "source" / "regions.geojson").read_text("utf-8"))
    names = {one["id"]: one["properties"]["nom"] for one in found["features"]}
    whole = {one["id"]: rings_of(one["geometry"]) for one in found["features"]}
    every = [point for rings in whole.values() for ring in rings for point in ring]
    west, north = min(one[0] for one in every), max(one[1] for one in every)
    made = {}
    for code, rings in sorted(whole.items()):
        large = [inside for ring in rings if (inside := clip(ring, LARGE))]
        made[code] = {
            "name": names[code],
            "path": draw(large, LARGE[0], LARGE[3], LARGE_SCALE, (0, 0)),
            "small": draw(rings, west, north, SMALL_SCALE, SMALL_AT),
            "label": place(ASIDE[code][0] if code in ASIDE else LABELS[code]),
            "line": place(ASIDE[code][1]) if code in ASIDE else [],
        }
    size = [round((LARGE[1] - LARGE[0]) / LARGE_SCALE), round((LARGE[3] - LARGE[2]) / LARGE_SCALE)]
    frame = [
        round((LARGE[0] - west) / SMALL_SCALE) + SMALL_AT[0],
        round((north - LARGE[3]) / SMALL_SCALE) + SMALL_AT[1],
        round((LARGE[1] - LARGE[0]) / SMALL_SCALE),
        round((LARGE[3] - LARGE[2]) / SMALL_SCALE),
    ]
    text = json.dumps({"size": size, "frame": frame, "regions": made}, indent=1, ensure_ascii=False)
    (ROOT / "quebec.json").write_text(f"{text}\n", "utf-8")


if __name__ == "__main__":
    main()
