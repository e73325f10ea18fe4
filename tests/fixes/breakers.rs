//! Files that the fixes of a peer break or give another meaning: the eight that are known, where they lie beside the
//! project, and others of our own that show the same.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll::dockerfile::{self, Body};
use plimsoll::lint::{Profile, Safety, Settings, fix};
use plimsoll::shell::packages::{Verb, read};
use plimsoll::text::SourceFile;
use plimsoll::{facts, graph};

use crate::corpus::shared;
use crate::laws::{File, broken_alone, broken_together};

/// A trap for fixes.
struct Breaker {
    /// Its name among the known ones.
    name: &'static str,
    /// One of our own.
    own: &'static str,
    /// What all fixes together make of that.
    fixed: &'static str,
    /// Whether a file that was one means the same after fixes.
    keeps: fn(&str, &str) -> bool,
}

const BREAKERS: [Breaker; 8] = [
    Breaker {
        name: "multi-line legacy ENV",
        own: "FROM alpine:3.22\nENV FLAGS -O2 \\\n    -g\nENV NEXT 1\n",
        fixed: "FROM alpine:3.22\nENV FLAGS=\"-O2 \\\n    -g\"\nENV NEXT=1\n",
        keeps: |before, after| environment(before) == environment(after),
    },
    Breaker {
        name: "sort packages before continuation + comment",
        own: "FROM alpine:3.22\nRUN apk add --no-cache tar curl \\\n  # for the probe\n  bash \\\n  && rm -rf /tmp/*\n",
        fixed: "FROM alpine:3.22\nRUN apk add --no-cache tar curl \\\n  # for the probe\n  bash \\\n  && rm -rf /tmp/*\n",
        keeps: |before, after| packages(before) == packages(after),
    },
    Breaker {
        name: "cd leaks across merged RUNs",
        own: "FROM alpine:3.22\nRUN cd /tmp && touch a\nRUN touch b\n",
        fixed: "FROM alpine:3.22\nRUN cd /tmp && touch a\nRUN touch b\n",
        keeps: |before, after| runs(before) == runs(after),
    },
    Breaker {
        name: "failure semantics of ; and ||",
        own: "FROM alpine:3.22\nRUN grep -q x /y; touch a || touch b; touch c\n",
        fixed: "FROM alpine:3.22\nRUN grep -q x /y; touch a || touch b; touch c\n",
        keeps: |before, after| before == after,
    },
    Breaker {
        name: "pipefail under dash",
        own: "FROM debian:trixie-slim\nRUN cat /etc/passwd | sort && touch a\n",
        fixed: "FROM debian:trixie-slim\nRUN cat /etc/passwd | sort && touch a\n",
        keeps: |_, after| !after.contains("pipefail"),
    },
    Breaker {
        name: "curl/wget unification removes a runtime dependency",
        own: "FROM alpine:3.22\nRUN apk add --no-cache curl wget && curl -fsSLO https://a.example/a\n\
              ENTRYPOINT [\"wget\", \"https://a.example/b\"]\n",
        fixed: "FROM alpine:3.22\nRUN apk add --no-cache curl wget && curl -fsSLO https://a.example/a\n\
                ENTRYPOINT [\"wget\", \"https://a.example/b\"]\n",
        keeps: |before, after| packages(before) == packages(after),
    },
    Breaker {
        name: "apt cache mount without docker-clean",
        own: "FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y --no-install-recommends jq \\\n  \
              && rm -rf /var/lib/apt/lists/*\n",
        fixed: "FROM debian:trixie-slim\nRUN apt-get update && apt-get install -y --no-install-recommends jq \\\n  \
                && rm -rf /var/lib/apt/lists/*\n",
        keeps: |_, after| !after.contains("type=cache"),
    },
    Breaker {
        name: "relative COPY gets WORKDIR /app",
        own: "FROM alpine:3.22\nCOPY notes.txt docs/\n",
        fixed: "FROM alpine:3.22\nCOPY notes.txt docs/\n",
        keeps: |before, after| before == after,
    },
];

/// Each rule's fixes keep the laws on the file; what all of them together make of it.
fn fixed(before: &str) -> String {
    let source = SourceFile::new("Dockerfile", before);
    let file = File { source: &source, context: None };
    assert_eq!(broken_together(file).or_else(|| broken_alone(file)), None);
    let all = Settings { profile: Profile::All, ..Settings::default() };
    fix(&source, None, &all, Safety::Unsafe).source.text().to_owned()
}

#[test]
fn a_file_that_breaks_the_fixes_of_a_peer_keeps_its_meaning() {
    for Breaker { name, own, fixed: expected, keeps } in BREAKERS {
        let after = fixed(own);
        assert_eq!(after, expected, "{name}");
        assert!(keeps(own, &after), "{name}: {after}");
    }
}

#[test]
fn so_do_the_files_that_are_known_to_break_them() {
    let Some(cases) = shared()
        .and_then(|shared| std::fs::read_to_string(shared.join("conformance/fix_breakers.jsonl")).ok())
    else {
        eprintln!("skipped: no cases at PLIMSOLL_SHARED or ../shared");
        return;
    };
    let mut seen = BTreeSet::new();
    for line in cases.lines() {
        let case: serde_json::Value = serde_json::from_str(line).unwrap();
        let (name, before) = (case["name"].as_str().unwrap(), case["before"].as_str().unwrap());
        let after = fixed(before);
        let breaker = BREAKERS.iter().find(|breaker| breaker.name == name).unwrap();
        assert!((breaker.keeps)(before, &after), "{name}: {after}");
        assert_ne!(Some(after.as_str()), case["after_tally_0_45_0"].as_str(), "{name}");
        seen.insert(name.to_owned());
    }
    assert_eq!(seen.len(), BREAKERS.len(), "all of them are there");
}

/// The environment that the image is given.
fn environment(text: &str) -> BTreeMap<String, Option<String>> {
    let source = SourceFile::new("Dockerfile", text);
    let parsed = dockerfile::parse(&source).dockerfile;
    let facts = facts::derive(&parsed, &graph::resolve(&parsed, &BTreeMap::new()));
    let end = &facts.target().unwrap().end;
    end.variables.env().map(|(name, set)| (name.clone(), set.value.known().map(str::to_owned))).collect()
}

/// The packages that are installed, whatever their order.
fn packages(text: &str) -> BTreeSet<String> {
    let source = SourceFile::new("Dockerfile", text);
    let parsed = dockerfile::parse(&source).dockerfile;
    let facts = facts::derive(&parsed, &graph::resolve(&parsed, &BTreeMap::new()));
    let commands = facts.instructions.iter().flat_map(facts::InstructionFacts::commands);
    let actions = commands.filter_map(|occurrence| read(occurrence.command));
    let installs = actions.filter(|action| action.verb == Verb::Install);
    installs.flat_map(|action| action.packages.into_iter().map(|word| word.shown().to_owned())).collect()
}

/// How many `RUN`s there are: where none is joined to another, none runs in another's folder.
fn runs(text: &str) -> usize {
    let source = SourceFile::new("Dockerfile", text);
    let parsed = dockerfile::parse(&source).dockerfile;
    parsed.instructions().filter(|instruction| matches!(instruction.body, Body::Run(_))).count()
}
