import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tblogreport.reading.segments import Segment, Superseded, join


def segments(*steps: list[int]) -> list[Segment]:
    return [
        Segment(f"file{i}", {"step": np.array(part), "segment": np.full(len(part), i)})
        for i, part in enumerate(steps)
    ]


def points_of(parts: list[Segment], counted: Superseded) -> list[tuple[int, int]]:
    points = join(parts, counted)
    return list(zip(points["step"].tolist(), points["segment"].tolist(), strict=True))


def test_later_writing_wins() -> None:
    counted = Superseded()
    points = points_of(segments([0, 1, 2, 3], [2, 3, 4]), counted)
    assert points == [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1)]
    assert counted == Superseded(2, 2, 3, {"file0"})


def test_segments_that_follow_one_another_are_kept_whole() -> None:
    counted = Superseded()
    points = join(segments([0, 1], [2, 3], [9]), counted)
    assert points["step"].tolist() == [0, 1, 2, 3, 9]
    assert counted.points == 0


def test_steps_that_go_back_or_repeat_within_a_segment_stay_as_written() -> None:
    steps = [0, 5, 5, 5, 1, 2, 0, 7]
    assert join(segments(steps), Superseded())["step"].tolist() == steps


def test_a_restart_reaches_back_over_several_segments() -> None:
    counted = Superseded()
    points = points_of(segments([0, 1, 2], [3, 4], [1, 2]), counted)
    assert points == [(0, 0), (1, 2), (2, 2)]
    assert counted == Superseded(4, 1, 4, {"file0", "file1"})


parts = st.lists(st.lists(st.integers(-5, 20), min_size=1, max_size=8), min_size=1, max_size=6)


@given(parts)
def test_nothing_is_lost_uncounted_and_the_last_segment_is_whole(parts: list[list[int]]) -> None:
    counted = Superseded()
    points = points_of(segments(*parts), counted)
    dropped = counted.points + counted.restated
    assert len(points) + dropped == sum(map(len, parts))
    assert [step for step, segment in points if segment == len(parts) - 1] == parts[-1]


@given(parts)
def test_no_kept_point_stands_at_or_beyond_the_start_of_a_later_segment(
    parts: list[list[int]],
) -> None:
    for step, segment in points_of(segments(*parts), Superseded()):
        assert all(step < later[0] for later in parts[segment + 1 :])


@given(parts)
def test_merged_counts_are_those_of_all(parts: list[list[int]]) -> None:
    together, apart = Superseded(), Superseded()
    for index, steps in enumerate(parts):
        together.add(np.array(steps), f"file{index}")
        one = Superseded()
        one.add(np.array(steps), f"file{index}")
        apart.merge(one)
    apart.merge(Superseded())
    assert apart == together


def test_a_last_value_that_the_next_file_begins_with_is_no_restart() -> None:
    counted = Superseded()
    points = points_of(segments([0, 10, 20], [20, 30], [30, 40]), counted)
    assert [step for step, _ in points] == [0, 10, 20, 30, 40]
    assert (counted.points, counted.restated) == (0, 2)
