#!/usr/bin/env bash
# What the tests use beside an engine: a static program to put into images, a registry and a client of
# others to hold ours against, certificates to make, and ShellCheck. Silent when all is there.
set -euo pipefail

readonly programs=(/bin/busybox docker-registry skopeo openssl shellcheck)
readonly packages=(busybox-static docker-registry skopeo openssl shellcheck)

# A docker client that applies .dockerignore for BuildKit: buildx, or one of a time in which that was part of it.
builds() {
    local client
    docker buildx version >/dev/null 2>&1 && return
    for client in docker /usr/bin/docker; do
        case $("$client" version --format '{{.Client.Version}}' 2>/dev/null) in
        1?.* | 20.*) return ;;
        esac
    done
    return 1
}

missing=()
builds || missing+=(docker-buildx)
for index in "${!programs[@]}"; do
    command -v "${programs[index]}" >/dev/null || missing+=("${packages[index]}")
done
[ "${#missing[@]}" -gt 0 ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    printf 'set-up: the tests need %s; install them, then run this again\n' "${missing[*]}" >&2
    exit 3
fi
printf 'set-up: installing %s for the tests\n' "${missing[*]}" >&2
log=$(mktemp)
if ! { apt-get update && apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    printf 'set-up: apt-get failed; its log is %s\n' "$log" >&2
    exit 3
fi
rm -f "$log"
