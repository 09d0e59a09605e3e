"""The tags of the programs that the third author's drawn runs come from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """The tags of one program; `per_step` where it logs the training loss within epochs."""

    loss: str
    val_loss: str
    metric: str
    val_metric: str
    lr: str
    norm: str
    epoch: str = ""
    per_step: bool = False
    splits: bool = False  # it writes two directories
    percent: bool = False
    others: tuple[str, ...] = ()


_KERAS = ("epoch_loss", "epoch_loss", "epoch_accuracy", "epoch_accuracy", "epoch_learning_rate")
PROGRAMS = (
    Program(*_KERAS, "grad_norm", splits=True, others=("epoch_steps_per_second",)),
    Program("Loss/train", "Loss/test", "Accuracy/train", "Accuracy/test", "LR", "Grad/norm"),
    Program("loss", "loss", "acc", "acc", "lr", "grad_norm", splits=True, others=("epoch_time",)),
    Program("train_loss", "valid_loss", "train_acc", "valid_acc", "lr", "gnorm", percent=True),
    Program("train_loss", "eval_loss", "train_top1", "eval_top1", "lr", "grad_norm", percent=True),
    Program("Train/Loss", "Val/Loss", "Train/Acc", "Val/Acc", "Train/LR", "Train/GradNorm"),
    Program(
        *("train/loss", "eval/loss", "", "eval/accuracy", "train/learning_rate"),
        *("train/grad_norm", "train/epoch", True),
        others=("train/num_input_tokens_seen",),
    ),
    Program(
        *("train_loss_step", "val_loss", "train_acc_step", "val_acc", "lr-AdamW"),
        *("grad_2.0_norm_total", "epoch", True),
    ),
    Program(
        *("train/loss", "val/loss", "train/acc", "val/acc", "lr-SGD/pg1"),
        *("grad_2.0_norm/total", "epoch", True),
        others=("DeviceStatsMonitor.on_train_batch_end/allocated_bytes.all.current",),
    ),
    Program(
        *("loss", "loss", "accuracy", "accuracy", "lr", "gnorm", "", True, True, True),
        others=("wps", "ups", "train_wall"),
    ),
    Program(
        *("loss", "val/loss", "", "accuracy/top1", "lr", "grad_norm", "", True),
        percent=True,
        others=("time", "data_time", "memory"),
    ),
    Program(
        *("total_loss", "validation_loss", "", "bbox/AP50", "lr", "grad_norm", "", True),
        percent=True,
        others=("time", "data_time", "eta_seconds"),
    ),
    Program(
        *("Train/loss", "Evaluate/loss", "", "Evaluate/Acc", "Train/lr", "Train/grad_norm"),
        *("", True),
        others=("Train/reader_cost", "Train/batch_cost"),
    ),
    Program(
        *("train_loss", "valid_loss", "", "accuracy", "lr_0", "grad_norm", "", True),
        others=("mom_0", "wd_0"),
    ),
    Program(
        *("train_loss", "eval_loss", "train_accuracy", "eval_accuracy", "learning_rate"),
        *("train_grad_norm", "", True),
        others=("steps_per_second", "uptime"),
    ),
    Program(
        *("lm loss", "lm loss validation", "", "", "learning-rate", "grad-norm", "", True),
        others=("iteration-time", "batch-size", "params-norm"),
    ),
    Program(
        *("Loss/total_loss", "eval/Loss/total_loss", "", "eval/accuracy", "learning_rate"),
        *("global_norm/gradient_norm", "", True),
        others=("global_step/sec",),
    ),
)
