"""What stops a backup or a restore, as one sentence for whoever runs it."""


class Trouble(Exception):
    """The sentence is the message."""
