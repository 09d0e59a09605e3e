"""The magic `%tblogreport` of IPython and Jupyter, after `%load_ext tblogreport`."""

from __future__ import annotations

import argparse
import shlex
from typing import TYPE_CHECKING, Any, NoReturn

from tblogreport.cli.parser import add_choice_of_checks
from tblogreport.cli.status import fail

if TYPE_CHECKING:
    from tblogreport.findings import Diagnosis


class _UsageError(ValueError):
    """A line that the magic does not understand."""


class _Parser(argparse.ArgumentParser):
    """A parser that raises where others would end the program, which is the notebook's."""

    def error(self, message: str) -> NoReturn:
        raise _UsageError(f"{message}; `%tblogreport --help` says what it takes")


def load_ipython_extension(shell: Any) -> None:
    """Make the magic known to the shell: IPython calls this on `%load_ext tblogreport`."""
    shell.register_magic_function(tblogreport, magic_kind="line")


def tblogreport(line: str) -> Diagnosis | None:
    """Diagnose the runs below a log directory; `%tblogreport --help` says more."""
    from tblogreport import analysis
    from tblogreport.config import ConfigError, load_config
    from tblogreport.reading import LogDirError

    try:
        options = _parser().parse_args(_words(line))
        config = load_config(options.config).override(select=options.select, ignore=options.ignore)
        logdirs = [*options.logdir, *options.named]
        if not logdirs:
            _parser().error("the following arguments are required: LOGDIR")
        return analysis.analyze(*logdirs, config=config)
    except SystemExit:  # after --help
        pass
    except (_UsageError, ConfigError, LogDirError) as error:
        fail(str(error))
    except KeyboardInterrupt as interrupt:
        fail(str(interrupt) or "interrupted")
    return None


def _words(line: str) -> list[str]:
    try:
        return shlex.split(line)
    except ValueError as error:
        raise _UsageError(f"{line} cannot be read: {str(error).lower()}") from error


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="%tblogreport",
        description="Diagnose the runs below a log directory, and show the report in the cell.",
    )
    parser.add_argument("logdir", nargs="*", metavar="LOGDIR", help="a directory, or its URL")
    # As `%tensorboard --logdir logs/fit` is written.
    parser.add_argument("--logdir", dest="named", action="append", default=[], metavar="LOGDIR")
    add_choice_of_checks(parser)
    return parser
