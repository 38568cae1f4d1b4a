"""The commands `serve` and `exec`."""
