"""What is derived once per run and shared by the checks, computed on first use.

`derived.py` holds what its series and tensors show, `outcome.py` how the run ended; the
other modules compute one kind of signal each, of one series or one histogram.
"""

from tblogreport.signals.derived import PLATEAU_SHARE
from tblogreport.signals.outcome import Signals

__all__ = ["PLATEAU_SHARE", "Signals"]
