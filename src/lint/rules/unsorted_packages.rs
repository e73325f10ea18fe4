use crate::lint::package_calls::{Call, PackageRun, package_runs};
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::Word;
use crate::shell::packages::Verb;
use crate::text::{Edit, EditSet};

declare_rule! {
    /// A list of packages is in no order.
    ///
    /// ## Why it matters
    /// In a sorted list a package is found at once, a double shows, and two people who add one each seldom meet in the
    /// same line.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM alpine:3.22
    /// RUN apk add --no-cache \
    ///     git \
    ///     curl \
    ///     bash
    /// ```
    /// ```dockerfile,fixed
    /// FROM alpine:3.22
    /// RUN apk add --no-cache \
    ///     bash \
    ///     curl \
    ///     git
    /// ```
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// RUN apk add --no-cache bash curl git
    /// ```
    /// A comment speaks of the packages around it, so such a list stays as it is:
    /// ```dockerfile,good
    /// FROM alpine:3.22
    /// RUN apk add --no-cache \
    ///     git \
    ///     # for the health check
    ///     curl
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the same packages are installed, but in another order, and their scripts may give system users other
    /// numbers.
    name: "unsorted-packages",
    aliases: ["tally/sort-packages"],
    category: Reproducibility,
    severity: Style,
    profile: All,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for run in package_runs(input) {
        for call in run.calls.iter().filter(|call| call.action.manager.is_system()) {
            let packages = &call.action.packages;
            if call.action.verb != Verb::Install || !is_a_plain_list(run, call) {
                continue;
            }
            let out_of_order = packages.windows(2).find_map(|pair| match pair {
                [first, second] => (key(first) > key(second)).then_some((*first, *second)),
                _ => None,
            });
            let Some((first, second)) = out_of_order else { continue };
            found.push(
                Diagnostic::new(
                    &RULE,
                    second.range,
                    format!("`{}` comes before `{}` in the alphabet", second.shown(), first.shown()),
                )
                .help("sort the packages")
                .fix(Safety::Unsafe, "sort the packages", sorted(run, packages)),
            );
        }
    }
}

/// Whether every word is a package by name, and no comment stands among them.
fn is_a_plain_list(run: &PackageRun<'_>, call: &Call<'_>) -> bool {
    let packages = &call.action.packages;
    let (Some(first), Some(last)) = (packages.first(), packages.last()) else { return false };
    let all = first.range.cover(last.range);
    let comments = run.fact.instruction.comments.iter().any(|comment| comment.intersects(all));
    // Something else between them, such as a flag, may belong to the word before it.
    let between = call.action.call.args().iter().filter(|word| all.contains_range(word.range)).count();
    let is_name = |word: &&Word| {
        word.value.as_deref().is_some_and(|value| {
            value.starts_with(|c: char| c.is_ascii_alphanumeric()) && !value.contains(['/', ':'])
        })
    };
    !comments && between == packages.len() && packages.iter().all(is_name)
}

fn key(word: &Word) -> (String, &str) {
    let text = word.shown();
    let name = text.split(['=', '<', '>', '~']).next().unwrap_or(text);
    (name.to_ascii_lowercase(), text)
}

fn sorted(run: &PackageRun<'_>, packages: &[&Word]) -> Option<EditSet> {
    let script = run.script.as_ref().filter(|script| script.script.understood)?;
    let mut order = packages.to_vec();
    order.sort_by_key(|word| key(word));
    let mut edits = EditSet::new();
    for (old, new) in packages.iter().zip(&order).filter(|(old, new)| old.text != new.text) {
        edits.insert(Edit::replace(old.range, script.on_one_line(new.range)?)).ok()?;
    }
    Some(edits)
}
