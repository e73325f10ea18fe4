#!/usr/bin/env python3
"""Writes src/lint/cost/debian.tsv and src/lint/cost/pypi.tsv, what the linter knows of packages' sizes.

    apt-get update && /usr/lib/apt/apt-helper cat-file /var/lib/apt/lists/*main_binary-amd64_Packages* > Packages
    setup/package-sizes.py debian Packages 'Debian 13.7'
    pip download --only-binary=:all: --dest wheels requests flask …
    setup/package-sizes.py pypi wheels 'PyPI, November 2026'

A line is a package: its name, its size installed and its size to download, both in kilobytes, what it depends on and
what it recommends. Of alternatives the first that there is counts, and what a slim image has already is left out.
"""

import collections
import pathlib
import re
import sys
import zipfile

COSTS = pathlib.Path(__file__).resolve().parent.parent / "src/lint/cost"

# What Dockerfiles install most often. All that these need and recommend goes into the table.
DEBIAN = """
apache2 apt-transport-https apt-utils autoconf automake bash-completion bc binutils bison build-essential bzip2
ca-certificates cargo cmake cron curl default-jdk default-jdk-headless default-jre default-jre-headless
default-libmysqlclient-dev default-mysql-client dirmngr dnsutils dpkg-dev dumb-init ffmpeg file flex fontconfig g++ gcc
gdb gettext gettext-base gfortran ghostscript git git-lfs gnupg gnupg2 golang golang-go gosu gpg gradle graphviz htop
imagemagick iproute2 iptables iputils-ping jq kmod less libatomic1 libbz2-dev libc6-dev libclang-dev
libcurl4-openssl-dev libedit-dev libffi-dev libfreetype6-dev libgdk-pixbuf-2.0-0 libgl1 libglib2.0-0t64 libglib2.0-dev
libgmp-dev libgomp1 libicu-dev libjemalloc2 libjpeg-dev libjpeg62-turbo-dev libkrb5-dev liblzma-dev libmagickwand-dev
libmariadb-dev libmemcached-dev libncurses-dev libonig-dev libpango-1.0-0 libpcre2-dev libpng-dev libpq-dev libpq5
libpython3-dev libreadline-dev libsm6 libsndfile1 libsodium-dev libsqlite3-dev libssl-dev libtool libunwind-dev
libuv1-dev libvips libvips-dev libwebp-dev libxext6 libxml2 libxml2-dev libxml2-utils libxmlsec1-dev libxrender1
libxslt1-dev libyaml-dev libzip-dev libzstd-dev lld llvm locales locales-all logrotate lsb-release lsof make
mariadb-client maven mercurial meson musl-tools nano net-tools netbase netcat-openbsd netcat-traditional nginx
ninja-build nodejs npm openjdk-21-jdk openjdk-21-jdk-headless openjdk-21-jre openjdk-21-jre-headless openssh-client
openssh-server openssl p11-kit patch perl php-cli php-fpm pipx pkg-config pkgconf poppler-utils postgresql-client
procps protobuf-compiler psmisc python-is-python3 python3 python3-dev python3-minimal python3-pip python3-setuptools
python3-venv python3-wheel redis-server redis-tools rsync ruby ruby-dev rustc sassc screen socat software-properties-common
sqlite3 strace subversion sudo supervisor swig tar tcpdump telnet tesseract-ocr tini tk tree tzdata unzip util-linux
uuid-dev valgrind vim vim-tiny wget xauth xsltproc xvfb xz-utils zip zlib1g-dev zsh
clang busybox chromium libdb-dev libevent-dev libgdbm-dev
libmagickcore-dev libmaxminddb-dev nmap sq traceroute
""".split()


def read_index(path):
    packages, providers = {}, collections.defaultdict(list)
    for paragraph in path.read_text(encoding="utf-8").split("\n\n"):
        pairs = (line.split(": ", 1) for line in paragraph.split("\n") if ": " in line and line[0] not in " \t")
        fields = dict(pairs)
        name = fields.get("Package")
        if not name:
            continue
        packages[name] = fields
        for provided in fields.get("Provides", "").split(","):
            provided = provided.strip().split(" ")[0]
            if provided:
                providers[provided].append(name)
    return packages, providers


class Debian:
    PRIORITIES = ["required", "important", "standard", "optional", "extra"]

    def __init__(self, packages, providers):
        self.packages, self.providers, self.present = packages, providers, set()
        # A slim image has the essential packages, apt, and what they need.
        slim = [name for name, fields in packages.items()
                if fields.get("Essential") == "yes" or fields.get("Priority") == "required"]
        self.present = self.closure([*slim, "apt", "tzdata"], recommends=False)

    def chosen(self, alternatives):
        names = [re.split(r"[ :(\[]", one.strip())[0] for one in alternatives.split("|")]
        for name in names:
            if name in self.present or any(other in self.present for other in self.providers.get(name, [])):
                return None
        for name in names:
            if name in self.packages:
                return name
            if self.providers.get(name):
                rank = lambda other: (self.PRIORITIES.index(self.packages[other].get("Priority", "extra")), other)
                return min(self.providers[name], key=rank)
        return None

    def needs(self, name, fields):
        found = []
        for field in fields:
            for alternatives in self.packages[name].get(field, "").split(","):
                one = self.chosen(alternatives) if alternatives.strip() else None
                if one and one not in found:
                    found.append(one)
        return found

    def depends(self, name):
        return self.needs(name, ["Pre-Depends", "Depends"])

    def recommends(self, name):
        return self.needs(name, ["Recommends"])

    def closure(self, names, recommends):
        found, todo = set(), list(names)
        while todo:
            name = todo.pop()
            if name in found or name in self.present or name not in self.packages:
                continue
            found.add(name)
            todo += self.depends(name) + (self.recommends(name) if recommends else [])
        return found

    def rows(self):
        for name in sorted(self.closure(DEBIAN, recommends=True)):
            fields = self.packages[name]
            # Installed-Size counts in KiB.
            installed = round(int(fields.get("Installed-Size", 0)) * 1.024)
            yield name, installed, round(int(fields["Size"]) / 1000), self.depends(name), self.recommends(name)


def wheels(folder):
    from packaging.markers import default_environment
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    rows = {}
    for path in sorted(folder.glob("*.whl")):
        with zipfile.ZipFile(path) as wheel:
            metadata = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            lines = wheel.read(metadata).decode("utf-8", "replace").split("\n\n")[0].splitlines()
            files = wheel.infolist()
            sources = sum(entry.file_size for entry in files if entry.filename.endswith(".py"))
            # pip compiles what it installs: measured, the bytecode is 1.3 times the sources.
            installed = sum(entry.file_size for entry in files) + 1.3 * sources
        name = canonicalize_name(next(line[6:] for line in lines if line.startswith("Name: ")))
        needed = []
        for line in lines:
            if line.startswith("Requires-Dist: "):
                requirement = Requirement(line[15:])
                marker = requirement.marker
                if marker is None or marker.evaluate({**default_environment(), "extra": ""}):
                    needed.append(canonicalize_name(requirement.name))
        rows[name] = (name, round(installed / 1000), round(path.stat().st_size / 1000), needed, [])
    for name, installed, size, needed, _ in rows.values():
        yield name, installed, size, [other for other in needed if other in rows], []


def write(path, source, rows):
    with path.open("w", encoding="utf-8") as out:
        out.write(f"# {source}, by setup/package-sizes.py\n")
        for name, installed, size, depends, recommends in rows:
            out.write(f"{name}\t{installed}\t{size}\t{' '.join(depends)}\t{' '.join(recommends)}\n")


def main():
    try:
        kind, given, source = sys.argv[1:]
    except ValueError:
        sys.exit(__doc__)
    given = pathlib.Path(given)
    if kind == "debian":
        write(COSTS / "debian.tsv", source, Debian(*read_index(given)).rows())
    elif kind == "pypi":
        write(COSTS / "pypi.tsv", source, sorted(wheels(given)))
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
