"""tidy.py ROOT BUILD [CACHE]: clang-tidy over every source the build in BUILD compiles.

BUILD holds compile_commands.json of a build with clang.  A file is looked at again only when it, a
header of the project it includes, its command or .clang-tidy changed: CACHE keeps the name of every
clean combination.  Two files are looked at at a time.
"""

import concurrent.futures
import hashlib
import json
import pathlib
import shlex
import subprocess
import sys

CLANG_TIDY = "clang-tidy-14"
AT_ONCE = 2
SECONDS_MAX = 300


def arguments_of(entry):
    return entry.get("arguments") or shlex.split(entry["command"])


def dependencies(entry):
    """The files the source includes, as its own compiler tells them."""
    command = [part for part in arguments_of(entry) if part != "-c"]
    if "-o" in command:
        place = command.index("-o")
        del command[place : place + 2]
    done = subprocess.run(
        [*command, "-MM"], cwd=entry["directory"], capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        return None
    return done.stdout.replace("\\\n", " ").split(":", 1)[1].split()


def key_of(entry, base):
    """Names all that the answer depends on, or None where that cannot be told."""
    files = dependencies(entry)
    if files is None:
        return None
    digest = hashlib.sha256(base + "\0".join(arguments_of(entry)).encode())
    for name in sorted(files):
        path = pathlib.Path(entry["directory"], name)
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def look(entry, build, cache, base):
    """What clang-tidy says of one file; nothing when it is clean."""
    key = key_of(entry, base)
    if key and (cache / key).exists():
        return ""
    done = subprocess.run(
        [CLANG_TIDY, "--quiet", "-p", str(build), entry["file"]],
        cwd=entry["directory"],
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX,
        check=False,
    )
    if done.returncode == 0:
        if key:
            (cache / key).touch()
        return ""
    return done.stdout + "\n".join(
        line for line in done.stderr.splitlines() if not line.endswith("generated.")
    )


def main(root, build, cache):
    root, build, cache = (pathlib.Path(p).resolve() for p in (root, build, cache))
    cache.mkdir(parents=True, exist_ok=True)
    version = subprocess.run([CLANG_TIDY, "--version"], capture_output=True, check=True).stdout
    rules = (root / ".clang-tidy", root / "tests" / ".clang-tidy")
    base = version + b"".join(path.read_bytes() for path in rules if path.exists())
    entries = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        if root in pathlib.Path(entry["file"]).parents and build not in pathlib.Path(
            entry["file"]
        ).parents:
            entries[entry["file"]] = entry
    if not entries:
        print(f"{build}: no source to look at", file=sys.stderr)
        return True
    bad = False
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        for said in pool.map(lambda entry: look(entry, build, cache, base), entries.values()):
            if said:
                print(said, file=sys.stderr)
                bad = True
    return bad


if __name__ == "__main__":
    ROOT, BUILD = sys.argv[1:3]
    sys.exit(main(ROOT, BUILD, sys.argv[3] if len(sys.argv) > 3 else BUILD + "/../tidy-cache"))
