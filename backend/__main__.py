"""`python -m backend migrate`, `python -m backend relay`: every Django command, and the relay."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    if sys.argv[1:2] == ["relay"]:
        import django

        django.setup()
        from backend.relay import run

        run()
        return
    from django.core.management import execute_from_command_line

    execute_from_command_line(["python -m backend", *sys.argv[1:]])


if __name__ == "__main__":
    main()
