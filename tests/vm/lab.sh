# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# Shared by the scripts of the guest lab: where things are cached, how Debian
# packages are unpacked beside the system, which kernel is which.
#
# Nothing here installs anything: a kernel's packages are downloaded by apt and
# unpacked in the cache, so that the host keeps its own kernel and modules.

LAB_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck disable=SC2034  # used by the scripts that source this file
TOP_DIR=$(cd "$LAB_DIR/../.." && pwd)
CACHE_DIR=${QAE_CACHE:-${XDG_CACHE_HOME:-${HOME:-$(getent passwd "$EUID" | cut -d: -f6)}/.cache}/qae}
LAB_VERBOSE=${LAB_VERBOSE:-0}

say() { echo "lab: $*" >&2; }
note() { if ((LAB_VERBOSE)); then say "$@"; fi; }
die() {
    local status=$1
    shift
    say "$@"
    exit "$status"
}

# hold_lock NAME: only one process at a time prepares what NAME stands for. The
# lock is kept until this shell ends; children must not inherit it as a leak.
hold_lock() {
    mkdir -p "$CACHE_DIR"
    exec {LAB_LOCK_FD}>"$CACHE_DIR/.lock-$1"
    flock -n "$LAB_LOCK_FD" && return
    say "waiting for another process that prepares $1"
    flock "$LAB_LOCK_FD"
}

drop_lock() { exec {LAB_LOCK_FD}>&-; }

# Given to apt in each call; newest.sh names other suites by them.
APT_OPTIONS=()

# package_version PACKAGE: the version apt would give, empty when there is none.
package_version() {
    apt-cache "${APT_OPTIONS[@]}" show --no-all-versions "$1" 2>/dev/null | sed -n 's/^Version: //p' | head -n 1
}

need_package_lists() {
    if [[ -z $(package_version linux-source-6.1) ]]; then
        ((EUID == 0)) || die 3 "apt has no package lists yet; run as root: apt-get update"
        note "reading package lists"
        apt-get -qq update >&2
    fi
}

# unpack_packages WHAT DIRECTORY PACKAGE…: download with apt, unpack, install nothing.
unpack_packages() {
    local what=$1 target=$2 scratch package
    shift 2
    scratch=$(mktemp -d "$CACHE_DIR/.download-XXXXXX")
    say "downloading $what"
    if ! (cd "$scratch" && apt-get -qq -o APT::Sandbox::User=root "${APT_OPTIONS[@]}" download "$@" >&2); then
        rm -rf "$scratch"
        die 3 "cannot download $what; as root, 'apt-get update' may help"
    fi
    mkdir -p "$target"
    for package in "$scratch"/*.deb; do
        dpkg-deb -x "$package" "$target"
    done
    rm -rf "$scratch"
}

unpack_package() { unpack_packages "$1" "$2" "$1"; } # PACKAGE DIRECTORY

# kernel_source: directory of the unpacked linux-source-6.1, fetched if missing.
kernel_source() {
    local target=$CACHE_DIR/linux-source-6.1 version
    if [[ ! -f $target/.complete ]]; then
        hold_lock source
        if [[ ! -f $target/.complete ]]; then
            need_package_lists
            version=$(package_version linux-source-6.1)
            rm -rf "$target"
            unpack_package linux-source-6.1 "$target/package"
            say "unpacking the kernel source $version"
            tar -C "$target" --strip-components=1 -xf "$target"/package/usr/src/linux-source-6.1.tar.xz
            rm -rf "$target/package"
            echo "$version" >"$target/.complete"
        fi
        drop_lock
    fi
    echo "$target"
}

# config_key FRAGMENT…: names a build by everything that decides its result.
config_key() {
    {
        cat "$(kernel_source)/.complete" "$@"
        gcc --version | head -n 1
    } | sha256sum | cut -c1-12
}

# missing_options CONFIG FRAGMENT…: lists what kconfig silently did not take.
missing_options() {
    local config=$1
    shift
    awk '
        function parse(line) {
            if (match(line, /^# CONFIG_[A-Za-z0-9_]+ is not set/)) {
                split(line, word, " "); name = word[2]; value = "n"; return 1
            }
            if (line !~ /^CONFIG_[A-Za-z0-9_]+=/) return 0
            name = line; sub(/=.*/, "", name)
            value = line; sub(/^[^=]*=/, "", value)
            return 1
        }
        !parse($0) { next }
        FILENAME == config { have[name] = value; next }
        { want[name] = value }
        END {
            for (name in want) {
                got = (name in have) ? have[name] : "n"
                if (got != want[name]) print name " wanted " want[name] ", got " got
            }
        }' config="$config" "$config" "$@"
}

# show_progress LOG TOTAL WHAT: a line every 30 seconds while a build writes LOG.
show_progress() {
    local log=$1 total=$2 what=$3 begin=$SECONDS
    # Stopped by a signal: a sleep left behind must hold neither lock nor pipe.
    while sleep 30 >/dev/null 2>&1 {LAB_LOCK_FD}>&-; do
        say "$what: $(grep -cE '^  (CC|AS|LD|AR) ' "$log") of about $total steps, $(((SECONDS - begin) / 60)) min"
    done
}

compiler() { if command -v ccache >/dev/null; then echo "ccache gcc"; else echo gcc; fi; }
