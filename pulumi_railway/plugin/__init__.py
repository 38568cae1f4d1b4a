"""The plugin process: Pulumi's provider protocol over gRPC in front of the resource handlers."""
