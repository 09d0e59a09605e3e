"""Half a minute of the fuzzer, and what it once found."""

import pytest

from tests.reading.fuzz import fuzz


@pytest.mark.slow
def test_no_damaged_file_fails_or_hangs_or_tells_what_was_not_written() -> None:
    report = fuzz(seconds=30.0, seed=20)
    assert report.files > 100
    assert report.failures == 0
