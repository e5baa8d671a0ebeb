"""links.py ROOT: every relative link of a document, and every file of docs/ that any file speaks of,
leads to a file that is there."""

import pathlib
import re
import sys
import urllib.parse

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
MENTION = re.compile(r"\bdocs/[A-Za-z0-9/_-]+\.md\b")
KINDS = {".md", ".c", ".h", ".py", ".sh", ".sql", ".yaml", ".yml", ".txt", ".cmake", ".service", ""}


def files(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if path.is_file() and path.suffix in KINDS and not {"build", ".git"} & set(parts):
            yield path


def complaints(root, path):
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return
    for name in sorted(set(MENTION.findall(text))):
        if not (root / name).exists():
            yield f"{path}: speaks of {name}, which is not there"
    if path.suffix != ".md":
        return
    for target in LINK.findall(CODE.sub("", text)):
        place = urllib.parse.unquote(target.split("#")[0])
        if place and "://" not in place and not place.startswith("mailto:"):
            if not (path.parent / place).exists():
                yield f"{path}: leads to {target}, which is not there"


def main(root):
    bad = False
    for path in files(root):
        for complaint in complaints(root, path):
            print(complaint, file=sys.stderr)
            bad = True
    return bad


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1])))
