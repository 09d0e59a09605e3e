"""Run Python in a process of its own: TensorFlow stays out of the one that runs the tests."""

from __future__ import annotations

import subprocess
import sys

_WITHOUT_TENSORFLOW = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in {"tensorflow", "keras", "sklearn"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Missing())
"""


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    """What Python printed and returned."""
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


def python_without_tensorflow(code: str) -> subprocess.CompletedProcess[str]:
    """What the code printed and returned where the extra `train` is not installed."""
    return python("-c", _WITHOUT_TENSORFLOW + code)
