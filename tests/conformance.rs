//! Holds the parser against verdicts of BuildKit's own parser, where they are at hand: in the folder that
//! `PLIMSOLL_SHARED` names, or in `../shared`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "a test's helpers fail the test, and a skipped test says so"
)]

use std::fs;
use std::io::Read;
use std::path::PathBuf;

use plimsoll::dockerfile::{
    Body, Command, Dockerfile, Flag, Healthcheck, Heredoc, Instruction, Item, Keyword, Separator, Source,
    SyntaxErrorKind, Word, parse, words,
};
use plimsoll::text::{SourceFile, TextRange};
use serde::Deserialize;
use serde_json::Value;

fn shared(path: &str) -> Option<PathBuf> {
    let folder =
        std::env::var_os("PLIMSOLL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let path = folder.join(path);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

fn read_lines(path: &str) -> Option<Vec<String>> {
    let bytes = fs::read(shared(path)?).expect("the data can be read");
    let mut text = String::new();
    if bytes.starts_with(&[0x1F, 0x8B]) {
        flate2::read::GzDecoder::new(bytes.as_slice()).read_to_string(&mut text).expect("gzip of UTF-8");
    } else {
        text = String::from_utf8(bytes).expect("UTF-8");
    }
    Some(text.lines().map(str::to_owned).collect())
}

/// BuildKit's verdict on one file.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Verdict {
    file: String,
    parse_err: String,
    inst_err: String,
    escape: String,
    stages: usize,
    bases: Option<Vec<String>>,
    nodes: Option<Vec<Node>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Node {
    line: usize,
    end: usize,
    cmd: String,
    flags: Option<Vec<String>>,
    #[serde(rename = "JSON")]
    json: bool,
    args: Option<Vec<String>>,
    heredocs: Option<Vec<NodeHeredoc>>,
    onbuild: Option<Box<Node>>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NodeHeredoc {
    name: String,
    #[serde(default)]
    content: String,
    #[serde(default)]
    expand: bool,
    #[serde(default)]
    chomp: bool,
}

#[test]
fn the_tree_of_every_corpus_file_is_buildkits() {
    let Some(lines) = read_lines("conformance/buildkit_ast.jsonl.gz") else { return };
    let mut differences = Vec::new();
    let mut nodes = 0;
    for line in &lines {
        let verdict: Verdict = serde_json::from_str(line).expect("a verdict");
        let Some(path) = shared(&format!("corpus/files/{}", verdict.file)) else { return };
        let source = SourceFile::new(verdict.file.clone(), fs::read(path).expect("a corpus file"));
        nodes += verdict.nodes.as_ref().map_or(0, Vec::len);
        if let Err(difference) = compare(&source, &verdict) {
            differences.push(format!("{}: {difference}", verdict.file));
        }
    }
    eprintln!(
        "{} of {} files agree with BuildKit, with {nodes} instructions",
        lines.len() - differences.len(),
        lines.len()
    );
    assert!(differences.is_empty(), "{} differ:\n{}", differences.len(), differences.join("\n"));
}

fn compare(source: &SourceFile, verdict: &Verdict) -> Result<(), String> {
    let parsed = parse(source);
    assert_tiles(&parsed.dockerfile, source);
    let expected = verdict.parse_err.is_empty() && verdict.inst_err.is_empty();
    if parsed.errors.is_empty() != expected {
        let errors: Vec<_> = parsed.errors.iter().map(ToString::to_string).collect();
        let (parse, instruction) = (&verdict.parse_err, &verdict.inst_err);
        return Err(format!("BuildKit says {parse:?} {instruction:?}, the parser {errors:?}"));
    }
    same("escape", &parsed.dockerfile.escape.to_string(), &verdict.escape)?;
    let nodes = verdict.nodes.as_deref().unwrap_or_default();
    let instructions: Vec<_> = parsed.dockerfile.instructions().collect();
    same("number of instructions", &instructions.len(), &nodes.len())?;
    for (instruction, node) in instructions.iter().zip(nodes) {
        compare_node(source, instruction, node, true)
            .map_err(|error| format!("line {}: {error}", node.line))?;
    }
    if expected {
        let bases: Vec<_> = instructions
            .iter()
            .filter_map(|instruction| match &instruction.body {
                Body::From(from) => Some(substituted(&from.image.text)),
                _ => None,
            })
            .collect();
        same("stages", &bases.len(), &verdict.stages)?;
        let expected: Vec<_> = verdict.bases.iter().flatten().map(|base| substituted(base)).collect();
        same("bases", &bases, &expected)?;
    }
    Ok(())
}

fn compare_node(
    source: &SourceFile,
    instruction: &Instruction,
    node: &Node,
    outer: bool,
) -> Result<(), String> {
    same("name", &substituted(&instruction.name.text), &substituted(&node.cmd))?;
    let flags: Vec<_> = instruction.flags.iter().map(flag_text).collect();
    let expected: Vec<_> = node.flags.iter().flatten().map(|flag| substituted(flag)).collect();
    same("flags", &flags, &expected)?;
    let mut heredocs = instruction.heredocs.as_slice();
    if let Body::Onbuild(trigger) = &instruction.body {
        let expected = node.onbuild.as_ref().ok_or("BuildKit sees no trigger")?;
        compare_node(source, trigger, expected, false)?;
        heredocs = &trigger.heredocs;
    } else if node.onbuild.is_none() {
        if !matches!(instruction.body, Body::Malformed(_)) {
            same("JSON form", &is_json(source, &instruction.body), &node.json)?;
        }
        let expected: Vec<_> = node.args.iter().flatten().map(|word| substituted(word)).collect();
        compare_arguments(instruction, expected)?;
    }
    if outer {
        let last = instruction.lines.end().saturating_sub(1).max(instruction.lines.start());
        let lines = (source.lines().line(instruction.lines.start()), source.lines().line(last));
        same("lines", &lines, &(node.line, node.end))?;
        compare_heredocs(source, heredocs, node.heredocs.as_deref().unwrap_or_default())?;
    }
    Ok(())
}

fn compare_heredocs(
    source: &SourceFile,
    heredocs: &[Heredoc],
    expected: &[NodeHeredoc],
) -> Result<(), String> {
    let found: Vec<_> = heredocs
        .iter()
        .map(|heredoc| NodeHeredoc {
            name: heredoc.name.clone(),
            content: substituted(source.slice(heredoc.body)),
            expand: heredoc.expand,
            chomp: heredoc.strip_tabs,
        })
        .collect();
    let expected: Vec<_> = expected
        .iter()
        .map(|heredoc| NodeHeredoc { content: substituted(&heredoc.content), ..heredoc.clone() })
        .collect();
    same("heredocs", &found, &expected)
}

/// Holds the arguments against BuildKit's, as far as the tree keeps them.
fn compare_arguments(instruction: &Instruction, mut expected: Vec<String>) -> Result<(), String> {
    match &instruction.body {
        // BuildKit keeps nothing of an instruction that it doesn't know.
        Body::Onbuild(_) | Body::Malformed(_) => Ok(()),
        Body::Run(command) | Body::Cmd(command) | Body::Entrypoint(command) => {
            compare_command(instruction, command, &expected)
        }
        Body::Healthcheck(healthcheck) => {
            let (kind, rest) = expected.split_first().ok_or("BuildKit sees no type")?;
            match healthcheck {
                Healthcheck::None => same("type", &kind.to_uppercase().as_str(), &"NONE"),
                Healthcheck::Cmd(command) => {
                    same("type", &kind.to_uppercase().as_str(), &"CMD")?;
                    compare_command(instruction, command, rest)
                }
            }
        }
        _ => {
            // The tree doesn't keep how the word AS is written.
            if let (Body::From(_), Some(joint)) = (&instruction.body, expected.get_mut(1)) {
                joint.make_ascii_uppercase();
            }
            same("arguments", &arguments(instruction), &expected)
        }
    }
}

/// The arguments as BuildKit's nodes have them.
fn arguments(instruction: &Instruction) -> Vec<String> {
    let texts = |words: &[Word]| words.iter().map(text).collect::<Vec<_>>();
    let command = |command: &Command| match command {
        Command::Exec(words) => texts(words),
        Command::Shell(script) => vec![script.text().replace("\\\n", "")],
        Command::Heredoc(_) => {
            instruction.heredocs.iter().map(|heredoc| format!("<<{}", heredoc.name)).collect()
        }
    };
    match &instruction.body {
        Body::From(from) => {
            let alias = from.alias.iter().flat_map(|alias| ["AS".to_owned(), text(alias)]);
            [text(&from.image)].into_iter().chain(alias).collect()
        }
        Body::Run(run) | Body::Cmd(run) | Body::Entrypoint(run) => command(run),
        Body::Healthcheck(Healthcheck::None) => vec!["NONE".to_owned()],
        Body::Healthcheck(Healthcheck::Cmd(check)) => [vec!["CMD".to_owned()], command(check)].concat(),
        // BuildKit's line parser takes any type before a command.
        Body::Malformed(words) if instruction.keyword == Some(Keyword::Healthcheck) => {
            let texts = texts(words);
            let (kind, rest) = texts.split_at(texts.len().min(1));
            kind.iter().cloned().chain([rest.join(" ")]).filter(|part| !part.is_empty()).collect()
        }
        Body::Shell(words) | Body::Expose(words) | Body::Volume(words) | Body::Malformed(words) => {
            texts(words)
        }
        Body::Copy(transfer) | Body::Add(transfer) => {
            let sources = transfer.sources.iter().map(|source| match source {
                Source::Path(word) | Source::Heredoc(_, word) => text(word),
            });
            sources.chain([text(&transfer.destination)]).collect()
        }
        Body::Env(pairs) | Body::Label(pairs) => pairs
            .iter()
            .flat_map(|pair| {
                let separator = if pair.separator == Separator::Equals { "=" } else { "" };
                [text(&pair.key), pair.value.as_ref().map(text).unwrap_or_default(), separator.to_owned()]
            })
            .collect(),
        Body::Arg(pairs) => pairs
            .iter()
            .map(|pair| match &pair.value {
                Some(value) => format!("{}={}", text(&pair.key), text(value)),
                None => text(&pair.key),
            })
            .collect(),
        Body::User(word) | Body::Workdir(word) | Body::Stopsignal(word) | Body::Maintainer(word) => {
            vec![text(word)]
        }
        Body::Onbuild(_) => Vec::new(),
    }
}

/// A script's text has blanks where BuildKit has nothing, so the two are compared word by word.
fn compare_command(instruction: &Instruction, command: &Command, expected: &[String]) -> Result<(), String> {
    let words = |text: &str| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    match command {
        Command::Exec(found) => {
            same("arguments", &found.iter().map(text).collect::<Vec<_>>().as_slice(), &expected)
        }
        Command::Heredoc(script) => {
            same("script", &script.range, &instruction.heredocs[0].body)?;
            same("number of heredocs", &instruction.heredocs.len(), &1)
        }
        Command::Shell(script) => {
            same("length of the script", &script.text().len(), &script.range.len())?;
            let end = instruction
                .heredocs
                .first()
                .map_or(script.text().len(), |first| first.body.start() - script.range.start());
            let found = script.text()[..end].replace("\\\n", "");
            same("script", &words(&substituted(&found)), &words(&expected.concat()))
        }
    }
}

fn is_json(source: &SourceFile, body: &Body) -> bool {
    match body {
        Body::Run(command) | Body::Cmd(command) | Body::Entrypoint(command) => {
            matches!(command, Command::Exec(_))
        }
        Body::Healthcheck(Healthcheck::Cmd(command)) => matches!(command, Command::Exec(_)),
        Body::Shell(_) => true,
        Body::Copy(transfer) | Body::Add(transfer) => transfer.json,
        // The range of a word in the JSON form has its quotes in it, the text has not.
        Body::Volume(words) => words.iter().all(|word| {
            let written = source.slice(word.range);
            written.starts_with('"') && written != word.text && !word.text.starts_with('"')
        }),
        _ => false,
    }
}

fn flag_text(flag: &Flag) -> String {
    let value = flag.value.as_ref().map(|value| format!("={}", value.text)).unwrap_or_default();
    substituted(&format!("--{}{value}", flag.name.text))
}

fn text(word: &Word) -> String {
    substituted(&word.text)
}

/// Both stand-ins for bytes that are no UTF-8, BuildKit's and ours, as one.
fn substituted(text: &str) -> String {
    text.replace('\u{FFFD}', "\u{1A}")
}

fn same<T: PartialEq + std::fmt::Debug>(what: &str, found: &T, expected: &T) -> Result<(), String> {
    if found == expected { Ok(()) } else { Err(format!("{what}: {found:?}, BuildKit has {expected:?}")) }
}

fn assert_tiles(dockerfile: &Dockerfile, source: &SourceFile) {
    let end = dockerfile.items.iter().map(Item::lines).fold(0, |end, lines: TextRange| {
        assert_eq!(lines.start(), end, "the items of {} lie end to end", source.path());
        lines.end()
    });
    assert_eq!(end, source.bytes().len(), "the items cover {}", source.path());
}

#[test]
fn buildkits_own_parser_cases_come_out_as_there() {
    let Some(lines) = read_lines("conformance/buildkit_parser.jsonl") else { return };
    let mut compared = 0;
    for line in lines {
        let case: Value = serde_json::from_str(&line).expect("a case");
        let name = case["name"].as_str().expect("a name");
        let source = SourceFile::new(name, case["dockerfile"].as_str().expect("a file"));
        let parsed = parse(&source);
        assert_tiles(&parsed.dockerfile, &source);
        if case["negative"] == true {
            assert!(!parsed.errors.is_empty(), "{name} has errors");
        } else if let Some(expected) = case["expected_ast_result"].as_str() {
            let found: Vec<_> = parsed.dockerfile.instructions().filter_map(dump).collect();
            // The tree's scripts have blanks in place of what BuildKit leaves out.
            let expected = expected.replace("\\t", " ");
            let expected: Vec<_> = expected.lines().map(squeezed).collect();
            assert_eq!(found.concat(), expected.concat(), "{name}");
        } else if let Some(expected) = case["expected_heredocs"].as_array() {
            // The table begins behind the FROM.
            let instructions: Vec<_> = parsed.dockerfile.instructions().skip(1).collect();
            assert_eq!(instructions.len(), expected.len(), "{name}");
            for (instruction, expected) in instructions.iter().zip(expected) {
                let expected: Option<Vec<NodeHeredoc>> =
                    serde_json::from_value(expected.clone()).expect("heredocs");
                compare_heredocs(&source, &instruction.heredocs, &expected.unwrap_or_default()).expect(name);
            }
        } else {
            // moby/buildkit, frontend/dockerfile/parser/parser_test.go, TestParseIncludesLineNumbers.
            let lines: Vec<_> = parsed
                .dockerfile
                .instructions()
                .map(|instruction| {
                    let line = |offset| source.lines().line(offset);
                    (line(instruction.range.start()), line(instruction.lines.end() - 1))
                })
                .collect();
            assert_eq!(lines, [(5, 5), (11, 12), (17, 31)], "{name}");
        }
        compared += 1;
    }
    eprintln!("{compared} cases of BuildKit's parser agree");
}

/// An instruction as BuildKit's `Node.Dump` prints it, with every run of blanks as one.
fn dump(instruction: &Instruction) -> Option<String> {
    let name = instruction.name.text.to_lowercase();
    let flags: Vec<_> = instruction.flags.iter().map(|flag| format!("{:?}", flag_text(flag))).collect();
    let flags = if flags.is_empty() { String::new() } else { format!(" [{}]", flags.join(" ")) };
    if let Body::Onbuild(trigger) = &instruction.body {
        return Some(format!("({name} {})", dump(trigger)?));
    }
    let arguments: Vec<_> = arguments(instruction).iter().map(|argument| go_quoted(argument)).collect();
    let parts = [vec![format!("({name}{flags}")], arguments].concat();
    Some(squeezed(&parts.join(" ")) + ")")
}

fn squeezed(text: &str) -> String {
    let words: Vec<_> = text.split([' ', '\t']).filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Go quotes as JSON does, for what stands in these cases, but for the zero byte.
fn go_quoted(text: &str) -> String {
    serde_json::to_string(&squeezed(text)).expect("a string").replace("\\u0000", "\\x00")
}

#[test]
fn words_expand_as_in_buildkits_own_cases() {
    let Some(lines) = read_lines("conformance/buildkit_shell_words.jsonl") else { return };
    let mut compared = 0;
    let count = lines.len();
    for line in lines {
        let case: Value = serde_json::from_str(&line).expect("a case");
        let input = case["input"].as_str().expect("an input");
        let expected = case["expect"].as_str().expect("an expectation");
        if case["kind"] == "process_word" {
            // On Windows the names of variables have no case; that is the environment's doing and not the lexer's.
            let is_windows = case["platform"] == "W";
            let environment =
                |name: &str| match if is_windows { name.to_uppercase() } else { name.to_owned() }.as_str() {
                    "PWD" => Some("/home".to_owned()),
                    "SHELL" => Some("bash".to_owned()),
                    "KOREAN" => Some("한국어".to_owned()),
                    "NULL" => Some(String::new()),
                    _ => None,
                };
            let found = words::expand(input, '\\', &environment);
            let found = found.map_or_else(|_| "error".to_owned(), |expansion| expansion.text);
            assert_eq!(found, expected, "{line}");
        } else {
            let settings: Vec<_> = case["env"]
                .as_array()
                .expect("an environment")
                .iter()
                .filter_map(|setting| Some((setting[0].as_str()?, setting[1].as_str()?)))
                .collect();
            let environment = |name: &str| {
                settings.iter().rev().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
            };
            let found = words::expand_words(input, '\\', &environment);
            let found = found.map_or_else(|_| "error".to_owned(), |words| words.join(","));
            assert_eq!(found, expected, "{line}");
        }
        compared += 1;
    }
    assert_eq!(compared, count, "every case is compared");
    eprintln!("{compared} cases of BuildKit's words agree");
}

#[test]
fn a_file_that_buildkit_refuses_has_the_reason() {
    let Some(lines) = read_lines("conformance/buildkit_ast.jsonl.gz") else { return };
    for line in lines {
        let verdict: Verdict = serde_json::from_str(&line).expect("a verdict");
        let Some(name) = verdict.inst_err.split_once("unknown instruction: ").map(|(_, name)| name) else {
            continue;
        };
        let Some(path) = shared(&format!("corpus/files/{}", verdict.file)) else { return };
        let source = SourceFile::new(verdict.file, fs::read(path).expect("a corpus file"));
        let parsed = parse(&source);
        let kind = SyntaxErrorKind::UnknownInstruction { name: name.to_owned() };
        assert!(parsed.errors.iter().any(|error| error.kind == kind), "{:?}", parsed.errors);
    }
}
