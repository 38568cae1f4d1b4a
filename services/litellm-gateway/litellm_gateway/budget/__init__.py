"""Money: what a request may cost at most, what it did cost, and a ledger that never lets a limit be passed.

`estimate` bounds a request, `route` says who may answer it, `ledger` what every ledger does; `sqlite` keeps one in a
file that all workers of a machine share, `redis` one for several machines, `opening` chooses. `meter` follows each
`call` from its reservation to its true cost.
"""
