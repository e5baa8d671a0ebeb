"""Greengrass components: immutable versions that become deployable after a while."""

import re
import time

from .. import wire_write
from ..compilation import read_object
from ..errors import AwsError
from ..front import Reply
from ..pages import page
from . import recipes

COMPONENT_ARN = re.compile(r"arn:aws:greengrass:([^:]+):([^:]+):components:([^:]+)"
                           r"(?::versions:([^:]+))?")


def not_found(kind, arn):
    return AwsError("ResourceNotFoundException", f"{kind} {arn} does not exist.", 404,
                    {"resourceId": arn, "resourceType": kind})


def stamp(seconds):
    """A time with milliseconds, written in exponent form."""
    return wire_write.Stamp(round(seconds, 3))


class Component:
    """One version of a component. Its state follows from its age."""

    def __init__(self, arn, recipe, tags, delay, failure):
        self.arn = arn
        self.recipe = recipe
        self.tags = dict(tags)
        self.created = time.time()
        self.delay = delay
        self.failure = failure
        self.name = recipe["ComponentName"]
        self.version = recipe["ComponentVersion"]

    def state(self):
        age = time.time() - self.created
        if age >= self.delay:
            return "FAILED" if self.failure else "DEPLOYABLE"
        return "INITIATED" if age >= self.delay / 2 else "REQUESTED"

    def status(self):
        """CloudComponentStatus as DescribeComponent returns it."""
        state = self.state()
        answer = {"componentState": state, "message": "NONE", "errors": {},
                  "vendorGuidance": "ACTIVE", "vendorGuidanceMessage": "NONE"}
        if state == "FAILED":
            uris = recipes.artifact_uris(self.recipe) or [self.arn]
            answer["message"] = self.failure
            answer["errors"] = {uri: self.failure for uri in uris}
        return answer

    def platforms(self):
        return [{**({"name": manifest["Name"]} if "Name" in manifest else {}),
                 "attributes": manifest.get("Platform", {})}
                for manifest in self.recipe["Manifests"]]


class Components:
    """Handlers of the component operations; versions by (account, Region) and name."""

    def __init__(self, world, front):
        self.world = world
        self.stores = {}
        for name in ("CreateComponentVersion", "DescribeComponent", "GetComponent",
                     "ListComponents", "ListComponentVersions", "DeleteComponent"):
            method = re.sub(r"(?<!^)([A-Z])", r"_\1", name).lower()
            front.own["greengrassv2", name] = getattr(self, method)

    def reset(self):
        self.stores.clear()

    def store(self, call):
        """{name: {version: Component}} of the caller's account and Region."""
        return self.stores.setdefault((call.account, call.region), {})

    def find(self, account, region, name, version):
        """A component version, or None."""
        return self.stores.get((account, region), {}).get(name, {}).get(version)

    def by_arn(self, call):
        """The component version an ARN of the caller's account names. Raises not found."""
        arn = call.params["arn"]
        match = COMPONENT_ARN.fullmatch(arn)
        if match is None or match.group(4) is None:
            raise AwsError("ValidationException", f"'{arn}' is not the ARN of a component "
                           "version.", 400, {"reason": "FIELD_VALIDATION_FAILED"})
        region, account, name, version = match.groups()
        if (account, region) != (call.account, call.region):
            raise AwsError("AccessDeniedException", "User is not authorized to access "
                           f"{arn}.", 403)
        found = self.find(account, region, name, version)
        if found is None or self.world.hidden(found.created):
            raise not_found("component", arn)
        return found

    def create_component_version(self, call):
        params = call.params
        token = params.get("clientToken")
        kept = self.world.tokens.replay(call, token)
        if kept is not None:
            return Reply(kept, effect=False, replay=True)
        if "inlineRecipe" not in params:
            raise AwsError("ValidationException", "Either inlineRecipe or lambdaFunction must be "
                           "given; the sandbox takes inlineRecipe.", 400, {"reason": "OTHER"})
        recipe = recipes.parse(params["inlineRecipe"])
        name, version = recipe["ComponentName"], recipe["ComponentVersion"]
        arn = f"arn:aws:greengrass:{call.region}:{call.account}:components:{name}" \
              f":versions:{version}"
        call.entry["key"].update({"componentName": name, "componentVersion": version})
        versions = self.store(call).setdefault(name, {})
        if version in versions:
            raise AwsError("ConflictException", f"Component [{name} : {version}] for account "
                           f"[{call.account}] already exists with state: "
                           f"[{versions[version].state()}]", 409,
                           {"resourceId": arn, "resourceType": "component"})
        recipe = recipes.canonical(recipe, self.digests(call, recipe))
        component = Component(arn, recipe, params.get("tags", {}),
                              self.world.settings.component_ms / 1000,
                              self.planned_failure(name, version))
        versions[version] = component
        result = {"arn": arn, "componentName": name, "componentVersion": version,
                  "creationTimestamp": stamp(component.created), "status": {
                      "componentState": "REQUESTED", "message": "NONE", "errors": {},
                      "vendorGuidance": None, "vendorGuidanceMessage": None}}
        self.world.tokens.keep(call, token, result)
        return Reply(result)

    def digests(self, call, recipe):
        """SHA-256 of every artifact; an artifact that cannot be read refuses the recipe."""
        found, missing = {}, []
        for uri in recipes.artifact_uris(recipe):
            data = read_object(call.account, uri)
            if data is None:
                missing.append(uri)
            else:
                found[uri] = recipes.digest(data)
        if missing:
            errors = ", ".join(f"{uri} = Specified artifact resource cannot be accessed"
                               for uri in missing)
            raise AwsError("ValidationException", "Encountered following errors in Artifacts: "
                           f"{{{errors}}}", 400, {"reason": "OTHER"})
        return found

    def planned_failure(self, name, version):
        """The message with which a test wants this version to become FAILED, or None."""
        for rule in self.world.settings.component_fail:
            if re.fullmatch(rule.get("name", ".*"), name) and \
                    re.fullmatch(rule.get("version", ".*"), version):
                return rule.get("message", "the component could not be created")
        return None

    def describe_component(self, call):
        component = self.by_arn(call)
        recipe = component.recipe
        return Reply({"arn": component.arn, "componentName": component.name,
                      "componentVersion": component.version,
                      "creationTimestamp": stamp(component.created),
                      "publisher": recipe.get("ComponentPublisher"),
                      "description": recipe.get("ComponentDescription"),
                      "status": component.status(), "platforms": component.platforms(),
                      "tags": component.tags}, effect=False)

    def get_component(self, call):
        component = self.by_arn(call)
        output = call.params.get("recipeOutputFormat", "JSON")
        return Reply({"recipeOutputFormat": output, "tags": component.tags,
                      "recipe": recipes.render(component.recipe, output)}, effect=False)

    def delete_component(self, call):
        component = self.by_arn(call)
        versions = self.store(call)[component.name]
        del versions[component.version]
        if not versions:
            del self.store(call)[component.name]
        return Reply(None)

    def list_components(self, call):
        if call.params.get("scope", "PRIVATE") == "PUBLIC":
            return Reply({"components": []}, effect=False)
        items = []
        for name, versions in sorted(self.store(call).items()):
            latest = max(versions.values(), key=lambda version: version_key(version.version))
            items.append({"arn": latest.arn.partition(":versions:")[0], "componentName": name,
                          "latestVersion": {
                              "arn": latest.arn, "componentVersion": latest.version,
                              "creationTimestamp": stamp(latest.created),
                              "description": latest.recipe.get("ComponentDescription"),
                              "publisher": latest.recipe.get("ComponentPublisher"),
                              "platforms": latest.platforms()}})
        some, token = page(items, call.params, self.world.settings, 100)
        return Reply({"components": some, "nextToken": token}, effect=False)

    def list_component_versions(self, call):
        arn = call.params["arn"]
        match = COMPONENT_ARN.fullmatch(arn)
        if match is None:
            raise AwsError("ValidationException", f"'{arn}' is not the ARN of a component.", 400)
        versions = self.store(call).get(match.group(3), {})
        if not versions:
            raise not_found("component", arn)
        newest = sorted(versions.values(), key=lambda item: version_key(item.version), reverse=True)
        items = [{"componentName": item.name, "componentVersion": item.version, "arn": item.arn}
                 for item in newest]
        some, token = page(items, call.params, self.world.settings, 100)
        return Reply({"componentVersions": some, "nextToken": token}, effect=False)


def version_key(text):
    """Semantic versions in their order; a pre-release comes before its release."""
    core, _, pre = text.partition("+")[0].partition("-")
    numbers = tuple(int(part) for part in core.split("."))
    parts = tuple((0, int(part), "") if part.isdigit() else (1, 0, part)
                  for part in pre.split(".")) if pre else ()
    return numbers, not pre, parts
