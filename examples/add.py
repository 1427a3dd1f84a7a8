"""Add the service of an example to a checkout, as docs/adding-a-service.md says: for its test.

python examples/add.py github ~/copy-of-tallyman
"""

import re
import shutil
import sys
from pathlib import Path

HERE = Path(__file__).parent


def lists(name: str) -> dict[str, list[tuple[str, str]]]:
    """Return what is added to which list: what stands there once, and what does so afterwards."""
    queues = [
        ("--queues stripe,", f"--queues stripe,{name},"),
        ("--queues stripe.work,", f"--queues stripe.work,{name}.work,"),
    ]
    return {
        "integrations/__init__.py": [
            ("import CLERK\n", f"import CLERK\nfrom integrations.{name} import {name.upper()}\n"),
            ("(STRIPE, ", f"(STRIPE, {name.upper()}, "),
        ],
        "db/models/__init__.py": [
            ("    events,\n", f"    events,\n    {name},\n"),
            ('    "events",\n', f'    "events",\n    "{name}",\n'),
        ],
        "simulator/lives.py": [
            ("import clerk_lives, ", f"import clerk_lives, {name}_lives, "),
            ("SOURCES = {\n", f'SOURCES = {{\n    "{name}": {name}_lives.SOURCE,\n'),
        ],
        "simulator/sender.py": [
            ("import clerk, ", f"import clerk, {name}, "),
            ("= {\n", f'= {{\n    "{name}": {name},\n'),
        ],
        "Procfile": queues,
        "docker-compose.yml": queues,
        "pyproject.toml": [
            ("\nmodules = [\n", f'\nmodules = [\n    "integrations.{name}",\n'),
            (
                'forbidden_modules = [\n    "integrations.stripe", ',
                f'forbidden_modules = [\n    "integrations.{name}", "integrations.stripe", ',
            ),
            (
                '\n    "integrations.stripe.webhook", ',
                f"""
    "integrations.{name}.webhook", "integrations.{name}.schemas",
    "integrations.stripe.webhook", """,
            ),
        ],
    }


def add(name: str, checkout: Path) -> None:
    """Copy the example's files, extend the lists, put its migration behind the newest one."""
    versions = checkout / "db" / "migrations" / "versions"
    newest = max(path.name[:4] for path in versions.glob("[0-9]*.py"))
    shutil.copytree(HERE / name, checkout, dirs_exist_ok=True)
    for path, changes in lists(name).items():
        text = (checkout / path).read_text()
        for there, instead in changes:
            if text.count(there) != 1:
                raise SystemExit(f"{path} has {text.count(there)} times {there!r}, not once")
            text = text.replace(there, instead)
        (checkout / path).write_text(text)
    migration = versions / f"{name}.py"
    follows = re.sub('(down_revision = ").*"', rf'\g<1>{newest}"', migration.read_text())
    migration.write_text(follows)


if __name__ == "__main__":
    add(sys.argv[1], Path(sys.argv[2]))
