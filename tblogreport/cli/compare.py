"""`tblogreport compare`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tblogreport.cli.status import DONE, FOUND, fail, shown
from tblogreport.cli.working import command_line, ending_cleanly, write_all

DEFAULT_OUTPUT = "tblogreport-compare.html"
SUFFIX_OF = {"json": ".json", "markdown": ".md"}


def compare(options: argparse.Namespace) -> int:
    """Compare, write the reports, print a summary."""
    from tblogreport import comparison
    from tblogreport.config import ConfigError, load_config
    from tblogreport.progress import progress_bar
    from tblogreport.reading import LogDirError
    from tblogreport.report import COMPARISON_SUFFIXES, ReportError, check_output, render
    from tblogreport.report.terminal import encodable, print_comparison

    logdirs = (options.before, options.after)
    outputs = options.output or [Path(DEFAULT_OUTPUT)]
    try:
        for output in outputs:
            check_output(output, COMPARISON_SUFFIXES)
        config = load_config(options.config).override(select=options.select, ignore=options.ignore)
        with ending_cleanly(), progress_bar(shown) as progress:
            compared = comparison.compare(
                *logdirs,
                config=config,
                command=command_line("compare", logdirs, options, "config"),
                progress=progress,
                jobs=options.jobs,
            )
            write_all(compared, outputs, len(compared.pairs), progress)
    except (ConfigError, LogDirError, ReportError) as error:
        return fail(str(error))
    if options.format == "text":
        print_comparison(compared, sys.stdout)
    else:
        text = render(compared, SUFFIX_OF[options.format]).decode()
        sys.stdout.write(encodable(text, sys.stdout.encoding))
    for output in outputs:
        print(f"Report written to {shown(str(output))}", file=sys.stderr)
    if options.fail_on_regression and not compared.pairs:
        return fail(
            f"nothing was compared, as no run of {options.before} has the name of one of "
            f"{options.after}"
        )
    return FOUND if options.fail_on_regression and compared.regressed else DONE
