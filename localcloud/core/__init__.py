"""What every emulated service is built on: a server in a thread, a log of calls, faults, and the seed."""
