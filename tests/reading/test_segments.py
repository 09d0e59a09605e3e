from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from tblogreport.reading.segments import Segment, Superseded, join


@dataclass(frozen=True)
class Point:
    step: int
    segment: int


def segments(*steps: list[int]) -> list[Segment]:
    return [Segment(f"file{i}", [Point(step, i) for step in part]) for i, part in enumerate(steps)]


def test_later_writing_wins() -> None:
    counted = Superseded()
    points = join(segments([0, 1, 2, 3], [2, 3, 4]), counted)
    assert [(p.step, p.segment) for p in points] == [(0, 0), (1, 0), (2, 1), (3, 1), (4, 1)]
    assert counted == Superseded(2, 2, 3, {"file0"})


def test_segments_that_follow_one_another_are_kept_whole() -> None:
    counted = Superseded()
    assert [p.step for p in join(segments([0, 1], [2, 3], [9]), counted)] == [0, 1, 2, 3, 9]
    assert counted.points == 0


def test_steps_that_go_back_or_repeat_within_a_segment_stay_as_written() -> None:
    steps = [0, 5, 5, 5, 1, 2, 0, 7]
    assert [p.step for p in join(segments(steps), Superseded())] == steps


def test_a_restart_reaches_back_over_several_segments() -> None:
    counted = Superseded()
    points = join(segments([0, 1, 2], [3, 4], [1, 2]), counted)
    assert [(p.step, p.segment) for p in points] == [(0, 0), (1, 2), (2, 2)]
    assert counted == Superseded(4, 1, 4, {"file0", "file1"})


parts = st.lists(st.lists(st.integers(-5, 20), min_size=1, max_size=8), min_size=1, max_size=6)


@given(parts)
def test_nothing_is_lost_uncounted_and_the_last_segment_is_whole(parts: list[list[int]]) -> None:
    counted = Superseded()
    points = join(segments(*parts), counted)
    assert len(points) + counted.points == sum(map(len, parts))
    assert [p.step for p in points if p.segment == len(parts) - 1] == parts[-1]


@given(parts)
def test_no_kept_point_stands_at_or_beyond_the_start_of_a_later_segment(
    parts: list[list[int]],
) -> None:
    for point in join(segments(*parts), Superseded()):
        assert all(point.step < later[0] for later in parts[point.segment + 1 :])


@given(parts)
def test_merged_counts_are_those_of_all(parts: list[list[int]]) -> None:
    together, apart = Superseded(), Superseded()
    for index, steps in enumerate(parts):
        together.add(steps, f"file{index}")
        one = Superseded()
        one.add(steps, f"file{index}")
        apart.merge(one)
    apart.merge(Superseded())
    assert apart == together
