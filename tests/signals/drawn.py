"""What the property tests of signals draw, and how often."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

few = settings(derandomize=True, max_examples=40, deadline=None, database=None)

# Magnitudes that float32 training meets, and exact zeros more often than chance would have them.
_value = st.one_of(st.just(0.0), st.floats(1e-9, 1e6), st.floats(-1e6, -1e-9))
tensor_values = arrays(np.float64, st.integers(1, 80), elements=_value)

LEVELS = np.linspace(0, 1, 21)  # of quantiles
