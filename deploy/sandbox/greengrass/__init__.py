"""Greengrass V2 and what hangs on it: components, deployments, their IoT jobs, and devices."""

from .components import Components
from .core_devices import CoreDevices
from .deployments import Deployments
from .fleet import Fleet
from .iot_jobs import IotJobs
from .thing_groups import ThingGroups


class Greengrass:
    """Makes the parts and lets them know each other."""

    def __init__(self, world, front, control):
        components = Components(world, front)
        fleet = Fleet(world, front, control, components)
        deployments = Deployments(world, front, components, fleet)
        fleet.deployments = deployments
        IotJobs(world, front, deployments)
        ThingGroups(world, front)
        CoreDevices(world, front, fleet, deployments)
        world.parts += [components, fleet, deployments]
