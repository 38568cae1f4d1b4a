"""What is deployed where: the settings of a stack, the providers, and how they are put together."""
