"""Kill it anywhere, run it again: the real program on a local cloud, ended at every point where it can end."""
