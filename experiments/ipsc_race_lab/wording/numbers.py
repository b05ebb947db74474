"""Numbers as every output writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]  # shape (runs, measures)


LARGE = 100  # from here on a digit after the point says nothing


def number_words(value: float, sign: str = "") -> str:
    """A number with one decimal, without where it is large."""
    digits = 0 if abs(value) >= LARGE else 1
    return f"{value:{sign}.{digits}f}"
