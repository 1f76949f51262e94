"""The commands: one table of words, a lenient reader of comments, and who may say what. Pure.

`parse` reads a comment, `allowed` judges a permission that the forge gave, `help_text` teaches. What a command does
to a Bug is policy's business; here is only what was said and whether it counts.
"""

from bot.commands.guide import help_text, manual, unknown_text
from bot.commands.parse import Parsed, parse
from bot.commands.rights import LEVELS, Allowed, allowed
from bot.commands.table import PREFIX, TABLE, Argument, Audience, Who, Word, word

__all__ = [
    "LEVELS",
    "PREFIX",
    "TABLE",
    "Allowed",
    "Argument",
    "Audience",
    "Parsed",
    "Who",
    "Word",
    "allowed",
    "help_text",
    "manual",
    "parse",
    "unknown_text",
    "word",
]
