//! `dockerfile-parser` as a second opinion on the plain files that it covers: no JSON in COPY, no heredoc, no
//! directive, no quotes, one variable in an ARG.

use std::ops::Range;

use dockerfile_parser::Instruction as Other;
use plimsoll::dockerfile::{Body, Instruction, Source, Word, parse};
use plimsoll::text::{SourceFile, TextRange};
use proptest::prelude::*;

/// An instruction as both parsers can tell it: what it is, and the pieces of its text with their places.
#[derive(Debug, PartialEq)]
struct Told {
    name: &'static str,
    parts: Vec<(Range<usize>, String)>,
}

fn theirs(instruction: &Other) -> Told {
    let part =
        |text: &dockerfile_parser::SpannedString| (text.span.start..text.span.end, text.content.clone());
    let (name, parts) = match instruction {
        Other::From(from) => ("FROM", std::iter::once(&from.image).chain(&from.alias).map(part).collect()),
        Other::Arg(arg) => ("ARG", std::iter::once(&arg.name).chain(&arg.value).map(part).collect()),
        Other::Env(env) => ("ENV", env.vars.iter().map(|variable| part(&variable.key)).collect()),
        Other::Label(label) => {
            ("LABEL", label.labels.iter().flat_map(|label| [part(&label.name), part(&label.value)]).collect())
        }
        Other::Copy(copy) => {
            let flags = copy.flags.iter().flat_map(|flag| [part(&flag.name), part(&flag.value)]);
            ("COPY", flags.chain(copy.sources.iter().chain([&copy.destination]).map(part)).collect())
        }
        Other::Run(_) => ("RUN", Vec::new()),
        Other::Cmd(_) => ("CMD", Vec::new()),
        Other::Entrypoint(_) => ("ENTRYPOINT", Vec::new()),
        Other::Misc(_) => ("another", Vec::new()),
    };
    Told { name, parts }
}

fn ours(instruction: &Instruction) -> Told {
    let part = |word: &Word| (word.range.into(), word.text.to_string());
    let (name, parts) = match &instruction.body {
        Body::From(from) => ("FROM", std::iter::once(&from.image).chain(&from.alias).map(part).collect()),
        Body::Arg(pairs) => (
            "ARG",
            pairs.iter().flat_map(|pair| std::iter::once(&pair.key).chain(&pair.value).map(part)).collect(),
        ),
        Body::Env(pairs) => ("ENV", pairs.iter().map(|pair| part(&pair.key)).collect()),
        Body::Label(pairs) => {
            let parts = pairs.iter().flat_map(|pair| std::iter::once(&pair.key).chain(&pair.value).map(part));
            ("LABEL", parts.collect())
        }
        Body::Copy(transfer) => {
            let flags = instruction
                .flags
                .iter()
                .flat_map(|flag| std::iter::once(&flag.name).chain(&flag.value).map(part));
            let paths = transfer.sources.iter().map(|source| match source {
                Source::Path(word) | Source::Heredoc(_, word) => word,
            });
            ("COPY", flags.chain(paths.chain([&transfer.destination]).map(part)).collect())
        }
        Body::Run(_) => ("RUN", Vec::new()),
        Body::Cmd(_) => ("CMD", Vec::new()),
        Body::Entrypoint(_) => ("ENTRYPOINT", Vec::new()),
        _ => ("another", Vec::new()),
    };
    Told { name, parts }
}

fn plain_file() -> impl Strategy<Value = String> {
    let word = "[a-z][a-z0-9./-]{0,8}[a-z0-9]";
    let name = "[a-z][a-z0-9]{0,6}";
    let blank =
        prop_oneof![4 => Just(" "), 1 => Just("  "), 1 => Just(" \\\n  "), 1 => Just(" \\\n# why\n ")];
    let line = prop_oneof![
        (word, name, blank.clone()).prop_map(|(image, name, blank)| format!("FROM{blank}{image} AS {name}")),
        (name, word).prop_map(|(name, value)| format!("ARG {name}={value}")),
        (name, word, blank.clone())
            .prop_map(|(name, value, blank)| format!("ENV {name}={value}{blank}B={value}")),
        (name, word, blank.clone())
            .prop_map(|(name, value, blank)| format!("LABEL {name}={value}{blank}b={value}")),
        (word, word, blank.clone())
            .prop_map(|(from, to, blank)| format!("COPY --from={to}{blank}{from} {to}")),
        (word, word, blank).prop_map(|(one, two, blank)| format!("RUN {one}{blank}&& {two}")),
        word.prop_map(|word| format!("CMD [\"{word}\"]")),
        word.prop_map(|word| format!("ENTRYPOINT {word}")),
        word.prop_map(|word| format!("WORKDIR /{word}")),
        word.prop_map(|word| format!("# {word}")),
        Just(String::new()),
    ];
    proptest::collection::vec(line, 0..12).prop_map(|lines| format!("FROM a\n{}\n", lines.join("\n")))
}

proptest! {
    #[test]
    fn both_parsers_tell_the_same_of_a_plain_file(text in plain_file()) {
        let other = dockerfile_parser::Dockerfile::parse(&text);
        prop_assert!(other.is_ok(), "{:?}", other);
        let others: Vec<_> = other.into_iter().flat_map(|file| file.instructions).collect();
        let source = SourceFile::new("Dockerfile", text);
        let parsed = parse(&source);
        prop_assert_eq!(&parsed.errors, &[]);
        let ours: Vec<_> = parsed.dockerfile.instructions().map(ours).collect();
        prop_assert_eq!(&ours, &others.iter().map(theirs).collect::<Vec<_>>());
        for (range, text) in ours.into_iter().flat_map(|told| told.parts) {
            prop_assert_eq!(source.slice(TextRange::from(range)), text);
        }
    }
}
