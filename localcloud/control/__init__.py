"""The control API: watch the local cloud, break it, and do from outside what people do in dashboards.

It has a port of its own, apart from the services, and asks for no token: it never answers a secret's payload, a
token or a variable's value of Railway. `GET /` lists its routes with what each takes and gives.
"""
