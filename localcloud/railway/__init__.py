"""Railway on this machine: the GraphQL API, domains with TLS, and deployments that really run."""

from localcloud.railway.railway import Railway
from localcloud.railway.speed import Speed
from localcloud.railway.tls import LocalAuthority

__all__ = ["LocalAuthority", "Railway", "Speed"]
