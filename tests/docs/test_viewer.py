"""Mesa's viewer shows a race, as docs/how-to/mesa.md says; without a browser, where the extra `viewer` is installed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from ipsc_race import Race

pytestmark = pytest.mark.filterwarnings("default")  # those of other libraries are theirs
solara = pytest.importorskip("solara", reason="a viewer needs the extra `viewer`", exc_type=ImportError)

PAGE = (Path(__file__).parents[2] / "docs/how-to/mesa.md").read_text(encoding="utf-8")


def shown(element: Any) -> Any:
    """What a browser would show."""
    return solara.render(solara.AppLayout(children=[element]), handle_error=False)[1]


def press(page: Any, button: str) -> None:
    import ipyvuetify

    (found,) = [widget for widget in page.find(ipyvuetify.Btn).widgets if button in (widget.children or ())]
    found.click()


def test_the_page_of_the_recipe_is_shown() -> None:
    (code,) = re.findall(r"```py\n(.*?)```", PAGE, re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(code, "watch.py", "exec"), names)  # noqa: S102 - our own words
    shown(names["page"]).close()


def test_a_race_is_stepped_plotted_and_built_anew_with_a_slider() -> None:
    """Reset would otherwise race another world than the page says."""
    from mesa.visualization import Slider, SolaraViz, make_plot_component

    path = "jurisdictions.us.regulation.ind_review_months"
    model = solara.reactive(Race("null", collect=True, **{path: 1.0}))
    parameters = {"scenario": "null", "collect": True, path: Slider("review", 4.0, 1.0, 12.0, 1.0)}
    plot = make_plot_component(["us.companies", "us.approvals"])
    page = shown(SolaraViz(model, components=[plot], model_params=parameters))
    press(page, "Step")
    assert model.value.steps == 1
    assert len(model.value.datacollector.get_model_vars_dataframe()) == 1
    press(page, "Reset")
    assert model.value.steps == 0
    assert model.value.resolved.name == "null"
    assert model.value.resolved.scenario.jurisdictions["us"].regulation.ind_review_months == 4.0
    page.close()
