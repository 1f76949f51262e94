"""One wrong line: mutations of a project's own source or tests that a person could have written."""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator
from dataclasses import dataclass

RUBBISH = ("None", "[]", "object()", "0", "''", "lambda: None")


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutation:
    """A replacement of a stretch of text on one line."""

    how: str
    line: int
    start: int
    end: int
    text: str

    def applied(self, source: str) -> str:
        """The source with the mutation."""
        rows = source.splitlines(keepends=True)
        row = rows[self.line - 1].encode()
        rows[self.line - 1] = (row[: self.start] + self.text.encode() + row[self.end :]).decode()
        return "".join(rows)


def mutations(source: str, foreign: frozenset[str], chance: random.Random) -> list[Mutation]:
    """Mutations of a file in random order; those that touch calls of third parties come first."""
    tree = ast.parse(source)
    names = {
        alias.asname or alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, (ast.Import, ast.ImportFrom))
        and (getattr(node, "module", None) or node.names[0].name or "").split(".")[0] in foreign
        for alias in node.names
    }
    found = [*_calls(tree, names), *_returns(tree), *_constants(tree), *_imports(tree, foreign), *_names(tree)]
    chance.shuffle(found)
    return sorted(found, key=lambda row: "library" not in row.how)


def _one_line(node: ast.expr | ast.stmt) -> bool:
    return node.lineno == node.end_lineno


def _calls(tree: ast.AST, names: set[str]) -> Iterator[Mutation]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        base: ast.expr = node.func
        while isinstance(base, ast.Attribute):
            base = base.value
        foreign = isinstance(base, ast.Name) and base.id in names
        where = "a library call" if foreign else "a call"
        for number, argument in enumerate(node.args):
            if _one_line(argument) and not isinstance(argument, ast.Starred):
                yield Mutation(
                    how=f"wrong value passed to {where}",
                    line=argument.lineno,
                    start=argument.col_offset,
                    end=argument.end_col_offset or 0,
                    text=RUBBISH[(argument.lineno + number) % len(RUBBISH)],
                )
        for keyword in node.keywords:
            if keyword.arg and _one_line(keyword.value):
                yield Mutation(
                    how=f"wrong value for a keyword argument of {where}",
                    line=keyword.value.lineno,
                    start=keyword.value.col_offset,
                    end=keyword.value.end_col_offset or 0,
                    text=RUBBISH[keyword.value.lineno % len(RUBBISH)],
                )
            if keyword.arg and keyword.lineno == keyword.value.lineno:
                yield Mutation(
                    how=f"wrong keyword argument to {where}",
                    line=keyword.lineno,
                    start=keyword.col_offset,
                    end=keyword.col_offset + len(keyword.arg.encode()),
                    text=keyword.arg + "_",
                )


def _returns(tree: ast.AST) -> Iterator[Mutation]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Return) and node.value is not None and _one_line(node.value):
            yield Mutation(
                how="returns None",
                line=node.value.lineno,
                start=node.value.col_offset,
                end=node.value.end_col_offset or 0,
                text="None",
            )


def _constants(tree: ast.AST) -> Iterator[Mutation]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and 3 < len(node.value) < 60
            and _one_line(node)
        ):
            yield Mutation(
                how="text constant cut",
                line=node.lineno,
                start=node.col_offset,
                end=node.end_col_offset or 0,
                text=repr(node.value[:-1]),
            )


def _imports(tree: ast.AST, foreign: frozenset[str]) -> Iterator[Mutation]:
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.ImportFrom)
            and node.module
            and node.module.split(".")[0] in foreign
            and _one_line(node)
        ):
            alias = node.names[0]
            yield Mutation(
                how="wrong import from a library",
                line=alias.lineno,
                start=alias.col_offset,
                end=alias.end_col_offset or 0,
                text=f"{alias.name}_old as {alias.asname or alias.name}",
            )


def _names(tree: ast.AST) -> Iterator[Mutation]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _one_line(node) and isinstance(node.ctx, ast.Load):
            end = node.end_col_offset or 0
            yield Mutation(
                how="attribute misspelt",
                line=node.lineno,
                start=end - len(node.attr.encode()),
                end=end,
                text=node.attr + "s",
            )
