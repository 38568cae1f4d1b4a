"""GitHub's REST API for one repository: its variables, and the commits that the working copy has.

The same routes answer under `/` as on api.github.com and under `/api/v3/` as on an enterprise server. Left out, and
answered as unknown: everything else. Source: https://docs.github.com/rest
"""
