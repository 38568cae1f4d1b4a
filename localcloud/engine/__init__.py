"""The embedded engine: runs a Pulumi program and its plugins in place of the Pulumi CLI.

It speaks the protocols of the Pulumi SDK (resource monitor) and of provider plugins (gRPC) and keeps its state in
Pulumi's deployment format, version 3. What it does not support it refuses by name: transforms, hooks, remote
components, stack references, assets, policy packs.
"""
