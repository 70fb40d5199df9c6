"""measure.py: the phases of tests/bench/run, see there.

SPDX-License-Identifier: Apache-2.0
"""
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import time

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests/support"))

from certificates import Authority  # pylint: disable=wrong-import-position
from cluster import Cluster  # pylint: disable=wrong-import-position
from waiting import wait_until  # pylint: disable=wrong-import-position

BUILD = TOP / "build"
POSTGRES_BIN = pathlib.Path("/usr/lib/postgresql/15/bin")
PORT = 17450
SEED = 20240229
PGBENCH_CLIENTS = 16
PGBENCH_SCALE = 20
ACCOUNTS = 100_000
BATCH = 500
CALLER = "bench"
LUMPS = 4  # beside each other, each by a vslctl of its own
PROGRESS_S = 10
ROLES = ("front", "adapter", "operator", "auditor", "administrator")


class Plan:
    """How long the phases are."""

    def __init__(self, quick):
        self.quick = quick
        self.pgbench_s = 15 if quick else 60
        self.load_s = 15 if quick else 60
        self.unary_s = 8 if quick else 30
        self.warm_up_s = 3 if quick else 5
        self.lump_lines = 200_000 if quick else 1_000_000
        # Several segments must be sealed and indexed while the load runs.
        self.segment_commands = 250_000 if quick else 1_000_000


def say(text):
    """One line, at once."""
    print(text, flush=True)


def first_match(path, pattern):
    """The first group of a pattern in a file of /proc."""
    found = re.search(pattern, pathlib.Path(path).read_text())
    return found.group(1) if found else "unknown"


def memory_mb(process_id):
    """The most that a process has had in memory; 0: it has ended."""
    try:
        found = first_match(f"/proc/{process_id}/status", r"VmHWM:\s*(\d+)")
    except FileNotFoundError:
        return 0
    return int(found) // 1024 if found.isdecimal() else 0


def fsync_rate(folder):
    """Appends of 8 KiB with fdatasync a second, where the cluster's data lie."""
    path = folder / "fsync-probe"
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        os.write(descriptor, bytes(8192 * 64))
        os.fsync(descriptor)
        count = 0
        ends = time.monotonic() + 2
        while time.monotonic() < ends:
            os.pwrite(descriptor, bytes(8192), 8192 * (count % 64))
            os.fdatasync(descriptor)
            count += 1
    finally:
        os.close(descriptor)
        path.unlink()
    return count / 2


def facts(folder):
    """What machine this is, as (name, text) pairs."""
    model = first_match("/proc/cpuinfo", r"model name\s*:\s*(.*)")
    memory = int(first_match("/proc/meminfo", r"MemTotal:\s*(\d+)")) / 1024 / 1024
    version = subprocess.run([POSTGRES_BIN / "postgres", "--version"], capture_output=True,
                             text=True, check=True).stdout.strip()
    rate = fsync_rate(folder)
    return [
        ("processor", f"{model}, {os.cpu_count()} cores"),
        ("memory", f"{memory:.0f} GiB"),
        ("kernel", platform.release()),
        ("database", version),
        ("fdatasync of 8 KiB", f"{rate:,.0f} a second ({1e6 / rate:,.0f} us)"),
    ]


def pgbench(cluster, plan):
    """Transactions a second of pgbench's TPC-B."""
    database = cluster.create_database()
    common = [str(POSTGRES_BIN / "pgbench"), "-h", cluster.socket, "-U", "vsl"]
    say(f"pgbench: filling scale {PGBENCH_SCALE}")
    subprocess.run([*common, "-q", "-i", "-s", str(PGBENCH_SCALE), database], check=True,
                   capture_output=True)
    cluster.query(database, "checkpoint", user="postgres")
    subprocess.run([*common, "-c", str(PGBENCH_CLIENTS), "-j", "2", "-M", "prepared", "-T",
                    str(plan.warm_up_s), database], check=True, capture_output=True)
    say(f"pgbench: {plan.pgbench_s} s, {PGBENCH_CLIENTS} clients, prepared")
    done = subprocess.run([*common, "-c", str(PGBENCH_CLIENTS), "-j", "2", "-M", "prepared", "-T",
                           str(plan.pgbench_s), "-P", "5", database], check=True, text=True,
                          stdout=subprocess.PIPE)
    cluster.drop_database(database)
    return float(re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE).group(1))


def make_ring(folder):
    """A ring as a bank's server has it: the journal's codes are made, names are sealed."""
    ring = folder / "ring"
    if not ring.exists():
        for purpose in ("journal-mac", "seal"):
            subprocess.run([BUILD / "tools/vslctl/vslctl", "key", "new", "--keys", ring,
                            "--purpose", purpose], check=True, stdout=subprocess.DEVNULL)
    return ring


class Phase:
    """A fresh database and a fresh server for one run of vslload."""

    def __init__(self, cluster, folder, plan, name, has_callers=False):
        self._cluster = cluster
        self._environment = dict(os.environ)
        self.database = cluster.create_database()
        self.url = cluster.url(self.database)
        subprocess.run([BUILD / "tools/vslctl/vslctl", "migrate", "--database", self.url],
                       check=True, stdout=subprocess.DEVNULL)
        cluster.query(self.database, "checkpoint", user="postgres")
        settings = ["--set", f"keys.file={make_ring(folder)}"]
        if has_callers:
            settings += self._certify(Authority(folder / "certificates", "bench authority"))
        log = folder / f"vsld-{name}.log"
        with open(log, "wb") as stream:
            self._process = subprocess.Popen(
                [BUILD / "core/vsld", "--set", f"listen.address=127.0.0.1:{PORT}",
                 "--set", f"database.url={self.url}",
                 "--set", f"journal.segment_commands={plan.segment_commands}", *settings],
                stdin=subprocess.DEVNULL, stdout=stream, stderr=stream)

        def is_ready():
            text = log.read_text()
            assert self._process.poll() is None, text
            return re.search(r"\bready\b", text)
        wait_until(is_ready, "vsld to be ready")
        if has_callers:
            # Looked up among the callers for each call, as a bank's are.
            roles = [f"--roles-{role}" for role in ROLES]
            subprocess.run([BUILD / "tools/vslctl/vslctl", "--server", f"127.0.0.1:{PORT}",
                            "caller", "create", "--name", CALLER, *roles, "--all-ledgers",
                            "--any-channel"],
                           check=True, env=self._environment, capture_output=True)

    def _certify(self, authority):
        """Settings of a server that asks for certificates; the tools' go by the environment."""
        certificate, key = authority.sign(CALLER)
        server_certificate, server_key = authority.sign("server")
        self._environment.update(VSL_TLS_CA=str(authority.certificate),
                                 VSL_TLS_CERT=str(certificate), VSL_TLS_KEY=str(key))
        values = {"tls.certificate": server_certificate, "tls.key": server_key,
                  "tls.client_ca": authority.certificate, "callers.first_administrator": CALLER}
        return [word for name, value in values.items() for word in ("--set", f"{name}={value}")]

    def load(self, name, seconds, *options, warm_up):
        """Runs vslload and gives its report."""
        say(f"{name}: {seconds} s")
        done = subprocess.run(
            [BUILD / "tools/vslload/vslload", "--server", f"127.0.0.1:{PORT}", "--database",
             self.url, "--accounts", str(ACCOUNTS), "--seed", str(SEED), "--seconds", str(seconds),
             "--warm-up", str(warm_up), "--json", *options],
            stdout=subprocess.PIPE, text=True, check=False, timeout=seconds * 10 + 600,
            env=self._environment)
        if done.returncode != 0:
            say(done.stdout)
            sys.exit(f"vslload ended with status {done.returncode}")
        report = json.loads(done.stdout)
        report["segments_indexed"] = self._cluster.query(
            self.database, "select count(*) from vsl.segment where state = 3")[0][0]
        return report

    def vslctl(self, *arguments):
        """The JSON that vslctl says."""
        done = subprocess.run(
            [BUILD / "tools/vslctl/vslctl", "--server", f"127.0.0.1:{PORT}", "--json",
             *map(str, arguments)], stdout=subprocess.PIPE, check=True, env=self._environment)
        return json.loads(done.stdout)

    def _watch(self, running):
        """Says how far the lumps are until their tools have ended; the most memory of one, MB."""
        most, told = 0, time.monotonic()
        while any(process.poll() is None for process in running):
            for process in running:
                most = max(most, memory_mb(process.pid))
            if time.monotonic() - told >= PROGRESS_S:
                told = time.monotonic()
                done = self._cluster.query(
                    self.database, "select coalesce(sum(allocated_count), 0) from vsl.lump")[0][0]
                say(f"lump: {int(done):,} lines so far")
            time.sleep(0.1)
        return most

    def lumps(self, folder, lines):
        """Allocates so many lines by files, in some lumps at a time, to the accounts of the load
        before; lines a second from the first to the last one's record."""
        say(f"lump: {lines:,} lines in {LUMPS} files")
        accounts = [row[0] for row in self._cluster.query(
            self.database, "select account_id from vsl.account where ledger_id = 1 and kind = 1"
            " order by account_id limit 50000")]
        each = lines // LUMPS
        before = memory_mb(self._process.pid)
        running = []
        for lump in range(LUMPS):
            receipt = self.vslctl("receipt", "--ledger", 1, "--amount", each / 100)
            item = self.vslctl("suspense", "list", "--ledger", 1, "--origin",
                               receipt["result"]["sequence"])["suspense"][0]["suspense_id"]
            path = folder / f"lump-{lump}.csv"
            with open(path, "w", encoding="ascii") as out:
                out.write("source_order,account_id,receiving_number,amount,payer_name,"
                          "payer_account,payer_bank,order_number,remark,fee_rule\n")
                out.writelines(
                    f"L{lump}-{line},{accounts[line % len(accounts)]},,0.01,,,,,,\n"
                    for line in range(each))
            running.append(["lump", "--ledger", "1", "--suspense", item, path])
        running = [subprocess.Popen(
            [BUILD / "tools/vslctl/vslctl", "--server", f"127.0.0.1:{PORT}", "--json", *words],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=self._environment)
                   for words in running]
        tool_mb = self._watch(running)
        said = [json.loads(process.communicate()[0]) for process in running]
        say(f"lump: vsld took {before} MB before and {memory_mb(self._process.pid)} MB at most, "
            f"each vslctl {tool_mb} MB for {each:,} lines")
        taken, count = self._cluster.query(
            self.database, "select extract(epoch from max(recorded_at) - min(recorded_at))::float8,"
            " count(*) from vsl.command where kind = 38 and outcome = 1")[0]
        is_right = count == each * LUMPS and all(
            one["closed"] and one["accepted"] == each for one in said)
        if not is_right:
            sys.exit(f"the lines are not all there: {count} {said}")
        return count / taken

    def end(self):
        """Stops the server, which must end in order, and drops the database."""
        self._process.terminate()
        status = self._process.wait(120)
        if status != 0:
            sys.exit(f"vsld ended with status {status}")
        self._cluster.drop_database(self.database)


def measure(folder, plan):
    """All phases; gives (facts, pgbench tps, {phase: report}, lines of lumps a second)."""
    cluster = Cluster(folder / "pg", settings=[])
    try:
        machine = facts(folder)
        for name, text in machine:
            say(f"{name}: {text}")
        tps = pgbench(cluster, plan)
        reports = {}
        for name, seconds, options in [
                ("uniform", plan.load_s, ["--batch", str(BATCH)]),
                ("limits", plan.load_s, ["--batch", str(BATCH), "--limits"]),
                ("claims", plan.load_s, ["--batch", str(BATCH), "--claims", "0.01"]),
                ("mTLS", plan.load_s, ["--batch", str(BATCH)]),
                ("hot", plan.load_s, ["--batch", str(BATCH), "--hot-share", "0.5"]),
                ("mixed", plan.load_s, ["--batch", str(BATCH), "--mixed"]),
                ("unary", plan.unary_s, ["--unary", "--clients", "1", "--in-flight", "1"])]:
            phase = Phase(cluster, folder, plan, name, has_callers=name == "mTLS")
            reports[name] = phase.load(name, seconds, *options, warm_up=plan.warm_up_s)
            if name == "uniform":
                lump_lines = phase.lumps(folder, plan.lump_lines)
            phase.end()
        return machine, tps, reports, lump_lines
    finally:
        cluster.stop()


def measure_lumps(folder, lines):
    """The lines of lumps alone, beside a short uniform load, whose accounts they pay."""
    cluster = Cluster(folder / "pg", settings=[])
    try:
        plan = Plan(quick=True)
        phase = Phase(cluster, folder, plan, "uniform")
        report = phase.load("uniform", plan.load_s, "--batch", str(BATCH), warm_up=plan.warm_up_s)
        rate = phase.lumps(folder, lines)
        phase.end()
    finally:
        cluster.stop()
    if not report["verify"]["right"]:
        sys.exit("balances differ from what the load generator believes")
    say(f"lump: {rate:,.0f} lines a second, payments: {report['payments_per_second']:,.0f}")
    say(f"lump lines / payments: {rate / report['payments_per_second']:.2f}")


def print_table(tps, reports, lump_lines):
    """One row for each phase."""
    row = "{:<10} {:>12} {:>9} {:>9} {:>9} {:>9} {:>10}"
    say("")
    say(row.format("phase", "a second", "p50 ms", "p99 ms", "max ms", "segments", "agrees"))
    say(row.format("pgbench", f"{tps:,.0f}", "", "", "", "", ""))
    for name, report in reports.items():
        latency = report["latency"]
        say(row.format(
            name, f"{report['payments_per_second']:,.0f}", f"{latency['p50_us'] / 1e3:.2f}",
            f"{latency['p99_us'] / 1e3:.2f}", f"{latency['max_us'] / 1e3:.2f}",
            report["segments_indexed"], "yes" if report["verify"]["right"] else "NO"))
    say(row.format("lump", f"{lump_lines:,.0f}", "", "", "", "", "yes"))
    say("")


def main():
    """Measures and prints; see tests/bench/run."""
    folder = pathlib.Path(sys.argv[1])
    if sys.argv[2:3] == ["--lump"]:
        measure_lumps(folder, int(sys.argv[3]) if len(sys.argv) > 3 else 1_000_000)
        return
    plan = Plan("--quick" in sys.argv[2:])
    _, tps, reports, lump_lines = measure(folder, plan)
    print_table(tps, reports, lump_lines)
    loads = ("uniform", "mTLS", "hot", "mixed")
    uniform, mtls, hot, mixed = (reports[name]["payments_per_second"] for name in loads)
    if min(reports[name]["segments_indexed"] for name in loads) < 1:
        sys.exit("no segment was indexed while the load ran: the figures do not count")
    if not all(report["verify"]["right"] for report in reports.values()):
        sys.exit("balances differ from what the load generator believes")
    say(f"payments/s / pgbench tps: {uniform / tps:.1f}")
    say(f"mTLS / plain: {mtls / uniform:.2f}")
    say(f"with policy / without: {reports['limits']['payments_per_second'] / uniform:.2f}")
    say(f"claims / plain: {reports['claims']['payments_per_second'] / uniform:.2f}")
    say(f"hot / uniform: {hot / uniform:.2f}")
    say(f"mixed / plain: {mixed / uniform:.2f}")
    say(f"lump lines / payments: {lump_lines / uniform:.2f}")
    say(f"unary p50 ms: {reports['unary']['latency']['p50_us'] / 1e3:.2f}")


if __name__ == "__main__":
    main()
