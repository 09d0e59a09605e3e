from __future__ import annotations

import numpy as np

from tblogreport.context import build_context
from tblogreport.logged.scalars import scalars_of
from tblogreport.signals import Signals
from tests.runs import Scalar, make_run

FALL = np.linspace(2.0, 1.0, 30)


def shown(*scalars: Scalar) -> tuple[list[str], list[str]]:
    said: list[str] = []
    charts = scalars_of(Signals(build_context(make_run(*scalars))), said)
    return [chart.title for chart in charts], said


def test_what_is_no_loss_and_no_metric_has_a_chart_of_its_own() -> None:
    titles, said = shown(
        Scalar("loss", FALL, "train"),
        Scalar("custom/wobble", FALL),
        Scalar("update_ratio/fc1/kernel", FALL),
        Scalar("custom/once", [1.0]),
        Scalar("custom/lost", [np.nan] * 9),
    )
    assert titles == ["custom/wobble"]
    assert said == []


def test_those_beyond_ten_are_named() -> None:
    titles, said = shown(*(Scalar(f"custom/wobble_{n:02}", FALL) for n in range(13)))
    assert len(titles) == 10
    assert said == [
        "These scalars have no chart: `custom/wobble_10`, `custom/wobble_11` and "
        "`custom/wobble_12`."
    ]
