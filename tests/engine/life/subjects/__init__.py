"""The resources whose lives are tried, one file each."""

from __future__ import annotations

from typing import Final

from tests.engine.life.subjects.custom_domain import CustomDomain
from tests.engine.life.subjects.deployment import Deployment
from tests.engine.life.subjects.environment import Environment
from tests.engine.life.subjects.service import Service
from tests.engine.life.subjects.service_domain import ServiceDomain
from tests.engine.life.subjects.variables import Variables
from tests.engine.life.subjects.volume import Volume

ALL: Final = (Environment, Service, Variables, ServiceDomain, CustomDomain, Volume, Deployment)
SUBJECTS: Final = {subject.token: subject for subject in ALL}
