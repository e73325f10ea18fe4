#!/usr/bin/env bash
# What the tests use beside an engine: a static program to put into images, a registry and a client of
# others to hold ours against, and certificates to make. Silent when all is there.
set -euo pipefail

readonly programs=(/bin/busybox docker-registry skopeo openssl)
readonly packages=(busybox-static docker-registry skopeo openssl)

missing=()
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
