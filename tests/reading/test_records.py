from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tblogreport.reading.records import RecordReader
from tests.eventfiles import record

payloads = st.lists(st.binary(max_size=60), min_size=1, max_size=12)


def read_bytes(path: Path, content: bytes) -> tuple[RecordReader, list[bytes]]:
    path.write_bytes(content)
    reader = RecordReader(path)
    return reader, list(reader)


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("records") / "file"


@given(payloads)
def test_sound_file_is_read_whole(path: Path, payloads: list[bytes]) -> None:
    reader, found = read_bytes(path, b"".join(map(record, payloads)))
    assert found == payloads
    assert reader.records == len(payloads)
    assert reader.stopped_at is None
    assert not reader.damage


@given(payloads, st.data())
def test_cut_file_gives_every_whole_record_and_says_where_it_ends(
    path: Path, payloads: list[bytes], data: st.DataObject
) -> None:
    content = b"".join(map(record, payloads))
    last = len(record(payloads[-1]))
    missing = data.draw(st.integers(1, last - 1))
    reader, found = read_bytes(path, content[:-missing])
    assert found == payloads[:-1]
    assert reader.stopped_at == len(content) - last
    assert reader.cut_off or reader.zero_tail


@given(payloads, st.data())
def test_one_changed_byte_costs_one_record(
    path: Path, payloads: list[bytes], data: st.DataObject
) -> None:
    content = bytearray(b"".join(map(record, payloads)))
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    reader, found = read_bytes(path, bytes(content))
    ends = [len(b"".join(map(record, payloads[: i + 1]))) for i in range(len(payloads))]
    hit = next(i for i, end in enumerate(ends) if place < end)
    # A record of no bytes is not looked for: no event is empty.
    kept = payloads[:hit] + payloads[hit + 1 :]
    assert [p for p in found if p] == [p for p in kept if p]
    assert reader.damage.places == 1 or reader.stopped_at is not None
    assert reader.damage.saved == (len(found) - hit if reader.damage else 0)


@given(payloads, payloads, st.binary(min_size=1, max_size=200))
def test_garbage_between_records_is_skipped(
    path: Path, before: list[bytes], after: list[bytes], garbage: bytes
) -> None:
    after = [payload + b"." for payload in after]
    content = b"".join(map(record, before)), b"".join(map(record, after))
    reader, found = read_bytes(path, content[0] + garbage + content[1])
    assert found == before + after
    assert reader.damage.spans == [(len(content[0]), len(content[0] + garbage))]
    assert reader.damage.bytes == len(garbage)
    assert reader.damage.saved == len(after)


def test_bytes_lost_inside_a_record_cost_that_record_only(path: Path) -> None:
    content = record(b"a" * 100)[:50] + record(b"b" * 40) + record(b"c" * 40)
    _, found = read_bytes(path, content)
    assert found == [b"b" * 40, b"c" * 40]


def test_header_across_two_chunks_is_found(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tblogreport.reading.records._FIRST_CHUNK", 64)
    for length in range(40, 300):
        _, found = read_bytes(path, b"\xff" * length + record(b"found"))
        assert found == [b"found"]


def test_tail_of_zero_bytes_is_told_from_a_cut(path: Path) -> None:
    reader, found = read_bytes(path, record(b"one") + bytes(5000))
    assert found == [b"one"]
    assert reader.zero_tail
    assert not reader.cut_off
    assert reader.stopped_at == len(record(b"one"))


@settings(deadline=None)
@given(st.binary(max_size=3000))
def test_any_bytes_are_read_to_their_end(path: Path, content: bytes) -> None:
    reader, found = read_bytes(path, content)
    assert reader.records == len(found)
    assert reader.size == len(content)


def test_a_claim_to_be_huge_is_not_believed(path: Path) -> None:
    huge = record(b"x" * 8)[:4] + b"\xff" * 4
    reader, found = read_bytes(path, huge + bytes(8) + record(b"after"))
    assert found == [b"after"]
    assert reader.headers == 1


@pytest.mark.parametrize("count", [1, 15, 16, 40])
def test_records_of_no_bytes_are_read_however_many_there_are(path: Path, count: int) -> None:
    """Found by the fuzzer: many records of one length are checked together."""
    reader, found = read_bytes(path, record(b"") * count + record(b"last"))
    assert found == [b""] * count + [b"last"]
    assert not reader.damage
