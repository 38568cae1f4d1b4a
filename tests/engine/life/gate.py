"""Accepts the build that answers under its own id."""

import os
import sys
import urllib.request

with urllib.request.urlopen(f"{sys.argv[1].rstrip('/')}/health") as answer:  # noqa: S310 - the endpoint of the test
    seen = answer.headers["x-gateway-deployment"]
sys.exit(seen != os.environ["GATEWAY_DEPLOYMENT_ID"])
