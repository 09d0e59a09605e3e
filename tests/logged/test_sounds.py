from __future__ import annotations

import io
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tblogreport
from tblogreport.findings import Sound
from tblogreport.logged.sounds import decoded, sounds_of
from tests.eventfiles import event_file_name, strings_event, write_events
from tests.media import tone


def kept(root: Path, *steps: list[bytes]) -> tuple[tuple[Sound, ...], list[str]]:
    events = [strings_event("s", sounds, step, plugin="audio") for step, sounds in enumerate(steps)]
    write_events(root / "run" / event_file_name(), events)
    (run,) = tblogreport.read(root / "run")
    said: list[str] = []
    return sounds_of(run.media, said), said


def played(wav: bytes) -> tuple[int, np.ndarray]:
    with wave.open(io.BytesIO(wav)) as file:
        frames = file.readframes(file.getnframes())
        return file.getframerate(), np.frombuffer(frames, "<i2") / 32_767


@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_width_of_samples_is_decoded(width: int, channels: int) -> None:
    rate, values = decoded(tone(width=width, channels=channels)) or (0, np.zeros(0))
    expected = 0.5 * np.sin(2 * np.pi * 440 * np.arange(2_000) / 8_000)
    assert rate == 8_000
    assert np.allclose(values, expected, atol=0.01)


def test_what_is_played_is_what_was_logged(tmp_path: Path) -> None:
    (sound,), said = kept(tmp_path, [tone(0.5)])
    rate, values = played(sound.wav)
    assert (rate, len(values)) == (8_000, 4_000)
    assert np.allclose(values, (decoded(tone(0.5)) or (0, np.zeros(0)))[1], atol=1e-3)
    assert sound.seconds == 0.5
    assert max(sound.high) == pytest.approx(0.5, abs=0.01)
    assert said == []


def test_a_long_sound_of_a_high_rate_is_shortened(tmp_path: Path) -> None:
    (sound,), _ = kept(tmp_path, [tone(9.0, rate=44_100)])
    rate, values = played(sound.wav)
    assert sound.seconds == pytest.approx(9.0)
    assert len(values) / rate == pytest.approx(5.0, rel=0.01)
    assert 8_000 <= rate <= 16_000


def test_the_first_and_last_step_are_kept_within_a_bound(tmp_path: Path) -> None:
    found, said = kept(tmp_path, *[[tone(4.0)] * 5 for _ in range(3)])
    assert {sound.step for sound in found} <= {0, 2}
    assert len(found) == 6
    assert sum(len(sound.wav) for sound in found) <= 120_000
    assert [sound.label for sound in found[:2]] == ["1 of 5", "2 of 5"]
    assert said == ["4 more of the sounds are not shown."]


def test_what_is_no_wav_is_said(tmp_path: Path) -> None:
    found, said = kept(tmp_path, [b"OggS", tone()])
    assert len(found) == 1
    assert said == ["1 of the sounds cannot be decoded: only WAV can be."]


@settings(max_examples=200, deadline=None)
@given(st.integers(0, 60), st.integers(0, 255), st.integers(0, 4_100))
def test_damaged_sounds_are_kept_or_left_out(place: int, byte: int, length: int) -> None:
    content = bytearray(tone())
    content[place] = byte
    found = decoded(bytes(content[: max(1, len(content) - length)]))
    assert found is None or (len(found[1]) and np.isfinite(found[1]).all())
