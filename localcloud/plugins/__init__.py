"""Stand-ins for the vendors' plugins `gcp` and `github`, for machines where those are not installed.

Real plugin processes over the same protocol, which cover what the stack uses and refuse everything else. They talk to
a loopback endpoint only, so they can never stand in for the vendors' plugins against the real services.
"""
