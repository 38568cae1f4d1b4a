"""Numbers about requests, for Prometheus and for the page at `/status`.

`families` says what is counted, `collector` counts in memory, `store` keeps the sums of all workers of a machine in a
SQLite file beside the ledger, `exposition` writes them in Prometheus's text format.
"""
