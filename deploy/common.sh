# common.sh: what deploy/quickstart, tests/run and tests/bench/run share: packages, users, builds.
# Sourced by bash scripts with `set -euo pipefail`; defines functions only.
# shellcheck shell=bash disable=SC2034  # what it sets is used where it is sourced
# SPDX-License-Identifier: Apache-2.0

# What it takes to build and run the server and its tools, all from Debian 12.
packages_build="gcc libc6-dev pkg-config meson ninja-build protobuf-compiler protobuf-c-compiler
  libprotobuf-dev libprotobuf-c-dev libevent-dev libnghttp2-dev libssl-dev libpq-dev zlib1g-dev
  libinih-dev libgcrypt20-dev libutf8proc-dev libjansson-dev libsmartcols-dev libcsv-dev
  libsystemd-dev librabbitmq-dev libxml2-dev
  python3-protobuf"
packages_run="postgresql-15 postgresql-client-15 python3 openssl"
# What the tests need besides.
packages_test="check clang clang-format-14 python3-pytest python3-pytest-xdist python3-pytest-timeout
  python3-grpcio python3-protobuf python3-h2
  python3-psycopg2 python3-pika python3-stdnum rabbitmq-server protobuf-compiler-grpc nghttp2-client shellcheck systemd
  iproute2"

# A release: no tests, no fault points.
release_options="-Dbuildtype=release -Dtests=false -Dfaults=false"

postgres_bin=/usr/lib/postgresql/15/bin

say() { printf '%s\n' "$*"; }

fail() {
    printf '%s: %s\n' "$(basename "$0")" "$*" >&2
    exit 1
}

# Runs a command as root: as it is, or with sudo.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        fail "needs root for: $* (run as root, or install sudo)"
    fi
}

# The OS user that PostgreSQL runs as: it refuses root.
postgres_user() {
    if [ "$(id -u)" = 0 ]; then echo postgres; else id -un; fi
}

# Runs a command as that user, in a folder that it can enter.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then
        (cd / && runuser -u postgres -- "$@")
    else
        "$@"
    fi
}

# install_packages NAME...: installs those that are missing, says so, and touches nothing else.
install_packages() {
    local missing=() name log
    for name in "$@"; do
        if [ "$(dpkg-query -W -f='${db:Status-Status}' "$name" 2>/dev/null)" != installed ]; then
            missing+=("$name")
        fi
    done
    if [ ${#missing[@]} = 0 ]; then
        return 0
    fi
    say "installing from Debian: ${missing[*]}"
    log=$(mktemp)
    # The package would make and start a cluster of its own on port 5432; nobody asked for that.
    local no_cluster=/etc/postgresql-common/createcluster.d/vsl-no-cluster.conf
    as_root mkdir -p "$(dirname "$no_cluster")"
    echo "create_main_cluster = false" | as_root tee "$no_cluster" >/dev/null
    # Likewise the broker of the tests, which packages start where systemd runs.
    local no_start=/usr/sbin/policy-rc.d
    if [[ " ${missing[*]} " == *" rabbitmq-server "* && ! -e $no_start ]]; then
        printf '#!/bin/sh\nexit 101\n' | as_root install -m 0755 /dev/stdin "$no_start"
    else
        no_start=
    fi
    local status=0
    {
        as_root apt-get -o DPkg::Lock::Timeout=300 update -qq &&
            as_root env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 \
                install -y -qq --no-install-recommends "${missing[@]}"
    } >"$log" 2>&1 </dev/null || status=$?
    as_root rm -f "$no_cluster" ${no_start:+"$no_start"}
    if [ "$status" != 0 ]; then
        tail -20 "$log" >&2
        rm -f "$log"
        fail "could not install packages: see above"
    fi
    rm -f "$log"
}

# build FOLDER [MESON OPTION...]: configures (again, where the options changed) and builds, quietly.
build() {
    local folder=$1 log status=0
    shift
    log=$(mktemp)
    if [ -f "$folder/build.ninja" ] && meson configure "$folder" "$@" >"$log" 2>&1; then
        :
    else
        rm -rf "$folder"
        meson setup "$folder" "$@" >"$log" 2>&1 || status=$?
    fi
    if [ "$status" = 0 ]; then
        # All faults at once, not only the first.
        ninja -C "$folder" -k 0 >"$log" 2>&1 || status=$?
    fi
    if [ "$status" != 0 ]; then
        { grep -v '^\[' "$log" || true; } | tail -60 >&2
        rm -f "$log"
        fail "could not build $folder: see above"
    fi
    rm -f "$log"
}

# Whether the OS user that PostgreSQL runs as can enter a folder.
postgres_can_enter() {
    as_postgres test -x "$1"
}

# When a process began, in ticks since the machine did; nothing when it has ended.
began_at() {
    # Behind the name, which may have anything in it, the time is field 20.
    sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
}

# Which run a scratch folder is of: machine's start, process namespace, process, its beginning.
scratch_owner() {
    printf '%s %s %s %s\n' "$(cat /proc/sys/kernel/random/boot_id)" "$(readlink /proc/self/ns/pid)" \
        "$$" "$(began_at $$)"
}

# Whether the run that made a scratch folder was killed before it could remove it. No for a folder
# that says nothing, or of another container.
scratch_is_left() {
    local boot namespace pid began
    [ -O "$1/.owner" ] && read -r boot namespace pid began <"$1/.owner" || return 1
    [ "$namespace" = "$(readlink /proc/self/ns/pid)" ] || return 1
    [ "$boot" != "$(cat /proc/sys/kernel/random/boot_id)" ] || [ "$began" != "$(began_at "$pid")" ]
}

# Ends the servers that work in a folder, or were given a file of it: PostgreSQL, vsld.
stop_in() {
    local process
    for process in /proc/[0-9]*; do
        if [[ $(readlink "$process/cwd" 2>/dev/null) == "$1"/* ]] ||
            tr '\0' '\n' 2>/dev/null <"$process/cmdline" | grep -qF "$1/"; then
            kill -QUIT "${process#/proc/}" 2>/dev/null || true
        fi
    done
}

# Where tests keep what they write: in memory where there is plenty, for a hundred databases are made
# and removed, and a file system on a disk takes longer for that than all else; else on the disk.
scratch_in_memory() {
    local free available
    free=$(df --output=avail --block-size=1G -t tmpfs /dev/shm 2>/dev/null | tail -n 1) || free=0
    available=$(awk '/^MemAvailable:/ { print int($2 / 1048576) }' /proc/meminfo)
    if [ "${free:-0}" -ge 10 ] && [ "${available:-0}" -ge 14 ]; then
        printf '/dev/shm\n'
    else
        printf '/var/tmp\n'
    fi
}

# A folder for the scratch data of one run that PostgreSQL's user can enter, wherever the clone lies:
# make_scratch NAME [BASE]. What runs of the same kind have left that were killed is removed first,
# with what ran in it.
make_scratch() {
    local folder
    for folder in /var/tmp/vsl-"$1".* /dev/shm/vsl-"$1".*; do
        if scratch_is_left "$folder"; then
            say "removing $folder of a run that was killed" >&2
            stop_in "$folder"
            rm -rf "$folder"
        fi
    done
    folder=$(mktemp -d "${2:-/var/tmp}/vsl-$1.XXXXXX")
    scratch_owner >"$folder/.owner"
    chmod 0755 "$folder"
    printf '%s\n' "$folder"
}
