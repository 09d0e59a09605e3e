"""What scores and levels say of a loss that stays where it is, in words."""

from __future__ import annotations

from collections.abc import Iterator

from tblogreport.numbers import integer, number, percent
from tblogreport.signals import Signals
from tblogreport.signals.progress import Guess


def scores_in_words(signals: Signals, guess: Guess | None) -> str:
    """Sentences on what the loss is that of, each with a space before it; "" for none."""
    said = [
        *_of_guesses(signals, guess),
        *_of_validation(signals, guess),
        *_of_one_answer(signals, guess),
    ]
    return "".join(f" {sentence}" for sentence in said)


def _of_guesses(signals: Signals, guess: Guess | None) -> Iterator[str]:
    if signals.worse_than_guessing or (signals.above_guess and guess is None):
        yield "That is above the loss of a mere guess: the outputs are thrown about."
    if signals.stays_at_chance is not None and guess is None:
        yield (
            f"The accuracy stays at that of a guess among {signals.stays_at_chance} classes at "
            "every evaluation, and the loss never below what such a guess costs."
        )
    if signals.rests_at_a_guess is not None:
        yield (
            f"Both losses stay at ln {integer(signals.rests_at_a_guess)}, what a guess among as "
            "many classes costs."
        )


def _of_validation(signals: Signals, guess: Guess | None) -> Iterator[str]:
    held_out, context = signals.held_out_guess, signals.context
    if guess is None and held_out is not None:
        yield (
            f"On validation data the accuracy, {percent(held_out.accuracy)}, is that of guessing "
            f"(exp(−loss) = {percent(held_out.expected)}), and the loss never fell."
        )
    if signals.never_generalised and context.validation_loss is not None:
        yield (
            f"`{context.validation_loss.label}` never came below where it began: what is learned "
            "does not carry over to new samples."
        )
    if signals.score_never_carried_over and context.validation_metric is not None:
        yield (
            f"The accuracy of training rose, that of validation "
            f"(`{context.validation_metric.label}`) never did."
        )


def _of_one_answer(signals: Signals, guess: Guess | None) -> Iterator[str]:
    if signals.stuck_at_one_answer and guess is None:
        yield (
            "The accuracy on validation data takes the same few values throughout: the model "
            "gives one answer to everything, and this is what that costs."
        )
    if signals.flips:
        yield (
            "The accuracy hops between two values that make up one: all is called the one class, "
            "then all the other."
        )
    if signals.answers_the_majority:
        yield (
            "The accuracy is one value nearly throughout, and loss or F1 are those of a model "
            "that gives the most frequent class as the answer to everything."
        )
    elif signals.answers_never_change and signals.metric is not None:
        yield (
            f"`{signals.metric.label}` is {number(float(signals.metric.values[0]))} at every "
            "point: the model gives one answer to everything."
        )
