"""Whether every word of a figure can be read."""

from __future__ import annotations

import itertools

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.transforms import Bbox

from ipsc_race_lab.figures import style


def boxes(figure: Figure) -> list[tuple[Text, Bbox]]:
    """Every text on a page, and where it is."""
    canvas = figure.canvas
    assert isinstance(canvas, FigureCanvasAgg)
    with style.look():
        canvas.draw()
        found = [text for text in figure.findobj(Text) if isinstance(text, Text) and text not in beyond(figure)]
        return [(text, text.get_window_extent()) for text in found if text.get_visible() and text.get_text().strip()]


def beyond(figure: Figure) -> list[Text]:
    """Labels of ticks that lie outside their axis, and so are not drawn."""
    hidden = []
    for axes in figure.axes:
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            hidden += [tick.label1 for tick in axis.get_major_ticks() if not low <= tick.get_loc() <= high]
    return hidden


def check_clear(figure: Figure) -> None:
    """No text leaves the page or lies on another."""
    placed = boxes(figure)
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in placed:
        assert box.x0 >= 0, text
        assert box.y0 >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
    for (one, here), (other, there) in itertools.combinations(placed, 2):
        shared = Bbox.intersection(here, there)
        assert shared is None or min(shared.width, shared.height) < 2, (one.get_text(), other.get_text())


def words(figure: Figure) -> str:
    return " ".join(" ".join(text.get_text() for text, _ in boxes(figure)).split())


def overlaps(figure: Figure) -> list[tuple[str, str]]:
    """Pairs of texts that cover each other, and texts that leave the page."""
    renderer = figure.canvas.get_renderer()  # type: ignore[attr-defined]
    figure.draw(renderer)
    shown = [t for t in figure.findobj(Text) if t.get_visible() and t.get_text().strip()]
    # Text's own extent: that of an annotation would take in its arrow.
    boxes = [(t.get_text(), Text.get_window_extent(t, renderer)) for t in shown]
    page = figure.bbox
    inside = [(text, box) for text, box in boxes if box.width > 0 and box.x1 > 0 and box.x0 < page.x1]
    found = [
        (text, "the edge of the page")
        for text, box in inside
        if box.x0 < -1 or box.x1 > page.x1 + 1 or box.y0 < -1 or box.y1 > page.y1 + 1
    ]
    for (one, a), (other, b) in itertools.combinations(inside, 2):
        if min(a.x1, b.x1) - max(a.x0, b.x0) > 1 and min(a.y1, b.y1) - max(a.y0, b.y0) > 2:
            found.append((one, other))
    return found
