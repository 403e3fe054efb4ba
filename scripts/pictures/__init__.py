"""Pictures of result files, a module a question. A picture is a function; above it stands its command."""

import argparse

PICTURES = {}  # name of the command: its help, its arguments as argparse takes them, and what draws


def picture(name, help_text, *arguments):
    """Makes the function below it a command; it is given the parsed options."""

    def declared(draw):
        PICTURES[name] = (help_text, arguments, draw)
        return draw

    return declared


def argument(*names, **keywords):
    return names, keywords


def whole_number(least):
    """What reads an argument that is a whole number of `least` or more."""

    def read(text):
        if not text.isdecimal() or int(text) < least:
            raise argparse.ArgumentTypeError(f'expected a whole number of {least} or more, found "{text}"')
        return int(text)

    return read


def repeatable(name, metavar, help_text, **keywords):
    return argument(name, action="append", default=[], metavar=metavar, help=help_text, **keywords)


RESULT = argument("result", metavar="RESULT")
