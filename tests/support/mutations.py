"""mutations.py: small wrong changes of C functions, found in clang's syntax tree.

Nothing inside a macro is changed, so CHECK and its like stay as they are.

Left out by rule, since no answer and no row can tell it from what is right:
- a line of the log dropped or changed, and the condition of an `if` that decides about such lines
  only: what a person reads is no part of the books; where a test reads a line, it is there;
- a binary search that divides by more than 2: it finds the same, only slower;
- more memory asked for than is needed;
- a walk over ids that begins at 0 and not at 1: no record has it, and its place is empty;
- a failure returned as -2 and not as -1: whoever is told asks whether it is below 0.

SPDX-License-Identifier: Apache-2.0
"""
import dataclasses
import json
import os
import re
import subprocess

RELATIONS = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"),
             "==": ("!=",), "!=": ("==",)}
OTHERS = {"&&": ("||",), "||": ("&&",), "+": ("-",), "-": ("+",), "+=": ("-=",), "-=": ("+=",)}
STATEMENTS = {"CallExpr", "BinaryOperator", "CompoundAssignOperator", "UnaryOperator"}
# tell is of flow/clock.c, tell_settings of store/start.c.
LOGS = re.compile(r"(log_(debug|info|warning|error)|tell(_settings)?)\(")
# A number behind this may be larger and makes no difference.
NO_MATTER = re.compile(rb"(\(high - low\) / |\b(calloc|malloc|arena_init|reserve_array)\([^;]*)$")
FAILURE = re.compile(rb"\breturn -$")
FIRST_ID = re.compile(rb"\bfor \(int64_t id = $")
BRANCHES = {"IfStmt", "WhileStmt", "ForStmt", "DoStmt", "CompoundStmt"}


@dataclasses.dataclass(frozen=True)
class Mutation:
    """Bytes of a file, and what stands there instead."""
    path: str
    begin: int
    end: int
    was: str
    instead: str
    line: int
    text: str  # the line, as the list of equivalent ones names it

    def key(self):
        """What tells it from all others of this version of the file."""
        return f"{self.path}:{self.begin}:{self.end}:{self.instead}"

    def name(self):
        """What tells it when lines have moved."""
        was, instead = (" ".join(text.split()) for text in (self.was, self.instead))
        return f"{self.path} | {self.text} | {was} -> {instead or 'nothing'}"

    def apply(self, source):
        """The file with it."""
        assert source[self.begin:self.end].decode() == self.was
        return source[:self.begin] + self.instead.encode() + source[self.end:]

    def __str__(self):
        was, instead = (" ".join(text.split()) for text in (self.was, self.instead))
        return f"{self.path}:{self.line}: {was} -> {instead or 'nothing'}"


def _parse(compiler_arguments, folder):
    # ccache would give one file's tree for another's.
    made = subprocess.run(
        ["clang", *compiler_arguments, "-w", "-fsyntax-only", "-Xclang", "-ast-dump=json"],
        cwd=folder, stdout=subprocess.PIPE, check=True, env={**os.environ, "CCACHE_DISABLE": "1"})
    return json.loads(made.stdout)


class _File:
    """Finds the mutations of one file."""

    def __init__(self, path, source):
        self._path = path
        self._source = source
        self.found = {}

    def _span(self, node):
        """Begin and end of a node in the file; None: it is made by a macro."""
        begin, end = node.get("range", {}).get("begin", {}), node.get("range", {}).get("end", {})
        if "offset" not in begin or "offset" not in end:
            return None
        return begin["offset"], end["offset"] + end["tokLen"]

    def _starts_with_log(self, node):
        """Whether a call is a line of the log, which a macro makes."""
        begin = node.get("range", {}).get("begin", {})
        at = begin.get("expansionLoc", begin).get("offset")
        return at is not None and LOGS.match(self._source[at:at + 40].decode("utf8", "ignore"))

    def _add(self, begin, end, instead):
        was = self._source[begin:end].decode()
        line_begin = self._source.rfind(b"\n", 0, begin) + 1
        line_end = self._source.find(b"\n", begin)
        made = Mutation(self._path, begin, end, was, instead,
                        self._source.count(b"\n", 0, begin) + 1,
                        self._source[line_begin:line_end].decode().strip())
        if was != instead:
            self.found[made.key()] = made

    def function(self, node):
        """All of a function that is defined in this file."""
        name = node["name"].encode()
        at = node.get("loc", {}).get("offset")
        if at is None or self._source[at:at + len(name)] != name:
            return
        for part in node.get("inner", []):
            if part.get("kind") == "CompoundStmt" and self._span(part):
                self._walk(part)

    def _walk(self, node):
        kind = node.get("kind")
        inner = [one for one in node.get("inner", []) if one.get("kind")]
        if self._only_logs(node):
            return
        if kind == "BinaryOperator" or kind == "CompoundAssignOperator":
            self._operator(node, inner)
        elif kind == "UnaryOperator":
            self._unary(node)
        elif kind == "IntegerLiteral":
            self._number(node)
        elif kind == "ReturnStmt":
            self._answer(node)
        if kind == "IfStmt":
            self._condition(inner[0])
        if kind in BRANCHES:
            # Of a branch the last ones are statements, what stands before is its condition.
            first = {"CompoundStmt": 0, "DoStmt": 0}.get(kind, 1 if kind != "ForStmt" else 4)
            for one in inner[first:]:
                self._statement(one)
        for one in inner:
            self._walk(one)

    def _only_logs(self, node):
        """A line of the log, or an `if` with nothing else in it."""
        if node.get("kind") == "IfStmt":
            inner = [one for one in node.get("inner", []) if one.get("kind")]
            return all(self._only_logs(one) for one in inner[1:])
        if node.get("kind") == "CompoundStmt":
            inner = node.get("inner", [])
            return len(inner) == 1 and self._only_logs(inner[0])
        return node.get("kind") == "CallExpr" and bool(self._starts_with_log(node))

    def _operator(self, node, inner):
        choices = RELATIONS.get(node["opcode"], OTHERS.get(node["opcode"], ()))
        sides = [self._span(one) for one in inner]
        if len(sides) != 2 or None in sides or not choices:
            return
        (left, left_end), (right, right_end) = sides
        at = self._source.find(node["opcode"].encode(), left_end, right)
        if at < 0:
            return
        for choice in choices:
            self._add(at, at + len(node["opcode"]), choice)
        if node["opcode"] in ("&&", "||"):
            # A condition is dropped: only the other one is left.
            self._add(left, right_end, self._source[left:left_end].decode())
            self._add(left, right_end, self._source[right:right_end].decode())

    def _unary(self, node):
        span = self._span(node)
        opcode = node["opcode"]
        if not span:
            return
        begin, end = span
        if opcode == "!":
            self._add(begin, begin + 1, "")
        elif opcode in ("++", "--"):
            at = end - 2 if node.get("isPostfix") else begin
            if self._source[at:at + 2].decode() == opcode:
                self._add(at, at + 2, "--" if opcode == "++" else "++")

    def _number(self, node):
        span = self._span(node)
        if span and self._source[span[0]:span[1]].isdigit():
            number = int(self._source[span[0]:span[1]])
            line_begin = self._source.rfind(b"\n", 0, span[0]) + 1
            before = self._source[line_begin:span[0]]
            if not NO_MATTER.search(before) and not FAILURE.search(before):
                self._add(*span, str(number + 1))
            if number > 0 and not FIRST_ID.search(before):
                self._add(*span, str(number - 1))

    def _answer(self, node):
        # true and false are macros, so the tree does not show them.
        begin = node.get("range", {}).get("begin", {}).get("offset")
        for was, instead in ((b"true", "false"), (b"false", "true")):
            at = begin + len(b"return ") if begin is not None else 0
            if begin is not None and self._source[begin:at + len(was) + 1] == (
                    b"return " + was + b";"):
                self._add(at, at + len(was), instead)

    def _condition(self, node):
        span = self._span(node)
        if span:
            text = self._source[span[0]:span[1]].decode()
            self._add(*span, f"1 || ({text})")
            self._add(*span, f"0 && ({text})")

    def _statement(self, node):
        span = self._span(node)
        if node["kind"] not in STATEMENTS or not span:
            return
        if node["kind"] == "BinaryOperator" and node["opcode"] != "=":
            return
        text = self._source[span[0]:span[1]].decode()
        if self._source[span[1]:span[1] + 1] == b";" and not LOGS.match(text):
            self._add(*span, "")


def mutations_of(path, source, compiler_arguments, folder):
    """All mutations of the file, in the order of its bytes. The arguments hold in `folder`."""
    file = _File(path, source)
    for node in _parse(compiler_arguments, folder)["inner"]:
        if node.get("kind") == "FunctionDecl":
            file.function(node)
    return sorted(file.found.values(), key=lambda one: (one.begin, one.end, one.instead))
