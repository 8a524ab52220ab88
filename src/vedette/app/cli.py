"""The ``vedette`` command: nouns first, then verbs. Heavy imports wait until a command runs."""

import sys
from importlib import import_module
from typing import Final

import click

# name: module that holds it, name in the module, one line for --help
_COMMANDS: Final = {
    "demo": ("demo", "demo", "Run the main job on bundled input, with its page."),
    "watch": ("watch", "watch", "Watch live and recorded feeds."),
    "incident": ("incident", "group", "Incidents of a record."),
    "track": ("track", "group", "Tracks of a record, and why; fuse plots, score them."),
    "integrity": ("integrity", "group", "Whether aircraft's own word holds; interference."),
    "zone": ("zone", "group", "Airspace: sovereign territory and zones."),
    "scan": ("scan", "scan", "All crossings of an archive, lawful ones too."),
    "rule": ("rule", "group", "The rules that proposals come from."),
    "desk": ("desk", "group", "What is put to offices, and their signed answers."),
    "office": ("office", "group", "Offices of a desk, and keys of their holders."),
    "ledger": ("ledger", "group", "Verify, replay and read a record."),
    "feed": ("feed", "group", "What a recording holds, and whether it is valid."),
    "council": ("council", "group", "Consultations and texts under silence."),
    "reaction": ("reaction", "group", "What all sides said and did, and what follows what."),
    "shield": (
        "shield",
        "group",
        "A protective zone that needs everyone: what it covers, when it holds.",
    ),
    "node": ("node", "group", "This nation's node in an alliance: join, start, keys, status."),
    "sim": ("sim", "group", "Seeded scenes with their truth; whether decisions come in time."),
    "account": ("account", "group", "Who may use the page from other machines."),
    "api": ("api", "api", "What the servers answer, as an OpenAPI document."),
    "bench": ("bench", "bench", "Print our numbers, measured here and now."),
}


class LazyGroup(click.Group):
    """A group that imports a command when it is used; --help imports none."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names in the order of the table."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself."""
        if cmd_name not in _COMMANDS:
            return None
        module, name, _ = _COMMANDS[cmd_name]
        command: click.Command = getattr(import_module(f"vedette.app.commands.{module}"), name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """One line each, from the table."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, _, text) in _COMMANDS.items()])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vedette")
def cli() -> None:
    """Vedette watches over airspace and tells people. It commands nothing.

    Data on stdout, talk on stderr. Exit codes: 0 yes, 1 no, 2 usage, 3 bad input.
    """


def main() -> None:
    """Entry point: our own errors become one clear line, never a traceback."""
    from vedette.model.errors import SettingError, VedetteError

    try:
        cli(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except VedetteError as error:
        click.echo(f"error: {error}", err=True)
        sys.exit(2 if isinstance(error, SettingError) else 3)
    except RecursionError:
        click.echo("error: what was read is nested too deeply: no file of ours is", err=True)
        sys.exit(3)
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone: nobody is left to tell
        sys.exit(0)
