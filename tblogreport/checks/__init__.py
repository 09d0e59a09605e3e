"""One file per check; `base.all_checks()` finds them."""
