"""pins.py ROOT: Python packages are pinned, and each to one version in the whole project.

Every requirements.txt names exact versions; what another one names, tests/requirements.txt, which
is the list that tests/run and deploy/quickstart install, names too, with the same version.
"""

import pathlib
import re
import sys

PIN = re.compile(r"^([A-Za-z0-9._-]+)(\[[A-Za-z0-9,._-]+\])?==([A-Za-z0-9.!+_-]+)$")
WHOLE = pathlib.PurePath("tests", "requirements.txt")


def read(path):
    """The pins of one file, and the lines that are none."""
    pins, loose = {}, []
    for line in path.read_text(encoding="utf-8").splitlines():
        line = line.split("#")[0].strip()
        found = PIN.match(line)
        if found:
            pins[re.sub(r"[-_.]+", "-", found[1]).lower()] = found[3]
        elif line:
            loose.append(line)
    return pins, loose


def main(root):
    root, said = pathlib.Path(root), []
    whole, _ = read(root / WHOLE)
    for path in sorted(root.glob("*/**/requirements*.txt")):
        if path.relative_to(root).parts[0] == "build":
            continue
        pins, loose = read(path)
        said += [f"{path}: '{line}' does not name one exact version" for line in loose]
        for name, version in pins.items():
            if whole.get(name) != version:
                said.append(f"{path}: {name} {version}, but {WHOLE} has {whole.get(name, 'none')}")
    for line in said:
        print(line, file=sys.stderr)
    return bool(said)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
