use crate::lint::package_calls::package_runs;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::Word;
use crate::shell::packages::{PackageManager, Verb};
use crate::text::{Edit, EditSet, TextRange};

declare_rule! {
    /// `bundle install` is given what bundler wants as configuration.
    ///
    /// ## Why it matters
    /// `--deployment`, `--without`, `--path` and their like are remembered behind one's back for every later call.
    /// Bundler warns of them since version 2 and takes them out in version 4: the build then stops.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM ruby:3.4-slim
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle install --jobs 4 --deployment
    /// ```
    /// ```dockerfile,fixed
    /// FROM ruby:3.4-slim
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle config set --local deployment true && bundle install --jobs 4
    /// ```
    /// ```dockerfile,bad
    /// FROM ruby:3.4-slim
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle install --without "development test" --jobs=4
    /// ```
    /// ```dockerfile,fixed
    /// FROM ruby:3.4-slim
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle config set --local without "development test" && bundle install --jobs=4
    /// ```
    /// ```dockerfile,good
    /// FROM ruby:3.4-slim
    /// ENV BUNDLE_DEPLOYMENT=1 BUNDLE_WITHOUT=development:test
    /// COPY Gemfile Gemfile.lock ./
    /// RUN bundle install
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: what the flag left in `.bundle/config` is written there by name instead, which takes bundler 2.
    name: "deprecated-bundler-flags",
    aliases: ["tally/ruby/deprecated-bundler-install-flags"],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

/// The flags that are remembered, and whether each takes a value.
/// Source: bundler's documentation, `bundle install`, "Options".
const REMEMBERED: &[(&str, &str, bool)] = &[
    ("--deployment", "deployment", false),
    ("--frozen", "frozen", false),
    ("--clean", "clean", false),
    ("--no-prune", "no_prune", false),
    ("--system", "system", false),
    ("--path", "path", true),
    ("--without", "without", true),
    ("--with", "with", true),
    ("--shebang", "shebang", true),
];

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input) {
        for call in &run.calls {
            let action = &call.action;
            if action.manager != PackageManager::Bundler || action.verb != Verb::Install {
                continue;
            }
            let mut words = action.call.args().iter().peekable();
            let mut given: Vec<(&Word, &str, Option<&Word>)> = Vec::new();
            while let Some(word) = words.next() {
                let name = word.shown().split('=').next().unwrap_or_default();
                let Some((_, key, valued)) = REMEMBERED.iter().find(|(flag, ..)| *flag == name) else {
                    continue;
                };
                let is_attached = word.shown().contains('=');
                let value = words.next_if(|next| *valued && !is_attached && !next.shown().starts_with('-'));
                given.push((word, key, value));
            }
            let Some((first, key, _)) = given.first() else { continue };
            let edits = run.script.as_ref().and_then(|script| {
                let [(flag, key, value)] = given.as_slice() else { return None };
                // The configuration lies beside the Gemfile.
                let elsewhere = action.has_flag(&["--gemfile"]) || run.sets("BUNDLE_GEMFILE");
                if elsewhere {
                    return None;
                }
                let (mut edits, at) = (EditSet::new(), call.occurrence.statement);
                let what = match (value, flag.text.split_once('=')) {
                    (Some(value), _) => script.on_one_line(value.range)?,
                    (None, Some((_, value))) => value,
                    (None, None) => "true",
                };
                let end = value.map_or(flag.range, |value| value.range).end();
                let before =
                    action.call.words().iter().rfind(|word| word.range.end() <= flag.range.start())?;
                // Two values would leave the second behind, as a word of its own.
                let is_settled =
                    call.occurrence.top_level && action.packages.len() <= usize::from(value.is_some());
                let command = format!("bundle config set --local {key} {what}");
                edits.insert(script.insert_before(at, &command).filter(|_| is_settled)?).ok()?;
                let gap = TextRange::new(before.range.end(), end);
                edits.insert(Edit::delete(gap)).ok()?;
                script.on_one_line(gap).map(|_| edits)
            });
            found.push(
                Diagnostic::new(&RULE, first.range, format!("bundler 4 no longer takes `{}`", first.shown()))
                    .help(format!(
                        "run `bundle config set {key} …` before it, or set `BUNDLE_{}`",
                        key.to_uppercase()
                    ))
                    .fix(Safety::Unsafe, "write it to bundler's configuration", edits),
            );
        }
    }
}
