"""Listing a thing group's things in pages, which moto does not do."""

from moto.iot.models import iot_backends

from ..errors import AwsError
from ..front import Reply
from ..pages import page


class ThingGroups:
    """Handler of ListThingsInThingGroup."""

    def __init__(self, world, front):
        self.world = world
        front.own["iot", "ListThingsInThingGroup"] = self.list_things

    def list_things(self, call):
        """The things of a group and, when `recursive`, of the groups below it."""
        backend = iot_backends[call.account][call.region]
        name = call.params["thingGroupName"]
        groups = {group.thing_group_name: group for group in backend.thing_groups.values()}
        if name not in groups:
            raise AwsError("ResourceNotFoundException", f"Thing group {name} does not exist.", 404)
        wanted = [name]
        if call.params.get("recursive"):
            for above in wanted:
                wanted += [group.thing_group_name for group in groups.values()
                           if group.parent_group_name == above]
        names = sorted({thing.thing_name for group in wanted
                        for thing in groups[group].things.values()})
        some, token = page(names, call.params, self.world.settings, 250)
        return Reply({"things": some, "nextToken": token}, effect=False)
