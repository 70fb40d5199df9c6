"""reads.py: reads a second of a vsld, alone and beside payments.

    /usr/bin/python3 -B tests/bench/reads.py SCRATCH [SECONDS]

SCRATCH is an empty folder that PostgreSQL's user can enter. VSL_BUILD names the build (default:
build/, as tests/bench/run makes it). h2load asks over 4 connections, 32 calls each at a time; the
payments beside it are vslload's batches of 500.

SPDX-License-Identifier: Apache-2.0
"""
import os
import pathlib
import re
import subprocess
import sys

import measure
from cluster import Cluster

# GetTieOut of ledger 1, a read of live state, and GetCommand of sequence 5, one of history: the
# requests as frames of gRPC.
READS = {
    "GetTieOut": ("/vsl.v1.LedgerService/GetTieOut", bytes([0, 0, 0, 0, 2, 8, 1])),
    "GetCommand": ("/vsl.v1.JournalService/GetCommand", bytes([0, 0, 0, 0, 2, 16, 5])),
}


def ask(folder, name, seconds):
    """Reads a second, and the mean time of one in milliseconds."""
    path, body = READS[name]
    data = folder / f"{name}.body"
    data.write_bytes(body)
    done = subprocess.run(
        ["h2load", "-D", str(seconds), "-c", "4", "-m", "32", "-d", str(data),
         "-H", "content-type: application/grpc", "-H", "te: trailers",
         f"http://127.0.0.1:{measure.PORT}{path}"],
        stdout=subprocess.PIPE, text=True, check=True)
    assert " 0 failed, 0 errored" in done.stdout, done.stdout
    rate = re.search(r"finished in .*, ([\d.]+) req/s", done.stdout).group(1)
    mean = re.search(r"time for request:\s+\S+\s+\S+\s+(\S+)", done.stdout).group(1)
    return f"{float(rate):10,.0f} reads/s, mean {mean}"


def main():
    """Measures and prints."""
    folder = pathlib.Path(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 10
    measure.BUILD = pathlib.Path(os.environ.get("VSL_BUILD", measure.BUILD))
    cluster = Cluster(folder / "pg", [])
    try:
        phase = measure.Phase(cluster, folder, measure.Plan(quick=True), "reads")
        try:
            phase.load("fill", 3, "--batch", "500", warm_up=1)
            for name in READS:
                print(f"{name} alone:           {ask(folder, name, seconds)}", flush=True)
            for name in READS:
                beside = subprocess.Popen(
                    [measure.BUILD / "tools/vslload/vslload", "--server",
                     f"127.0.0.1:{measure.PORT}", "--database", phase.url, "--accounts", "1000",
                     "--seconds", str(seconds + 3), "--warm-up", "1", "--batch", "500"],
                    stdout=subprocess.PIPE, text=True)
                rate = ask(folder, name, seconds)
                report = beside.communicate()[0]
                print(f"{name} beside payments: {rate}\n{report}", flush=True)
        finally:
            phase.end()
    finally:
        cluster.stop()


main()
