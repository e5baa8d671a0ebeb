"""Component recipes: read, held against the recipe format 2020-01-25, and made canonical.

Source: Greengrass V2 developer guide, "AWS IoT Greengrass component recipe reference", and the
serializer of aws-greengrass-component-common for the spelling of what comes back.
"""

import base64
import hashlib
import json
import re

import yaml

from ..errors import AwsError

BYTES_MAX = 16 * 1024
FORMAT = "2020-01-25"
NAME = re.compile(r"[a-zA-Z0-9\-_.]{1,128}")
VERSION = re.compile(r"(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})\.(0|[1-9]\d{0,5})"
                     r"(-[0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*)?(\+[0-9A-Za-z\-]+(\.[0-9A-Za-z\-]+)*)?")
REQUIREMENT = re.compile(r"[0-9A-Za-z.\-+*^~<>=| ]{1,256}")
TOP = {"RecipeFormatVersion", "ComponentName", "ComponentVersion", "ComponentDescription",
       "ComponentPublisher", "ComponentType", "ComponentSource", "ComponentConfiguration",
       "ComponentDependencies", "Manifests", "Lifecycle"}
MANIFEST = {"Name", "Platform", "Lifecycle", "Selections", "Artifacts"}
ARTIFACT = {"Uri", "URI", "Unarchive", "Permission", "Digest", "Algorithm"}
STEPS = {"setenv", "install", "run", "startup", "shutdown", "recover", "bootstrap", "uninstall"}


def invalid(message):
    return AwsError("ValidationException", f"The recipe is invalid: {message}", 400,
                    {"reason": "CANNOT_PARSE"})


def parse(data):
    """Recipe bytes (JSON or YAML) -> a checked document. Raises AwsError(ValidationException)."""
    if len(data) > BYTES_MAX:
        raise invalid(f"its size of {len(data)} bytes is over the limit of {BYTES_MAX}")
    try:
        text = data.decode("utf-8")
        recipe = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise invalid(f"it is neither JSON nor YAML ({error})") from None
    check(recipe)
    return recipe


def check(recipe):
    _object(recipe, "the recipe", TOP)
    if recipe.get("RecipeFormatVersion") != FORMAT:
        raise invalid(f"RecipeFormatVersion must be '{FORMAT}'")
    if not _text(recipe.get("ComponentName")) or not NAME.fullmatch(recipe["ComponentName"]):
        raise invalid("ComponentName must match [a-zA-Z0-9-_.]+ and have at most 128 characters")
    if recipe["ComponentName"].startswith("aws."):
        raise invalid("ComponentName must not begin with 'aws.'")
    version = recipe.get("ComponentVersion")
    if not _text(version) or len(version) > 64 or not VERSION.fullmatch(version):
        raise invalid("ComponentVersion must be a semantic version of at most 64 characters, each "
                      "number at most 999999")
    for name, needs in _object(recipe.get("ComponentDependencies", {}),
                               "ComponentDependencies").items():
        check_dependency(name, needs)
    manifests = recipe.get("Manifests", [])
    if not isinstance(manifests, list) or not manifests:
        raise invalid("Manifests must be a list of at least one manifest")
    for manifest in manifests:
        check_manifest(manifest)
    if "Lifecycle" in recipe:
        check_lifecycle(recipe["Lifecycle"])


def _text(value):
    return isinstance(value, str) and value != ""


def _object(value, what, allowed=None):
    if not isinstance(value, dict):
        raise invalid(f"{what} must be an object")
    for key in value:
        if allowed is not None and key not in allowed:
            raise invalid(f"unknown key '{key}' in {what}")
    return value


def check_dependency(name, needs):
    _object(needs, f"dependency '{name}'", {"VersionRequirement", "DependencyType"})
    if not NAME.fullmatch(name):
        raise invalid(f"'{name}' is not a component name")
    requirement = needs.get("VersionRequirement")
    if not _text(requirement) or not REQUIREMENT.fullmatch(requirement):
        raise invalid(f"VersionRequirement of '{name}' is not an npm version requirement")
    if needs.get("DependencyType", "HARD") not in ("HARD", "SOFT"):
        raise invalid(f"DependencyType of '{name}' must be HARD or SOFT")


def check_manifest(manifest):
    _object(manifest, "a manifest", MANIFEST)
    for key, value in _object(manifest.get("Platform", {}), "Platform").items():
        if not _text(value):
            raise invalid(f"Platform.{key} must be a string")
    names = set()
    artifacts = manifest.get("Artifacts", [])
    if not isinstance(artifacts, list):
        raise invalid("Artifacts must be a list")
    for artifact in artifacts:
        _object(artifact, "an artifact", ARTIFACT)
        uri = artifact.get("Uri", artifact.get("URI"))
        if not _text(uri) or not re.fullmatch(r"s3://[a-z0-9.\-]{3,63}/.+", uri):
            raise invalid(f"artifact Uri '{uri}' is not an s3:// address")
        if artifact.get("Unarchive", "NONE") not in ("NONE", "ZIP"):
            raise invalid("Unarchive must be NONE or ZIP")
        check_permission(artifact.get("Permission", {}))
        name = uri.rpartition("/")[2]
        if name in names:
            raise invalid(f"two artifacts of one manifest have the file name '{name}'")
        names.add(name)
    check_lifecycle(manifest.get("Lifecycle", {}))


def check_permission(permission):
    _object(permission, "Permission", {"Read", "Execute"})
    for value in permission.values():
        if value not in ("NONE", "OWNER", "ALL"):
            raise invalid("Permission must be NONE, OWNER or ALL")


def check_lifecycle(lifecycle):
    _object(lifecycle, "Lifecycle")
    steps = {step.lower() for step in lifecycle}
    if {"run", "startup"} <= steps:
        raise invalid("a Lifecycle may have run or startup, not both")


def artifact_uris(recipe):
    """Every artifact address of a recipe, in order."""
    return [artifact.get("Uri", artifact.get("URI")) for manifest in recipe["Manifests"]
            for artifact in manifest.get("Artifacts", [])]


def canonical(recipe, digest_of):
    """The recipe as GetComponent returns it: Uri spelt so, digests and defaults filled in.

    digest_of: artifact URI -> its bytes' SHA-256 in base64.
    """
    manifests = []
    for manifest in recipe["Manifests"]:
        artifacts = [_canonical_artifact(artifact, digest_of)
                     for artifact in manifest.get("Artifacts", [])]
        manifests.append({"Platform": manifest.get("Platform", {}),
                          **({"Name": manifest["Name"]} if "Name" in manifest else {}),
                          "Lifecycle": manifest.get("Lifecycle", {}), "Artifacts": artifacts,
                          **({"Selections": manifest["Selections"]}
                             if "Selections" in manifest else {})})
    dependencies = {name: {"VersionRequirement": needs["VersionRequirement"],
                           "DependencyType": needs.get("DependencyType", "HARD")}
                    for name, needs in recipe.get("ComponentDependencies", {}).items()}
    head = {name: recipe[name] for name in
            ("RecipeFormatVersion", "ComponentName", "ComponentVersion")}
    rest = {name: recipe[name] for name in
            ("ComponentDescription", "ComponentPublisher", "ComponentConfiguration")
            if name in recipe}
    return {**head, "ComponentType": recipe.get("ComponentType", "aws.greengrass.generic"), **rest,
            "ComponentDependencies": dependencies, "Manifests": manifests,
            "Lifecycle": recipe.get("Lifecycle", {})}


def _canonical_artifact(artifact, digest_of):
    uri = artifact.get("Uri", artifact.get("URI"))
    permission = artifact.get("Permission", {})
    return {"Uri": uri, "Digest": digest_of[uri], "Algorithm": "SHA-256",
            "Unarchive": artifact.get("Unarchive", "NONE"),
            "Permission": {"Read": permission.get("Read", "OWNER"),
                           "Execute": permission.get("Execute", "NONE")}}


def digest(data):
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def render(recipe, output_format):
    """Recipe document -> bytes in JSON or YAML."""
    if output_format == "YAML":
        return yaml.safe_dump(recipe, sort_keys=False).encode()
    return json.dumps(recipe, indent=2).encode()


def manifest_for(recipe, platform, runtime):
    """The first manifest that a device takes, or None.

    Nucleus lite wants Platform.runtime to be "*" or its own name and knows no regular expressions;
    the classic nucleus takes manifests with no runtime, "*" or its own name.
    """
    for manifest in recipe["Manifests"]:
        wanted = manifest.get("Platform", {})
        given = wanted.get("runtime")
        if runtime == "aws_nucleus_lite" and given not in ("*", runtime):
            continue
        if runtime != "aws_nucleus_lite" and given not in (None, "*", runtime):
            continue
        if all(_fits(wanted.get(key), platform.get(key), runtime) for key in
               ("os", "architecture")):
            return manifest
    return None


def _fits(pattern, value, runtime):
    if pattern in (None, "*", value):
        return True
    if runtime != "aws_nucleus_lite" and len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
        return re.fullmatch(pattern[1:-1], value) is not None
    return False
