"""Train scenarios and log them as a Keras user would, with gradients and activations."""

from __future__ import annotations

import difflib
import importlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tblogreport.trainer.data import DataError
from tblogreport.trainer.progress import Tick, training_progress
from tblogreport.trainer.scenario import Experiment, Scenario, all_scenarios

ALL = "all"
# Histograms are logged about this many times a run: enough to see a trend, in little space.
RECORDS = 8
DEFAULT_SEED = 0


class TrainerError(Exception):
    """A scenario cannot be trained; the message is one sentence for the user."""


class TrainingInterrupted(KeyboardInterrupt):
    """Ctrl-C; the message is one sentence that says where the log is, readable up to there."""


def train(
    names: Sequence[str],
    out: Path,
    *,
    seed: int | None = None,
    epochs: int | None = None,
    data: str | None = None,
) -> None:
    """Train scenarios by name (`all` is every one) into `out/<name>/train` and `…/validation`.

    Prints the directory of each run when it is done. The names of the event files do
    not hold the machine's name, so that the runs can be shared. Raises `TrainerError`
    for an unknown name, for less than one epoch, for data that a scenario is not made
    for or that cannot be had, when TensorFlow or scikit-learn is missing, and when a
    run's directory is in use or cannot be written; `TrainingInterrupted` on Ctrl-C.
    """
    scenarios = _scenarios(names)
    if epochs is not None and epochs < 1:
        raise TrainerError(f"a run needs at least 1 epoch, not {epochs}")
    for scenario in scenarios:
        _need_data(scenario, data)
        _need_free(out / scenario.name)
    _need_frameworks()
    with training_progress(len(scenarios)) as progress:
        for number, scenario in enumerate(scenarios, 1):
            experiment = _experiment(scenario, DEFAULT_SEED if seed is None else seed, data)
            length = epochs or experiment.epochs
            log_dir = out / scenario.name
            _make(log_dir)
            try:
                _train(experiment, log_dir, length, progress(scenario.name, number, length))
            except KeyboardInterrupt as interrupt:
                raise TrainingInterrupted(
                    f"interrupted; {log_dir} holds what {scenario.name} logged up to here"
                ) from interrupt
            finally:
                _drop_host_names(log_dir)
            print(f"{scenario.name}: {log_dir}", flush=True)


def _scenarios(names: Sequence[str]) -> list[Scenario]:
    known = all_scenarios()
    chosen = list(known) if ALL in names else list(dict.fromkeys(names))
    for name in chosen:
        if name not in known:
            close = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {close[0]}?" if close else "`tblogreport train --list` lists them"
            raise TrainerError(f"there is no scenario {name!r}; {hint}")
    return [known[name] for name in chosen]


def _need_data(scenario: Scenario, data: str | None) -> None:
    if data is not None and data not in scenario.data:
        able = [other.name for other in all_scenarios().values() if data in other.data]
        hint = f"{', '.join(able)} can" if able else "`tblogreport train --list` says which are"
        raise TrainerError(f"{scenario.name} cannot be trained on the data {data!r}; {hint}")


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


def _experiment(scenario: Scenario, seed: int, data: str | None) -> Experiment:
    import keras

    keras.backend.clear_session()  # layers are numbered anew
    keras.utils.set_random_seed(seed)
    try:
        return scenario.make(seed) if data is None else scenario.make(seed, scenario.data[data])
    except DataError as error:
        raise TrainerError(str(error)) from error


def _train(experiment: Experiment, log_dir: Path, epochs: int, tick: Tick) -> None:
    import keras

    data = experiment.data

    def fit(callbacks: Sequence[Any] = ()) -> None:
        logging = [*_logging(experiment, log_dir, epochs), *experiment.callbacks(log_dir)]
        try:
            experiment.model.fit(
                data.x_train,
                data.y_train,
                batch_size=experiment.batch_size,
                validation_data=(data.x_validation, data.y_validation),
                epochs=epochs,
                callbacks=[
                    *logging,
                    *callbacks,
                    keras.callbacks.LambdaCallback(
                        on_epoch_end=lambda epoch, logs: tick(epoch + 1, logs["loss"])
                    ),
                ],
                verbose=0,
            )
        except BaseException:
            # Keras leaves open writers behind, with the last events unwritten.
            for callback in logging:
                callback.on_train_end()
            raise

    experiment.course(fit, epochs)


def _logging(experiment: Experiment, log_dir: Path, epochs: int) -> list[Any]:
    """What every scenario logs: Keras' own callback, and `TensorHealth` beside it."""
    import keras

    from tblogreport.instrument.keras import TensorHealth

    steps = -(-len(experiment.data.x_train) // experiment.batch_size)
    return [
        keras.callbacks.TensorBoard(str(log_dir)),
        TensorHealth(log_dir, every=max(1, steps * epochs // RECORDS)),
    ]


def _drop_host_names(log_dir: Path) -> None:
    """Name event files by time, process number and number, without the host in between."""
    for path in sorted(log_dir.glob("**/events.out.tfevents.*")):
        parts = re.fullmatch(r"(events\.out\.tfevents\.\d+)\..*\.(\d+)(\.v2)?", path.name)
        if parts:
            path.rename(path.with_name(f"{parts[1]}.{parts[2]}{parts[3] or ''}"))
