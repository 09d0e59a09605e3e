"""Where an event file is damaged, and how much was read behind it."""

from __future__ import annotations

from dataclasses import dataclass, field

# Places of which the bytes are remembered; a file of noise has no end of them.
_MOST_KEPT = 100


@dataclass
class Damage:
    """The damaged places of a file that were passed over, in their order.

    Places that lie one behind the other are one.
    """

    spans: list[tuple[int, int]] = field(default_factory=list)  # first byte, and the one behind
    places: int = 0  # of which `spans` are the first
    bytes: int = 0  # of all places
    saved: int = 0  # intact records behind the first place
    _end: int = -1  # of the last place

    def __bool__(self) -> bool:
        return self.places > 0

    def add(self, start: int, end: int) -> None:
        """Add the bytes from `start` up to `end`, which lie behind all others."""
        self.bytes += end - start
        if start == self._end:
            if self.places == len(self.spans):
                self.spans[-1] = (self.spans[-1][0], end)
        else:
            self.places += 1
            if len(self.spans) < _MOST_KEPT:
                self.spans.append((start, end))
        self._end = end
