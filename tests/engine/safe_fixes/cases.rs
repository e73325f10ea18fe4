//! The cases: one for each way in which a safe fix edits a file.

/// What a case builds on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Base {
    /// A stage `base` with busybox and the managers that are stood in for.
    Busybox,
    /// A stage `base` with Debian and a repository of its own.
    Apt,
    /// Nothing: the case begins with its own `FROM debian:trixie-slim`.
    Debian,
}

/// A Dockerfile that a safe fix changes.
#[derive(Debug)]
pub(super) struct Case {
    /// Whose fix.
    pub(super) rule: &'static str,
    /// What kind of edit.
    pub(super) form: &'static str,
    pub(super) base: Base,
    /// The file behind its base.
    pub(super) text: &'static str,
    /// How many fixes are applied.
    pub(super) fixes: usize,
    /// Paths and settings that differ afterwards, as the page says.
    pub(super) differs: &'static [&'static str],
}

/// Files of the build context.
pub(super) const CONTEXT: &[(&str, &str)] = &[
    ("app/main.js", "main"),
    ("app/lib/part.js", "part"),
    ("one.txt", "1"),
    ("two.txt", "2"),
    ("start.sh", "#!/bin/sh\n"),
];

/// A case with one fix behind which nothing differs.
const fn same(rule: &'static str, form: &'static str, base: Base, text: &'static str) -> Case {
    Case { rule, form, base, text, fixes: 1, differs: &[] }
}

/// A case with one fix behind which exactly this differs.
const fn but_for(
    rule: &'static str,
    form: &'static str,
    base: Base,
    text: &'static str,
    differs: &'static [&'static str],
) -> Case {
    Case { rule, form, base, text, fixes: 1, differs }
}

use Base::{Apt, Busybox, Debian};

pub(super) const CASES: &[Case] = &[
    // Spelling: not a byte of the image.
    same("expose-protocol-casing", "one port", Busybox, "FROM base\nEXPOSE 53/UDP\n"),
    Case {
        fixes: 3,
        ..same(
            "expose-protocol-casing",
            "several, mixed",
            Busybox,
            "FROM base\nEXPOSE 80/TCP 81/Tcp 82/tcp 83-84/UDP\n",
        )
    },
    same("from-as-casing", "as", Busybox, "FROM base as app\nRUN touch /x\n"),
    same("from-as-casing", "AS behind from", Busybox, "from base AS app\nRUN touch /x\n"),
    same(
        "instruction-casing",
        "one in lower case",
        Busybox,
        "FROM base\nRUN touch /x\ncopy one.txt /\nCMD [\"x\"]\n",
    ),
    Case {
        fixes: 2,
        ..same("instruction-casing", "mixed", Busybox, "FROM base\nRun touch /x\nEnv A=1 B=2\nCMD [\"x\"]\n")
    },
    same(
        "stage-name-casing",
        "taken from by COPY",
        Busybox,
        "FROM base AS Build\nRUN echo 1 > /x\nFROM base\nCOPY --from=Build /x /x\n",
    ),
    same(
        "stage-name-casing",
        "by a mount",
        Busybox,
        "FROM base AS BUILD\nRUN echo 1 > /x\nFROM base\nRUN --mount=type=bind,from=build,target=/b cp /b/x /x\n",
    ),
    same(
        "redundant-platform",
        "$TARGETPLATFORM",
        Busybox,
        "FROM --platform=$TARGETPLATFORM base\nRUN touch /x\n",
    ),
    same(
        "redundant-platform",
        "${TARGETPLATFORM} of a named stage",
        Busybox,
        "FROM --platform=${TARGETPLATFORM} base AS app\nRUN touch /x\n",
    ),
    same("empty-continuation", "in a RUN", Busybox, "FROM base\nRUN echo a \\\n\n    b \\\n\n\n    c > /x\n"),
    same(
        "empty-continuation",
        "beside a comment",
        Busybox,
        "FROM base\nRUN echo a \\\n# comment\n\n    && echo b > /x\n",
    ),
    same("empty-continuation", "in an ENV", Busybox, "FROM base\nENV A=1 \\\n\n    B=\"2 3\"\nLABEL c=d\n"),
    same("legacy-key-value", "one word", Busybox, "FROM base\nENV KEY value\n"),
    same("legacy-key-value", "blanks", Busybox, "FROM base\nENV KEY some value  with blanks\n"),
    same("legacy-key-value", "a variable", Busybox, "FROM base\nENV A=1\nENV KEY $A and ${B:-none}\n"),
    same("legacy-key-value", "continued lines", Busybox, "FROM base\nENV KEY \\\n    a \\\n    b\n"),
    same("legacy-key-value", "a label", Busybox, "FROM base\nLABEL key some value\n"),
    same(
        "relative-workdir",
        "behind an absolute one",
        Busybox,
        "FROM base\nWORKDIR /srv\nWORKDIR app\nRUN pwd > x\n",
    ),
    same(
        "relative-workdir",
        "upwards",
        Busybox,
        "FROM base\nWORKDIR /srv/a\nWORKDIR ../b/./c\nRUN pwd > x\n",
    ),
    same(
        "relative-workdir",
        "behind a variable",
        Busybox,
        "FROM base\nARG ROOT=/opt\nWORKDIR $ROOT\nWORKDIR app\nCOPY one.txt .\n",
    ),
    same(
        "relative-workdir",
        "of a stage below",
        Busybox,
        "FROM base AS lower\nWORKDIR /srv\nFROM lower\nWORKDIR app\nCOPY one.txt .\n",
    ),
    same("several-sources-to-file", ".", Busybox, "FROM base\nWORKDIR /app\nCOPY one.txt two.txt .\n"),
    same(
        "several-sources-to-file",
        "JSON form",
        Busybox,
        "FROM base\nWORKDIR /app\nCOPY [\"one.txt\", \"two.txt\", \".\"]\n",
    ),
    same("added-local-file", "a file", Busybox, "FROM base\nADD app/main.js /srv/\n"),
    same("added-local-file", "a folder", Busybox, "FROM base\nADD app /srv/app\n"),
    same(
        "added-local-file",
        "several, with an owner",
        Busybox,
        "FROM base\nadd --chown=7:8 one.txt start.sh /srv/\n",
    ),
    // What the container starts is written in another way.
    but_for("shell-form-command", "CMD", Busybox, "FROM base\nCMD sleep 1\n", &["CMD"]),
    but_for(
        "shell-form-command",
        "CMD with quotes",
        Busybox,
        "FROM base\nCMD echo 'a  b' \"c d\" e\\ f\n",
        &["CMD"],
    ),
    but_for(
        "shell-form-command",
        "ENTRYPOINT",
        Busybox,
        "FROM base\nENTRYPOINT /bin/sleep 1\n",
        &["ENTRYPOINT"],
    ),
    but_for(
        "entrypoint-without-exec",
        "sh -c in CMD",
        Debian,
        "FROM debian:trixie-slim\nCMD [\"sh\", \"-c\", \"sleep $TIME\"]\n",
        &["CMD"],
    ),
    but_for(
        "entrypoint-without-exec",
        "sh -c in ENTRYPOINT",
        Debian,
        "FROM debian:trixie-slim\nENTRYPOINT [\"/bin/sh\", \"-c\", \"mkdir -p /x && sleep $TIME\"]\n",
        &["ENTRYPOINT"],
    ),
    // The same files, in other layers.
    same(
        "consecutive-runs",
        "two",
        Busybox,
        "FROM base\nRUN mkdir /d && echo 1 > /d/a\nRUN chmod 600 /d/a\n",
    ),
    same(
        "consecutive-runs",
        "the layout of a chain",
        Busybox,
        "FROM base\nRUN mkdir /d \\\n  && echo 1 > /d/a\n\nRUN ln /d/a /d/b\n",
    ),
    Case {
        fixes: 2,
        ..same(
            "consecutive-runs",
            "three, with a file that goes again",
            Busybox,
            "FROM base\nRUN echo 1 > /a && mkdir /d && touch /d/x\nRUN rm -r /d && cp /a /b\nRUN mkdir /d && ln -s /a /d/a\n",
        )
    },
    same(
        "consecutive-runs",
        "with the same cache mount",
        Busybox,
        "FROM base\nRUN --mount=type=cache,target=/cache mkdir -p /cache/x && touch /a\nRUN --mount=type=cache,target=/cache cp -r /cache/x /x\n",
    ),
    same(
        "consecutive-runs",
        "as another user",
        Busybox,
        "FROM base\nRUN mkdir -m 777 /d\nUSER 7:8\nRUN touch /d/a\nRUN mkdir /d/b\n",
    ),
    same(
        "recursive-ownership-layer",
        "user and group",
        Debian,
        "FROM debian:trixie-slim\nRUN useradd -r worker\nCOPY app /app\nRUN chown -R worker:worker /app\n",
    ),
    same(
        "recursive-ownership-layer",
        "a user alone",
        Debian,
        "FROM debian:trixie-slim\nCOPY app /app\nRUN chown -R nobody /app\n",
    ),
    same(
        "recursive-ownership-layer",
        "numbers",
        Debian,
        "FROM debian:trixie-slim\nCOPY app /opt/shop\nRUN chown -R 1000:1001 /opt/shop\n",
    ),
    same(
        "recursive-ownership-layer",
        "a group alone",
        Debian,
        "FROM debian:trixie-slim\nCOPY app /app\nRUN chgrp -R users /app\n",
    ),
    same(
        "recursive-ownership-layer",
        "a folder made before",
        Debian,
        "FROM debian:trixie-slim\nWORKDIR /app\nCOPY app .\nRUN chown -R 7:8 /app\n",
    ),
    same(
        "recursive-ownership-layer",
        "several COPYs",
        Debian,
        "FROM debian:trixie-slim\nCOPY app /app/\nCOPY one.txt two.txt /app/\nRUN chown -R 7:8 /app\n",
    ),
    same(
        "recursive-ownership-layer",
        "a mode",
        Debian,
        "FROM debian:trixie-slim\nCOPY app /app\nRUN chmod -R 755 /app\n",
    ),
    // apt
    same(
        "interactive-install",
        "apt-get install",
        Apt,
        "FROM base\nRUN apt-get update && apt-get install --no-install-recommends alpha\n",
    ),
    same("unstable-apt-cli", "update", Apt, "FROM base\nRUN apt update\n"),
    same("unstable-apt-cli", "install", Apt, "FROM base\nRUN apt-get update && apt install -y alpha beta\n"),
    same(
        "unstable-apt-cli",
        "remove",
        Apt,
        "FROM base\nRUN apt-get update && apt-get install -y alpha beta && apt remove -y alpha && rm -rf /var/lib/apt/lists/*\n",
    ),
    same(
        "unstable-apt-cli",
        "purge and autoremove",
        Apt,
        "FROM base\nRUN apt-get update && apt-get install -y alpha && apt purge -y alpha\nRUN apt-get autoremove -y\n",
    ),
    same(
        "unlocked-cache-mount",
        "the lists",
        Apt,
        "FROM base\nRUN --mount=type=cache,target=/var/lib/apt/lists apt-get update && apt-get install -y alpha\n",
    ),
    same(
        "unlocked-cache-mount",
        "two mounts",
        Apt,
        "FROM base\nRUN --mount=type=cache,target=/var/lib/apt --mount=type=cache,id=archives,target=/var/cache/apt apt-get update && apt-get install -y alpha\n",
    ),
    but_for(
        "package-lists-left",
        "behind one line",
        Apt,
        "FROM base\nRUN apt-get update && apt-get install -y alpha\n",
        LISTS,
    ),
    but_for(
        "package-lists-left",
        "in the layout of a chain",
        Apt,
        "FROM base\nRUN apt-get update \\\n && apt-get install -y \\\n      alpha \\\n      beta\n",
        LISTS,
    ),
    but_for(
        "package-lists-left",
        "behind semicolons",
        Apt,
        "FROM base\nRUN set -ex; apt-get update; apt-get install -y alpha; echo 1 > /x\n",
        LISTS,
    ),
    same(
        "update-apart-from-install",
        "an update alone",
        Apt,
        "FROM base\nRUN apt-get update\nRUN apt-get install -y alpha\n",
    ),
    same(
        "update-apart-from-install",
        "beside other work",
        Apt,
        "FROM base\nRUN touch /x && apt-get update\nRUN mkdir /y && apt-get install -y alpha\n",
    ),
    same(
        "update-apart-from-install",
        "two installs",
        Apt,
        "FROM base\nRUN apt-get update\nRUN apt-get install -y alpha\nRUN apt-get install -y beta\n",
    ),
    same(
        "update-apart-from-install",
        "behind an install of its own",
        Apt,
        "FROM base\nRUN apt-get update && apt-get install -y alpha\nRUN apt-get install -y beta\n",
    ),
    same("high-uid-login-log", "-u", Debian, "FROM debian:trixie-slim\nRUN useradd -u 1000650000 worker\n"),
    same(
        "high-uid-login-log",
        "--uid=, with more flags",
        Debian,
        "FROM debian:trixie-slim\nRUN useradd --create-home --uid=200000 --shell /bin/sh worker && touch /x\n",
    ),
    // Managers that are stood in for.
    same("interactive-install", "dnf", Busybox, "FROM base\nRUN dnf install nginx && dnf clean all\n"),
    same("interactive-install", "yum", Busybox, "FROM base\nRUN yum install nginx && yum clean all\n"),
    same("interactive-install", "zypper", Busybox, "FROM base\nRUN zypper install nginx && zypper clean\n"),
    same(
        "interactive-install",
        "conda",
        Busybox,
        "FROM base\nRUN conda install numpy && conda clean --all --yes\n",
    ),
    but_for(
        "install-cache-left",
        "pip",
        Busybox,
        "FROM base\nENV HOME=/root\nRUN mkdir /root && pip install flask\n",
        &["/root/.cache", "/root/.cache/pip", "/root/.cache/pip/http", "/root/.cache/pip/http/download"],
    ),
    but_for(
        "install-cache-left",
        "pip in the layout of a chain",
        Busybox,
        "FROM base\nENV HOME=/root\nRUN mkdir /root /root/.cache \\\n    && pip install \\\n        flask \\\n        gunicorn\n",
        &["/root/.cache/pip", "/root/.cache/pip/http", "/root/.cache/pip/http/download"],
    ),
    but_for(
        "install-cache-left",
        "dnf",
        Busybox,
        "FROM base\nRUN dnf install -y \\\n    git \\\n    nginx\n",
        &["/var/cache/dnf/download"],
    ),
    but_for(
        "install-cache-left",
        "yum",
        Busybox,
        "FROM base\nRUN yum install -y git\n",
        &["/var/cache/yum/download"],
    ),
    but_for(
        "install-cache-left",
        "zypper",
        Busybox,
        "FROM base\nRUN zypper install -y git\n",
        &["/var/cache/zypp/packages/download"],
    ),
    but_for(
        "install-cache-left",
        "conda",
        Busybox,
        "FROM base\nRUN conda install -y numpy\n",
        &["/opt/conda/pkgs/download"],
    ),
    but_for(
        "install-cache-left",
        "composer",
        Busybox,
        "FROM base\nENV HOME=/root\nRUN composer install --no-dev\n",
        &["/root/.composer/cache/download"],
    ),
    but_for(
        "archive-left",
        "curl -O",
        Busybox,
        "FROM base\nWORKDIR /opt\nRUN curl -fsSLO https://example.org/tool-1.2.tar.gz && tar -xzf tool-1.2.tar.gz\n",
        &["/opt/tool-1.2.tar.gz"],
    ),
    but_for(
        "archive-left",
        "a path of its own",
        Busybox,
        "FROM base\nRUN curl -fsSL -o /tmp/tool.tgz https://example.org/x \\\n && mkdir /opt \\\n && tar -xzf /tmp/tool.tgz -C /opt\n",
        &["/tmp/tool.tgz"],
    ),
    // Scripts: what they do stays.
    same("backticks", "an argument", Busybox, "FROM base\nRUN echo `echo a b` > /said\n"),
    same("obsolete-grep", "egrep", Busybox, "FROM base\nRUN echo ab | egrep 'b|c' > /found\n"),
    same("obsolete-grep", "fgrep", Busybox, "FROM base\nRUN echo a.b | fgrep . > /found\n"),
    same(
        "stage-by-number",
        "a named stage",
        Busybox,
        "FROM base AS build\nRUN echo a > /made\nFROM base\nCOPY --from=1 /made /made\n",
    ),
];

/// What `apt-get update` leaves of the repository.
const LISTS: &[&str] = &[
    "/var/lib/apt/lists/_repository_._Packages.lz4",
    "/var/lib/apt/lists/auxfiles",
    "/var/lib/apt/lists/lock",
    "/var/lib/apt/lists/partial",
];
