"""Run every ``python`` block of Markdown files: documentation that does not run is wrong.

Blocks of one file share a namespace, in their order. Blocks of another language are left alone.
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def run(path: Path) -> int:
    """Run the blocks of one file; the number that ran."""
    text = path.read_text(encoding="utf-8")
    namespace: dict[str, object] = {"__name__": "docs"}
    count = 0
    for match in BLOCK.finditer(text):
        line = text[: match.start()].count("\n") + 1
        code = compile("\n" * line + match.group(1), str(path), "exec")
        exec(code, namespace)
        count += 1
    return count


def main(names: list[str]) -> None:
    """Run the blocks of files and folders."""
    total = 0
    for name in names:
        path = Path(name)
        for file in sorted(path.rglob("*.md")) if path.is_dir() else [path]:
            total += run(file)
    print(f"{total} blocks ran")


if __name__ == "__main__":
    main(sys.argv[1:])
