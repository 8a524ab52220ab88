"""``python -m vedette``: the same as the ``vedette`` command."""

from vedette.app.cli import main

main()
