use std::sync::LazyLock;

use regex::Regex;

use crate::dockerfile::{Body, Source};
use crate::graph::Base;
use crate::lint::downloads::Download;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// A download for one processor in a file for all.
    ///
    /// ## Why it matters
    /// Built for another platform, the image gets a program that its processor can't run, and mostly says so only at
    /// the first start: `exec format error`. A failover to a region, or a cheaper machine, of the other kind is then no
    /// way out.
    ///
    /// Silent where the file asks for the platform anywhere (`TARGETARCH`, `uname -m`, `dpkg --print-architecture`) or
    /// where a `FROM` names the platform or an image of one.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM debian:13-slim
    /// RUN curl -fsSLo /usr/local/bin/tool https://example.com/v1.2.3/tool-linux-amd64
    /// ```
    /// ```dockerfile,good
    /// FROM debian:13-slim
    /// ARG TARGETARCH
    /// RUN curl -fsSLo /usr/local/bin/tool https://example.com/v1.2.3/tool-linux-$TARGETARCH
    /// ```
    /// ```dockerfile,good
    /// FROM --platform=linux/amd64 debian:13-slim
    /// RUN curl -fsSLo /usr/local/bin/tool https://example.com/v1.2.3/tool-linux-amd64
    /// ```
    name: "single-platform-download",
    aliases: [],
    category: Reproducibility,
    severity: Info,
    profile: All,
    fix: None,
}

/// The part of an address that names a processor.
static PROCESSOR: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:^|[^a-z0-9])(amd64|x86_64|x86-64|x64|linux64|arm64|aarch64)(?:[^a-z0-9]|$)").ok()
});

/// Words that show a file to know of platforms.
const KNOWS: &[&str] = &[
    "TARGETARCH",
    "TARGETPLATFORM",
    "TARGETVARIANT",
    "BUILDARCH",
    "uname",
    "--print-architecture",
    "apk --print-arch",
    "rpm --eval",
    "%{_arch}",
    "hostnamectl",
    "platform.machine",
    "getconf LONG_BIT",
    "$(arch)",
    "`arch`",
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let text = input.source.text();
    if KNOWS.iter().any(|word| text.contains(word)) || is_of_one_platform(input) {
        return;
    }
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let mut words: Vec<(TextRange, &str)> = Vec::new();
        if let Body::Add(transfer) = &fact.instruction.body {
            words.extend(transfer.sources.iter().filter_map(|source| match source {
                Source::Path(word) if word.text.contains("://") => Some((word.range, word.text.as_ref())),
                _ => None,
            }));
        }
        let commands =
            if matches!(fact.instruction.body, Body::Run(_)) { fact.facts.commands() } else { Vec::new() };
        for occurrence in &commands {
            // Under a condition it may be one of several.
            if let Some(download) = Download::of(occurrence.command).filter(|_| occurrence.is_certain()) {
                words.extend(download.addresses.iter().map(|word| (word.range, word.text.as_str())));
            }
        }
        for (range, text) in words {
            let path = text.find("://").map_or(0, |at| at + 3);
            let part = PROCESSOR.as_ref().and_then(|processor| processor.captures_at(text, path)?.get(1));
            let Some(part) = part else { continue };
            let exact = input.source.slice(range) == text;
            let place = TextRange::from(part.range()).shift(range.start());
            found.push(
                Diagnostic::new(
                    &RULE,
                    if exact { place } else { range },
                    format!("the download is for {} whatever platform the image is built for", part.as_str()),
                )
                .help("choose it by `TARGETARCH`, or name the platform in `FROM --platform`"),
            );
        }
    }
}

/// Whether a `FROM` names one platform, or an image that is made for one.
fn is_of_one_platform(input: &Input<'_>) -> bool {
    input.graph.stages.iter().any(|stage| {
        let image = match &stage.base {
            Base::Image { reference, .. } => reference.as_str(),
            _ => "",
        };
        let of_one =
            ["amd64", "x86_64", "arm64", "aarch64", "arm32", "i386", "nvidia/", "windows", "nanoserver"];
        stage.platform.is_some() || of_one.iter().any(|part| image.contains(part))
    })
}
