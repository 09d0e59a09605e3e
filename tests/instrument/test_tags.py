"""The arithmetic that all frameworks share, and the one table of tags."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tblogreport import instrument
from tblogreport.instrument import tags
from tblogreport.instrument.tags import (
    BUCKETS,
    Clock,
    Names,
    Schedule,
    buckets,
    norm,
    saturation_bounds,
    update_ratio,
)

README = Path(__file__).parent.parent.parent / "README.md"
FINITE = st.floats(-1e300, 1e300)
ARRAYS = hnp.arrays(np.float64, st.integers(1, 200), elements=FINITE)


def table(text: str) -> list[str]:
    """The rows of the table of tags in a text."""
    rows = text[text.index("| tag | kind |") :].splitlines()
    return [row for row in rows[: next(i for i, r in enumerate([*rows, ""]) if not r)] if row]


def test_the_readme_has_the_table_of_the_package() -> None:
    assert table(README.read_text(encoding="utf-8")) == table(instrument.__doc__ or "")


def test_the_table_names_every_tag() -> None:
    rows = table(instrument.__doc__ or "")[2:]
    named = {re.match(r"\| `(\w+)", row)[1] for row in rows}  # type: ignore[index]
    constants = {v for k, v in vars(tags).items() if k.isupper() and isinstance(v, str)}
    assert named == constants


@given(ARRAYS)
def test_every_value_is_in_a_bucket(values: np.ndarray) -> None:
    found = buckets(values)
    assert found.counts.sum() == values.size
    assert (found.edges[0], found.edges[-1]) == (values.min(), values.max())
    assert (np.diff(found.edges) >= 0).all()
    assert len(found.counts) == len(found.edges) - 1 == BUCKETS


@given(hnp.arrays(np.float64, st.integers(2, 200), elements=st.floats(-100, 100)))
def test_buckets_are_those_of_numpy_up_to_rounding_at_an_edge(values: np.ndarray) -> None:
    found = buckets(values)
    if found.edges[0] < found.edges[-1] - 1e-6:
        expected, _ = np.histogram(values, bins=found.edges)
        assert np.abs(np.cumsum(found.counts) - np.cumsum(expected)).max() <= np.sum(
            np.abs(values[:, None] - found.edges[None, 1:-1]) < 1e-9
        )


@pytest.mark.parametrize("value", [0.0, -3.5, 5e-324])
def test_one_value_makes_buckets_of_no_width(value: float) -> None:
    found = buckets(np.full((3, 4), value))
    assert (found.edges == value).all()
    assert found.counts.tolist() == [0.0] * 29 + [12.0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_one_value_that_is_not_finite_empties_the_histogram(bad: float) -> None:
    found = buckets([1.0, bad, 2.0])
    assert np.isnan(found.edges).all()
    assert found.counts.sum() == 0


def test_the_empty_tensor_has_an_empty_histogram() -> None:
    assert buckets(np.zeros((0, 3))).counts.sum() == 0


def test_the_smallest_and_the_widest_range() -> None:
    for values in ([0.0, 5e-324], [-1.7e308, 1.7e308]):
        found = buckets(values)
        assert found.counts.sum() == 2
        assert (np.diff(found.edges) >= 0).all()


@given(
    hnp.arrays(np.float32, hnp.array_shapes(), elements=st.floats(-(2.0**90), 2.0**90, width=32))
)
def test_a_norm_does_not_overflow_where_float32_would(values: np.ndarray) -> None:
    assert norm(values) == pytest.approx(np.linalg.norm(values.astype(np.float64).ravel()))


def test_an_update_of_nothing_has_no_ratio() -> None:
    assert update_ratio([0.0, 0.0], [1.0, 1.0]) is None
    assert update_ratio([3.0, 4.0], [3.0, 4.5]) == pytest.approx(0.1)


@pytest.mark.parametrize("name", ["tanh", "Tanh", "hard_sigmoid", "Softsign"])
def test_bounded_activations_are_known_in_both_spellings(name: str) -> None:
    low, high = saturation_bounds(name) or (0.0, 0.0)
    assert high == pytest.approx(0.94 if low < 0 else 0.97)


@pytest.mark.parametrize("name", ["relu", "gelu", "linear", "softmax", ""])
def test_others_are_not_bounded(name: str) -> None:
    assert saturation_bounds(name) is None


def test_two_things_never_share_a_name() -> None:
    names = Names()
    wanted = ["a", "a", "a_2", "b", "a"]
    assert [names.name(i, w) for i, w in enumerate(wanted)] == ["a", "a_2", "a_2_2", "b", "a_3"]
    assert names.name(0, "z") == "a"


@given(st.integers(1, 50), st.lists(st.integers(1, 30), max_size=40), st.integers(0, 500))
def test_a_record_is_made_once_in_every_period(every: int, jumps: list[int], start: int) -> None:
    schedule = Schedule(every)
    schedule.start(start)
    steps = [start, *(start + np.cumsum(jumps, dtype=int)).tolist()]
    recorded = []
    for step in steps:
        if schedule.due(step):
            schedule.done(step)
            recorded.append(step)
    periods = [step // every for step in recorded]
    assert len(set(periods)) == len(periods)
    missed = {step // every for step in steps if step % every == 0 or step >= start + every}
    assert missed <= set(periods)


def test_the_clock_never_stands_still() -> None:
    clock = Clock()
    times = [clock.now() for _ in range(1000)]
    assert (np.diff(times) > 0).all()
