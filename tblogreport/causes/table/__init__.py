"""The causes, one row each: tables to be read from top to bottom.

A row is considered when one of its `core` findings fired; its clues then add to or take from
its odds (natural logarithms: +2 makes it seven times as likely, -2 a seventh). A newcomer adds
a cause by adding a row to one of the tables and its words to `words/`, and a clue by adding
a line to a row.
"""

from __future__ import annotations

from tblogreport.causes.table.data import DATA
from tblogreport.causes.table.games import GAMES
from tblogreport.causes.table.learning_rate import LEARNING_RATE
from tblogreport.causes.table.network import NETWORK
from tblogreport.causes.table.task import TASK
from tblogreport.causes.table.training import TRAINING

HYPOTHESES = (*LEARNING_RATE, *TRAINING, *NETWORK, *DATA, *TASK, *GAMES)
