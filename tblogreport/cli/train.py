"""`tblogreport train`."""

from __future__ import annotations

import argparse
import sys

from tblogreport.cli.status import DONE, INTERRUPTED, fail


def train(options: argparse.Namespace) -> int:
    """Train scenarios, or list them."""
    from tblogreport import trainer

    if options.list or not options.scenario:
        trainer.print_listing(sys.stdout)
        return DONE if options.list else fail("name a scenario to train")
    try:
        trainer.train(
            options.scenario,
            options.out,
            seed=options.seed,
            epochs=options.epochs,
            data=options.data,
        )
    except trainer.TrainerError as error:
        return fail(str(error))
    except trainer.TrainingInterrupted as interrupt:
        return fail(str(interrupt), INTERRUPTED)
    return DONE
