"""python_rules.py ROOT: Python files parse; 600 lines a file, 70 a function, 120 columns a line."""

import ast
import pathlib
import sys

FILE_LINES_MAX, FUNCTION_LINES_MAX, COLUMNS_MAX = 600, 70, 120
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def complaints(path):
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text, str(path))
    except SyntaxError as reason:
        yield f"{path}:{reason.lineno}: does not parse: {reason.msg}"
        return
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield f"{path}: {len(lines)} lines, {FILE_LINES_MAX} are allowed"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f"{path}:{number}: {len(line)} columns, {COLUMNS_MAX} are allowed"
    for node in ast.walk(tree):
        if isinstance(node, FUNCTIONS):
            length = node.end_lineno - node.lineno + 1
            if length > FUNCTION_LINES_MAX:
                allowed = f"{FUNCTION_LINES_MAX} are allowed"
                yield f"{path}:{node.lineno}: a function of {length} lines, {allowed}"


def main(root):
    bad = False
    for folder in ("deploy", "tests"):
        for path in sorted(pathlib.Path(root, folder).rglob("*.py")):
            for complaint in complaints(path):
                print(complaint, file=sys.stderr)
                bad = True
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
