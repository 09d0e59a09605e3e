"""Train scenarios and log them as a Keras user would, with gradients and activations."""

from __future__ import annotations

import difflib
import importlib
import os
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tblogreport.trainer.scenario import Experiment, Scenario, all_scenarios

ALL = "all"
# Histograms are logged about this many times a run: enough to see a trend, in little space.
RECORDS = 15
# The batch that gradients and activations are logged on.
PROBE_SIZE = 256
DEFAULT_SEED = 0


class TrainerError(Exception):
    """A scenario cannot be trained; the message is one sentence for the user."""


def listing() -> str:
    """Return all scenarios with what they show and must be diagnosed as, as text."""
    return "\n\n".join(
        f"{s.name}  ({s.epochs} epochs, about {s.seconds} s)\n"
        f"    {s.shows}\n"
        f"    Findings: {', '.join(s.expected_findings) or 'none'}."
        + (f" Cause: {s.expected_cause}." if s.expected_cause else "")
        for s in all_scenarios().values()
    )


def train(
    names: Sequence[str], out: Path, *, seed: int | None = None, epochs: int | None = None
) -> None:
    """Train scenarios by name (`all` is every one) into `out/<name>/train` and `…/validation`.

    Prints the directory of each run when it is done. The names of the event files do
    not hold the machine's name, so that the runs can be shared. Raises `TrainerError`
    for an unknown name, for less than one epoch, when TensorFlow or scikit-learn is
    missing, and when a run's directory is in use or cannot be written.
    """
    scenarios = _scenarios(names)
    if epochs is not None and epochs < 1:
        raise TrainerError(f"a run needs at least 1 epoch, not {epochs}")
    for scenario in scenarios:
        _need_free(out / scenario.name)
    _need_frameworks()
    chosen_seed = DEFAULT_SEED if seed is None else seed
    for scenario in scenarios:
        log_dir = out / scenario.name
        _make(log_dir)
        with _progress(scenario.name) as progress:
            _fit(scenario, log_dir, chosen_seed, epochs or scenario.epochs, progress)
        _drop_host_names(log_dir)
        print(f"{scenario.name}: {log_dir}")


def _scenarios(names: Sequence[str]) -> list[Scenario]:
    known = all_scenarios()
    chosen = list(known) if ALL in names else list(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`tblogreport train --list` lists them"
            raise TrainerError(f"there is no scenario {name!r}; {hint}")
    return [known[name] for name in chosen]


def _need_frameworks() -> None:
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ["KERAS_BACKEND"] = "tensorflow"  # whatever the user's own models run on
    for module, package in (("tensorflow", "TensorFlow"), ("sklearn", "scikit-learn")):
        try:
            importlib.import_module(module)
        except ImportError as error:
            raise TrainerError(
                f"training needs {package}: pip install 'tblogreport[train]'"
            ) from error
    import keras

    if keras.backend.backend() != "tensorflow":
        raise TrainerError(
            f"training needs Keras on TensorFlow, and Keras runs on {keras.backend.backend()} "
            "already; train in a new process"
        )


def _need_free(log_dir: Path) -> None:
    """A second run in a directory would be taken for a resumed one."""
    try:
        occupied = log_dir.exists() and any(log_dir.iterdir())
    except OSError as error:
        raise TrainerError(f"cannot write to {log_dir}: {error.strerror}") from error
    if occupied:
        raise TrainerError(f"{log_dir} holds something already; remove it or give another --out")


def _make(log_dir: Path) -> None:
    try:
        log_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise TrainerError(f"cannot write to {log_dir}: {error.strerror}") from error


def _fit(
    scenario: Scenario,
    log_dir: Path,
    seed: int,
    epochs: int,
    progress: Callable[[int, float], None],
) -> None:
    import keras

    keras.utils.set_random_seed(seed)
    experiment = scenario.make(seed)
    data = experiment.data
    experiment.model.fit(
        data.x_train,
        data.y_train,
        batch_size=experiment.batch_size,
        validation_data=(data.x_validation, data.y_validation),
        epochs=epochs,
        callbacks=[
            *_logging(experiment, log_dir, every=max(1, epochs // RECORDS)),
            keras.callbacks.LambdaCallback(
                on_epoch_end=lambda epoch, logs: progress(epoch + 1, logs["loss"])
            ),
        ],
        verbose=0,
    )
    keras.backend.clear_session()


def _logging(experiment: Experiment, log_dir: Path, every: int) -> list[Any]:
    import keras

    from tblogreport.instrument.keras import TensorHealth

    probe = (experiment.data.x_train[:PROBE_SIZE], experiment.data.y_train[:PROBE_SIZE])
    return [
        keras.callbacks.TensorBoard(str(log_dir), histogram_freq=every),
        TensorHealth(log_dir, probe, every=every),
    ]


def _drop_host_names(log_dir: Path) -> None:
    """Name event files by time, process number and number, without the host in between."""
    for path in sorted(log_dir.glob("*/events.out.tfevents.*")):
        parts = re.fullmatch(r"(events\.out\.tfevents\.\d+)\..*\.(\d+)(\.v2)?", path.name)
        if parts:
            path.rename(path.with_name(f"{parts[1]}.{parts[2]}{parts[3] or ''}"))


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int, float], None]]:
    """Show epoch and loss on stderr, only on a terminal."""
    if not sys.stderr.isatty():
        yield lambda epoch, loss: None
        return
    from rich.console import Console

    with Console(stderr=True).status(f"{name}: starting TensorFlow") as status:
        yield lambda epoch, loss: status.update(f"{name}: epoch {epoch}, loss {loss:.4g}")
