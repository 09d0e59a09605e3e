"""What the data of a run is, before anyone judges it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from tblogreport.context.fine_tuning import fine_tunes, has_ended
from tblogreport.context.keras_model import KerasModel, keras_model
from tblogreport.context.kind import Kind, kind_of
from tblogreport.context.layers import Layers, find_layers
from tblogreport.context.optimizer import is_adaptive
from tblogreport.context.roles import assign_roles
from tblogreport.context.schedule import Schedule, schedule_of
from tblogreport.context.selection import primary_losses, primary_metrics
from tblogreport.context.series import Role, Series
from tblogreport.context.trainings import find_trainings
from tblogreport.reading.run import Run

# What programs call the learning rate among their hyperparameters.
_RATES = frozenset({"lr", "learning_rate", "learningrate", "base_lr", "initial_lr", "init_lr"})


@dataclass(frozen=True, eq=False)
class Context:
    """A run with the meaning of its series and tensors.

    Where the log holds several trainings, it is the last one's.
    """

    run: Run
    series: tuple[Series, ...]
    kind: Kind
    train_loss: Series | None
    validation_loss: Series | None
    train_metric: Series | None
    validation_metric: Series | None
    layers: Layers
    model: KerasModel | None = None  # from its own config, where Keras logged it
    trainings: int = 1  # that the log holds

    def of_role(self, role: Role) -> tuple[Series, ...]:
        """All series of a role, longest first."""
        found = [series for series in self.series if series.role == role]
        return tuple(sorted(found, key=len, reverse=True))

    @property
    def learning_rate(self) -> Series | None:
        """The learning rate; of several parameter groups' the one with most points."""
        return next(iter(self.of_role(Role.LEARNING_RATE)), None)

    @property
    def chosen_rate(self) -> float | None:
        """The learning rate that was logged as a hyperparameter; None without one above 0."""
        for name, value in self.run.hparams.items():
            last = re.split(r"[/.]", name)[-1].lower().replace("-", "_")
            if last in _RATES and isinstance(value, float) and value > 0:
                return value
        return None

    @cached_property
    def schedule(self) -> Schedule | None:
        """What became of the learning rate; None where none was logged."""
        return schedule_of(self.learning_rate)

    @cached_property
    def fine_tunes(self) -> bool:
        """Whether the run goes on from trained weights, as far as the log gives that away."""
        return fine_tunes(self.series)

    @cached_property
    def adaptive(self) -> bool | None:
        """Whether the optimiser scales its steps, as Adam does; None where nothing tells."""
        return is_adaptive(self.model, self.learning_rate, self.series, self.run.hparams)

    @cached_property
    def has_ended(self) -> bool:
        """Whether the training is known to have ended; most logs do not say."""
        return has_ended(self.series)

    @property
    def gradient_norm(self) -> Series | None:
        """The norm of the whole gradient."""
        return next(iter(self.of_role(Role.GRADIENT_NORM)), None)

    def roles(self) -> dict[str, tuple[str, str]]:
        """The series that speak for the run: role → (split, tag)."""
        spoken = {
            "train_loss": self.train_loss,
            "validation_loss": self.validation_loss,
            "train_metric": self.train_metric,
            "validation_metric": self.validation_metric,
            "learning_rate": self.learning_rate,
            "gradient_norm": self.gradient_norm,
        }
        return {role: (s.split, s.tag) for role, s in spoken.items() if s is not None}


def build_context(run: Run, roles: Mapping[str, str] | None = None) -> Context:
    """Give every series and tensor of `run` its meaning.

    `roles` maps a role to a tag, as a user's configuration says it. Raises
    `ValueError` for a role that does not exist.
    """
    series = tuple(assign_roles(run.scalars, roles))
    kind = kind_of(series)
    trainings = find_trainings(run, series) if kind == Kind.SUPERVISED else None
    if trainings is not None:
        run = trainings.last(run)
        series = tuple(assign_roles(run.scalars, roles))
    train_loss, validation_loss = primary_losses(series, one_total=kind == Kind.SUPERVISED)
    train_metric, validation_metric = primary_metrics(series, train_loss or validation_loss)
    model = keras_model(run.keras_config)
    return Context(
        run=run,
        series=series,
        kind=kind,
        train_loss=train_loss,
        validation_loss=validation_loss,
        train_metric=train_metric,
        validation_metric=validation_metric,
        layers=find_layers(run, series, model),
        model=model,
        trainings=trainings.count if trainings is not None else 1,
    )
