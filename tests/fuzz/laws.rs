//! What holds for any bytes at all. The fuzz targets try it on what they make up, `tests/fuzz.rs` on what is kept.

use std::collections::BTreeMap;

use peak_alloc::PeakAlloc;
use plimsoll::dockerfile::{
    Body, Command, Healthcheck, Heredoc, Instruction, Item, Pair, Script, Source, Word, parse as read,
    words as shell_words,
};
use plimsoll::graph::render::{Format, render};
use plimsoll::text::{SourceFile, TextRange};
use plimsoll::{facts, graph as stages};

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// The most memory that reading takes, for a byte of input.
const MEMORY_PER_BYTE: usize = 64;

/// What may be taken for any input, however small: buffers are made for what people write.
const MEMORY_AT_LEAST: usize = 1 << 20;

/// The parser: printing gives the bytes back, every place is in the file and between characters, what is printed
/// parses to the same tree.
pub(crate) fn parse(bytes: &[u8]) {
    let source = SourceFile::new("Dockerfile", bytes);
    let parsed = within_memory(bytes.len(), || read(&source));
    let text = source.text();
    let printed: String = parsed.dockerfile.items.iter().map(|item| source.slice(item.lines())).collect();
    assert_eq!(printed, text, "printing the tree gives the file back");
    for item in &parsed.dockerfile.items {
        check_item(item, text);
    }
    let mut last = 0;
    for error in &parsed.errors {
        assert_place(error.range, text);
        assert!(last <= error.range.start(), "errors stand in the order of the file");
        last = error.range.start();
        assert!(!error.to_string().is_empty());
    }
    assert_eq!(
        read(&SourceFile::new("Dockerfile", printed)),
        parsed,
        "what is printed parses to the same tree"
    );
}

/// Words: expanding never panics, and references are names in the word. The first byte chooses the escape character
/// and what is set, the rest is the word.
pub(crate) fn words(bytes: &[u8]) {
    let Some((choice, word)) = bytes.split_first() else { return };
    let word = String::from_utf8_lossy(word);
    let escape = if choice & 1 == 0 { '\\' } else { '`' };
    let environment = |name: &str| match (choice >> 1) % 4 {
        0 => None,
        1 => Some(String::new()),
        2 => Some(name.to_owned()),
        _ => (name.len() % 2 == 1).then(|| "a/b a.b*\\é\n".to_owned()),
    };
    let expansion = within_memory(word.len(), || shell_words::expand(&word, escape, &environment));
    if let Ok(expansion) = &expansion {
        assert!(expansion.missing.is_subset(&expansion.unset), "what leaves a hole is not set");
        assert!(expansion.used.is_disjoint(&expansion.unset), "a variable is set or it is not");
    }
    let split = within_memory(word.len(), || shell_words::expand_words(&word, escape, &environment));
    assert_eq!(split.is_ok(), expansion.is_ok(), "a word can be split where it can be expanded");
    if let (Ok(split), false) = (&split, word.contains(['$', '\'', '"', escape, '<', '\u{FEFF}'])) {
        assert!(split.iter().eq(word.split_whitespace()), "plain words are split at blanks");
        assert_eq!(
            expansion.as_ref().map(|expansion| expansion.text.as_str()),
            Ok(&*word),
            "a plain word is itself"
        );
    }
    if let Err(error) = &expansion {
        assert!(!error.to_string().is_empty());
    }
    let references = within_memory(word.len(), || shell_words::references(&word, escape));
    for reference in references {
        assert_eq!(
            word.get(reference.range),
            Some(reference.name.as_str()),
            "a reference is a name in the word"
        );
    }
}

/// Graph and facts: they hold together for any file, build arguments and target, and every form of it can be written.
/// A first line `#? NAME=value … target=NAME` sets the arguments and the target; the file is what follows it.
pub(crate) fn graph(bytes: &[u8]) {
    let (settings, file) = settings(bytes);
    let source = SourceFile::new("Dockerfile", file);
    let dockerfile = read(&source).dockerfile;
    let graph = within_memory(bytes.len(), || stages::resolve(&dockerfile, &settings.build_args));
    let count = dockerfile.instructions().count();
    for (index, stage) in graph.stages.iter().enumerate() {
        assert_eq!(stage.index, index);
        assert!(stage.from < stage.instructions.start && stage.instructions.end <= count);
        assert_place(stage.range, source.text());
    }
    assert!(graph.edges.is_sorted_by_key(|edge| edge.stage), "edges stand in the order of their stages");
    for edge in &graph.edges {
        assert_place(edge.range, source.text());
        assert!(edge.stage < graph.stages.len());
        if let stages::Origin::Stage(origin) = edge.origin {
            assert!(origin < edge.stage, "a stage takes from earlier ones only");
        }
    }
    for issue in &graph.issues {
        assert_place(issue.range, source.text());
        assert!(!issue.to_string().is_empty());
    }
    if let Ok(target) = graph.target(settings.target.as_deref()) {
        let reachable = graph.reachable(target);
        assert!(
            reachable.is_sorted() && reachable.last() == Some(&target),
            "a target needs itself and earlier stages"
        );
        assert!(graph.chain(target).iter().all(|stage| reachable.contains(stage)));
        for format in [Format::Text, Format::Mermaid, Format::Dot, Format::Svg, Format::Json] {
            let written = within_memory(bytes.len(), || render(&graph, &dockerfile, &source, target, format));
            assert!(written.ends_with('\n'));
            if format == Format::Json {
                serde_json::from_str::<serde_json::Value>(&written).expect("JSON");
            }
        }
    }
    let facts = within_memory(bytes.len(), || facts::derive(&dockerfile, &graph));
    assert_eq!(facts.instructions.len(), count, "every instruction has its facts");
    assert_eq!(facts.stages.len(), graph.stages.len());
    for fact in &facts.instructions {
        for (found, action) in fact.actions() {
            assert_place(found.command.range, source.text());
            std::hint::black_box(action);
        }
    }
}

struct Settings {
    build_args: BTreeMap<String, String>,
    target: Option<String>,
}

fn settings(bytes: &[u8]) -> (Settings, &[u8]) {
    let mut settings = Settings { build_args: BTreeMap::new(), target: None };
    let Some(rest) = bytes.strip_prefix(b"#?") else { return (settings, bytes) };
    let end = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
    let (line, file) = rest.split_at(end);
    for setting in String::from_utf8_lossy(line).split_whitespace() {
        match setting.split_once('=') {
            Some(("target", name)) => settings.target = Some(name.to_owned()),
            Some((name, value)) => drop(settings.build_args.insert(name.to_owned(), value.to_owned())),
            None => {}
        }
    }
    (settings, file.get(1..).unwrap_or_default())
}

fn within_memory<T>(input: usize, run: impl FnOnce() -> T) -> T {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    let result = run();
    let taken = MEMORY.peak_usage().saturating_sub(before);
    let limit = (input * MEMORY_PER_BYTE).max(MEMORY_AT_LEAST);
    assert!(taken <= limit, "{input} bytes of input took {taken} bytes of memory");
    result
}

fn assert_place(range: TextRange, text: &str) {
    assert!(
        text.get(range.start()..range.end()).is_some(),
        "{range:?} lies in the file and cuts no character"
    );
}

fn check_item(item: &Item<'_>, text: &str) {
    match item {
        Item::Blank(lines) => assert!(!lines.is_empty()),
        Item::Comment(comment) => {
            assert!(comment.lines.contains_range(comment.range));
            assert_place(comment.range, text);
        }
        Item::Directive(directive) => {
            assert!(directive.lines.contains_range(directive.value.range));
            check_word(&directive.value, text);
        }
        Item::Instruction(instruction) => check_instruction(instruction, text),
    }
}

fn check_instruction(instruction: &Instruction<'_>, text: &str) {
    let Instruction { lines, range, name, flags, body, heredocs, comments, .. } = instruction;
    assert!(lines.contains_range(*range), "an instruction lies in its lines");
    assert_place(*lines, text);
    assert_place(*range, text);
    let mut words = vec![name];
    for flag in flags {
        assert!(flag.range.contains_range(flag.name.range));
        assert_place(flag.range, text);
        words.push(&flag.name);
        words.extend(&flag.value);
    }
    words.extend(body_words(body));
    let mut end = range.start();
    for word in words {
        assert!(range.contains_range(word.range), "{word:?} lies in its instruction");
        assert!(end <= word.range.start(), "{word:?} stands behind the word before it");
        end = word.range.end();
        check_word(word, text);
    }
    let mut end = range.start();
    for Heredoc { body, terminator, opener, .. } in heredocs {
        assert!(
            lines.contains_range(*body) && lines.contains_range(*terminator) && range.contains_range(*opener)
        );
        assert!(end <= body.start() && body.end() <= terminator.start(), "heredocs stand behind each other");
        assert_place(*body, text);
        assert_place(*terminator, text);
        assert_place(*opener, text);
        end = terminator.end();
    }
    let mut end = lines.start();
    for comment in comments {
        assert!(end <= comment.start() && lines.contains_range(*comment));
        assert_place(*comment, text);
        end = comment.end();
    }
    match body {
        Body::Run(command)
        | Body::Cmd(command)
        | Body::Entrypoint(command)
        | Body::Healthcheck(Healthcheck::Cmd(command)) => {
            if let Some(script) = command.script() {
                check_script(script, text);
                assert!(lines.contains_range(script.range));
            }
        }
        Body::Onbuild(trigger) => {
            assert!(range.contains_range(trigger.range));
            check_instruction(trigger, text);
        }
        _ => {}
    }
}

fn check_script(script: &Script<'_>, text: &str) {
    assert_place(script.range, text);
    assert_eq!(script.text().len(), script.range.len(), "an offset in a script is one in the file");
}

fn check_word(word: &Word<'_>, text: &str) {
    assert_place(word.range, text);
    if word.text.len() == word.range.len() {
        assert_eq!(
            text.get(word.range.start()..word.range.end()),
            Some(&*word.text),
            "a word is as it is written"
        );
    }
}

fn body_words<'a>(body: &'a Body<'a>) -> Vec<&'a Word<'a>> {
    match body {
        Body::From(from) => [&from.image].into_iter().chain(&from.alias).collect(),
        Body::Run(Command::Exec(words))
        | Body::Cmd(Command::Exec(words))
        | Body::Entrypoint(Command::Exec(words))
        | Body::Healthcheck(Healthcheck::Cmd(Command::Exec(words)))
        | Body::Shell(words)
        | Body::Expose(words)
        | Body::Volume(words)
        | Body::Malformed(words) => words.iter().collect(),
        Body::Copy(transfer) | Body::Add(transfer) => {
            let sources = transfer.sources.iter().map(|source| match source {
                Source::Path(word) | Source::Heredoc(_, word) => word,
            });
            sources.chain([&transfer.destination]).collect()
        }
        Body::Env(pairs) | Body::Label(pairs) | Body::Arg(pairs) => {
            pairs.iter().flat_map(|Pair { key, value, .. }| [key].into_iter().chain(value)).collect()
        }
        Body::User(word) | Body::Workdir(word) | Body::Stopsignal(word) | Body::Maintainer(word) => {
            vec![word]
        }
        Body::Onbuild(_) | Body::Healthcheck(_) | Body::Run(_) | Body::Cmd(_) | Body::Entrypoint(_) => {
            Vec::new()
        }
    }
}
