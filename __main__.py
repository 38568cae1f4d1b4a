"""The Pulumi program: read the stack's settings, deploy the gateway, export what others need."""

from stacks.composition import deploy
from stacks.settings import load

deploy(load())
