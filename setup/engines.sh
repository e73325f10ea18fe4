#!/usr/bin/env bash
# Other Docker Engines beside the machine's own, to hold the engine and registry tests against.
#
#   setup/engines.sh up     make and start them; prints "NAME SERVER-VERSION DOCKER_HOST" a line
#   setup/engines.sh env    the same lines for those that answer, starting nothing
#   setup/engines.sh test   up, then the engine and registry tests on each of them
#   setup/engines.sh down   stop what `up` started; the roots and images stay for the next time
#   setup/engines.sh remove down, and remove the roots and images
#
# trixie  Debian 13's engine, 26.1 at the time of writing, on overlay2
# sid     Debian unstable's engine, 28.5 at the time of writing, on the containerd image store
#
# Where sid's archive is broken on the day, `trixie-containerd` (Debian 13's engine on the
# containerd image store) takes its place, and a line says so.
#
# Each daemon runs in a Debian root, in a mount namespace of its own: its mounts end with it and the
# host sees none of them. The network namespace is the host's, because the tests' registry
# listens on the host's loopback. So each has its own bridge, and leaves the packet filter alone:
# two daemons would flush each other's chains.
set -euo pipefail

readonly mirror=http://deb.debian.org/debian
readonly roots=${XDG_CACHE_HOME:-${HOME:?}/.cache}/plimsoll/engines
readonly run=/run/plimsoll
readonly names=(trixie sid trixie-containerd)
# Raised when what goes into a root changes, so that roots of before are made anew.
readonly root_version=1

say() { printf 'set-up: %s\n' "$*" >&2; }
die() { printf 'set-up: %s\n' "$*" >&2; exit 3; }

socket_of() { printf 'unix://%s/%s.sock' "$run" "$1"; }

server_version() {
    timeout 10 curl --silent --fail --unix-socket "$run/$1.sock" http://engine/version 2>/dev/null |
        sed -n 's/.*"Version":"\([0-9][^"]*\)","ApiVersion".*/\1/p'
}

answers() { [ -n "$(server_version "$1")" ]; }

suite_of() { printf '%s' "${1%%-*}"; }

# Whether the engine keeps its images in containerd rather than in a graph driver.
containerd_store_of() {
    case $1 in
    sid | *-containerd) printf true ;;
    *) printf false ;;
    esac
}

subnet_of() {
    case $1 in
    trixie) printf 172.30.26 ;;
    sid) printf 172.30.28 ;;
    trixie-containerd) printf 172.30.27 ;;
    esac
}

# An interface's name has at most 15 characters.
bridge_of() { printf 'plim%s' "$(subnet_of "$1" | tr -d .)"; }

need_tools() {
    [ "$(id -u)" = 0 ] || die 'the other engines need root: run this as root'
    local missing=()
    for tool in mmdebstrap iptables ip curl flock; do
        command -v "$tool" >/dev/null || missing+=("$tool")
    done
    [ ${#missing[@]} = 0 ] && return
    command -v apt-get >/dev/null || die "the other engines need ${missing[*]}: install them"
    say "installs ${missing[*]} with apt"
    apt_quiet mmdebstrap debian-archive-keyring iptables iproute2 curl util-linux
}

apt_quiet() {
    local log
    log=$(mktemp)
    export DEBIAN_FRONTEND=noninteractive
    if { apt-get update && apt-get install --yes --no-install-recommends "$@"; } >"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 20 "$log" >&2
        die "apt could not install $*; its log is $log"
    fi
}

# Makes the Debian root an engine runs in. Only a finished root gets its name.
make_root() {
    local suite=$1 root=$roots/root-$1-$root_version
    [ -d "$root" ] && return
    say "makes a Debian $suite root with its Docker Engine (about 500 MB) in $root"
    rm -rf "$roots/root-$suite"-*
    mkdir -p "$roots"
    # A snapshot of an archive is served past its date, which apt refuses unless told otherwise.
    if ! mmdebstrap --mode=root --variant=minbase \
        --keyring=/usr/share/keyrings/debian-archive-keyring.gpg \
        --aptopt='Acquire::Check-Valid-Until "false"' \
        --aptopt='Apt::Install-Recommends "false"' \
        --dpkgopt=force-unsafe-io \
        --include=docker.io,docker-cli,docker-buildx,iptables,iproute2 \
        "$suite" "$root.part" "$mirror" >"$roots/root-$suite.log" 2>&1 </dev/null; then
        rm -rf "$root.part"
        return 1
    fi
    mv "$root.part" "$root"
}

mac_of() {
    local numbers
    IFS=. read -r -a numbers <<<"$(subnet_of "$1").1"
    printf '02:42:%02x:%02x:%02x:%02x' "${numbers[@]}"
}

# A bridge with its address, and the rules that give containers the way out. `down` takes both away.
make_network() {
    local bridge subnet
    bridge=$(bridge_of "$1")
    subnet=$(subnet_of "$1")
    # Called where a failure is looked at, so that `set -e` does not end it.
    if ! ip link show "$bridge" >/dev/null 2>&1; then
        # With no address of its own a bridge takes over one of its ports', and changes it as containers
        # come and go: what is under way is then sent to an address nobody has.
        ip link add "$bridge" address "$(mac_of "$1")" type bridge &&
            ip address add "$subnet.1/24" dev "$bridge" || return 1
    fi
    ip link set "$bridge" up || return 1
    echo 1 >/proc/sys/net/ipv4/ip_forward || return 1
    network_rules -C "$1" 2>/dev/null || network_rules -I "$1"
}

network_rules() {
    local act=$1 bridge subnet
    bridge=$(bridge_of "$2")
    subnet=$(subnet_of "$2")
    iptables -w -t nat "$act" POSTROUTING -s "$subnet.0/24" ! -o "$bridge" -j MASQUERADE &&
        iptables -w "$act" FORWARD -i "$bridge" -j ACCEPT &&
        iptables -w "$act" FORWARD -o "$bridge" -j ACCEPT
}

# Runs in the daemon's own mount namespace and becomes the daemon. With chroot alone the namespace's
# root would stay the host's, and `docker exec`, which enters a container's namespace by its root,
# would run on the host.
# shellcheck disable=SC2016 # Its variables are its own arguments.
readonly daemon='
    set -e
    root=$1 name=$2 bridge=$3 data=$4 run=$5
    mount --bind "$root" "$root"
    mount --rbind /dev "$root/dev"
    mount -t proc proc "$root/proc"
    mount --rbind /sys "$root/sys"
    mount -t tmpfs -o mode=755 run "$root/run"
    mkdir "$root/run/lock"
    mkdir "$root$run"
    mount --bind "$run" "$root$run"
    mkdir -p "$root/var/lib/docker"
    mount --bind "$data" "$root/var/lib/docker"
    cd "$root"
    pivot_root . mnt
    exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin chroot . sh -c "umount -l /mnt && exec dockerd \"\$@\"" sh \
        --config-file "$run/$name.json" --host "unix://$run/$name.sock" --pidfile "$run/$name.pid" \
        --bridge "$bridge" --iptables=false --ip6tables=false
'

start() {
    local name=$1 root data
    answers "$name" && return
    root=$roots/root-$(suite_of "$name")-$root_version
    data=$roots/data-$name
    mkdir -p "$run" "$data" "$root/etc/ssl/certs"
    # The daemon resolves and trusts what the host does.
    cp --dereference /etc/resolv.conf "$root/etc/resolv.conf"
    [ ! -f /etc/ssl/certs/ca-certificates.crt ] || cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
    printf '{"features": {"containerd-snapshotter": %s}}\n' "$(containerd_store_of "$name")" >"$run/$name.json"
    make_network "$name" || return 1
    say "starts the engine $name; its log is $run/$name.log"
    setsid unshare --mount --propagation private \
        sh -c "$daemon" sh "$root" "$name" "$(bridge_of "$name")" "$data" "$run" \
        >"$run/$name.log" 2>&1 </dev/null &
    local pid=$!
    for _ in $(seq 150); do
        answers "$name" && return
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.2
    done
    tail -n 5 "$run/$name.log" >&2
    return 1
}

stop() {
    local name=$1 pidfile=$run/$1.pid pid
    if [ -f "$pidfile" ]; then
        pid=$(cat "$pidfile")
        # A pidfile can outlive its daemon and the number be another's by now.
        if tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null | grep -q -- "--pidfile $pidfile "; then
            say "stops the engine $name"
            kill "$pid"
            for _ in $(seq 150); do
                kill -0 "$pid" 2>/dev/null || break
                sleep 0.2
            done
            ! kill -0 "$pid" 2>/dev/null || die "the engine $name (process $pid) does not stop; its log is $run/$name.log"
        fi
        rm -f "$pidfile"
    fi
    if ip link show "$(bridge_of "$name")" >/dev/null 2>&1; then
        network_rules -D "$name" 2>/dev/null || true
        ip link delete "$(bridge_of "$name")"
    fi
    rm -f "$run/$name.sock" "$run/$name.json"
}

up() {
    need_tools
    mkdir -p "$run"
    exec 9>"$run/lock"
    flock 9
    { make_root trixie && start trixie; } 9>&- || die "Debian trixie's engine did not come up; see $roots/root-trixie.log and $run/trixie.log"
    if ! { make_root sid && start sid; } 9>&-; then
        say "Debian sid's engine did not come up (see $roots/root-sid.log and $run/sid.log); takes Debian trixie's on the containerd image store instead"
        start trixie-containerd 9>&- || die "Debian trixie's engine did not come up on the containerd image store; see $run/trixie-containerd.log"
    fi
    exec 9>&-
}

down() {
    local name
    for name in "${names[@]}"; do stop "$name"; done
}

running() {
    local name version
    for name in "${names[@]}"; do
        version=$(server_version "$name") || continue
        [ -z "$version" ] || printf '%s %s %s\n' "$name" "$version" "$(socket_of "$name")"
    done
}

run_tests() {
    local here name version host failed=()
    here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.." && pwd)
    up
    while read -r name version host; do
        say "tests on the engine $name ($version, $host)"
        export DOCKER_HOST=$host
        # The client that can ask for the engine's own checks.
        export PLIMSOLL_BUILDX=$roots/root-$(suite_of "$name")-$root_version/usr/libexec/docker/cli-plugins/docker-buildx
        "$here/setup/bases.sh" </dev/null
        (cd "$here" && cargo test --test 'engine*' --test 'registry*') </dev/null || failed+=("$name")
    done < <(running)
    [ ${#failed[@]} = 0 ] || die "tests failed on: ${failed[*]}"
}

case ${1:-} in
up)
    up
    running
    ;;
env) running ;;
test) run_tests ;;
down) down ;;
remove)
    down
    rm -rf --one-file-system "$roots"
    ;;
*)
    printf 'usage: %s up|env|test|down|remove\n' "$0" >&2
    exit 2
    ;;
esac
