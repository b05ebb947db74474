"""Figures as small pictures for a notebook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ipsc_race_lab.figures import style

if TYPE_CHECKING:
    from matplotlib.figure import Figure


INLINE_DPI = 120
INLINE_COLOURS = 256  # of a figure of flat colours, with room for a small dot of one and for the edges of letters


def png(figure: Figure) -> bytes:
    """A figure as a small PNG for a notebook, with the same bytes for the same figure."""
    import io

    from PIL import Image

    drawn, small = io.BytesIO(), io.BytesIO()
    with style.look():
        style.make_drawable(figure)
        figure.savefig(drawn, format="png", dpi=INLINE_DPI)
    with Image.open(drawn) as image:
        image.convert("RGB").quantize(INLINE_COLOURS, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()
