"""links.py ROOT: every relative link of a document leads to a file that is there."""

import pathlib
import re
import sys
import urllib.parse

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)


def documents(root):
    for path in sorted(root.rglob("*.md")):
        if not {"build", ".git"} & set(path.relative_to(root).parts):
            yield path


def main(root):
    bad = False
    for path in documents(pathlib.Path(root)):
        for target in LINK.findall(CODE.sub("", path.read_text(encoding="utf-8"))):
            place = urllib.parse.unquote(target.split("#")[0])
            if place and "://" not in place and not place.startswith("mailto:"):
                if not (path.parent / place).exists():
                    print(f"{path}: leads to {target}, which is not there", file=sys.stderr)
                    bad = True
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
