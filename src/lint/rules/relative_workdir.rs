use crate::dockerfile::{Body, Word};
use crate::facts::{Fact, Shell};
use crate::lint::{Diagnostic, Input, Safety, Severity, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A relative `WORKDIR`.
    ///
    /// ## Why it matters
    /// The path hangs on whatever working directory the base image ends with. With the next version of the base the
    /// files lie elsewhere, and absolute paths in scripts and volumes miss them.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// WORKDIR app
    /// ```
    /// ```dockerfile,bad
    /// FROM scratch
    /// WORKDIR app
    /// ```
    /// ```dockerfile,fixed
    /// FROM scratch
    /// WORKDIR /app
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// WORKDIR /srv
    /// WORKDIR /srv/app
    /// ```
    /// Behind an absolute one, a relative one is plain enough. Hadolint's DL3000 reports it all the same, and so does
    /// this rule with `--profile all`.
    /// ```dockerfile,on-request
    /// FROM node:22-slim
    /// WORKDIR /srv
    /// WORKDIR app
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe where the base image decides: the fix takes `/` for its working directory, which it is unless the base has
    /// a `WORKDIR` of its own. Safe where the file itself says what the path is relative to.
    name: "relative-workdir",
    aliases: ["DL3000", "WorkdirRelativePath", "DS-0009", "CKV_DOCKER_10"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // By stage: whether it, or one below it, has a WORKDIR.
    let mut set: Vec<bool> = Vec::new();
    for fact in input.facts.all(input.dockerfile) {
        while let Some(stage) =
            input.facts.stages.get(set.len()).filter(|_| Some(set.len()) <= fact.facts.stage)
        {
            set.push(stage.parent.and_then(|parent| set.get(parent).copied()).unwrap_or(false));
        }
        let Body::Workdir(path) = &fact.instruction.body else { continue };
        // Without a stage BuildKit refuses the file, and hadolint reads on.
        let stage = fact.facts.stage.and_then(|stage| set.get_mut(stage));
        let is_first = stage.is_some_and(|set| !std::mem::replace(set, true));
        let in_hadolint = !is_absolute_to_hadolint(&path.text);
        let in_buildkit = is_first && is_relative(input, &fact, path);
        let aliases: &'static [&'static str] = match (in_hadolint, in_buildkit) {
            (true, true) => RULE.aliases,
            (true, false) => &["DL3000", "DS-0009", "CKV_DOCKER_10"],
            (false, true) => &["WorkdirRelativePath"],
            (false, false) => continue,
        };
        let written = &path.text;
        let message = if in_buildkit {
            format!("relative workdir \"{written}\" can have unexpected results if the base image changes")
        } else {
            format!("relative workdir \"{written}\": the directory hangs on the WORKDIR before it")
        };
        let mut diagnostic =
            Diagnostic::new(&RULE, path.range, message).known_as(aliases).help("write the path from `/` on");
        if let Some((safety, edits)) = absolute(input, &fact, path) {
            diagnostic = diagnostic.fix(safety, "write the path from `/` on", Some(edits));
        }
        found.push(if in_buildkit { diagnostic } else { diagnostic.severity(Severity::Info).on_request() });
    }
}

/// Source: hadolint, src/Hadolint/Rule/DL3000.hs.
fn is_absolute_to_hadolint(path: &str) -> bool {
    let path = path.trim_matches(['"', '\'']);
    let mut chars = path.chars();
    let drive = chars.next().is_some_and(char::is_alphabetic) && chars.next() == Some(':');
    path.starts_with(['$', '/']) || drive
}

/// Whether the path, with its variables put in, is relative. What is not known is taken for absolute.
fn is_relative(input: &Input<'_>, fact: &Fact<'_>, path: &Word) -> bool {
    // A drive or a backslash in front is absolute on Windows alone, and there is no telling what such a path is for.
    let is_windows = |text: &str| {
        fact.facts.before.shell == Shell::Windows || text.starts_with('\\') || text.get(1..2) == Some(":")
    };
    match fact.facts.before.expand(&path.text, input.dockerfile.escape) {
        Some(text) => !text.starts_with('/') && !is_windows(&text),
        // Behind plain text, a variable doesn't make it absolute.
        None => !path.text.starts_with(['/', '$', '"', '\'']) && !is_windows(&path.text),
    }
}

fn absolute(input: &Input<'_>, fact: &Fact<'_>, path: &Word) -> Option<(Safety, EditSet)> {
    let text = &path.text;
    let plain = |ch: char| ch.is_ascii_alphanumeric() || matches!(ch, '/' | '.' | '_' | '-' | '@' | '+');
    if text.starts_with('/') || !text.chars().all(plain) || fact.facts.before.shell == Shell::Windows {
        return None;
    }
    let (safety, right) = match fact.facts.before.path(text, input.dockerfile.escape) {
        Some(path) => (Safety::Safe, path),
        None if fact.facts.before.workdir == crate::facts::Value::Unset => {
            (Safety::Unsafe, format!("/{}", text.trim_start_matches("./")))
        }
        None => return None,
    };
    Some((safety, EditSet::try_from(vec![Edit::replace(path.range, right)]).ok()?))
}
