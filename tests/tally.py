"""tally.py FOLDER: adds up what every part of a test run reported, and says what failed.

FOLDER holds *.xml (JUnit, from ctest and pytest) and results.txt, one line "passed|failed NAME" for
each check that has no such report.  Ends with the plain line "N passed, N failed"; exit 1 if any
failed or none ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def outcome(case):
    """What one JUnit test case says: passed, failed or skipped."""
    kinds = {child.tag for child in case}
    if kinds & {"failure", "error"} or case.get("status") == "fail":
        return "failed"
    if "skipped" in kinds or case.get("status") in ("notrun", "disabled"):
        return "skipped"
    return "passed"


def cases(folder):
    """Every check of the run as (outcome, name)."""
    for path in sorted(folder.glob("*.xml")):
        try:
            tree = ElementTree.parse(path)
        except ElementTree.ParseError as reason:
            yield "failed", f"{path.name}: cannot be read: {reason}"
            continue
        for case in tree.iter("testcase"):
            yield outcome(case), f"{path.stem}: {case.get('name')}"
    results = folder / "results.txt"
    if results.exists():
        for line in results.read_text(encoding="utf-8").splitlines():
            kind, name = line.split(" ", 1)
            yield kind, name


def main(folder):
    seen = list(cases(pathlib.Path(folder)))
    count = {kind: sum(k == kind for k, _ in seen) for kind in ("passed", "failed", "skipped")}
    for kind, name in seen:
        if kind == "failed":
            print(f"failed: {name}")
    if count["passed"] + count["failed"] == 0:
        print("no test was run")
    line = f"{count['passed']} passed, {count['failed']} failed"
    print(line + (f", {count['skipped']} skipped" if count["skipped"] else ""))
    return count["failed"] > 0 or count["passed"] == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
