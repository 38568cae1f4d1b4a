"""Makes deployments run on this machine: source, image, process, health check, switch, end."""
