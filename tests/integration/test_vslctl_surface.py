"""vslctl against the protos: every method has a subcommand, every field an option, or the proto
says that it has none. Reads the protos by itself and asks the program, so that what makes its
tables cannot agree with itself only.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import re
import subprocess

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

TOP = pathlib.Path(__file__).resolve().parents[2]
FIELD = descriptor_pb2.FieldDescriptorProto
# An option's name is the field's without what says its unit.
UNITS = ("_at_us", "_us", "_minor", "_ids", "_id")
# More than one call, so that their options are not made from the protos; the first test holds for
# them all the same.
BY_HAND = {"batch", "events"}
# No subcommand of its own, but an option of every command of a ledger.
AS_OPTION = {"Propose": "--propose"}


def read_protos(folder):
    """The files of the API, and a function that reads an option of theirs."""
    top = TOP / "proto"
    names = sorted(str(path.relative_to(top)) for path in top.glob("vsl/v1/*.proto"))
    subprocess.run(["protoc", f"-I{top}", "--include_imports", "--include_source_info",
                    "-o", folder / "all.desc", *names], check=True)
    files = descriptor_pb2.FileDescriptorSet.FromString((folder / "all.desc").read_bytes()).file
    pool = descriptor_pool.DescriptorPool()
    for file in files:
        pool.Add(file)

    def class_of(name):
        described = pool.FindMessageTypeByName(name)
        if hasattr(message_factory, "GetMessageClass"):
            return message_factory.GetMessageClass(described)
        return message_factory.MessageFactory(pool).GetPrototype(described)

    def option(options, kind, name):
        read = class_of(f"google.protobuf.{kind}").FromString(options.SerializeToString())
        return read.Extensions[pool.FindExtensionByName(f"vsl.v1.{name}")]

    return [file for file in files if file.package == "vsl.v1"], option


def last(name):
    """The last word of a full name."""
    return name.rsplit(".", 1)[-1]


class Surface:
    """What the protos ask of the program."""

    def __init__(self, folder):
        files, self._option = read_protos(folder)
        self.messages = {message.name: message for file in files for message in file.message_type}
        self.enums = {enum.name: enum for file in files for enum in file.enum_type}
        every = [method for file in files for service in file.service for method in service.method]
        # Those are there for clients that were built before.
        self.deprecated = [method for method in every if method.options.deprecated]
        self.methods = [method for method in every
                        if method.name not in AS_OPTION and not method.options.deprecated]
        self.paths = [f"{service.name}/{method.name}" for file in files for service in file.service
                      for method in service.method if not method.server_streaming]
        self.comments = {}
        for file in files:
            for place in file.source_code_info.location:
                if len(place.path) == 4 and place.path[0] == 4 and place.path[2] == 2:
                    message = file.message_type[place.path[1]]
                    field = message.field[place.path[3]]
                    self.comments[message.name, field.name] = " ".join(
                        place.leading_comments.split())

    def subcommands(self, method):
        """Names, each with the fields that the subcommand sets or leaves out."""
        own = self._option(method.options, "MethodOptions", "subcommand")
        words = [word.lower() for word in re.findall("[A-Z][a-z0-9]*", method.name)]
        noun = "-".join(words[1:])
        noun = noun[:-1] if words[0] == "list" and noun.endswith("s") else noun
        verb = "show" if words[0] == "get" else words[0]
        default = f"{noun} {verb}" if noun else verb
        if not own:
            return [(default, set())]
        return [(row.name or default, {row.sets.split("=")[0], *row.without}) for row in own]

    def option_name(self, field):
        """The option of a field."""
        name = field.name
        end = next((end for end in UNITS if name.endswith(end) and name != end[1:]), "")
        name = name[:len(name) - len(end)] if end else name
        if field.label == FIELD.LABEL_REPEATED and not end and name.endswith("s"):
            name = name[:-1]
        return self._option(field.options, "FieldOptions", "view").name or name.replace("_", "-")

    def options(self, request, but):
        """(option, field) of each field that has one."""
        for field in request.field:
            view = self._option(field.options, "FieldOptions", "view")
            if view.no_option or field.name in but or field.options.deprecated:
                continue
            inner = self.messages.get(last(field.type_name))
            if inner and field.label != FIELD.LABEL_REPEATED:
                head = "" if inner.name == "RequestKey" else self.option_name(field) + "-"
                yield from ((head + self.option_name(part), part) for part in inner.field)
            else:
                yield self.option_name(field), field


@pytest.fixture(name="surface", scope="module")
def make_surface(tmp_path_factory):
    """One reading of the protos for the module."""
    return Surface(tmp_path_factory.mktemp("protos"))


def options_of(said):
    """The options of a help text and what stands behind each, up to the next."""
    said = said.split("\nExamples:")[0]
    parts = re.split(r"^ +(?:-\w, )?--([a-z][a-z0-9-]*)", said, flags=re.MULTILINE)
    return dict(zip(parts[1::2], (" ".join(part.split()) for part in parts[2::2])))


# Fields of every list's request that --page-token and --limit set, page by page.
PAGING = {"page_size", "page_token"}


def words_of(surface, field):
    """What the option of an enum takes; nothing for other fields."""
    if field.type != FIELD.TYPE_ENUM:
        return []
    enum = surface.enums[last(field.type_name)]
    prefix = len(enum.value[0].name) - len("UNSPECIFIED")
    return [value.name[prefix:].lower().replace("_", "-") for value in enum.value if value.number]


def test_every_method_has_a_subcommand_and_every_field_an_option(surface, tools):
    listed = tools.vslctl("--help").stdout
    tried = 0
    for method in surface.methods:
        for name, without in surface.subcommands(method):
            assert re.search(rf"^  {name} +[A-Z]", listed, re.MULTILINE), name
            said = tools.vslctl(*name.split(), "--help").stdout
            has = options_of(said)
            request = surface.messages[last(method.input_type)]
            for option, field in surface.options(request, without | PAGING):
                assert option in has, f"{name} has no --{option} for {field.name}"
                for word in words_of(surface, field) if name not in BY_HAND else ():
                    assert re.search(rf"\b{word}\b", said), f"{name} does not tell {word}"
                tried += 1
    assert len(surface.methods) >= 54 and tried > 200, (len(surface.methods), tried)
    for name in ("pay", "account restrict", "ledger cut-day", "payout correct", "policy set"):
        said = tools.vslctl(*name.split(), "--help").stdout
        assert all(option in said for option in AS_OPTION.values()), name
    assert "--propose" not in tools.vslctl("proposal", "approve", "--help").stdout


def test_what_is_deprecated_is_no_subcommand(surface, tools):
    listed = tools.vslctl("--help").stdout
    assert len(surface.deprecated) >= 3
    for method in surface.deprecated:
        for name, _ in surface.subcommands(method):
            assert not re.search(rf"^  {name} ", listed, re.MULTILINE), name


def test_every_page_says_where_the_next_one_begins(surface):
    paged = [method for method in surface.methods
             if "page_size" in {field.name for field in surface.messages[
                 last(method.input_type)].field}]
    assert len(paged) >= 10
    for method in paged:
        names = {field.name for field in surface.messages[last(method.output_type)].field}
        assert "next_page_token" in names, method.name
        request = {field.name: field for field in surface.messages[last(method.input_type)].field}
        assert "page_token" in request, method.name
        # Another place to go on from is there for clients that were built before.
        assert all(field.options.deprecated for name, field in request.items()
                   if re.match("(after|before)_", name)), method.name


def test_what_is_required_is_what_the_protos_require(surface, tools):
    """The help says so, and without any option one of them is named before anything is sent."""
    tried = 0
    for method in surface.methods:
        request = surface.messages[last(method.input_type)]
        required = {field.name for field in request.field if re.search(
            r"(^|[.;] )Required[.;]", surface.comments[request.name, field.name])}
        for name, without in surface.subcommands(method):
            if name in BY_HAND:
                continue
            has = options_of(tools.vslctl(*name.split(), "--help").stdout)
            but = without | PAGING | {"key", "dry_run", "ledger_id"}
            wanted = []
            for option, field in surface.options(request, but):
                if field in list(request.field):
                    must = field.name in required
                    assert ("(required)" in has[option]) == must, (name, option)
                    wanted += [option] if must else []
                    tried += 1
            if wanted:
                ledger = ["--ledger", "1"] if "ledger" in has else []
                said = tools.vslctl(*name.split(), *ledger, status=2).stderr
                assert any(f"--{option} is required" in said for option in wanted), said
    assert tried > 100, tried


# What a text for programs becomes in a text for people when a rule of the generator goes astray.
GARBLED = {
    "a field's name": r"(?<![-\w\"'])[a-z]+(?:_[a-z]+)+(?![\w\"'])",
    "a status as a default": r"\(default: [A-Z]+_[A-Z_]+\)",
    "an option as a part": r"\.--",
    "an option as a noun": r"\b(?:[Tt]he|this|these|each|exactly) --",
    "half a rule": r"\b(?:Below|Above|More than)(?: \(|$)",
}


def test_no_help_is_garbled(surface, tools):
    listed = tools.vslctl("--help").stdout
    names = {name for method in surface.methods for name, _ in surface.subcommands(method)}
    assert len(names) > 50
    for name in sorted(names):
        assert re.search(rf"^  {name} +[A-Z]", listed, re.MULTILINE), name
        said = tools.vslctl(*name.split(), "--help").stdout.split("\nExamples:")[0]
        has = options_of(said)
        said = " ".join(said.split())
        for what, pattern in GARBLED.items():
            found = re.search(rf".{{0,30}}{pattern}.{{0,20}}", said)
            assert not found, f"{name}: {what}: {found.group(0)}"
        for option in re.findall(r"(?<![-\w])--([a-z][a-z0-9-]*)", " ".join(has.values())):
            assert option in {*has, "help"}, f"{name} tells of --{option}, which it has not"


def test_call_knows_every_method(surface, tools):
    for path in surface.paths:
        assert "is not JSON" in tools.vslctl("call", path, "{", status=2).stderr, path
    said = tools.vslctl("call", "FundsService/Steal", "{}", status=2).stderr
    assert "there is no unary method" in said
    assert len(surface.paths) >= 53
