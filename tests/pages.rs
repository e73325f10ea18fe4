//! Every rule's page is true: its examples run, and what is published is what its file says.
//!
//! `UPDATE=1 cargo test --test pages` writes `rules/*.md` and the list in `src/lint/rules/mod.rs` anew.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops where something is wrong")]

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use plimsoll::context::BuildContext;
use plimsoll::lint::page::{Example, ExampleKind, examples, render};
use plimsoll::lint::{
    Category, Diagnostic, LabelType, Policy, Profile, Rule, Safety, Settings, catalogue, check, fix,
};
use plimsoll::text::SourceFile;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Compares a generated file with what is there, or writes it where `UPDATE` is set.
fn hold(path: &Path, text: &str) {
    if fs::read_to_string(path).is_ok_and(|there| there == text) {
        return;
    }
    assert!(
        std::env::var_os("UPDATE").is_some(),
        "{} is not what its source says; run `UPDATE=1 cargo test --test pages`",
        path.display()
    );
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

#[test]
fn the_list_of_rules_names_every_file_in_the_folder() {
    let folder = root().join("src/lint/rules");
    let mut modules: Vec<String> = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .filter(|name| name != "mod")
        .collect();
    modules.sort();
    let mut text = String::from(
        "//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the\n\
         //! files that are here.\n\nuse super::Rule;\n\n",
    );
    for module in &modules {
        writeln!(text, "mod {module};").unwrap();
    }
    text.push_str("\n/// All rules, in the order of their names.\n#[rustfmt::skip]\npub(super) static ALL: &[&Rule] = &[\n");
    for module in &modules {
        writeln!(text, "    &{module}::RULE,").unwrap();
    }
    text.push_str("];\n");
    hold(&folder.join("mod.rs"), &text);
}

#[test]
fn a_rule_is_named_for_its_file() {
    for rule in catalogue() {
        let file = root().join("src/lint/rules").join(format!("{}.rs", rule.name.replace('-', "_")));
        assert!(file.exists(), "{} has no file {}", rule.name, file.display());
    }
}

#[test]
fn the_published_pages_are_the_doc_comments() {
    let folder = root().join("rules");
    let mut expected: Vec<String> = Vec::new();
    for rule in catalogue() {
        let name = format!("{}.md", rule.name);
        hold(&folder.join(&name), &render(rule));
        expected.push(name);
    }
    hold(&folder.join("README.md"), &index());
    expected.push("README.md".to_owned());
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(expected.contains(&name), "rules/{name} is the page of no rule");
    }
}

/// The index of the pages by category.
fn index() -> String {
    let mut text = String::from(
        "# Rules\n\nA page a rule, made from the doc comment of its file; `plimsoll explain NAME` prints it. The names that \
         peers give\nour rules are in [docs/peers.md](../docs/peers.md), and are accepted wherever a rule is named.\n\n\
         A rule in *italics* speaks with `--profile all` or where it is selected; one in brackets only where it is \
         selected.\n",
    );
    for category in Category::ALL {
        let rules: Vec<&Rule> =
            catalogue().iter().copied().filter(|rule| rule.category == category).collect();
        if rules.is_empty() {
            continue;
        }
        write!(text, "\n## {}\n\n| rule | finds | severity | fix |\n|---|---|---|---|\n", category.as_str())
            .unwrap();
        for rule in rules {
            let link = format!("[{0}]({0}.md)", rule.name);
            let link = match rule.profile {
                Profile::Default => link,
                Profile::All => format!("*{link}*"),
                Profile::Named => format!("({link})"),
            };
            let fix = rule.fix.map_or("", Safety::as_str);
            writeln!(text, "| {link} | {} | {} | {fix} |", rule.title(), rule.severity.as_str()).unwrap();
        }
    }
    text
}

/// A peer, and which of our rules' aliases are its codes.
type Peer = (&'static str, fn(&str) -> bool);

/// The peers whose codes we know, each code with one of them.
const PEERS: [Peer; 7] = [
    ("hadolint", |code| code.starts_with("DL")),
    ("BuildKit's build checks", |code| {
        code.starts_with(|c: char| c.is_ascii_uppercase()) && code.contains(|c: char| c.is_ascii_lowercase())
    }),
    ("tally", |code| code.starts_with("tally/")),
    ("ShellCheck", |code| code.starts_with("SC") && code.ends_with(|c: char| c.is_ascii_digit())),
    ("Trivy", |code| code.starts_with("DS-")),
    ("Checkov", |code| code.starts_with("CKV")),
    ("droast and Dockle", |code| ["DF", "DKL-", "CIS-"].iter().any(|start| code.starts_with(start))),
];

#[test]
fn the_table_of_peers_has_each_of_their_codes_once() {
    let codes: Vec<(&str, &Rule)> =
        catalogue().iter().flat_map(|rule| rule.aliases.iter().map(|alias| (*alias, *rule))).collect();
    let mut text = String::from(
        "# What peers call our rules\n\nEach of these names is accepted where a rule is named: in `--select` and \
         `--ignore`, in `plimsoll.toml`, in comments,\nby `plimsoll explain`. A name means what that peer reports by it: \
         of `moving-tag`, `DL3007` is only the tag `latest`.\nWhat peers report and we do not is in \
         [decisions.md](decisions.md).\n",
    );
    for (peer, is_its) in PEERS {
        let mut its: Vec<(&str, &Rule)> = codes.iter().copied().filter(|(code, _)| is_its(code)).collect();
        its.sort_by_key(|(code, _)| *code);
        if its.is_empty() {
            continue;
        }
        write!(text, "\n## {peer}\n\n| code | rule |\n|---|---|\n").unwrap();
        for (code, rule) in its {
            writeln!(text, "| `{code}` | [{0}](../rules/{0}.md) |", rule.name).unwrap();
        }
    }
    for (code, rule) in codes {
        let count = PEERS.iter().filter(|(_, is_its)| is_its(code)).count();
        assert_eq!(count, 1, "{code} of {} is the code of {count} peers", rule.name);
    }
    hold(&root().join("docs/peers.md"), &text);
}

#[test]
fn every_page_says_why_shows_both_sides_and_tells_how_safe_its_fix_is() {
    for rule in catalogue() {
        let page = render(rule);
        assert!(page.contains("## Why it matters"), "{}: no reason", rule.name);
        assert_eq!(page.contains("## Fix safety"), rule.fix.is_some(), "{}: fix safety", rule.name);
        let kinds: Vec<ExampleKind> = examples(rule).iter().map(|example| example.kind).collect();
        for kind in [ExampleKind::Bad, ExampleKind::Good] {
            assert!(kinds.contains(&kind), "{}: no {kind:?} example", rule.name);
        }
        assert_eq!(kinds.contains(&ExampleKind::Fixed), rule.fix.is_some(), "{}: fixed example", rule.name);
    }
}

#[test]
fn a_bad_example_is_reported_once_its_fix_is_the_fixed_one_and_a_good_one_is_silent() {
    for rule in catalogue() {
        let mut bad: Option<Example> = None;
        for example in examples(rule) {
            match example.kind {
                ExampleKind::Good => assert_reports(rule, &example, 0),
                ExampleKind::Bad => {
                    assert_reports(rule, &example, 1);
                    bad = Some(example);
                }
                ExampleKind::OnRequest => {
                    assert!(
                        !reports(rule, &example).is_empty(),
                        "{} is silent on\n{}",
                        rule.name,
                        example.text
                    );
                    assert_eq!(rule.profile, Profile::Default, "{}: all of it is on request", rule.name);
                    let unasked = check(&source(&example), None, &Settings::default());
                    let reported = unasked.iter().any(|found| found.rule.known() == Some(rule));
                    assert!(!reported, "{} speaks unasked on\n{}", rule.name, example.text);
                    bad = Some(example);
                }
                ExampleKind::Fixed => {
                    let bad = bad.as_ref().unwrap_or_else(|| panic!("{}: fixed before bad", rule.name));
                    assert_fixes(rule, bad, &example);
                }
            }
        }
    }
}

/// The build context of an example, really laid out: a file of the listed size for each line.
fn context(example: &Example) -> Option<(tempfile::TempDir, BuildContext)> {
    let lines = example.context.as_ref()?;
    let folder = tempfile::tempdir().unwrap();
    for line in lines.lines() {
        let (path, size) = line.rsplit_once(' ').unwrap_or_else(|| panic!("`{line}` is no `path size`"));
        let path = folder.path().join(path.trim());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(&path).unwrap().set_len(size.parse().unwrap()).unwrap();
    }
    if let Some(ignore) = &example.ignore {
        fs::write(folder.path().join(".dockerignore"), ignore).unwrap();
    }
    let context = BuildContext::read(folder.path(), &folder.path().join("Dockerfile"), 1000).unwrap();
    Some((folder, context))
}

/// Only `rule`, with the policy that the pages of the rules of policy speak of.
fn settings(rule: &'static Rule) -> Settings {
    let label_schema = [("team", LabelType::Text), ("version", LabelType::Semver)];
    // Only where the rule is about the form of a value is there more than one label.
    let labels = if rule.name == "malformed-label" { 2 } else { 1 };
    let policy = Policy {
        trusted_registries: vec!["docker.io".to_owned(), "*.example.org".to_owned()],
        label_schema: label_schema
            .map(|(name, form)| (name.to_owned(), form))
            .into_iter()
            .take(labels)
            .collect(),
        strict_labels: true,
    };
    Settings { policy, ..Settings::only(rule) }
}

fn source(example: &Example) -> SourceFile {
    SourceFile::new("Dockerfile", example.text.as_str())
}

/// What the rule says of an example when it is asked.
fn reports(rule: &'static Rule, example: &Example) -> Vec<Diagnostic> {
    let context = context(example);
    let context = context.as_ref().map(|(_, context)| context);
    check(&source(example), context, &settings(rule))
}

/// Holds how often the rule speaks, beside what it says only on request.
fn assert_reports(rule: &'static Rule, example: &Example, times: usize) {
    let mut found = reports(rule, example);
    found.retain(|found| found.profile <= rule.profile);
    let messages: Vec<&str> = found.iter().map(|found| found.message.as_str()).collect();
    assert_eq!(found.len(), times, "{} on\n{}\nsaid {messages:?}", rule.name, example.text);
    for found in found {
        assert!(!found.range.is_empty(), "{}: the finding has no place", rule.name);
        if let Some(fix) = &found.fix {
            assert!(Some(fix.safety) >= rule.fix, "{}: a fix of another safety than declared", rule.name);
        }
    }
}

fn assert_fixes(rule: &'static Rule, bad: &Example, fixed: &Example) {
    let context = context(bad);
    let context = context.as_ref().map(|(_, context)| context);
    let settings = settings(rule);
    let once = fix(&source(bad), context, &settings, Safety::Unsafe);
    assert_eq!(once.source.text(), fixed.text, "{}: the fix of\n{}", rule.name, bad.text);
    assert!(once.left.is_empty(), "{}: its own fix does not silence it", rule.name);
    let twice = fix(&once.source, context, &settings, Safety::Unsafe);
    assert_eq!(twice.source, once.source, "{}: a second fix changes more", rule.name);
    assert!(
        plimsoll::dockerfile::parse(&once.source).errors.is_empty(),
        "{}: the fix does not parse",
        rule.name
    );
}
