"""What a user of the local cloud may be told."""


class LocalCloudError(Exception):
    """Something outside is not as it has to be; the message is one line: what, where, and how to mend it."""
