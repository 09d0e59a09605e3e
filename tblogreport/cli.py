"""The command line: arguments, progress and exit status; nothing else.

Nothing heavy is imported before a command needs it, so that `--help` is instant.
"""

from __future__ import annotations

import argparse
import os
import shlex
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

from tblogreport import __version__

if TYPE_CHECKING:
    from tblogreport.config import Config
    from tblogreport.findings import Diagnosis

DEFAULT_OUTPUT = "tblogreport.html"
_SUFFIX_OF = {"json": ".json", "markdown": ".md"}
DONE, FOUND, FAILED, INTERRUPTED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    0 done; 1 a finding at or above `--fail-on`; 2 wrong usage, no run found, or a
    report that could not be written; 130 interrupted.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        status: int = options.command(options)
        sys.stdout.flush()
        return status
    except KeyboardInterrupt as interrupt:
        return _fail(str(interrupt) or "interrupted; no report was written", INTERRUPTED)
    except BrokenPipeError:  # the reader of our output has gone, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tblogreport",
        description="The post-mortem of a training run, from its TensorBoard event files.",
    )
    parser.add_argument("--version", action="version", version=f"tblogreport {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_analyze(commands.add_parser("analyze", help="diagnose the runs below a log directory"))
    explain = commands.add_parser("explain", help="print the page of a check")
    explain.add_argument("check", metavar="CHECK")
    explain.set_defaults(command=_explain)
    checks = commands.add_parser("checks", help="list all checks")
    checks.set_defaults(command=_checks)
    _add_train(commands.add_parser("train", help="train a scenario and log it"))
    return parser


def _add_analyze(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "logdir",
        nargs="+",
        metavar="LOGDIR",
        help="a directory, or its URL (s3://…, with the extra `remote`)",
    )
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        metavar="FILE",
        type=Path,
        help="write a report here; the suffix decides the format (.html .pdf .json .md, and .csv "
        f".parquet for a table of findings); may be repeated (default: {DEFAULT_OUTPUT})",
    )
    parser.add_argument(
        "--format",
        choices=("text", *_SUFFIX_OF),
        default="text",
        help="what goes to standard output (default: text)",
    )
    parser.add_argument("--select", type=_names, metavar="C,…", help="make these checks only")
    parser.add_argument("--ignore", type=_names, metavar="C,…", help="leave these checks out")
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "never"),
        help="exit with 1 on a finding at or above this severity (default: never)",
    )
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration (default: the nearest tblogreport.toml or pyproject.toml)",
    )
    parser.add_argument(
        "--jobs",
        type=_count,
        metavar="N",
        help="processes that work on many runs at once (default: one a core)",
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="have the workers of this Dask scheduler do it, such as tcp://scheduler:8786",
    )
    parser.set_defaults(command=_analyze)


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO")
    parser.add_argument("--list", action="store_true", help="list the scenarios and what they show")
    parser.add_argument("--out", type=Path, default=Path("logs"), metavar="DIR")
    parser.add_argument("--seed", type=int, help="seed of data, weights and order")
    parser.add_argument("--epochs", type=int, help="train for this many epochs instead")
    parser.add_argument(
        "--data", help="train on these data instead, where the list names them: mnist"
    )
    parser.set_defaults(command=_train)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())


def _analyze(options: argparse.Namespace) -> int:
    from tblogreport.analysis import DaskError, analyze
    from tblogreport.config import ConfigError, load_config
    from tblogreport.progress import progress_bar
    from tblogreport.reading import LogDirError
    from tblogreport.report import ReportError, check_output

    outputs = options.output or [Path(DEFAULT_OUTPUT)]
    try:
        for output in outputs:
            check_output(output)
        config = load_config(options.config).override(
            select=options.select, ignore=options.ignore, fail_on=options.fail_on
        )
        with _ending_cleanly(), progress_bar(_shown) as progress:
            diagnosis = analyze(
                *options.logdir,
                config=config,
                command=_command(options),
                progress=progress,
                jobs=options.jobs,
                dask=options.dask,
            )
            _write_all(diagnosis, outputs, progress)
    except (ConfigError, DaskError, LogDirError, ReportError) as error:
        return _fail(str(error))
    _print(diagnosis, options.format)
    for output in outputs:
        print(f"Report written to {_shown(str(output))}", file=sys.stderr)
    return FOUND if _fails(diagnosis, config) else DONE


def _write_all(
    diagnosis: Diagnosis, outputs: Sequence[Path], progress: Callable[[str, int, int], None]
) -> None:
    """Writes every report; one that is interrupted is not there at all."""
    from tblogreport.report import write

    written: list[str] = []
    for output in outputs:
        progress(f"Writing {output}", len(diagnosis.runs), len(diagnosis.runs))
        try:
            write(diagnosis, output)
        except KeyboardInterrupt:
            before = f"; {', '.join(written)} had been written" if written else ""
            raise KeyboardInterrupt(f"interrupted while writing {output}{before}") from None
        written.append(str(output))


@contextmanager
def _ending_cleanly() -> Iterator[None]:
    """SIGTERM ends the command as `exit` does, so that no worker is left behind.

    What joblib says of work that Ctrl-C leaves undone, and Dask of versions, is not for users.
    Afterwards all is as before: other programs may call `main`, in threads as well.
    """
    with warnings.catch_warnings(), ExitStack() as undo:
        warnings.filterwarnings("ignore", module="joblib|distributed")
        if threading.current_thread() is threading.main_thread():
            before = signal.signal(signal.SIGTERM, _terminated)
            undo.callback(signal.signal, signal.SIGTERM, before)
        yield


def _terminated(*_: object) -> None:
    raise SystemExit(128 + signal.SIGTERM)


def _command(options: argparse.Namespace) -> str:
    """The command that reproduces the report."""
    words = ["tblogreport", "analyze", *map(str, options.logdir)]
    for output in options.output or []:
        words += ["-o", str(output)]
    for flag in ("select", "ignore"):
        if getattr(options, flag):
            words += [f"--{flag}", ",".join(getattr(options, flag))]
    if options.config:
        words += ["--config", str(options.config)]
    return shlex.join(words)


def _print(diagnosis: Diagnosis, form: str) -> None:
    from tblogreport.report import render
    from tblogreport.report.terminal import print_summary

    if form == "text":
        print_summary(diagnosis, sys.stdout)
    else:
        sys.stdout.write(render(diagnosis, _SUFFIX_OF[form]).decode())


def _fails(diagnosis: Diagnosis, config: Config) -> bool:
    if config.fail_on == "never":
        return False
    counted = {"error"} if config.fail_on == "error" else {"error", "warning"}
    return any(f.severity.value in counted for run in diagnosis.runs for f in run.findings)


def _explain(options: argparse.Namespace) -> int:
    from tblogreport.checks.base import all_checks

    check = all_checks().get(options.check)
    if check is None:
        return _fail(
            f"there is no check named {_shown(options.check)!r}; `tblogreport checks` lists them"
        )
    print(f"{check.name}\n{'=' * len(check.name)}\n\n{check.doc.strip()}")
    if example := _example(check.name):
        print(f"\nExample\n-------\n{example}")
    return DONE


def _example(check: str) -> str:
    """How to see the check fire, and what the same training looks like without; may be empty."""
    from tblogreport.trainer import all_scenarios

    known = all_scenarios().values()
    broken = next((s for s in known if check in s.expected_findings), None)
    if broken is None:
        return ""
    repair = next((s for s in known if broken.name in s.repairs), None)
    names = " ".join([broken.name, *([repair.name] if repair else [])])
    told = f"{broken.shows}\n\n    tblogreport train {names} --out logs\n"
    told += f"    tblogreport analyze logs/{broken.name} -o broken.html\n"
    if repair:
        told += f"    tblogreport analyze logs/{repair.name} -o repaired.html\n"
    return told.rstrip()


def _checks(_: argparse.Namespace) -> int:
    from tblogreport.checks.base import all_checks

    checks = all_checks().values()
    width = max(len(check.name) for check in checks)
    for check in checks:
        print(f"{check.name:<{width}}  {check.summary}")
    return DONE


def _train(options: argparse.Namespace) -> int:
    from tblogreport.trainer import TrainerError, TrainingInterrupted, print_listing, train

    if options.list or not options.scenario:
        print_listing(sys.stdout)
        return DONE if options.list else _fail("name a scenario to train")
    try:
        train(
            options.scenario,
            options.out,
            seed=options.seed,
            epochs=options.epochs,
            data=options.data,
        )
    except TrainerError as error:
        return _fail(str(error))
    except TrainingInterrupted as interrupt:
        return _fail(str(interrupt), INTERRUPTED)
    return DONE


def _shown(text: str) -> str:
    """Text from outside without the characters that command a terminal."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def _fail(message: str, status: int = FAILED) -> int:
    with suppress(BrokenPipeError):
        print(f"tblogreport: {_shown(message)}", file=sys.stderr)
    return status
