# SPDX-License-Identifier: GPL-2.0-or-later
"""Reading C text for the checks of this folder."""

import re

_SKIP = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*'""",
    re.DOTALL | re.VERBOSE,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.MULTILINE)


def _blank(text):
    """The line ends of a text, and nothing else."""
    return "\n" * text.count("\n")


def code(text):
    """Text without comments, and with empty strings; line numbers stay."""

    def replace(match):
        found = match.group()
        if found[0] == "/":
            return " " + _blank(found)
        return found[0] + _blank(found) + found[0]

    return _SKIP.sub(replace, text)


def statements(text):
    """As code(), without preprocessor lines."""
    return _DIRECTIVE.sub(lambda match: _blank(match.group()), code(text))


def includes(text):
    """(line, file, is a system header) of each #include that is not in a comment."""
    bare = re.sub(r"/\*.*?\*/", lambda match: _blank(match.group()), text, flags=re.DOTALL)
    for number, line in enumerate(bare.split("\n"), 1):
        match = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if match:
            yield number, match.group(2), match.group(1) == "<"
