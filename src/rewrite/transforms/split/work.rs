//! What a command of a `RUN` is there for, as far as a split has to know.

use crate::shell::packages::{self, PackageManager};
use crate::shell::{Command, RedirectOperator, RedirectTarget};

use super::stage::Ecosystem;

/// What a command is there for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// It installs or removes the distribution's packages.
    Packages,
    /// It makes users and groups.
    Users,
    /// It makes folders, or sets who may do what with files.
    Files,
    /// It builds the project or installs what it depends on.
    Build(Option<Ecosystem>),
}

/// What `command` is there for; nothing where it isn't known.
pub(super) fn work(command: &Command) -> Option<Work> {
    if writes_elsewhere(command) {
        return None;
    }
    if let Some(action) = packages::read(command) {
        return match action.manager {
            PackageManager::Apt => Some(Work::Packages),
            manager if manager.is_system() => None,
            manager => Some(Work::Build(ecosystem(manager))),
        };
    }
    // Assignments alone.
    let Some(name) = command.name() else { return command.words.is_empty().then_some(Work::Build(None)) };
    match name {
        "apt-mark" | "dpkg-query" => Some(Work::Packages),
        "groupadd" | "useradd" | "addgroup" | "adduser" | "usermod" => Some(Work::Users),
        "mkdir" | "chown" | "chmod" | "chgrp" | "touch" => Some(Work::Files),
        "cmake" | "ctest" | "ninja" => Some(Work::Build(Some(Ecosystem::CMake))),
        "python" | "python3" | "pytest" => Some(Work::Build(Some(Ecosystem::Python))),
        "npx" | "tsc" | "node" => Some(Work::Build(Some(Ecosystem::Node))),
        "rustup" | "rustc" | "make" | "strip" | "cd" | "rm" | "cp" | "mv" | "echo" | "printf" | "true"
        | "set" | "export" | "ls" | "pwd" | "test" | "[" | "cat" | "ldd" | "git" | "mvnw" | "gradlew"
        | "corepack" => Some(Work::Build(match name {
            "rustup" | "rustc" => Some(Ecosystem::Rust),
            "mvnw" | "gradlew" => Some(Ecosystem::Java),
            _ => None,
        })),
        _ => None,
    }
}

fn ecosystem(manager: PackageManager) -> Option<Ecosystem> {
    match manager {
        PackageManager::Cargo => Some(Ecosystem::Rust),
        PackageManager::Go => Some(Ecosystem::Go),
        PackageManager::Maven | PackageManager::Gradle => Some(Ecosystem::Java),
        PackageManager::Pip
        | PackageManager::Pipx
        | PackageManager::Uv
        | PackageManager::Poetry
        | PackageManager::Pipenv
        | PackageManager::Conda => Some(Ecosystem::Python),
        PackageManager::Npm | PackageManager::Yarn | PackageManager::Pnpm | PackageManager::Bun => {
            Some(Ecosystem::Node)
        }
        _ => None,
    }
}

/// Whether its output goes to a file by an absolute path: the system's, possibly.
fn writes_elsewhere(command: &Command) -> bool {
    command.redirects.iter().any(|redirect| {
        let writes = matches!(
            redirect.operator,
            RedirectOperator::Write
                | RedirectOperator::Append
                | RedirectOperator::Clobber
                | RedirectOperator::WriteBoth
                | RedirectOperator::AppendBoth
        );
        let RedirectTarget::Word(target) = &redirect.target else { return false };
        writes && target.shown().starts_with('/') && !target.shown().starts_with("/dev/")
    })
}
