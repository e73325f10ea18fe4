//! The laws over Dockerfiles that nobody wrote.

use plimsoll::text::SourceFile;
use proptest::prelude::*;

use crate::laws::{File, broken_alone, broken_together};

fn broken_law(source: &SourceFile) -> Option<String> {
    let file = File { source, context: None };
    broken_together(file).or_else(|| broken_alone(file))
}

/// Commands that rules speak of, and words that shells and Dockerfiles stumble over.
fn command() -> impl Strategy<Value = String> {
    let simple = proptest::sample::select(vec![
        "apt-get update",
        "apt-get install -y curl",
        "apt-get install -y --no-install-recommends curl git",
        "apk add --no-cache curl",
        "apk add curl",
        "pip install flask",
        "npm install",
        "npm ci",
        "yum install -y gcc",
        "chown -R app /app",
        "chmod +x /run.sh",
        "rm -rf /var/lib/apt/lists/*",
        "rm -rf /src",
        "cd /tmp",
        "export A=1",
        "set -e",
        "curl -fsSL https://a.example/x | sh",
        "echo 'a b' \"$A\" ${B:-c}",
        "echo \"one # two\"",
        "test -f x || exit 1",
        "(cd /x; make)",
        "if true; then echo a; fi",
        "exec node server.js",
        "echo é日本",
        "sleep 1 &",
    ]);
    let join = proptest::sample::select(vec![
        " && ",
        "; ",
        " || ",
        " | ",
        " && \\\n    ",
        " \\\n && ",
        " \\\n\t# why\n\t&& ",
        " ; \\\n\n ",
    ]);
    (simple.clone(), proptest::collection::vec((join, simple), 0..4)).prop_map(|(first, rest)| {
        rest.into_iter().fold(first.to_owned(), |script, (join, next)| script + join + next)
    })
}

fn instruction() -> impl Strategy<Value = String> {
    let plain = proptest::sample::select(vec![
        "FROM debian:13",
        "FROM node AS build",
        "FROM build",
        "FROM alpine:3.20 as Other",
        "FROM scratch",
        "WORKDIR app",
        "WORKDIR /app",
        "COPY . .",
        "COPY --chown=app:app package.json ./",
        "COPY --from=build /app /app",
        "COPY --from=build / /",
        "ADD x.tar.gz /",
        "ADD https://a.example/f /f",
        "USER app",
        "USER root",
        "ENV A 1 2",
        "ENV A=1 B=\"x y\"",
        "ARG VERSION=1",
        "EXPOSE 80",
        "MAINTAINER me <me@example.org>",
        "SHELL [\"/bin/bash\", \"-o\", \"pipefail\", \"-c\"]",
        "HEALTHCHECK CMD curl -f http://localhost/",
        "ENTRYPOINT [\"node\"]",
        "STOPSIGNAL SIGTERM",
        "RUN <<EOF\napt-get update\napt-get install -y curl\nEOF",
        "RUN [\"apt-get\", \"update\"]",
        "# plimsoll: ignore=all",
        "# a comment",
        "",
        "COPPY a b",
    ]);
    let flag =
        proptest::sample::select(vec!["", "", "--mount=type=cache,target=/root/.npm ", "--network=none "]);
    prop_oneof![
        3 => plain.prop_map(str::to_owned),
        4 => (flag, command()).prop_map(|(flag, command)| format!("RUN {flag}{command}")),
        1 => command().prop_map(|command| format!("CMD {command}")),
        1 => command().prop_map(|command| format!("ENTRYPOINT {command}")),
        1 => command().prop_map(|command| format!("ONBUILD RUN {command}")),
    ]
}

fn file() -> impl Strategy<Value = String> {
    let head = proptest::sample::select(vec!["", "", "# escape=\\\n", "ARG A=1\n"]);
    let end = proptest::sample::select(vec!["\n", "", "\n\n", "\r\n"]);
    let newline = proptest::sample::select(vec!["\n", "\n", "\r\n"]);
    (head, proptest::collection::vec(instruction(), 0..12), newline, end).prop_map(
        |(head, body, newline, end)| {
            format!("{head}FROM node:22\n{}{end}", body.join("\n"))
                .replace("\r\n", "\n")
                .replace('\n', newline)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn a_fixed_file_parses_and_a_second_fix_changes_nothing(text in file()) {
        let source = SourceFile::new("Dockerfile", text.as_str());
        prop_assert_eq!(broken_law(&source), None, "{}", text);
    }

    #[test]
    fn fixes_of_any_bytes_hold_the_same(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let mut text = b"FROM node\nRUN ".to_vec();
        text.extend(bytes);
        prop_assert_eq!(broken_law(&SourceFile::new("Dockerfile", text)), None);
    }
}
