"""Which data split (train, validation, test) a directory or a tag speaks of.

The names are those that real writers use: Keras (`validation/`, `val_loss`),
Estimator (`eval/`), Ludwig (`training/`), Hugging Face (`eval/loss`) and others.
Only whole words count: `value_loss` and `latest/loss` name no split.
"""

from __future__ import annotations

import re

SPLITS = ("train", "validation", "test", "")
"""The canonical names in the order in which they are listed; "" is "not said"."""

SPLIT_OF_WORD = {
    "train": "train",
    "training": "train",
    "trn": "train",
    "tr": "train",
    "validation": "validation",
    "val": "validation",
    "valid": "validation",
    "eval": "validation",
    "evaluate": "validation",
    "evaluation": "validation",
    "va": "validation",
    "dev": "validation",
    "heldout": "validation",
    "holdout": "validation",
    "test": "test",
    "te": "test",
    "testing": "test",
}

# "std_dev" and "standard deviation" are statistics, not the development set.
_BEFORE_DEVIATION = {"std", "standard", "mean", "abs"}

# Word boundaries inside an identifier: valLoss, val2, BCELoss.
_INNER_BOUNDARY = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[A-Za-z])(?=\d)|(?<=\d)(?=[A-Za-z])"
)
_WORD = re.compile(r"[^\W_]+")
# Words that some write as one: `valloss`, `held_out_error`.
GLUED = re.compile(r"\b(train|val|valid|eval|test)(loss|acc|accuracy|err|error)\b")
_APART = re.compile(r"\b(held|hold)[_ -](?=out\b|out_)", re.IGNORECASE)


def split_of_name(name: str) -> str:
    """Return the split that a directory of this name holds, or ""."""
    return SPLIT_OF_WORD.get(name.casefold(), "")


def split_of_tag(tag: str) -> str:
    """Return the split that a scalar tag names itself, or "".

    The most specific part of the tag decides: `train/val_loss` is validation.
    A part that names two splits (`train_val_gap`) says nothing.
    """
    for part in reversed(tag.split("/")):
        named = _splits_of_words(_words(part))
        if len(named) == 1:
            return named.pop()
    return ""


def split_of_histogram_tag(tag: str) -> str:
    """Return the split that a histogram tag names itself, or "".

    Histogram tags are made of layer names, in which a word such as "val" is part
    of the architecture (`val_proj.weight`): only a whole part between slashes counts.
    """
    for part in reversed(tag.split("/")):
        if split := split_of_name(part):
            return split
    return ""


def label(split: str, tag: str) -> str:
    """Return how a series is named to people: `train/epoch_loss`, `val_loss`.

    The split stands before the tag unless the tag names that very split itself
    or the log does not say to which split the series belongs.
    """
    if not split or split_of_tag(tag) == split:
        return tag
    return f"{split}/{tag}"


def _words(part: str) -> list[str]:
    return [
        word
        for run in _WORD.findall(_APART.sub(r"\1", part))
        for word in GLUED.sub(r"\1 \2", _INNER_BOUNDARY.sub(" ", run).casefold()).split(" ")
    ]


def _splits_of_words(words: list[str]) -> set[str]:
    return {
        SPLIT_OF_WORD[word]
        for before, word in zip(["", *words], words, strict=False)
        if word in SPLIT_OF_WORD and not (word == "dev" and before in _BEFORE_DEVIATION)
    }
