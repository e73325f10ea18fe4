//! The room as its users see it: tables of scripts, and laws over any text.

use proptest::prelude::*;

use super::{
    Certainty, Command, Compound, CompoundKind, EffectKind, Element, Extent, Join, RedirectTarget, Script,
    Statement, Word, exec, packages, parse, read, removals,
};
use crate::dockerfile;
use crate::text::TextRange;

/// A script's structure on one line: `[a b]` a command, `&&`, `||`, `;`, `|` and `&` as in the shell.
fn outline(list: &[Statement]) -> String {
    let mut out = String::new();
    for statement in list {
        out.push_str(match statement.join {
            Join::Start => "",
            Join::Next => " ; ",
            Join::And => " && ",
            Join::Or => " || ",
        });
        if statement.negated {
            out.push_str("! ");
        }
        let parts: Vec<String> = statement.pipeline.iter().map(element).collect();
        out.push_str(&parts.join(" | "));
        if statement.background {
            out.push_str(" &");
        }
    }
    out
}

fn element(element: &Element) -> String {
    match element {
        Element::Command(command) => {
            let mut parts: Vec<String> =
                command.assignments.iter().map(|set| format!("{}={}", set.name, set.value.shown())).collect();
            parts.extend(command.words.iter().map(|word| word.shown().to_owned()));
            parts.extend(command.redirects.iter().map(|redirect| match &redirect.target {
                RedirectTarget::Word(word) => format!("{:?}:{}", redirect.operator, word.shown()),
                RedirectTarget::Heredoc(heredoc) => format!("Heredoc:{}", heredoc.delimiter),
                RedirectTarget::Closed => format!("{:?}:closed", redirect.operator),
            }));
            format!("[{}]", parts.join(" "))
        }
        Element::Compound(Compound { kind, redirects, .. }) => {
            let inside = match kind {
                CompoundKind::Subshell(body) => format!("({})", outline(body)),
                CompoundKind::Group(body) => format!("{{{}}}", outline(body)),
                CompoundKind::If { branches, otherwise } => {
                    let branches: Vec<String> = branches
                        .iter()
                        .map(|branch| format!("{} ? {}", outline(&branch.condition), outline(&branch.body)))
                        .collect();
                    format!("if({} : {})", branches.join(", "), outline(otherwise))
                }
                CompoundKind::Loop(branch) => {
                    format!("loop({} ? {})", outline(&branch.condition), outline(&branch.body))
                }
                CompoundKind::For { variable, words, body } => {
                    let words: Vec<&str> = words.iter().map(Word::shown).collect();
                    format!(
                        "for({} in {} : {})",
                        variable.as_deref().unwrap_or("-"),
                        words.join(" "),
                        outline(body)
                    )
                }
                CompoundKind::Case { word, items } => {
                    let items: Vec<String> = items.iter().map(|item| outline(&item.body)).collect();
                    format!("case({} : {})", word.shown(), items.join(", "))
                }
                CompoundKind::Function { name, body } => format!("fn({name} : {})", outline(body)),
                CompoundKind::Arithmetic => "((…))".to_owned(),
            };
            format!("{inside}{}", ">".repeat(redirects.len()))
        }
    }
}

#[test]
fn the_shell_s_own_precedence_joins_commands() {
    let cases = [
        ("", ""),
        ("a", "[a]"),
        ("a && b || c; d", "[a] && [b] || [c] ; [d]"),
        ("a && b | c && d", "[a] && [b] | [c] && [d]"),
        ("a &&\\\n  b &&\n c\nd", "[a] && [b] && [c] ; [d]"),
        ("! a | b && ! c", "! [a] | [b] && ! [c]"),
        ("a & b", "[a] & ; [b]"),
        ("a && b & c", "[a] & && [b] & ; [c]"),
        ("(a; b) && { c; }", "([a] ; [b]) && {[c]}"),
        ("if a; then b; elif c; then d; else e; fi", "if([a] ? [b], [c] ? [d] : [e])"),
        ("while a; do b; done; until c; do d; done", "loop([a] ? [b]) ; loop([c] ? [d])"),
        ("for i in 1 $x; do a; done", "for(i in 1 $x : [a])"),
        ("case $x in a|b) c;; *) d; e;; esac", "case($x : [c], [d] ; [e])"),
        ("f() { a; }; f", "fn(f : {[a]}) ; [f]"),
        ("A=1 B= c", "[A=1 B= c]"),
        ("A=1 B=2", "[A=1 B=2]"),
        ("export A=1 B; unset C", "[export A=1 B] ; [unset C]"),
        ("[ -f x ] && [[ a == b ]]", "[[ -f x ]] && [[[ a == b ]]]"),
        ("set -eux; a # b\nc", "[set -eux] ; [a] ; [c]"),
        ("a |& b", "[a] | [b]"),
        ("(( x++ )); a", "((…)) ; [a]"),
    ];
    for (text, expected) in cases {
        let script = parse(text);
        assert_eq!(outline(&script.list), expected, "{text}");
        assert!(script.understood, "{text}");
    }
}

#[test]
fn redirections_belong_to_the_last_command_before_them() {
    let cases = [
        ("a && b > x", "[a] && [b Write:x]"),
        ("a | b 2>&1 >> x | c", "[a] | [b DuplicateOutput:1 Append:x] | [c]"),
        ("a > x b c", "[a b c Write:x]"),
        ("> x", "[Write:x]"),
        ("a <<< b c", "[a c HereString:b]"),
        ("2>/dev/null a", "[a Write:/dev/null]"),
        ("a && (b | c) > x", "[a] && ([b] | [c])>"),
        ("a 2>&-", "[a DuplicateOutput:closed]"),
        ("cat <<E > /x && b && c\nbody\nE\nd", "[cat Heredoc:E Write:/x] && [b] && [c] ; [d]"),
        ("cat <<E | b\nbody\nE", "[cat Heredoc:E] | [b]"),
        ("cat <<'E' - x\nbody $y\nE", "[cat - x Heredoc:'E']"),
        ("cat <<'E' || b\nbody $y\nE", "[cat Heredoc:'E'] || [b]"),
    ];
    for (text, expected) in cases {
        assert_eq!(outline(&parse(text).list), expected, "{text}");
    }
}

#[test]
fn a_statement_s_range_leaves_out_a_heredoc_s_lines() {
    let text = "cat <<E > /x && b\nbody\nE\nc";
    let script = parse(text);
    let slices: Vec<&str> =
        script.list.iter().map(|statement| &text[statement.range.start()..statement.range.end()]).collect();
    assert_eq!(slices, ["cat <<E > /x", "b", "c"]);
    let redirect = &script.list[0].command().unwrap().redirects[0];
    let RedirectTarget::Heredoc(heredoc) = &redirect.target else { panic!("{redirect:?}") };
    assert_eq!(&text[heredoc.body.start()..heredoc.body.end()], "body\n");
}

/// The grammar's scanner reads past the end of a table there, and crashes where nothing is mapped.
#[test]
fn a_character_of_any_plane_may_stand_where_a_range_has_its_numbers() {
    for end in ["", "..3}", "3..\u{10FFFF}}"] {
        let text = format!("echo {{{}{end}", char::MAX);
        assert!(!parse(&text).understood, "{text}");
    }
    assert!(!parse("echo {1..\u{10FFFF}}").understood);
    assert!(parse("echo '\u{10FFFF}' {1..3} {é}").understood);
}

#[test]
fn a_word_goes_on_over_a_continuation_without_blanks() {
    let words = |text: &str| outline(&parse(text).list);
    assert_eq!(words("apt-get install fo\\\no b\\\n  c"), "[apt-get install foo b c]");
    assert_eq!(words("apt-\\\nget install"), "[apt-get install]");
}

#[test]
fn broken_pieces_are_left_out_and_said() {
    for text in [
        "if a; then b",
        "a && && b",
        "a )",
        "<<EOT bash\nhi\nEOT",
        "a 'b",
        "a; ; b",
        "f (a)",
        "a && cat <<E - x || b\nE\n",
    ] {
        let script = parse(text);
        assert!(!script.understood, "{text}");
        assert!(!script.is_chain(), "{text}");
    }
}

#[test]
fn nesting_without_end_is_left_out() {
    let text = format!("{}a{}", "( ".repeat(2_000), " )".repeat(2_000));
    assert!(!parse(&text).understood);
    let chain = "a && ".repeat(5_000) + "a";
    assert_eq!(parse(&chain).list.len(), 5_001);
}

#[test]
fn ranges_of_an_instruction_s_script_are_the_file_s() {
    let file = "FROM x\nRUN a && \\\n# note\n    b 'c'\n";
    let start = file.find("a &&").unwrap();
    let text = "a && \\\n      \n    b 'c'".replacen("      \n", "       ", 1);
    let command = dockerfile::Command::Shell(dockerfile::Script::verbatim(&text, start));
    let script = read(&command).unwrap();
    let slices: Vec<&str> = script
        .commands()
        .iter()
        .flat_map(|occurrence| &occurrence.command.words)
        .map(|word| &file[word.range.start()..word.range.end()])
        .collect();
    assert_eq!(slices, ["a", "b", "'c'"]);
    assert_eq!(read(&dockerfile::Command::Exec(Vec::new())), None);
}

#[test]
fn a_comment_in_a_continued_line_takes_the_rest_of_it() {
    let text = "a # b \\\n && c";
    let script = dockerfile::Script::verbatim(text, 0);
    let joined = read(&dockerfile::Command::Shell(script)).unwrap();
    assert_eq!(outline(&joined.list), "[a]");
}

/// The commands that surely succeed in upper case, those that surely run as they are, the others in brackets.
fn certainties(text: &str) -> String {
    let names = parse(text)
        .commands()
        .iter()
        .map(|occurrence| {
            let name = occurrence.command.name().unwrap_or("-").to_owned();
            match occurrence.certainty {
                Certainty::Succeeds => name.to_uppercase(),
                Certainty::Runs => name,
                Certainty::Possible => format!("({name})"),
            }
        })
        .collect::<Vec<String>>();
    names.join(" ")
}

#[test]
fn what_surely_runs_follows_from_the_script_s_success() {
    let cases = [
        ("a && b && c", "A B C"),
        ("a && b; c", "a (b) C"),
        ("a; b\nc", "a b C"),
        ("a || b", "a (b)"),
        ("a || true && c", "a (true) C"),
        ("a && b || c", "a (b) (c)"),
        ("a || exit 1; c", "A (exit) C"),
        ("a && b || { echo; exit 1; }; c", "A B (echo) (exit) C"),
        ("a || (exit 1); c", "a (exit) C"),
        ("a || false", "A (false)"),
        ("a | b | c", "a b C"),
        ("! a", "a"),
        ("a & b", "(a) B"),
        ("(a; b)", "a B"),
        ("{ a && b; } && c", "A B C"),
        ("if a; then b; else c; fi && d", "a (b) (c) D"),
        ("while a; do b; done", "a (b)"),
        ("for i in 1 2; do a; done", "a"),
        ("for i in $x; do a; done", "(a)"),
        ("for i in 1 2; do a && continue; b; done", "(a) (continue) (b)"),
        ("case x in x) a;; esac; b", "(a) B"),
        ("f() { a; }; b", "(a) B"),
        ("x && exit 0; b", "x (exit) (b)"),
        ("(x && exit 0); b", "x (exit) B"),
        ("x; exit 1; b", "x exit B"),
        ("a $(b) ${c:-$(d)}", "b (d) A"),
        ("sh -c 'a && b' && c", "SH A B C"),
        ("bash -exc \"a; b\"", "BASH a B"),
    ];
    for (text, expected) in cases {
        assert_eq!(certainties(text), expected, "{text}");
    }
}

#[test]
fn an_occurrence_says_which_statement_it_is() {
    let script = parse("a && (cd x; b) && c | d && e");
    let places: Vec<(&str, usize, bool, bool)> = script
        .commands()
        .iter()
        .map(|found| (found.command.name().unwrap_or("-"), found.statement, found.top_level, found.detached))
        .collect();
    assert_eq!(
        places,
        [
            ("a", 0, true, false),
            ("cd", 1, false, true),
            ("b", 1, false, true),
            ("c", 2, false, true),
            ("d", 2, false, true),
            ("e", 3, true, false),
        ]
    );
}

#[test]
fn the_shell_s_state_changes_only_in_its_own_process() {
    let kinds = |text: &str| parse(text).effects().into_iter().map(|effect| effect.kind).collect::<Vec<_>>();
    let variables =
        |names: &[&str]| EffectKind::Variables(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(kinds("a && b || c"), []);
    assert_eq!(
        kinds("cd x && export A=1 B && umask 022"),
        [EffectKind::Directory, variables(&["A", "B"]), EffectKind::Limits]
    );
    assert_eq!(kinds("(cd x; A=1) && $(cd y) | B=2"), []);
    assert_eq!(kinds("A=1; B=2 c; set -e"), [variables(&["A"]), EffectKind::Options]);
    assert_eq!(kinds("if a; then cd x; fi; sleep 1 &"), [EffectKind::Directory, EffectKind::Background]);
    assert_eq!(kinds("for i in 1; do exit 1; done"), [variables(&["i"]), EffectKind::End]);
    assert_eq!(
        kinds("exec >log; exec app; . ./env"),
        [EffectKind::Descriptors, EffectKind::End, EffectKind::Unknown]
    );
    assert_eq!(
        kinds("f() { cd x; }; trap x EXIT; $CMD"),
        [EffectKind::Definitions, EffectKind::Directory, EffectKind::Traps, EffectKind::Unknown]
    );
}

fn first(text: &str) -> Command {
    parse(text).commands().first().map(|found| found.command.clone()).unwrap_or_default()
}

#[test]
fn a_program_is_named_past_those_that_only_run_it() {
    let cases = [
        ("/usr/bin/apt-get update", Some("apt-get")),
        ("sudo -u root -E apt-get update", Some("apt-get")),
        ("env -u A B=1 DEBIAN_FRONTEND=noninteractive apt-get update", Some("apt-get")),
        ("A=1 time -p nice -n 5 make all", Some("make")),
        ("timeout -k 5 30s curl x", Some("curl")),
        ("exec gosu app server", Some("server")),
        ("command -v git", Some("command")),
        ("env", Some("env")),
        ("$CMD x", None),
        ("\"apt\"-get update", Some("apt-get")),
    ];
    for (text, name) in cases {
        assert_eq!(first(text).name(), name, "{text}");
    }
}

#[test]
fn flags_are_found_alone_combined_and_with_values() {
    let command = first("tool -qy --opt=1 -o Dir=x -t5 --name value sub \"$X\" -- -z");
    let call = command.effective();
    assert!(call.has_flag(&["-y"]) && call.has_flag(&["-q"]) && call.has_flag(&["--none", "--opt"]));
    assert!(!call.has_flag(&["-z"]) && !call.has_flag(&["--op"]));
    assert_eq!(call.flag_values(&["-o", "--opt"]), ["1", "Dir=x"]);
    assert_eq!(call.flag_values(&["-t"]), ["5"]);
    let positionals: Vec<&str> =
        call.positionals(&["-o", "--name"]).into_iter().map(|word| word.text.as_str()).collect();
    assert_eq!(positionals, ["sub", "\"$X\"", "-z"]);
    assert_eq!(call.subcommand(&["-o", "--name"]), Some("sub"));
}

#[test]
fn package_managers_are_read() {
    use packages::PackageManager as Pm;
    use packages::Verb;
    let cases: &[(&str, Pm, Verb, &[&str])] = &[
        ("apt-get -qq update", Pm::Apt, Verb::Update, &[]),
        ("apt-get install -y -o A=b --no-install-recommends a b=1", Pm::Apt, Verb::Install, &["a", "b=1"]),
        ("sudo apt -y -t stable install a", Pm::Apt, Verb::Install, &["a"]),
        ("apt-get clean", Pm::Apt, Verb::Clean, &[]),
        ("apt-get dist-upgrade -y", Pm::Apt, Verb::Upgrade, &[]),
        ("apk add --no-cache --virtual .deps gcc $X", Pm::Apk, Verb::Install, &["gcc", "$X"]),
        ("apk del .deps", Pm::Apk, Verb::Remove, &[".deps"]),
        ("microdnf install -y --setopt install_weak_deps=0 a", Pm::Dnf, Verb::Install, &["a"]),
        ("dnf module install -y nodejs:18", Pm::Dnf, Verb::Install, &["nodejs:18"]),
        ("yum update -y", Pm::Yum, Verb::Upgrade, &[]),
        ("yum clean all", Pm::Yum, Verb::Clean, &["all"]),
        ("zypper -n in -y a", Pm::Zypper, Verb::Install, &["a"]),
        ("zypper ref", Pm::Zypper, Verb::Update, &[]),
        ("pacman -Syu --noconfirm", Pm::Pacman, Verb::Upgrade, &[]),
        ("pacman -Sy --noconfirm git", Pm::Pacman, Verb::Install, &["git"]),
        ("pacman -Scc --noconfirm", Pm::Pacman, Verb::Clean, &[]),
        ("pacman -Qs x", Pm::Pacman, Verb::Other, &["x"]),
        ("pip3.12 install -r req.txt --no-cache-dir flask", Pm::Pip, Verb::Install, &["flask"]),
        ("python3 -u -m pip install -U pip", Pm::Pip, Verb::Install, &["pip"]),
        ("uv pip install --system a", Pm::Pip, Verb::Install, &["a"]),
        ("pip install -e . b", Pm::Pip, Verb::Install, &["b"]),
        ("pipx install --python python3.12 a==1", Pm::Pipx, Verb::Install, &["a==1"]),
        ("uv sync --frozen", Pm::Uv, Verb::Install, &[]),
        ("poetry install --only main", Pm::Poetry, Verb::Install, &[]),
        ("conda clean -afy", Pm::Conda, Verb::Clean, &[]),
        ("npm ci --omit=dev", Pm::Npm, Verb::Install, &[]),
        ("npm install -g a@1 b", Pm::Npm, Verb::Install, &["a@1", "b"]),
        ("npm --prefix app run build", Pm::Npm, Verb::Other, &["build"]),
        ("npm cache clean --force", Pm::Npm, Verb::Clean, &[]),
        ("yarn --frozen-lockfile", Pm::Yarn, Verb::Install, &[]),
        ("yarn build", Pm::Yarn, Verb::Other, &[]),
        ("yarn --version", Pm::Yarn, Verb::Other, &[]),
        ("corepack pnpm i --prod", Pm::Pnpm, Verb::Install, &[]),
        ("bun install", Pm::Bun, Verb::Install, &[]),
        ("gem install -N bundler -v 2.4", Pm::Gem, Verb::Install, &["bundler"]),
        ("bundle install --jobs 4", Pm::Bundler, Verb::Install, &[]),
        ("php composer.phar install --no-dev", Pm::Composer, Verb::Install, &[]),
        ("go mod download", Pm::Go, Verb::Install, &[]),
        ("go build -ldflags '-s -w' -o app ./cmd", Pm::Go, Verb::Other, &["./cmd"]),
        ("cargo +nightly install --locked --git u ripgrep", Pm::Cargo, Verb::Install, &["ripgrep"]),
        ("./mvnw -B dependency:go-offline", Pm::Maven, Verb::Install, &[]),
        ("mvn clean package", Pm::Maven, Verb::Other, &["package"]),
        ("gradle build -x test", Pm::Gradle, Verb::Other, &[]),
        ("dotnet restore -r linux-x64 app.csproj", Pm::Dotnet, Verb::Install, &["app.csproj"]),
    ];
    for (text, manager, verb, expected) in cases {
        let command = first(text);
        let action = packages::read(&command).unwrap_or_else(|| panic!("{text}"));
        let names: Vec<&str> = action.packages.iter().map(|word| word.shown()).collect();
        assert_eq!((action.manager, action.verb, names.as_slice()), (*manager, *verb, *expected), "{text}");
    }
    for text in ["python3 app.py -m pip", "$APT install", "apt-key add x", "npx a", ""] {
        assert_eq!(packages::read(&first(text)), None, "{text}");
    }
}

#[test]
fn removals_name_their_paths() {
    let read = |text: &str| {
        let command = first(text);
        removals(&command)
            .into_iter()
            .map(|removal| (removal.path.shown().to_owned(), removal.extent))
            .collect::<Vec<_>>()
    };
    let of = |path: &str, extent| (path.to_owned(), extent);
    assert_eq!(
        read("rm -rf /var/lib/apt/lists/* \"$X\""),
        [of("/var/lib/apt/lists/*", Extent::Tree), of("\"$X\"", Extent::Tree)]
    );
    assert_eq!(read("rm -f a.tgz -- -b"), [of("a.tgz", Extent::File), of("-b", Extent::File)]);
    assert_eq!(
        read("find /usr /opt -name '*.pyc' -delete"),
        [of("/usr", Extent::Matching), of("/opt", Extent::Matching)]
    );
    assert_eq!(read("find . -type f -exec rm -f {} +"), [of(".", Extent::Matching)]);
    assert_eq!(read("find / -name x"), []);
    assert_eq!(read("mv a b"), []);
}

#[test]
fn the_json_form_is_one_command_and_the_script_a_shell_gets_in_it() {
    let file = r#"["sudo", "sh", "-c", "a $X && b"]"#;
    let words: Vec<dockerfile::Word> = ["sudo", "sh", "-c", "a $X && b"]
        .iter()
        .map(|text| {
            let start = file.find(&format!("\"{text}\"")).unwrap();
            dockerfile::Word { range: TextRange::new(start, start + text.len() + 2), text: (*text).into() }
        })
        .collect();
    let command = exec(&words);
    let found = command.alone();
    let read: Vec<(Option<&str>, &str)> = found
        .iter()
        .map(|found| (found.command.name(), &file[found.command.range.start()..found.command.range.end()]))
        .collect();
    assert_eq!(read, [(Some("sh"), &file[1..file.len() - 1]), (Some("a"), "a $X"), (Some("b"), "b")]);
    assert!(found.iter().all(|found| found.certainty == Certainty::Succeeds));
    assert!(exec(&words[..2]).alone().len() == 1 && exec(&[]).name().is_none());
}

#[test]
fn every_variable_s_use_is_found() {
    let script =
        parse("A=1 b $C \"${D:-$E}\" $(f $G) <<X\n$H\nX\nfor i in $J; do echo $i; done; export K=$L");
    let names: Vec<&str> = script.variables.iter().map(|used| used.name.as_str()).collect();
    assert_eq!(names, ["C", "D", "E", "G", "H", "J", "i", "L"]);
    assert_eq!(script.list[0].command().unwrap().words[1].variables, ["C"]);
}

/// Calls `check` with every range in the script.
fn ranges(script: &Script) -> Vec<TextRange> {
    fn words<'a>(words: impl IntoIterator<Item = &'a Word>, found: &mut Vec<TextRange>) {
        for word in words {
            found.push(word.range);
            for substitution in &word.substitutions {
                found.push(substitution.range);
                statements(&substitution.list, found);
            }
        }
    }
    fn statements(list: &[Statement], found: &mut Vec<TextRange>) {
        for statement in list {
            found.push(statement.range);
            found.extend(statement.operator);
            for element in &statement.pipeline {
                found.push(element.range());
                if let Element::Command(command) = element {
                    words(&command.words, found);
                    words(command.assignments.iter().map(|assignment| &assignment.value), found);
                    for redirect in &command.redirects {
                        found.push(redirect.range);
                        if let RedirectTarget::Heredoc(heredoc) = &redirect.target {
                            found.push(heredoc.body);
                        }
                    }
                    statements(&command.inner, found);
                }
            }
        }
    }
    let mut found = vec![script.range];
    statements(&script.list, &mut found);
    found.extend(script.variables.iter().map(|used| used.range));
    found
}

fn shell_like() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a",
        "apt-get install",
        " ",
        " ",
        "\n",
        "\\\n",
        "&&",
        "||",
        "|",
        ";",
        "&",
        "(",
        ")",
        "{ ",
        "; }",
        "'",
        "\"",
        "$x",
        "${y:-",
        "}",
        "$(",
        "`",
        "<<E",
        "\nE\n",
        "> f",
        "2>&1",
        "#",
        "é",
        "if ",
        "; then ",
        "; fi",
        "for i in ",
        "; do ",
        "; done",
        "case x in ",
        ") ",
        ";; esac",
        "[ ",
        " ]",
        "!",
        "A=",
        "sh -c ",
        "\\",
        "\r\n",
        "<(",
        "*",
    ]);
    prop::collection::vec(pieces, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn any_text_is_read_and_every_range_lies_on_characters(text in prop_oneof![shell_like(), any::<String>()]) {
        let script = parse(&text);
        let line = dockerfile::Script::verbatim(&text, 7);
        let joined = read(&dockerfile::Command::Shell(line)).unwrap_or_default();
        for (script, offset) in [(&script, 0), (&joined, 7)] {
            for range in ranges(script) {
                prop_assert!(range.start() >= offset, "{range:?}");
                prop_assert!(text.get(range.start() - offset..range.end() - offset).is_some(), "{range:?}");
            }
            let commands = script.commands();
            prop_assert!(commands.iter().all(|found| found.statement < script.list.len()));
            for found in &commands {
                packages::read(found.command);
                removals(found.command);
            }
            script.effects();
        }
        prop_assert_eq!(super::joined::as_the_shell_gets_it(&text).len(), text.len());
    }

    #[test]
    fn a_chain_of_plain_commands_is_read_back(names in prop::collection::vec("[a-z]{1,6}", 1..12)) {
        let script = parse(&names.join(" && "));
        prop_assume!(script.understood);
        let read: Vec<&str> = script.commands().iter().filter_map(|found| found.command.invocation().name()).collect();
        prop_assert_eq!(read, names);
        prop_assert!(script.commands().iter().all(|found| found.certainty >= Certainty::Runs));
    }
}
