use crate::dockerfile::{Source, Word};
use crate::lint::image_name::official;
use crate::lint::landings::Landing;
use crate::lint::stage_images::{lowest_image, tag};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Command;

declare_rule! {
    /// A program is linked with one C library and copied to an image with another.
    ///
    /// ## Why it matters
    /// Alpine has musl, Debian and its like have glibc. A program that is linked with the one does not start where
    /// there is only the other: `no such file or directory`, though the file is there. A Rust program is linked with the
    /// C library unless it is built for a musl target, one of C unless it is linked with `-static`.
    ///
    /// With `--profile all`, also for what fails only where it has native parts: `node_modules`, Python's packages, and
    /// Go programs, which are linked with the C library where `CGO_ENABLED` is not 0 and they use cgo, as the packages
    /// `net` and `os/user` do.
    ///
    /// ## Examples
    /// ```dockerfile,on-request
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build -o /bin/app ./cmd/app
    /// FROM alpine:3.22
    /// COPY --from=build /bin/app /bin/app
    /// CMD ["/bin/app"]
    /// ```
    /// ```dockerfile,bad
    /// FROM rust:1.90 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN cargo build --release
    /// FROM alpine:3.22
    /// COPY --from=build /src/target/release/app /bin/app
    /// CMD ["/bin/app"]
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN CGO_ENABLED=0 go build -o /bin/app ./cmd/app
    /// FROM alpine:3.22
    /// COPY --from=build /bin/app /bin/app
    /// CMD ["/bin/app"]
    /// ```
    /// ```dockerfile,on-request
    /// FROM node:22 AS build
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// FROM node:22-alpine
    /// COPY --from=build /app/node_modules /app/node_modules
    /// CMD ["node", "/app/server.js"]
    /// ```
    name: "mismatched-libc",
    aliases: [],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// A C library.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Libc {
    Glibc,
    Musl,
}

impl Libc {
    fn name(self) -> &'static str {
        match self {
            Self::Glibc => "glibc",
            Self::Musl => "musl",
        }
    }
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(landing) = Landing::of(input, fact) else { continue };
        let Some((from, to)) = landing.from_stage.zip(fact.facts.stage) else { continue };
        let libc_of = |stage| lowest_image(input, stage).and_then(libc);
        let Some((had, has)) = libc_of(from).zip(libc_of(to)).filter(|(had, has)| had != has) else {
            continue;
        };
        // Who installs a bridge, or something to link with, has thought of it.
        if ["gcompat", "libc6-compat", "glibc", "musl"].iter().any(|part| text(input, to).contains(part)) {
            continue;
        }
        for source in &landing.transfer.sources {
            let Source::Path(word) = source else { continue };
            let Some(linked) = linked(input, from, had, word) else { continue };
            let (message, help) = match linked {
                Linked::Program("go") => (
                    format!(
                        "where it uses Go's `net` or `os/user`, this is linked with {} and does not start with {}",
                        had.name(),
                        has.name()
                    ),
                    "build it with `CGO_ENABLED=0`, or in an image with the same C library",
                ),
                Linked::Program(tool) => (
                    format!(
                        "{tool} links this with {}, and this stage has only {}: it will not start",
                        had.name(),
                        has.name()
                    ),
                    if tool == "cargo" {
                        "build it for a musl target, or in an image with the same C library"
                    } else {
                        "link it with `-static`, or build it in an image with the same C library"
                    },
                ),
                Linked::Packages => (
                    format!(
                        "native packages among these are for {}, and this stage has {}",
                        had.name(),
                        has.name()
                    ),
                    "install them in an image with the same C library",
                ),
            };
            let diagnostic = Diagnostic::new(&RULE, word.range, message).help(help);
            found.push(match linked {
                Linked::Program("go") | Linked::Packages => diagnostic.on_request(),
                Linked::Program(_) => diagnostic,
            });
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Linked {
    /// A program, by what has built it.
    Program(&'static str),
    /// Packages of an interpreter.
    Packages,
}

/// What the path holds that is linked with the C library of the stage it is taken from.
fn linked(input: &Input<'_>, stage: usize, had: Libc, word: &Word) -> Option<Linked> {
    let path = word.text.trim_end_matches('/');
    if ["site-packages", "dist-packages", "node_modules"].iter().any(|part| path.ends_with(part)) {
        return Some(Linked::Packages);
    }
    let text = text(input, stage);
    let name = path.rsplit('/').next().unwrap_or(path);
    let chain = input.graph.chain(stage);
    let facts = chain.iter().flat_map(|stage| input.facts.of_stage(input.dockerfile, *stage));
    let is_go_static =
        ["CGO_ENABLED=0", "CGO_ENABLED 0", "CGO_ENABLED: 0", "-static", "netgo", "GOARCH", "GOOS"]
            .iter()
            .any(|sign| text.contains(sign));
    for fact in facts {
        for occurrence in fact.facts.commands() {
            let command = occurrence.command;
            let makes_it = |flags: &[&str]| outputs(command, flags).any(|output| output == name);
            let verb = command
                .args()
                .iter()
                .find(|word| !word.shown().starts_with('-'))
                .map(crate::shell::Word::shown);
            match (command.name(), verb) {
                // Alpine's Go image has no C compiler, and Go then does without.
                (Some("go"), Some("build"))
                    if !is_go_static
                        && makes_it(&["-o"])
                        && (had == Libc::Glibc || text.contains("CGO_ENABLED=1")) =>
                {
                    return Some(Linked::Program("go"));
                }
                (Some("cargo"), Some("build"))
                    if had == Libc::Glibc
                        && !text.contains("musl")
                        && !text.contains("crt-static")
                        && (path.contains("target/release/") || path.contains("target/debug/")) =>
                {
                    return Some(Linked::Program("cargo"));
                }
                (Some(tool @ ("gcc" | "g++" | "cc" | "clang")), _)
                    if !text.contains("-static") && makes_it(&["-o"]) =>
                {
                    return Some(Linked::Program(match tool {
                        "gcc" => "gcc",
                        "g++" => "g++",
                        "clang" => "clang",
                        _ => "cc",
                    }));
                }
                _ => {}
            }
        }
    }
    None
}

/// The names, without folders, of what the command is told to write.
fn outputs<'a>(command: &'a Command, flags: &[&str]) -> impl Iterator<Item = &'a str> {
    let values = command.effective().flag_values(flags).into_iter();
    values.map(|value| value.trim_end_matches('/').rsplit('/').next().unwrap_or(value))
}

/// The text of a stage's instructions and of those it stands on.
fn text(input: &Input<'_>, stage: usize) -> String {
    let chain = input.graph.chain(stage);
    let stages = chain.iter().filter_map(|stage| input.graph.stages.get(*stage));
    stages.map(|stage| input.source.slice(stage.extent)).collect()
}

/// The C library of a well-known image.
fn libc(reference: &str) -> Option<Libc> {
    let tag = tag(reference).unwrap_or_default();
    let is_windows = ["windows", "nanoserver"].iter().any(|part| reference.contains(part));
    let Some(repository) = official(reference).filter(|_| !is_windows) else {
        let is_distroless = reference.starts_with("gcr.io/distroless/") && !reference.contains("/static");
        return is_distroless.then_some(Libc::Glibc);
    };
    match repository {
        "alpine" => Some(Libc::Musl),
        "almalinux" | "amazonlinux" | "archlinux" | "buildpack-deps" | "centos" | "debian" | "fedora"
        | "oraclelinux" | "rockylinux" | "ubuntu" => Some(Libc::Glibc),
        "eclipse-temurin" | "gcc" | "golang" | "gradle" | "httpd" | "maven" | "nginx" | "node"
        | "openjdk" | "php" | "python" | "ruby" | "rust" => {
            Some(if tag.contains("alpine") { Libc::Musl } else { Libc::Glibc })
        }
        _ => None,
    }
}
