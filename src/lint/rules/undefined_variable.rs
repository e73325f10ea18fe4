use std::collections::{BTreeMap, BTreeSet};

use crate::dockerfile::{Body, Instruction, Pair, Source, Word, words};
use crate::facts::Fact;
use crate::lint::suggestion::nearest_name;
use crate::lint::{Diagnostic, Input, Severity, base_environment, declare_rule};
use crate::text::TextRange;

declare_rule! {
    /// A variable that nothing sets.
    ///
    /// ## Why it matters
    /// BuildKit puts nothing in its place: `COPY $SRC/ /app` copies the whole context, `ENV PATH=$PAHT:/opt/bin` loses
    /// the path. An `ARG` above the first `FROM` is not seen in a stage until an `ARG` there asks for it, and a variable
    /// of an `ENV` is not seen by the same `ENV`.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// ENV PATH=$PAHT:/opt/bin
    /// ```
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// ENV ROOT=/srv DATA=$ROOT/data
    /// ```
    /// ```dockerfile,bad
    /// ARG VERSION=1.0
    /// FROM alpine:3.22
    /// COPY app-$VERSION.tar /
    /// ```
    /// ```dockerfile,good
    /// ARG VERSION=1.0
    /// FROM alpine:3.22
    /// ARG VERSION
    /// ENV ROOT=/srv
    /// ENV DATA=$ROOT/data
    /// COPY app-$VERSION.tar $DATA
    /// ```
    /// What a `RUN` reads is the shell's affair. A base image may bring variables of its own: where it is not known
    /// what it brings, the rule speaks only of names that are nearly one of the file's. With `--profile all` it reports
    /// the others too, and a variable that is added to itself, as in `ENV LD_LIBRARY_PATH=/opt/lib:$LD_LIBRARY_PATH`.
    name: "undefined-variable",
    aliases: ["DL3044", "UndefinedVar"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // What an ENV or ARG anywhere above has set, whatever the stage: so hadolint counts.
    let mut above: BTreeSet<&str> = BTreeSet::new();
    for fact in input.facts.all(input.dockerfile) {
        let from = found.len();
        if fact.facts.stage.is_some() {
            for text in expanded_words(fact.instruction).iter().chain(&heredocs(input, fact.instruction)) {
                undefined(input, &fact, text, found);
            }
        }
        if let Body::Env(pairs) = &fact.instruction.body {
            same_instruction(input, pairs, &above, from, found);
        }
        if let Body::Env(pairs) | Body::Arg(pairs) = &fact.instruction.body {
            above.extend(pairs.iter().map(|pair| pair.key.text.as_ref()));
        }
    }
}

/// A text that BuildKit expands by itself.
struct Text<'a> {
    place: Place<'a>,
    content: &'a str,
    /// Whether quotes and the file's escape character mean something in it.
    is_word: bool,
    /// What the same instruction sets before it.
    set: &'a [Pair<'a>],
}

enum Place<'a> {
    Word(&'a Word<'a>),
    /// A part of a word, from this offset.
    Part(&'a Word<'a>, usize),
    /// The body of a heredoc.
    Lines(TextRange),
}

impl Text<'_> {
    fn place(&self, reference: &words::Reference) -> TextRange {
        match &self.place {
            Place::Word(word) => word.place(reference.range.clone()),
            Place::Part(word, start) => {
                word.place(reference.range.start + start..reference.range.end + start)
            }
            Place::Lines(lines) => TextRange::from(reference.range.clone()).shift(lines.start()),
        }
    }
}

/// Source: moby/buildkit, frontend/dockerfile/instructions/commands.go, `Expand` of each.
fn expanded_words<'a>(instruction: &'a Instruction) -> Vec<Text<'a>> {
    let word =
        |word: &'a Word<'a>| Text { place: Place::Word(word), content: &word.text, is_word: true, set: &[] };
    let mut found: Vec<Text<'a>> = Vec::new();
    match &instruction.body {
        Body::Env(pairs) | Body::Label(pairs) => {
            for pair in pairs {
                found.push(word(&pair.key));
                found.extend(pair.value.as_ref().map(word));
            }
        }
        Body::Arg(pairs) => {
            for (index, pair) in pairs.iter().enumerate() {
                let set = pairs.get(..index).unwrap_or_default();
                found.extend(pair.value.as_ref().map(|value| Text { set, ..word(value) }));
            }
        }
        Body::Copy(transfer) | Body::Add(transfer) => {
            let flags = ["chown", "chmod", "checksum"].into_iter();
            found.extend(flags.filter_map(|name| instruction.flag_value(name)).map(word));
            for source in &transfer.sources {
                if let Source::Path(path) = source {
                    found.push(word(path));
                }
            }
            found.push(word(&transfer.destination));
        }
        Body::Run(_) => {
            for flag in instruction.flags.iter().filter(|flag| flag.name.text == "mount") {
                let Some(value) = &flag.value else { continue };
                let mut start = 0;
                for field in value.text.split(',') {
                    if let Some((key, content)) = field.split_once('=') {
                        let at = start + key.len() + 1;
                        found.push(Text { place: Place::Part(value, at), content, is_word: true, set: &[] });
                    }
                    start += field.len() + 1;
                }
            }
        }
        Body::User(one) | Body::Workdir(one) | Body::Stopsignal(one) => found.push(word(one)),
        Body::Volume(paths) => found.extend(paths.iter().map(word)),
        _ => {}
    }
    found
}

/// The bodies of the heredocs that `COPY` and `ADD` expand.
fn heredocs<'a>(input: &Input<'a>, instruction: &Instruction) -> Vec<Text<'a>> {
    let is_transfer = matches!(instruction.body, Body::Copy(_) | Body::Add(_));
    let expanded = instruction.heredocs.iter().filter(|heredoc| is_transfer && heredoc.expand);
    expanded
        .map(|heredoc| Text {
            place: Place::Lines(heredoc.body),
            content: input.source.slice(heredoc.body),
            is_word: false,
            set: &[],
        })
        .collect()
}

/// Reports the variables of one text that nothing sets, each once.
fn undefined(input: &Input<'_>, fact: &Fact<'_>, text: &Text<'_>, found: &mut Vec<Diagnostic>) {
    if !text.content.contains('$') {
        return;
    }
    let references = if text.is_word {
        words::references(text.content, input.dockerfile.escape)
    } else {
        words::references_in_text(text.content)
    };
    let variables = &fact.facts.before.variables;
    let base = base(input, fact);
    let brought = base.unwrap_or_default();
    let known = || {
        let names = variables.keys().map(String::as_str).chain(brought.iter().copied());
        names.chain(std::iter::once(base_environment::ALWAYS))
    };
    let mut named = BTreeSet::new();
    for reference in references {
        let name = reference.name.as_str();
        if matches!(name, "BUILDKIT_SBOM_SCAN_CONTEXT" | "BUILDKIT_SBOM_SCAN_STAGE")
            || !named.insert(name.to_owned())
            || name == base_environment::ALWAYS
            || variables.contains_key(name)
            || brought.contains(&name)
            || text.set.iter().any(|pair| pair.key.text == name)
        {
            continue;
        }
        let near = nearest_name(name, known());
        let hint = near.map(|near| format!(" (did you mean ${near}?)")).unwrap_or_default();
        let message = format!("usage of undefined variable '${name}'{hint}");
        let mut diagnostic = Diagnostic::new(&RULE, text.place(&reference), message)
            .known_as(&["UndefinedVar"])
            .help(help(input, name));
        // BuildKit's hint goes further than what is surely one name misspelt.
        let is_slip = near.is_some_and(|near| {
            name.len() > 3
                && strsim::damerau_levenshtein(name, near) == 1
                && (variables.contains_key(near) || near == base_environment::ALWAYS)
        });
        let is_own = own_key(fact.instruction, &text.place) == Some(name);
        if !is_slip && (base.is_none() || is_own) {
            diagnostic = diagnostic.severity(Severity::Info).on_request();
        }
        found.push(diagnostic);
    }
}

/// The variables that the image brings on which the stage is built; none where that is not known.
fn base(input: &Input<'_>, fact: &Fact<'_>) -> Option<&'static [&'static str]> {
    let mut stage = input.facts.stages.get(fact.facts.stage?)?;
    while let Some(parent) = stage.parent {
        stage = input.facts.stages.get(parent)?;
    }
    base_environment::of_image(stage.base.as_deref()?)
}

/// The key whose value the text is.
fn own_key<'a>(instruction: &'a Instruction, place: &Place<'_>) -> Option<&'a str> {
    let (Body::Env(pairs), Place::Word(word)) = (&instruction.body, place) else { return None };
    let is_value = |pair: &&Pair| pair.value.as_ref().is_some_and(|value| value.range == word.range);
    pairs.iter().find(is_value).map(|pair| pair.key.text.as_ref())
}

fn help(input: &Input<'_>, name: &str) -> String {
    let is_global = |pair: &Pair| pair.key.text == name;
    let globals = input.facts.all(input.dockerfile).take_while(|fact| fact.facts.stage.is_none());
    let mut globals = globals.map(|fact| fact.instruction);
    if globals.any(|one| matches!(&one.body, Body::Arg(pairs) if pairs.iter().any(is_global))) {
        return format!("bring the argument into the stage with `ARG {name}`");
    }
    format!("set it with ENV or ARG above, or give it a default: `${{{name}:-…}}`")
}

/// Reports what an `ENV` says of its own variables. Hadolint compares the texts, and only with names that are new.
/// Source: hadolint, src/Hadolint/Rule/DL3044.hs.
fn same_instruction(
    input: &Input<'_>,
    pairs: &[Pair],
    above: &BTreeSet<&str>,
    from: usize,
    found: &mut Vec<Diagnostic>,
) {
    // By name, the pairs whose values name it; two are enough to find one that isn't the name's own.
    let mut named: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, value) in
        pairs.iter().enumerate().filter_map(|(index, pair)| Some((index, pair.value.as_ref()?)))
    {
        for name in names(&value.text) {
            let found = named.entry(name).or_default();
            if found.len() < 2 && found.last() != Some(&index) {
                found.push(index);
            }
        }
    }
    for (index, pair) in pairs.iter().enumerate() {
        let name = pair.key.text.as_ref();
        if above.contains(name) {
            continue;
        }
        let other = named.get(name).and_then(|found| found.iter().find(|other| **other != index));
        let Some(value) = other.and_then(|other| pairs.get(*other)?.value.as_ref()) else { continue };
        let reported = found.iter_mut().skip(from).find(|found| {
            value.range.contains_range(found.range) && input.source.slice(found.range).contains(name)
        });
        if let Some(reported) = reported {
            reported.aliases = RULE.aliases;
            reported.help = Some(format!("set {name} in an ENV of its own above"));
            continue;
        }
        let references = words::references(&value.text, input.dockerfile.escape);
        let reference = references.into_iter().find(|reference| reference.name == name);
        let message = format!("'${name}' here is not what this ENV sets: it is what was set before");
        let place = reference.as_ref().map_or(value.range, |reference| value.place(reference.range.clone()));
        let diagnostic = Diagnostic::new(&RULE, place, message)
            .known_as(&["DL3044"])
            .help(format!("set {name} in an ENV of its own above"));
        found.push(if reference.is_some() {
            diagnostic
        } else {
            diagnostic.severity(Severity::Info).on_request()
        });
    }
}

/// What stands behind each `$` of the text: a name, or what is in the braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    text.split('$').skip(1).filter_map(move |behind| {
        if let Some(behind) = behind.strip_prefix('{') {
            return behind.split_once('}').map(|(name, _)| name);
        }
        behind.get(..behind.find(|ch| !is_part(ch)).unwrap_or(behind.len()))
    })
}
