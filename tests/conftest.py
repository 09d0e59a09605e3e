from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory without any configuration above it that speaks of us."""
    here = tmp_path / "here"
    here.mkdir()
    (here / "tblogreport.toml").touch()
    monkeypatch.chdir(here)
    return here
