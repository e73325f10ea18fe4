//! What of the system's packages, users and folders the program needs as it runs.

use crate::rewrite::Abstention;
use crate::shell::packages::{self, Verb};
use crate::text::TextRange;

use super::base::is_full;
use super::stage::{SingleStage, is_run, join};
use super::work::{Work, work};

/// Packages that serve to build and nothing else. Tools that configurations may name are kept where they do.
const BUILD_ONLY: &[&str] = &[
    "autoconf",
    "automake",
    "bison",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "file",
    "flex",
    "g++",
    "gcc",
    "gfortran",
    "libc6-dev",
    "libtool",
    "llvm",
    "lld",
    "make",
    "mold",
    "musl-tools",
    "nasm",
    "ninja-build",
    "patchelf",
    "pkg-config",
    "pkgconf",
    "protobuf-compiler",
    "python3-dev",
    "rustc",
];

/// Tools to fetch and to look around with: kept where the image's configuration names them.
const TOOLS: &[&str] = &["curl", "git", "gnupg", "less", "nano", "unzip", "vim", "wget", "xz-utils"];

/// What a package with headers builds against, by the names of the packages with the libraries. Names that a later
/// release has changed are still provided there. Held against Debian 12 and 13.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("default-libmysqlclient-dev", &["libmariadb3"]),
    ("libasound2-dev", &["libasound2"]),
    ("libbz2-dev", &["libbz2-1.0"]),
    ("libcairo2-dev", &["libcairo2"]),
    ("libcurl4-gnutls-dev", &["libcurl3-gnutls"]),
    ("libcurl4-openssl-dev", &["libcurl4"]),
    ("libdbus-1-dev", &["libdbus-1-3"]),
    ("libev-dev", &["libev4"]),
    ("libexpat1-dev", &["libexpat1"]),
    ("libffi-dev", &["libffi8"]),
    ("libfreetype6-dev", &["libfreetype6"]),
    ("libgmp-dev", &["libgmp10"]),
    ("libjpeg-dev", &["libjpeg62-turbo"]),
    ("libjpeg62-turbo-dev", &["libjpeg62-turbo"]),
    ("liblzma-dev", &["liblzma5"]),
    ("libmagic-dev", &["libmagic1"]),
    ("libmariadb-dev", &["libmariadb3"]),
    ("libpango1.0-dev", &["libpango-1.0-0", "libpangocairo-1.0-0"]),
    ("libpcre2-dev", &["libpcre2-8-0"]),
    ("libpng-dev", &["libpng16-16"]),
    ("libpq-dev", &["libpq5"]),
    ("libreadline-dev", &["libreadline8"]),
    ("libsasl2-dev", &["libsasl2-2"]),
    ("libsodium-dev", &["libsodium23"]),
    ("libsqlite3-dev", &["libsqlite3-0"]),
    ("libssl-dev", &["libssl3"]),
    ("libudev-dev", &["libudev1"]),
    ("libusb-1.0-0-dev", &["libusb-1.0-0"]),
    ("libuv1-dev", &["libuv1"]),
    ("libxml2-dev", &["libxml2"]),
    ("libxmlsec1-dev", &["libxmlsec1", "libxmlsec1-openssl"]),
    ("libxslt1-dev", &["libxslt1.1"]),
    ("libyaml-dev", &["libyaml-0-2"]),
    ("libzmq3-dev", &["libzmq5"]),
    ("libzstd-dev", &["libzstd1"]),
    ("zlib1g-dev", &["zlib1g"]),
];

/// The packages that the runtime stage needs because the build stage installs them or their headers, sorted.
pub(super) fn packages(stage: &SingleStage<'_>) -> Result<Vec<String>, Abstention> {
    let configuration = configuration(stage);
    let names = |tool: &str| configuration.iter().any(|word| word == tool);
    let mut needed = Vec::new();
    for call in stage.calls() {
        let Some(action) = packages::read(call.command).filter(|action| action.manager.is_system()) else {
            continue;
        };
        if action.verb != Verb::Install {
            continue;
        }
        for word in &action.packages {
            let Some(package) = word.value.as_deref() else {
                return Err(Abstention::new(
                    word.range,
                    format!("which packages `{}` names isn't known", word.text),
                ));
            };
            let package = package.split(['=', ':', '/']).next().unwrap_or(package);
            if let Some((_, libraries)) = LIBRARIES.iter().find(|(headers, _)| *headers == package) {
                needed.extend(libraries.iter().map(|library| (*library).to_owned()));
            } else if package.ends_with("-dev") && !BUILD_ONLY.contains(&package) {
                return Err(Abstention::new(
                    word.range,
                    format!("which libraries go with `{package}` is not in the table"),
                ));
            } else if !BUILD_ONLY.contains(&package) && (!TOOLS.contains(&package) || names(package)) {
                needed.push(package.to_owned());
            }
        }
    }
    // The full images have these from the start.
    if is_full(stage) {
        let tools = ["curl", "git", "wget"].into_iter().filter(|tool| names(tool));
        needed.extend(tools.map(str::to_owned));
    }
    needed.sort();
    needed.dedup();
    Ok(needed)
}

/// The words of what a container starts and is watched by.
fn configuration(stage: &SingleStage<'_>) -> Vec<String> {
    let end = &stage.subject.facts.stages.get(stage.subject.target).map(|stage| stage.end.clone());
    let Some(end) = end else { return Vec::new() };
    let places = [end.entrypoint, end.cmd, end.healthcheck].into_iter().flatten();
    places
        .filter_map(|index| stage.subject.facts.get(stage.subject.dockerfile, index))
        .flat_map(|fact| {
            let text = stage.subject.text(fact.instruction.range).to_owned();
            text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_')
                .map(str::to_owned)
                .collect::<Vec<_>>()
        })
        .collect()
}

/// The commands of the build stage that make users, and folders outside the project, as they are written.
pub(super) fn preparations(stage: &SingleStage<'_>) -> Result<Vec<String>, Abstention> {
    let mut found = Vec::new();
    for fact in stage.head().iter().filter(|fact| is_run(fact)) {
        let Some(script) = fact.facts.script() else { continue };
        for one in script.commands() {
            let is_wanted = match work(one.command) {
                Some(Work::Users) => true,
                Some(Work::Files) => {
                    one.command.args().iter().any(|word| is_path_outside(stage, word.shown()))
                }
                _ => false,
            };
            if !is_wanted {
                continue;
            }
            let text = stage.subject.text(one.command.range);
            let uses_variables =
                !script.variables.iter().all(|used| !one.command.range.contains(used.range.start()));
            if !script.is_chain() || !one.top_level || text.contains('\n') || uses_variables {
                return Err(too_tangled(one.command.range, text));
            }
            found.push(text.to_owned());
        }
    }
    Ok(found)
}

fn too_tangled(range: TextRange, text: &str) -> Abstention {
    let name = text.split_whitespace().next().unwrap_or(text);
    Abstention::new(
        range,
        format!("`{name}` can't be taken out of its script to run in the runtime stage too"),
    )
}

/// Whether a word of a command that works on files is a path outside the project.
fn is_path_outside(stage: &SingleStage<'_>, word: &str) -> bool {
    word.starts_with('/') && !stage.is_inside(&join("/", word)) && word != "/"
}
