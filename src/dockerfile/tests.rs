//! What the parser promises as a whole; the parts' own tests stand with them.

use proptest::prelude::*;

use super::{
    Body, Command, Healthcheck, Instruction, Item, Keyword, Parsed, Script,
    Separator::{Equals, Space},
    Source, Word, parse,
};
use crate::text::{SourceFile, TextRange};

/// The tree borrows from its file, which therefore stays for as long as the tests run.
fn parsed(text: &str) -> (&'static SourceFile, Parsed<'static>) {
    let source = &*Box::leak(Box::new(SourceFile::new("Dockerfile", text)));
    (source, parse(source))
}

/// The only instruction behind `FROM x`, of a file without errors.
fn only(text: &str) -> (&'static SourceFile, Instruction<'static>) {
    let (source, parsed) = parsed(&format!("FROM x\n{text}"));
    assert_eq!(parsed.errors, [], "{text}");
    let instruction = parsed.dockerfile.instructions().nth(1).unwrap().clone();
    (source, instruction)
}

fn errors(text: &str) -> Vec<String> {
    let (source, parsed) = parsed(text);
    let error = |error: &super::SyntaxError| {
        let line = source.lines().line(error.range.start());
        let suggestion = error.suggestion.as_ref().map(|text| format!(" [{text}]")).unwrap_or_default();
        format!("{line}: {:?}: {error}{suggestion}", source.slice(error.range))
    };
    parsed.errors.iter().map(error).collect()
}

#[test]
fn every_part_of_an_instruction_knows_its_place() {
    let (source, copy) = only("  COPY --from=build \\\n # why\n\n --chown=a:b  one \"two\" /dest/  \n");
    let slice = |range| source.slice(range);
    assert_eq!(slice(copy.lines), &source.text()[7..]);
    assert_eq!(slice(copy.range), source.text()[7..].trim());
    assert_eq!(slice(copy.name.range), "COPY");
    let flags: Vec<_> = copy.flags.iter().map(|flag| slice(flag.range)).collect();
    assert_eq!(flags, ["--from=build", "--chown=a:b"]);
    let chown = copy.flag("chown").unwrap();
    assert_eq!((slice(chown.name.range), slice(chown.value.as_ref().unwrap().range)), ("chown", "a:b"));
    assert_eq!(copy.comments.iter().map(|comment| slice(*comment)).collect::<Vec<_>>(), ["# why"]);
    let Body::Copy(transfer) = &copy.body else { panic!("{:?}", copy.body) };
    let sources: Vec<_> = transfer.sources.iter().map(|from| source_text(source, from)).collect();
    assert_eq!((sources, slice(transfer.destination.range)), (vec!["one", "\"two\""], "/dest/"));
}

fn source_text<'a>(file: &'a SourceFile, source: &Source) -> &'a str {
    match source {
        Source::Path(word) | Source::Heredoc(_, word) => file.slice(word.range),
    }
}

#[test]
fn a_script_is_as_long_as_its_place_and_reads_as_docker_joins_it() {
    let text = "RUN --network=none apt-get update \\  \n  # no cache\n\n && apt-get inst\\\nall x\n";
    let (source, run) = only(text);
    let Body::Run(Command::Shell(script)) = run.body else { panic!("{:?}", run.body) };
    let (range, text) = (script.range, script.text());
    assert_eq!(source.slice(range).len(), text.len());
    assert_eq!(text.replace("\\\n", "").split_whitespace().collect::<Vec<_>>().join(" "), {
        "apt-get update && apt-get install x"
    });
    assert_eq!(text.find("&&"), source.slice(range).find("&&"));
}

#[test]
fn a_lone_heredoc_is_the_script_and_another_is_the_shells() {
    let (source, run) = only("RUN <<EOF\nset -e\nmake\nEOF\n");
    let Body::Run(Command::Heredoc(script)) = &run.body else { panic!("{:?}", run.body) };
    assert_eq!((&*script.text(), source.slice(script.range)), ("set -e\nmake\n", "set -e\nmake\n"));
    assert_eq!(source.slice(run.heredocs[0].opener), "<<EOF");
    assert_eq!(source.slice(run.heredocs[0].terminator), "EOF");

    let (source, run) = only("RUN cat <<A <<-'B' > /x  \r\none\r\nA\r\n\ttwo\n\tB\n");
    let Body::Run(Command::Shell(script)) = &run.body else { panic!("{:?}", run.body) };
    assert_eq!(script.text(), "cat <<A <<-'B' > /x   \none\r\nA\r\n\ttwo\n\tB");
    assert_eq!(script.text().len(), script.range.len());
    let heredocs: Vec<_> = run
        .heredocs
        .iter()
        .map(|heredoc| {
            (heredoc.name.as_str(), heredoc.expand, heredoc.strip_tabs, source.slice(heredoc.body))
        })
        .collect();
    assert_eq!(heredocs, [("A", true, false, "one\r\n"), ("B", false, true, "\ttwo\n")]);
}

#[test]
fn a_heredoc_is_a_source_of_a_copy_also_behind_onbuild() {
    let (_, onbuild) = only("ONBUILD COPY a <<B /dest/\nx\nB\n");
    let Body::Onbuild(copy) = &onbuild.body else { panic!("{:?}", onbuild.body) };
    let Body::Copy(transfer) = &copy.body else { panic!("{:?}", copy.body) };
    assert!(matches!(transfer.sources[..], [Source::Path(_), Source::Heredoc(0, _)]));
    assert_eq!((copy.heredocs.len(), onbuild.heredocs.len()), (1, 0));
}

#[test]
fn json_that_is_none_is_the_shells() {
    let command = |text: &str| match only(text).1.body {
        Body::Cmd(command) => command,
        body => panic!("{body:?}"),
    };
    assert!(matches!(command("CMD [\"a\", \"b\"]"), Command::Exec(words) if words.len() == 2));
    assert!(matches!(command("CMD ['a', 'b']"), Command::Shell(script) if script.text() == "['a', 'b']"));
    assert!(matches!(command("CMD"), Command::Shell(script) if script.text().is_empty()));
}

#[test]
fn keys_and_values_keep_their_quotes_and_both_forms() {
    let pairs = |text: &str| match only(text).1.body {
        Body::Env(pairs) | Body::Label(pairs) | Body::Arg(pairs) => pairs
            .into_iter()
            .map(|pair| {
                (pair.key.text.into_owned(), pair.value.map(|value| value.text.into_owned()), pair.separator)
            })
            .collect::<Vec<_>>(),
        body => panic!("{body:?}"),
    };
    let pair =
        |key: &str, value: Option<&str>, separator| (key.to_owned(), value.map(str::to_owned), separator);
    assert_eq!(
        pairs("ENV a=\"b c\" d=e\\ f"),
        [pair("a", Some("\"b c\""), Equals), pair("d", Some("e\\ f"), Equals)]
    );
    assert_eq!(pairs("LABEL a  b c=d"), [pair("a", Some("b c=d"), Space)]);
    assert_eq!(
        pairs("ARG a b= c=1"),
        [pair("a", None, Equals), pair("b", Some(""), Equals), pair("c", Some("1"), Equals)]
    );
}

#[test]
fn directives_stand_at_the_head_only() {
    let names = |text| {
        let dockerfile = parsed(text).1.dockerfile;
        let names: Vec<_> = dockerfile.directives().map(|directive| directive.name).collect();
        (names.join(","), dockerfile.escape)
    };
    assert_eq!(names("\u{FEFF}# Syntax = a/b \n#escape=`\nFROM x"), ("syntax,escape".into(), '`'));
    assert_eq!(names("# a comment\n# escape=`\nFROM x"), (String::new(), '\\'));
    assert_eq!(names("\n# escape=`\nFROM x"), (String::new(), '\\'));
    assert_eq!(names("# check=skip=all\n# unknown=1\n# escape=`\nFROM x"), ("check".into(), '\\'));
    let (source, parsed) = parsed("\u{FEFF}# syntax=  a/b  \r\nFROM x");
    assert_eq!(source.slice(parsed.dockerfile.directives().next().unwrap().value.range), "a/b");
}

#[test]
fn a_healthcheck_has_a_command_or_none() {
    assert!(matches!(only("HEALTHCHECK none").1.body, Body::Healthcheck(Healthcheck::None)));
    let (_, check) = only("HEALTHCHECK --interval=5s --retries=3 CMD curl -f http://localhost/ || exit 1");
    assert_eq!(check.flag_value("interval").unwrap().text, "5s");
    assert!(matches!(check.body, Body::Healthcheck(Healthcheck::Cmd(Command::Shell(_)))));
}

#[test]
fn all_errors_of_a_file_are_found_in_one_pass() {
    let text = "\
# escape=x
RUN before
FORM alpine
FROM alpine AS 1st
FROM a b
COPPY a b
COPY --form=x a b
COPY --link=maybe a /b
COPY a
COPY a <<EOF
EOF
ADD --chown a /b
ENV alone
ENV a=b c
LABEL =x
ARG
ARG =x
RUN --network=lan --mount=from=$x,target=/y true
CMD [1]
SHELL sh -c
HEALTHCHECK --interval=5 --retries=-1 CMD true
HEALTHCHECK CMD
HEALTHCHECK NONE at all
HEALTHCHECK TCP 80
ONBUILD FROM x
ONBUILD ENV alone
EXPOSE
WORKDIR
VOLUME [\" \"]
STOPSIGNAL
USER --user=x y
RUN <<EOF
make
";
    insta::assert_snapshot!(errors(text).join("\n"));
}

#[test]
fn a_file_needs_a_stage_and_is_told_once() {
    insta::assert_snapshot!(
        [
            "",
            "# nothing\n\n",
            "ARG a\nRUN x\n",
            "FRM alpine\nRUN x\n",
            "\\\n",
            "# escape=\\\n# escape=`\nFROM x"
        ]
        .map(|text| format!("{text:?}\n{}", errors(text).join("\n")))
        .join("\n")
    );
}

#[test]
fn a_line_as_long_as_buildkit_reads_is_taken_and_a_longer_one_refused() {
    let text = |length: usize| format!("FROM x\nRUN {}\n", "x".repeat(length - "RUN ".len()));
    assert!(errors(&text(65_535)).is_empty());
    assert!(errors(&text(65_536))[0].contains("65535 bytes"));
    let heredoc = |length: usize| format!("FROM x\nRUN <<E\n{}\nE\n", "x".repeat(length));
    assert!(errors(&heredoc(65_535)).is_empty());
    assert!(errors(&heredoc(65_536))[0].contains("65535 bytes"));
}

#[test]
fn what_buildkit_leaves_for_later_is_no_error() {
    for text in [
        "ARG --any=flag a",
        "HEALTHCHECK --any=flag NONE",
        "ONBUILD COPPY a",
        "ONBUILD COPY --form=x a b",
        "RUN",
        "RUN --mount=type=unknown true",
        "EXPOSE not-a-port",
    ] {
        only(text);
    }
}

/// Every range that an instruction holds.
fn ranges(instruction: &Instruction) -> Vec<TextRange> {
    let mut ranges = vec![instruction.name.range, instruction.range];
    let mut words: Vec<&Word> = Vec::new();
    for flag in &instruction.flags {
        ranges.push(flag.range);
        words.push(&flag.name);
        words.extend(&flag.value);
    }
    for heredoc in &instruction.heredocs {
        ranges.extend([heredoc.opener, heredoc.body, heredoc.terminator]);
    }
    ranges.extend(&instruction.comments);
    match &instruction.body {
        Body::From(from) => words.extend([Some(&from.image), from.alias.as_ref()].into_iter().flatten()),
        Body::Run(command)
        | Body::Cmd(command)
        | Body::Entrypoint(command)
        | Body::Healthcheck(Healthcheck::Cmd(command)) => match command {
            Command::Exec(list) => words.extend(list),
            Command::Shell(script) | Command::Heredoc(script) => ranges.push(script.range),
        },
        Body::Healthcheck(Healthcheck::None) => {}
        Body::Copy(transfer) | Body::Add(transfer) => {
            words.extend(transfer.sources.iter().map(|source| match source {
                Source::Path(word) | Source::Heredoc(_, word) => word,
            }));
            words.push(&transfer.destination);
        }
        Body::Env(pairs) | Body::Label(pairs) | Body::Arg(pairs) => {
            for pair in pairs {
                ranges.push(pair.range);
                words.push(&pair.key);
                words.extend(&pair.value);
            }
        }
        Body::Shell(list) | Body::Expose(list) | Body::Volume(list) | Body::Malformed(list) => {
            words.extend(list);
        }
        Body::User(word) | Body::Workdir(word) | Body::Stopsignal(word) | Body::Maintainer(word) => {
            words.push(word);
        }
        Body::Onbuild(trigger) => {
            ranges.extend(self::ranges(trigger));
        }
    }
    for word in words {
        assert!(instruction.range.contains_range(word.range), "{word:?} in {instruction:?}");
        ranges.push(word.range);
    }
    ranges
}

fn script<'i, 'a>(instruction: &'i Instruction<'a>) -> Option<&'i Script<'a>> {
    match &instruction.body {
        Body::Run(command) | Body::Cmd(command) | Body::Entrypoint(command) => command.script(),
        Body::Onbuild(trigger) => script(trigger),
        _ => None,
    }
}

fn check_laws(bytes: &[u8]) -> Result<(), TestCaseError> {
    let source = SourceFile::new("Dockerfile", bytes);
    let Parsed { dockerfile, errors } = parse(&source);
    let end = dockerfile
        .items
        .iter()
        .map(Item::lines)
        .try_fold(0, |end, lines| (lines.start() == end && !lines.is_empty()).then_some(lines.end()));
    prop_assert_eq!(end, Some(bytes.len()), "the items tile the file: {:?}", dockerfile.items);
    for instruction in dockerfile.instructions() {
        for range in ranges(instruction) {
            prop_assert!(instruction.lines.contains_range(range), "{:?} in {:?}", range, instruction);
            prop_assert!(
                source.text().get(range.start()..range.end()).is_some(),
                "{:?} cuts a character",
                range
            );
        }
    }
    for script in dockerfile.instructions().filter_map(script) {
        prop_assert_eq!(script.text().len(), script.range.len());
    }
    for error in errors {
        prop_assert!(error.range.end() <= bytes.len() && !error.to_string().is_empty());
    }
    Ok(())
}

fn dockerfile_like() -> impl Strategy<Value = String> {
    let keyword = (0..Keyword::ALL.len()).prop_map(|index| format!("{} ", Keyword::ALL[index].as_str()));
    let fragment = proptest::sample::select(vec![
        "a",
        "b=c",
        "\"",
        "'",
        "\\",
        "`",
        "$",
        "${x:-y}",
        "${",
        " ",
        "\t",
        "=",
        "<<EOF",
        "<<-\"EOF\"",
        "EOF",
        "\nEOF\n",
        "\n",
        "\\\n",
        "`\n",
        "\\ \r\n",
        "\r\n",
        "\n# c\n",
        "\\\n# c\n",
        "\\\n\n",
        "[",
        "]",
        "[\"a\", \"b\"]",
        "[1]",
        "--",
        "--from=x",
        "--link",
        "--chown=\"a b\"",
        "AS",
        "CMD",
        "NONE",
        "é",
        "\u{a0}",
        "\u{feff}",
        "\u{b}",
        "\0",
        "# escape=`\n",
        "# syntax=x\n",
        "FROM x\n",
        "RUN <<EOF\n",
        "ONBUILD RUN <<EOF\n",
    ])
    .prop_map(str::to_owned);
    proptest::collection::vec(prop_oneof![1 => keyword, 4 => fragment], 0..16)
        .prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_bytes_give_a_tree_that_tiles_the_file(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        check_laws(&bytes)?;
    }

    #[test]
    fn what_looks_like_a_dockerfile_gives_a_tree_that_tiles_the_file(text in dockerfile_like()) {
        check_laws(text.as_bytes())?;
    }
}

#[test]
fn a_large_file_takes_time_in_proportion() {
    // Each of these would take minutes if any step went over the file again for every line or level.
    let heredocs = format!("FROM x\nCOPY {}/x\n{}", "<<A \\\n".repeat(100_000), "A\n".repeat(100_000));
    assert_eq!(parsed(&heredocs).1.errors, []);
    for (part, count) in [
        ("RUN a \\\n", 200_000),
        ("ONBUILD ", 8_000),
        ("ENV a=b\n", 100_000),
        ("COPY <<A <<B /x\nA\n", 50_000),
    ] {
        let source = SourceFile::new("Dockerfile", format!("FROM x\n{}", part.repeat(count)));
        assert!(parse(&source).dockerfile.instructions().count() > 1, "{part}");
    }
}
