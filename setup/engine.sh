#!/usr/bin/env bash
# Makes sure that a Docker Engine answers, with a client that speaks to it. Silent when both are there.
#
# DOCKER_HOST or a docker context that somebody chose is taken as it is and never replaced. Otherwise
# the engine at the default socket is used; where none answers, this installs the distribution's
# docker.io and starts it, which needs root and apt. Exit code 3 and one sentence where it can't.
set -euo pipefail

readonly log=/var/log/plimsoll-dockerd.log
readonly advice='as root, run "apt-get install docker.io" and start it, or set DOCKER_HOST to an engine that answers'

say() { printf 'set-up: %s\n' "$*" >&2; }
die() { printf 'set-up: %s\n' "$*" >&2; exit 3; }

has() { command -v "$1" >/dev/null; }

answers() { has docker && timeout 10 docker version --format '{{.Server.Version}}' >/dev/null 2>&1 </dev/null; }

# The engine somebody chose, in words; empty where it is the default one.
chosen_engine() {
    local context
    if [ -n "${DOCKER_HOST:-}" ]; then
        printf 'DOCKER_HOST=%s' "$DOCKER_HOST"
    elif has docker; then
        context=$(docker context inspect --format '{{.Name}}' 2>/dev/null </dev/null || printf default)
        [ "$context" = default ] || printf 'the docker context %s' "$context"
    fi
}

apt_install() {
    local packages=$* apt_log
    apt_log=$(mktemp)
    say "installs $packages with apt"
    export DEBIAN_FRONTEND=noninteractive
    # A daemon that a package starts must not inherit this script's lock.
    # shellcheck disable=SC2086 # A list of words.
    if ! { apt-get update && apt-get install --yes --no-install-recommends $packages; } >"$apt_log" 2>&1 </dev/null 9>&-; then
        tail -n 20 "$apt_log" >&2
        die "apt could not install $packages; its log is $apt_log"
    fi
    rm -f "$apt_log"
}

install_engine() {
    has apt-get || die "no Docker Engine answers and there is no apt here to install one: install Docker Engine 20.10 or newer and start it"
    apt_install docker.io ca-certificates
    install_client
}

# From Debian 13 on, the client is a package of its own that docker.io only recommends.
install_client() {
    has docker && return
    has apt-get || die 'there is no docker client here: install one'
    [ "$(id -u)" = 0 ] || die 'there is no docker client here: as root, run "apt-get install docker.io docker-cli"'
    apt_install docker-cli
}

# The process of a dockerd that runs but may not answer yet.
running_daemon() {
    local pid
    pid=$(cat /var/run/docker.pid 2>/dev/null) && kill -0 "$pid" 2>/dev/null && printf '%s' "$pid"
}

start_engine() {
    local daemon=
    if [ -d /run/systemd/system ]; then
        say 'starts the docker service'
        systemctl start docker.service </dev/null >/dev/null 2>&1 || die 'the docker service does not start: "journalctl -u docker" says why'
    elif ! daemon=$(running_daemon); then
        # What an init system has done where there is one.
        if [ ! -e /sys/fs/cgroup/cgroup.controllers ] && [ ! -d /sys/fs/cgroup/devices ]; then
            say 'mounts the control groups on /sys/fs/cgroup'
            mount -t cgroup2 cgroup2 /sys/fs/cgroup || die 'dockerd needs control groups, and they cannot be mounted here'
        fi
        say "starts dockerd; its log is $log"
        setsid dockerd >"$log" 2>&1 </dev/null 9>&- &
        daemon=$!
    fi
    for _ in $(seq 300); do
        ! answers || return 0
        if [ -n "$daemon" ] && ! kill -0 "$daemon" 2>/dev/null; then break; fi
        sleep 0.2
    done
    if [ -n "$daemon" ]; then
        [ ! -f "$log" ] || tail -n 5 "$log" >&2
        die "dockerd did not come up; its log is $log"
    fi
    die 'the docker service does not answer: "journalctl -u docker" says why'
}

bring_up() {
    local chosen
    chosen=$(chosen_engine)
    if [ -n "$chosen" ]; then
        install_client
        ! answers || return 0
        die "the engine of $chosen does not answer: start it, or unset that choice"
    fi
    if [ "$(id -u)" != 0 ]; then
        if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
            die 'the Docker Engine refuses this user: have it added to the group docker and log in again, or run this as root'
        fi
        die "no Docker Engine answers, and installing one needs root: $advice"
    fi
    has dockerd || install_engine
    install_client
    ! answers || return 0
    start_engine
}

answers && exit
lock=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/plimsoll/engine.lock
mkdir -p "$(dirname "$lock")"
exec 9>>"$lock"
flock 9
# Whoever held the lock may have brought it up.
answers || bring_up
