"""generators.py: the scripts in tools/dev that make C from the protos, on protos of their own.

TAP on standard output. Needs protoc, protoc-gen-c and a C compiler, as the build does.

SPDX-License-Identifier: Apache-2.0
"""
import pathlib
import re
import subprocess
import sys
import tempfile

from google.protobuf import descriptor_pb2

TOP = pathlib.Path(__file__).resolve().parents[3]
DEV = TOP / "tools" / "dev"

OPTIONAL_PROTO = """
syntax = "proto3";
package try;
import "vsl/v1/outcome.proto";
message Outer {
  message Inner { optional string memo = 1; int64 plain = 2; }
  optional int64 count = 1;
  Inner inner = 2;
  oneof choice { string left = 3; string right = 4; }
  vsl.v1.Outcome outcome = 5;
}
"""

# Keeps "" apart from nothing, and reads what Python wrote.
OPTIONAL_C = """
#include "try.pb-c.h"
#include <stdio.h>
#include <string.h>
int main(void)
{
    unsigned char bytes[4096];
    size_t length = fread(bytes, 1, sizeof bytes, stdin);
    Try__Outer *outer = try__outer__unpack(NULL, length, bytes);
    if (!outer || !outer->inner)
        return 2;
    printf("%d %d %d %lld %s\\n", outer->_count_case == TRY__OUTER___COUNT_COUNT,
        outer->inner->_memo_case == TRY__OUTER__INNER___MEMO_MEMO,
        outer->choice_case == TRY__OUTER__CHOICE_RIGHT, (long long)outer->count,
        outer->inner->_memo_case ? outer->inner->memo : "-");
    return 0;
}
"""

OUTCOME_PROTO = """
syntax = "proto3";
package vsl.v1;
import "vsl/v1/outcome_options.proto";
enum Outcome {
  OUTCOME_UNSPECIFIED = 0;
  %s
}
"""
SERVICE_PROTO = """
syntax = "proto3";
package vsl.v1;
import "vsl/v1/common.proto";
import "vsl/v1/tool_options.proto";
// A kind.
enum Kind {
  // None.
  KIND_UNSPECIFIED = 0;
  // Half.
  KIND_HALF_UP = 1;
}
// Things.
service ThingService {
  // Puts a thing: "there". It stays.
  rpc PutThing(PutThingRequest) returns (PutThingResponse);
  // Lists things.
  rpc ListThings(ListThingsRequest) returns (ListThingsResponse)%s
}
// Puts.
message PutThingRequest {
  // The key. Required.
  RequestKey key = 1;
  // Dry.
  bool dry_run = 2;
  // The ledger. Required; 1 or more.
  int64 ledger_id = 3;
  // How much, in minor units. Required; 1 to 10^16. Above rest_at_us: ABOVE_REST.
  int64 amount_minor = 4;
  // Until when, microseconds since 1970-01-01 UTC; 0: for ever.
  int64 rest_at_us = 5;
  // Which. Required.
  Kind kind = 6;
  // Whom to pay. Required.
  Party destination = 7 [(view) = {name: "to"}];
  %s
}
// Put.
message PutThingResponse {
  // Result.
  CommandResult result = 1;
}
// Lists.
message ListThingsRequest {
  // Behind this.
  int64 after_id = 1 [deprecated = true];
  // So many.
  int32 page_size = 2;
  // Where to go on.
  string page_token = 4;
  // Only these; empty: all.
  repeated Kind kinds = 3;
}
// Thing.
message Thing {
  // Its id.
  int64 thing_id = 1;
  // Its note.
  string note = 2 [(view) = {no_column: true}];
  // Its day.
  int32 made_date = 3;
  // What it is.
  oneof what {
    // A payee.
    Payee payee = 4;
  }
}
// List.
message ListThingsResponse {
  // Things.
  repeated Thing things = 1;
  // Next.
  int64 next_after_id = 2 [deprecated = true];
  // Next.
  string next_page_token = 3;
}
"""
# Each with what stands behind the second method, and what is one field more.
BAD_SERVICES = {
    "a field that no option can take": (";", "repeated Party parties = 8;"),
    "two subcommands of one name": (' { option (subcommand) = {name: "thing put"}; }', ""),
    "a subcommand that sets a field that there is not":
        (' { option (subcommand) = {sets: "nothing=true"}; }', ""),
}
# Stands in for the Chinese text, which every value has.
ZH = '(outcome_text_zh) = "\u597d\u3002"'
GOOD_VALUE = f"""OUTCOME_ACCEPTED = 1 [{ZH}, (outcome_text) = "It \\"worked\\"."];
  OUTCOME_GONE = 199 [{ZH}, (outcome_text) = "Gone.", (outcome_retry) = RETRY_ADVICE_FINAL];"""
FINAL = "(outcome_retry) = RETRY_ADVICE_FINAL"
BAD_VALUES = {
    "no text": f"OUTCOME_X = 100 [{ZH}, (outcome_retry) = RETRY_ADVICE_FINAL];",
    "no advice": f'OUTCOME_X = 100 [{ZH}, (outcome_text) = "X."];',
    "advice after what is accepted":
        f'OUTCOME_ACCEPTED_X = 2 [{ZH}, (outcome_text) = "X.", {FINAL}];',
    "no options at all": "OUTCOME_X = 100;",
    "a refusal below 100":
        f'OUTCOME_X = 99 [{ZH}, (outcome_text) = "X.", {FINAL}];',
    "an acceptance from 100 on":
        f'OUTCOME_ACCEPTED_X = 100 [{ZH}, (outcome_text) = "X.", {FINAL}];',
    "a number that a smallint cannot hold":
        f'OUTCOME_X = 32768 [{ZH}, (outcome_text) = "X.", {FINAL}];',
    "text that is not ASCII":
        f'OUTCOME_X = 100 [{ZH}, (outcome_text) = "\u00e9.", {FINAL}];',
    "no Chinese text":
        'OUTCOME_X = 100 [(outcome_text) = "X.", (outcome_retry) = RETRY_ADVICE_FINAL];',
    "English for Chinese": 'OUTCOME_X = 100 [(outcome_text) = "X.", (outcome_text_zh) = "X.", '
                           '(outcome_retry) = RETRY_ADVICE_FINAL];',
    "Chinese that is no sentence": 'OUTCOME_X = 100 [(outcome_text) = "X.", (outcome_text_zh) = '
                                   '"\u597d", (outcome_retry) = RETRY_ADVICE_FINAL];',
}


def run(*command, data=None):
    """Output of a command that must succeed."""
    done = subprocess.run([str(word) for word in command], input=data, capture_output=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f"{command[0]}: {done.stderr.decode()}")
    return done.stdout


def try_optional(folder):
    """proto3 `optional` and options on enum values come through protoc-gen-vsl-c."""
    (folder / "try.proto").write_text(OPTIONAL_PROTO, encoding="utf-8")
    run("protoc", f"-I{TOP}/proto", f"-I{folder}",
        f"--plugin=protoc-gen-vslc={DEV}/protoc-gen-vsl-c", f"--vslc_out={folder}", "try.proto",
        "vsl/v1/outcome.proto", "vsl/v1/outcome_options.proto")
    (folder / "main.c").write_text(OPTIONAL_C, encoding="utf-8")
    sources = [folder / name for name in ("main.c", "try.pb-c.c", "vsl/v1/outcome.pb-c.c",
                                          "vsl/v1/outcome_options.pb-c.c")]
    run("cc", "-w", f"-I{folder}", "-o", folder / "try", *sources, "-lprotobuf-c")
    # inner {memo ""}, right "": present and empty; and nothing but an empty inner.
    told = run(folder / "try", data=b"\x08\x05\x12\x02\x0a\x00\x22\x00")
    assert told == b"1 1 1 5 \n", told
    told = run(folder / "try", data=b"\x12\x00")
    assert told == b"0 0 0 0 -\n", told


def make_list(folder, values):
    """gen-outcomes over an enum with these values; the process that ended."""
    protos = folder / "list"
    (protos / "vsl" / "v1").mkdir(parents=True, exist_ok=True)
    (protos / "vsl/v1/outcome.proto").write_text(OUTCOME_PROTO % values, encoding="utf-8")
    run("protoc", f"-I{protos}", f"-I{TOP}/proto", "--include_imports", "-o", folder / "list.desc",
        "vsl/v1/outcome.proto")
    return subprocess.run([DEV / "gen-outcomes", folder / "list.desc", folder / "list.h"],
                          capture_output=True, check=False)


def try_outcomes(folder):
    """gen-outcomes writes what the enum says, in its order."""
    assert make_list(folder, GOOD_VALUE).returncode == 0
    text = (folder / "list.h").read_text(encoding="utf-8")
    zh = '"\u597d\u3002"'
    assert f'X(1, ACCEPTED, RETRY_UNSPECIFIED, 0, "It \\"worked\\".", {zh})' in text, text
    assert f'X(199, GONE, RETRY_FINAL, 1, "Gone.", {zh})' in text, text
    assert "X(3, ASK_STATE)" in text, text


def try_bad_outcomes(folder):
    """gen-outcomes ends the build over an outcome that says too little."""
    for what, value in BAD_VALUES.items():
        done = make_list(folder, GOOD_VALUE + "\n" + value)
        assert done.returncode != 0, what
        assert b"Traceback" not in done.stderr, (what, done.stderr)


REASON_PROTO = """
syntax = "proto3";
package vsl.v1;
import "google/protobuf/descriptor.proto";
enum ReasonEffect { R_UNSPECIFIED = 0; REASON_EFFECT_NONE = 1; REASON_EFFECT_UNKNOWN = 2; }
extend google.protobuf.EnumValueOptions {
  repeated string reason_status = 50111;
  ReasonEffect reason_effect = 50112;
}
enum Reason {
  REASON_UNSPECIFIED = 0;
  REASON_LOST = 7 [(reason_status) = "ABORTED", (reason_status) = "UNKNOWN",
                   (reason_effect) = REASON_EFFECT_UNKNOWN];
  %s
}
"""
BAD_REASONS = {
    "no options": "REASON_X = 8;",
    "no status": "REASON_X = 8 [(reason_effect) = REASON_EFFECT_NONE];",
    "no effect": 'REASON_X = 8 [(reason_status) = "ABORTED"];',
    "no status of gRPC":
        'REASON_X = 8 [(reason_status) = "LOST", (reason_effect) = REASON_EFFECT_NONE];',
}


def list_reasons(folder, values):
    """gen-reasons over an enum with these values; the process that ended."""
    (folder / "reason.proto").write_text(REASON_PROTO % values, encoding="utf-8")
    run("protoc", f"-I{folder}", "--include_imports", "-o", folder / "reason.desc", "reason.proto")
    return subprocess.run([DEV / "gen-reasons", folder / "reason.desc", folder / "reason.h"],
                          capture_output=True, check=False)


def try_reasons(folder):
    """gen-reasons writes names and effects, and ends the build over one that says too little."""
    none = 'REASON_NONE = 8 [(reason_status) = "ABORTED", (reason_effect) = REASON_EFFECT_NONE];'
    assert list_reasons(folder, none).returncode == 0
    text = (folder / "reason.h").read_text(encoding="ascii")
    for line in ('#define REASON_LOST "LOST"', "X(LOST, false)", "X(NONE, true)"):
        assert line in text, text
    for what, value in BAD_REASONS.items():
        done = list_reasons(folder, value)
        assert done.returncode != 0, what
        assert b"Traceback" not in done.stderr, (what, done.stderr)


METHODS_PROTOS = {
    "common.proto": """
enum CommandKind { COMMAND_KIND_UNSPECIFIED = 0; COMMAND_KIND_PAY_ALL = 1; }
message CommandResult {
  // What became of it.
  //
  // Outcomes: ACCEPTED.
  int32 outcome = 1;
}""",
    "outcome.proto": """
enum Outcome { OUTCOME_NONE = 0; OUTCOME_ACCEPTED = 1; OUTCOME_A = 100; OUTCOME_B = 101; }""",
    "try.proto": """
message M {}
service Try {
  // Pays.%s
  rpc PayAll(M) returns (M);
  // No command.
  rpc Read(M) returns (M);
}"""}
GOOD_COMMENTS = {
    "\n  //\n  // Outcomes: B.": ["PAY_ALL, B"],
    "\n  //\n  // Outcomes: A,\n  // B.": ["PAY_ALL, A", "PAY_ALL, B"],
    "\n  //\n  // Outcomes: none but those of\n  // every command.": []}
BAD_COMMENTS = {
    "no list": "", "out of order": "\n  //\n  // Outcomes: B, A.",
    "twice": "\n  //\n  // Outcomes: A, A.", "unknown": "\n  //\n  // Outcomes: C.",
    "of every command": "\n  //\n  // Outcomes: ACCEPTED, A.",
    "not the end": "\n  //\n  // Outcomes: A.\n  //\n  // And so on."}


def list_methods(folder, comment):
    """gen-method-outcomes over a method with this comment; the process that ended."""
    protos = folder / "methods"
    (protos / "vsl" / "v1").mkdir(parents=True, exist_ok=True)
    for name, text in METHODS_PROTOS.items():
        text = text % comment if name == "try.proto" else text
        head = 'syntax = "proto3";\npackage vsl.v1;\n'
        (protos / "vsl/v1" / name).write_text(head + text, encoding="utf-8")
    run("protoc", f"-I{protos}", "--include_source_info", "-o", folder / "methods.desc",
        *(f"vsl/v1/{name}" for name in METHODS_PROTOS))
    return subprocess.run([DEV / "gen-method-outcomes", folder / "methods.desc",
                           folder / "methods.h"], capture_output=True, check=False)


def try_methods(folder):
    """gen-method-outcomes lists what the comments say, and ends the build where they do not."""
    row = re.compile(r"X\((\w+, \w+)\)")
    for comment, rows in GOOD_COMMENTS.items():
        done = list_methods(folder, comment)
        assert done.returncode == 0, (comment, done.stderr)
        text = (folder / "methods.h").read_text(encoding="ascii")
        assert row.findall(text.partition("#ifndef")[2]) == rows, text
        assert "X(ACCEPTED)" in text, text
    for what, comment in BAD_COMMENTS.items():
        done = list_methods(folder, comment)
        assert done.returncode != 0, what
        assert b"Traceback" not in done.stderr, (what, done.stderr)


def try_descriptors(folder):
    """gen-descriptors keeps each descriptor byte for byte, imports before their users."""
    top = TOP / "proto"
    names = sorted(str(path.relative_to(top)) for path in top.rglob("*.proto"))
    run("protoc", f"-I{top}", "--include_imports", "-o", folder / "all.desc", *names)
    run(DEV / "gen-descriptors", folder / "all.desc", folder / "d.c", folder / "d.h")
    text = (folder / "d.c").read_text(encoding="ascii")
    files = descriptor_pb2.FileDescriptorSet.FromString((folder / "all.desc").read_bytes()).file
    tables = re.findall(r"bytes_(\d+)\[\] = \{(.*?)\};", text, re.DOTALL)
    assert len(tables) == len(files) > len(names), (len(tables), len(files), len(names))
    seen = set()
    for number, (index, body) in enumerate(tables):
        assert int(index) == number
        data = bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", body))
        file = descriptor_pb2.FileDescriptorProto.FromString(data)
        assert file == files[number], file.name
        assert set(file.dependency) <= seen, file.name
        seen.add(file.name)
    assert set(names) <= seen
    for symbol in ("vsl.v1.FundsService", "vsl.v1.FundsService.SubmitBatch", "vsl.v1.PayRequest",
                   "vsl.v1.Outcome", "vsl.v1.outcome_text", "grpc.health.v1.Health.Check",
                   "grpc.health.v1.HealthCheckResponse.ServingStatus",
                   "grpc.reflection.v1alpha.ServerReflection.ServerReflectionInfo",
                   "google.protobuf.EnumValueOptions"):
        assert text.count(f'"{symbol}",') == 1, symbol


def make_subcommands(folder, behind=";", field="", *more):
    """What gen-subcommands makes of SERVICE_PROTO; its status, text and errors."""
    (folder / "vsl" / "v1").mkdir(parents=True, exist_ok=True)
    (folder / "vsl/v1/thing.proto").write_text(SERVICE_PROTO % (behind, field), encoding="utf-8")
    run("protoc", f"-I{folder}", f"-I{TOP / 'proto'}", "--include_imports", *more, "-o",
        folder / "thing.desc", "vsl/v1/thing.proto")
    done = subprocess.run([DEV / "gen-subcommands", folder / "thing.desc", folder / "thing.c"],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def try_subcommands(folder):
    """gen-subcommands makes options, help and columns from fields and comments."""
    status, errors = make_subcommands(folder, ";", "", "--include_source_info")
    assert status == 0, errors
    text = " ".join((folder / "thing.c").read_text(encoding="utf-8").split())
    for row in (
            '{"amount", "amount_minor", PARAMETER_AMOUNT, true, "How much, such as 12.50. Above '
            '--rest: ABOVE_REST (required)"}',
            '{"rest", "rest_at_us", PARAMETER_TIME, false, "Until when: +7d, or '
            '2026-12-01T00:00+08:00 (default: for ever)"}',
            '{"kind", "kind", PARAMETER_ENUM, true, "Which: half-up (required)"}',
            '{"to-account", "destination.account_number", PARAMETER_TEXT, true, "Whom to pay: ',
            '.group = "thing", .name = "put", .summary = "Puts a thing: \\"there\\".", '
            '.text = "Puts a thing: \\"there\\". It stays."',
            "vslctl thing put --ledger 1 --amount 58.00 --kind half-up --to-name 'Li Ming'",
            '{"kind", "kinds", PARAMETER_ENUMS, false, "Only these: half-up, once for each '
            '(default: all)"}', '.group = "thing", .name = "list"', '.table_field = "things"',
            '"Values of --kind:\\n half-up half\\n\\n"',
            '{"thing_id", "made_date", NULL}', '.has_tokens = true'):
        assert row in text, row
    assert '"after-id"' not in text and '"page-token"' not in text


def try_bad_subcommands(folder):
    """gen-subcommands refuses what it cannot show, and protos without their comments."""
    status, errors = make_subcommands(folder)
    assert status != 0 and "source information" in errors, errors
    for what, (behind, field) in BAD_SERVICES.items():
        status, errors = make_subcommands(folder, behind, field, "--include_source_info")
        assert status != 0 and "Traceback" not in errors, (what, errors)


def try_reference(folder):
    """gen-reference describes everything, and refuses protos without their comments."""
    top = TOP / "proto"
    names = sorted(str(path.relative_to(top)) for path in top.glob("vsl/v1/*.proto"))
    run("protoc", f"-I{top}", "--include_imports", "-o", folder / "all.desc", *names)
    done = subprocess.run([DEV / "gen-reference", folder / "all.desc", folder / "reference.html"],
                          capture_output=True, check=False)
    assert done.returncode != 0 and b"include_source_info" in done.stderr, done.stderr
    run("protoc", f"-I{top}", "--include_imports", "--include_source_info", "-o",
        folder / "all.desc", *names)
    run(DEV / "gen-reference", folder / "all.desc", folder / "reference.html")
    text = (folder / "reference.html").read_text(encoding="utf-8")
    files = descriptor_pb2.FileDescriptorSet.FromString((folder / "all.desc").read_bytes()).file
    for file in (file for file in files if file.package == "vsl.v1"):
        wanted = [f'<h2 id="{file.name}">']
        wanted += [f'<h3 id="{kind.name}">'
                   for kind in (*file.service, *file.message_type, *file.enum_type)]
        wanted += [f"<code>{method.name}</code>"
                   for service in file.service for method in service.method]
        wanted += [f"<td>{row.number}</td><td><code>{row.name}</code>" for row in (
            *(field for message in file.message_type for field in message.field),
            *(value for enum in file.enum_type for value in enum.value))]
        missing = [what for what in wanted if what not in text]
        assert not missing, missing
    links = set(re.findall(r'href="#([^"]+)"', text)) - set(re.findall(r'id="([^"]+)"', text))
    assert not links, links


def main():
    """One case per function above."""
    failed = False
    cases = [try_optional, try_outcomes, try_bad_outcomes, try_reasons, try_methods,
             try_descriptors, try_subcommands, try_bad_subcommands, try_reference]
    for number, case in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(pathlib.Path(folder))
                print(f"ok {number} - {case.__name__}")
            except AssertionError as error:
                failed = True
                print(f"not ok {number} - {case.__name__}\n# {error}")
    print(f"1..{len(cases)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
