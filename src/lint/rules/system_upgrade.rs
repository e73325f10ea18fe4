use crate::lint::hadolint_view;
use crate::lint::package_calls::{called, package_runs, shown};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{PackageManager, Verb};

declare_rule! {
    /// The whole system is brought to newer versions.
    ///
    /// ## Why it matters
    /// The base image brings what its tag stands for; an upgrade on top makes it something that nobody else has, and
    /// another thing on each day the layer is built. What it replaces stays in the layers below, so that every region
    /// pulls both. A newer base image has the same fixes without either.
    ///
    /// Some bases are published too seldom to do without, which is why this rule speaks only where it is asked to.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:trixie-slim
    /// RUN apt-get update && apt-get dist-upgrade -y && rm -rf /var/lib/apt/lists/*
    /// ```
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk --no-cache upgrade
    /// ```
    /// ```dockerfile,bad
    /// FROM opensuse/leap:15.6
    /// RUN zypper --non-interactive dup && zypper clean
    /// ```
    /// A package by name is another matter:
    /// ```dockerfile,good
    /// FROM fedora:43
    /// RUN dnf upgrade -y openssl-libs && dnf clean all
    /// ```
    name: "system-upgrade",
    aliases: ["DL3035", "DS-0024", "DF044"],
    category: Reproducibility,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input) {
        for call in run.calls.iter().filter(|call| call.action.manager.is_system()) {
            let action = &call.action;
            let seen = hadolint_view::read(call.occurrence.command).filter(|_| call.plain);
            let reported = seen.is_some_and(|seen| seen.calls(&["zypper"], &["dist-upgrade", "dup"]));
            let is_partial =
                action.has_flag(&["--security", "--advisory", "--cve", "--download-only", "--help"]);
            let is_whole = action.verb == Verb::Upgrade && action.packages.is_empty() && !is_partial;
            if !is_whole && !reported {
                continue;
            }
            let peers: &[&str] = match action.manager {
                PackageManager::Apt => &["DS-0024"],
                PackageManager::Zypper if reported => &["DL3035", "DF044"],
                PackageManager::Zypper => &["DF044"],
                _ => &[],
            };
            found.push(
                Diagnostic::new(
                    &RULE,
                    called(action),
                    format!("`{}` makes another system of the base on each day", shown(action)),
                )
                .help("take a newer base image, or name the packages whose fixes can't wait")
                .known_as(peers),
            );
        }
    }
}
