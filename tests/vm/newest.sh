# SPDX-License-Identifier: BSD-3-Clause
# shellcheck shell=bash
# For fetch-kernel: the newest kernel that Debian carries. It is in the backports of a later
# release than this system, so it brings the compiler and the C library that its headers want.
#
# apt keeps the lists of those suites in a folder of its own: what the system knows of packages
# does not change, and root is not needed.

NEWEST_SUITES=(trixie trixie-backports)
NEWEST_HEADERS='^linux-headers-[0-9.]+\+deb13(\.[0-9]+)?-amd64$'
NEWEST_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

debian_archive() {
    apt-get indextargets --format '$(LABEL) $(REPO_URI)' 'Created-By: Packages' | awk '$1 == "Debian" && !n++ { print $2 }'
}

# The address of the archive is the one that this system uses. apt knows its label only from lists.
use_newest_lists() {
    local archive suite
    archive=$(debian_archive)
    if [[ -z $archive ]] && ((EUID == 0)); then
        apt-get -qq update >&2
        archive=$(debian_archive)
    fi
    [[ -n $archive ]] || die 3 "apt knows no Debian archive; as root, 'apt-get update' may help"
    [[ -f $NEWEST_KEYRING ]] || die 3 "the keys of Debian's archive are missing; install debian-archive-keyring"
    apt_state=$(mktemp -d "$CACHE_DIR/.apt-XXXXXX")
    trap 'rm -rf "$apt_state"' EXIT
    mkdir -p "$apt_state"/{lists/partial,cache/archives/partial}
    for suite in "${NEWEST_SUITES[@]}"; do
        echo "deb [arch=amd64 signed-by=$NEWEST_KEYRING] $archive $suite main"
    done >"$apt_state/sources.list"
    APT_OPTIONS=(-o Dir::Etc::sourcelist="$apt_state/sources.list" -o Dir::Etc::sourceparts=- -o Dir::State="$apt_state"
        -o Dir::State::lists="$apt_state/lists" -o Dir::State::status=/dev/null -o Dir::Cache="$apt_state/cache"
        -o APT::Sandbox::User=root -o APT::Install-Recommends=false -o Acquire::Languages=none
        -o APT::Update::Error-Mode=any -o Acquire::Retries=1 -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20)
    say "reading the package lists of ${NEWEST_SUITES[*]}"
    apt-get -qq "${APT_OPTIONS[@]}" update >&2 || die 3 "cannot read the package lists of ${NEWEST_SUITES[*]}"
}

# By headers, because the archive keeps images of which the headers are gone.
newest_listed_release() {
    local package release version
    while read -r package; do
        release=${package#linux-headers-}
        version=$(package_version "$package")
        if [[ -n $version && $(package_version "linux-image-$release") == "$version" ]]; then
            echo "$release"
            return
        fi
    done < <(apt-cache "${APT_OPTIONS[@]}" pkgnames linux-headers- | grep -E "$NEWEST_HEADERS" | sort -rV)
    die 3 "${NEWEST_SUITES[*]} offer no kernel with headers"
}

depends_of() { apt-cache "${APT_OPTIONS[@]}" depends "$@" | sed -n 's/^.*Depends: //p'; }

# The packages of this very release; 7.0 divided linux-image into three.
newest_parts() {
    local release=$1
    printf '%s\n' "linux-image-$release" "linux-headers-$release"
    depends_of "linux-image-$release" "linux-headers-$release" | grep -F -- "-${release%-amd64}" |
        grep -E '^linux-(base|binary|modules|headers|kbuild)-' | sort -u
}

# unpack_toolchain RELEASE DIRECTORY: what a build for this kernel runs. scripts/build-modules
# shows its usr to make in place of the system's.
unpack_toolchain() {
    local release=$1 target=$2 compiler packages
    compiler=$(depends_of "linux-headers-$release" | grep -E '^gcc-[0-9]+-for-host$') ||
        die 1 "linux-headers-$release names no compiler"
    mapfile -t packages < <(apt-get "${APT_OPTIONS[@]}" -s install "linux-kbuild-${release%-amd64}" "$compiler" \
        binutils make dash coreutils sed grep findutils mawk | sed -n 's/^Inst \([^ ]*\).*/\1/p')
    ((${#packages[@]})) || die 1 "apt cannot resolve what a build for $release needs"
    unpack_packages "$compiler and what it needs" "$target" "${packages[@]}"
    # The link is made by mawk's installation.
    ln -sf mawk "$target/usr/bin/awk"
    rm -rf "$target"/{etc,var} "$target"/usr/share/{doc,man,locale,info,lintian}
}

fetch_newest() {
    local release=$1 target=$2 parts image
    mapfile -t parts < <(newest_parts "$release")
    unpack_packages "linux-image-$release and linux-headers-$release" "$target" "${parts[@]}"
    relocate_headers "$release" "$target"
    [[ -d $target/lib ]] || ln -s usr/lib "$target/lib"
    unpack_toolchain "$release" "$target/toolchain"
    image=$target/usr/lib/modules/$release/vmlinuz
    [[ -f $image ]] || image=$target/boot/vmlinuz-$release
    finish "$release" "$target" "$image"
}
