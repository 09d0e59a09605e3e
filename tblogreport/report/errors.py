"""What can go wrong with a report."""


class ReportError(Exception):
    """A report that cannot be written; the message is one sentence for the user."""
