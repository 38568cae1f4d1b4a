"""The whole mission on one machine: each claim is shown on a local cloud and checked while it happens."""
