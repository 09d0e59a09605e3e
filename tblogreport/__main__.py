"""`python -m tblogreport` is the `tblogreport` command."""

import sys

from tblogreport.cli import main

sys.exit(main())
