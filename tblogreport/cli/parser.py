"""Which commands there are, and what they take."""

from __future__ import annotations

import argparse
from pathlib import Path

from tblogreport import __version__
from tblogreport.cli import analyze, compare, explain, train


def parser() -> argparse.ArgumentParser:
    """The commands with their arguments; each sets `command`, which does the work."""
    root = argparse.ArgumentParser(
        prog="tblogreport",
        description="The post-mortem of a training run, from its TensorBoard event files.",
    )
    root.add_argument("--version", action="version", version=f"tblogreport {__version__}")
    commands = root.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_analyze(commands.add_parser("analyze", help="diagnose the runs below a log directory"))
    _add_compare(commands.add_parser("compare", help="say what a change did: two log directories"))
    page = commands.add_parser("explain", help="print the page of a check")
    page.add_argument("check", metavar="CHECK")
    page.set_defaults(command=explain.explain)
    listing = commands.add_parser("checks", help="list all checks")
    listing.set_defaults(command=explain.checks)
    _add_train(commands.add_parser("train", help="train a scenario and log it"))
    return root


def _add_analyze(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "logdir",
        nargs="+",
        metavar="LOGDIR",
        help="a directory, or its URL (s3://…, with the extra `remote`)",
    )
    suffixes = ".html .pdf .json .md, .xml for JUnit, and .csv .parquet for a table of findings"
    _add_output(parser, suffixes, analyze.DEFAULT_OUTPUT)
    parser.add_argument(
        "--format",
        choices=analyze.FORMATS,
        default="text",
        help="what goes to standard output; `github` annotates a run of GitHub Actions, and adds "
        "the Markdown report to its summary (default: text)",
    )
    add_choice_of_checks(parser)
    parser.add_argument(
        "--fail-on",
        choices=("error", "warning", "never"),
        help="exit with 1 on a finding at or above this severity (default: never)",
    )
    parser.add_argument(
        "--baseline",
        type=Path,
        metavar="FILE",
        help="leave out the findings that this earlier JSON report has, too",
    )
    _add_jobs(parser)
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="have the workers of this Dask scheduler do it, such as tcp://scheduler:8786",
    )
    parser.set_defaults(command=analyze.analyze)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", metavar="BEFORE", help="the log directory before the change")
    parser.add_argument("after", metavar="AFTER", help="the log directory after it")
    _add_output(parser, ".html .pdf .json .md", compare.DEFAULT_OUTPUT)
    parser.add_argument(
        "--format",
        choices=("text", *compare.SUFFIX_OF),
        default="text",
        help="what goes to standard output (default: text)",
    )
    add_choice_of_checks(parser)
    parser.add_argument(
        "--fail-on-regression",
        action="store_true",
        help="exit with 1 where a warning or an error came, or what a run is judged by fell",
    )
    _add_jobs(parser)
    parser.set_defaults(command=compare.compare)


def add_choice_of_checks(parser: argparse.ArgumentParser) -> None:
    """Which checks are made, and where the configuration stands."""
    parser.add_argument("--select", type=_names, metavar="C,…", help="make these checks only")
    parser.add_argument("--ignore", type=_names, metavar="C,…", help="leave these checks out")
    parser.add_argument(
        "--config",
        type=Path,
        metavar="FILE",
        help="configuration (default: the nearest tblogreport.toml or pyproject.toml)",
    )


def _add_output(parser: argparse.ArgumentParser, suffixes: str, default: str) -> None:
    parser.add_argument(
        "-o",
        "--output",
        action="append",
        metavar="FILE",
        type=Path,
        help=f"write a report here; the suffix decides the format ({suffixes}); may be repeated "
        f"(default: {default})",
    )


def _add_jobs(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--jobs",
        type=_count,
        metavar="N",
        help="processes that work on many runs at once (default: one a core)",
    )


def _add_train(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("scenario", nargs="*", metavar="SCENARIO")
    parser.add_argument("--list", action="store_true", help="list the scenarios and what they show")
    parser.add_argument("--out", type=Path, default=Path("logs"), metavar="DIR")
    parser.add_argument("--seed", type=int, help="seed of data, weights and order")
    parser.add_argument("--epochs", type=int, help="train for this many epochs instead")
    parser.add_argument(
        "--data", help="train on these data instead, where the list names them: mnist"
    )
    parser.set_defaults(command=train.train)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number of 1 or more")
    return int(text)


def _names(text: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in text.split(",") if name.strip())
