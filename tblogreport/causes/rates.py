"""The learning rate in what is said of causes: as it was, and as it should be."""

from __future__ import annotations

from tblogreport.causes.case import Case
from tblogreport.numbers import number


def harmful_rate(case: Case) -> float | None:
    """The learning rate at which the loss began to rise, else the highest; None if not logged."""
    at_rise = case.measured("diverging-loss", "learning_rate")
    return case.signals.highest_learning_rate if at_rise is None else at_rise


def harmful_rate_in_words(case: Case) -> str:
    """The rate at which the loss began to rise, else the highest, in parentheses."""
    return _in_parentheses(harmful_rate(case))


def learning_rate_in_words(case: Case) -> str:
    """The highest learning rate that was logged, in parentheses; empty where none was."""
    return _in_parentheses(case.signals.highest_learning_rate)


def _in_parentheses(rate: float | None) -> str:
    return "" if rate is None else f" ({number(rate)})"


def lower_rate(case: Case) -> str:
    """The order to lower the learning rate, from where it did harm, if that was logged."""
    highest, turn = harmful_rate(case), case.measured("learning-rate-schedule", "rate_at_turn")
    if highest is None:
        return "Lower the learning rate three- to tenfold"
    if turn is not None:
        return f"Lower the learning rate from {number(highest)} to {number(turn, 2)} or below"
    return f"Lower the learning rate from {number(highest)} to {number(highest / 10, 2)}"


def raise_rate(case: Case) -> str:
    """The order to raise the learning rate, with the value where it was logged."""
    highest = case.signals.highest_learning_rate
    if highest is None:
        return "Raise the learning rate three- to tenfold"
    return f"Raise the learning rate from {number(highest)} to {number(highest * 10, 2)} or more"
