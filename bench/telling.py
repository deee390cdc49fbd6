# SPDX-License-Identifier: Apache-2.0
"""Writes the figures down: as a table for the terminal and the docs, and as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.rewrite import CAT, OURS, SED, WAYS, Figure

DOCS = Path(__file__).resolve().parents[1] / "docs"
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
_BAR, _LEFT, _WIDTH = 18, 190, 680
_COLOURS = {
    CAT: "#b0b8c0",
    "sed, one literal": "#8fa6bc",
    SED: "#6f87a0",
    OURS: "#1f6feb",
    "wpclone rewrite --mask": "#5b8def",
}


def table(figures: Sequence[Figure]) -> str:
    """Make a table in Markdown."""
    lines = [
        "| dump | way | MB/s | processor s | peak MiB |",
        "|---|---|--:|--:|--:|",
    ]
    lines += map(_line, figures)
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    way = figure.way.replace("|", r"\|")  # a bar would end the cell
    numbers = f"{figure.rate:,.0f} | {figure.processor:.2f} | {figure.peak:,.0f}"
    return f"| {figure.dump} | {way} | {numbers} |"


def picture(figures: Sequence[Figure]) -> str:
    """Draw the rates of the filters as bars, in SVG."""
    shown = [figure for figure in figures if figure.way in WAYS and figure.way != CAT]
    most = max((figure.rate for figure in shown), default=1)
    parts: list[str] = []
    at = 10
    for dump in dict.fromkeys(figure.dump for figure in shown):
        parts.append(f'<text x="10" y="{at + 13}" font-weight="bold">{dump}</text>')
        at += _BAR
        for figure in (each for each in shown if each.dump == dump):
            width = (_WIDTH - _LEFT - 60) * figure.rate / most
            middle = at + _BAR - 5
            parts.append(
                f'<text x="20" y="{middle}">{figure.way}</text>'
                f'<rect x="{_LEFT}" y="{at + 3}" width="{width:.0f}" height="{_BAR - 5}"'
                f' fill="{_COLOURS[figure.way]}"/>'
                f'<text x="{_LEFT + width + 6:.0f}" y="{middle}">{figure.rate:,.0f} MB/s</text>'
            )
            at += _BAR
        at += 8
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{at + 4}"'
        ' font-family="sans-serif" font-size="12">'
        '<rect width="100%" height="100%" fill="#ffffff"/>' + "".join(parts) + "</svg>\n"
    )


def write(figures: Sequence[Figure], circumstances: str) -> None:
    """Put table and picture into the docs."""
    page = DOCS / "performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    text = f"{before}{BEGIN}\n{circumstances}\n\n{table(figures)}\n{END}{after}"
    page.write_text(text)
    (DOCS / "pictures" / "performance.svg").write_text(picture(figures))
