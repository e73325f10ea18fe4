//! A proof for its reader: the verdict, then what differs and why that is as it should be.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem::Discriminant;

use crate::bytes::Bytes;
use crate::rewrite::proof::{
    Class, Comparison, Difference, FileType, Noise, Outcome, Proof, SettingDifference, Verdict, What,
};

use super::figures::count;
use super::style::{Ink, Style};

/// Differences of one class beyond which the rest is only counted.
const MOST_LINES: usize = 40;
/// Files of one folder that differ alike, up to which each has a line.
const MOST_ALIKE: usize = 3;

/// The proof of one variant, indented below its name.
pub fn render(proof: &Proof, style: Style) -> String {
    match &proof.outcome {
        Outcome::Compared(comparison) => compared(comparison, style),
        Outcome::Unbuilt(failure) => {
            format!("  {}: {failure}\n", style.paint(Ink::Bad, "does not build, and the original does"))
        }
    }
}

fn compared(comparison: &Comparison, style: Style) -> String {
    let of_class = |wanted: fn(Class) -> bool| Listed::of(comparison, wanted);
    let unexpected = of_class(|class| class == Class::Unexpected);
    let intended = of_class(|class| class == Class::Intended);
    let (ink, words) = match comparison.verdict() {
        Verdict::Identical => (Ink::Good, "proven identical: the same files, the same settings".to_owned()),
        Verdict::Expected if intended.is_empty() => (Ink::Good, "proven identical but for noise".to_owned()),
        Verdict::Expected => {
            (Ink::Good, "proven identical but for what the rewrites are there for".to_owned())
        }
        Verdict::Different => (Ink::Bad, format!("different in {}", count(unexpected.total, "place"))),
    };
    let mut text = format!("  {}\n", style.paint(ink, &words));
    unexpected.write(&mut text, "    ");
    if !intended.is_empty() && comparison.verdict() == Verdict::Different {
        text.push_str("  what the rewrites are there for:\n");
    }
    intended.write(&mut text, "    ");
    let aside = aside(comparison);
    if !aside.is_empty() {
        let _ = writeln!(text, "  {}", style.paint(Ink::Faint, &format!("aside: {}", aside.join(", "))));
    }
    text
}

/// What is classed apart, each in a few words.
fn aside(comparison: &Comparison) -> Vec<String> {
    let mut noises: BTreeMap<Noise, (usize, &str)> = BTreeMap::new();
    let files = comparison.files.iter().map(|(difference, class)| (difference.path.as_str(), class));
    let settings = comparison.settings.iter().map(|(difference, class)| (difference.name.as_str(), class));
    for (name, class) in files.chain(settings) {
        if let Class::Noise(noise) = class {
            noises.entry(*noise).or_insert((0, name)).0 += 1;
        }
    }
    let mut parts: Vec<String> = noises
        .into_iter()
        .map(|(noise, (number, first))| match number {
            1 => format!("{noise} ({first})"),
            _ => format!("{noise} ({number}, such as {first})"),
        })
        .collect();
    if comparison.times > 0 {
        parts.push(format!("the times of {} of {}", comparison.times, count(comparison.shared, "path")));
    }
    parts
}

/// Differences as lines: what is named on the left, and what differs on the right.
struct Listed {
    lines: Vec<(String, String)>,
    /// How many differences there are; a line can stand for several.
    total: usize,
}

impl Listed {
    fn of(comparison: &Comparison, wanted: fn(Class) -> bool) -> Self {
        let settings: Vec<&SettingDifference> =
            comparison.settings.iter().filter(|(_, class)| wanted(*class)).map(|(found, _)| found).collect();
        let files: Vec<&Difference> =
            comparison.files.iter().filter(|(_, class)| wanted(*class)).map(|(found, _)| found).collect();
        let total = settings.len() + files.len();
        let mut lines: Vec<(String, String)> =
            settings.into_iter().map(|setting| (setting.name.clone(), change(setting))).collect();
        lines.extend(self::lines(entries(&files)));
        Self { lines, total }
    }

    fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    fn write(&self, text: &mut String, indent: &str) {
        let shown = self.lines.get(..MOST_LINES).unwrap_or(&self.lines);
        let width = shown.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0).min(48);
        for (name, what) in shown {
            let _ = writeln!(text, "{indent}{name:width$}  {what}");
        }
        if self.lines.len() > shown.len() {
            let _ = writeln!(text, "{indent}and {} more", self.lines.len() - shown.len());
        }
    }
}

fn change(setting: &SettingDifference) -> String {
    let shown = |value: &String| if value.is_empty() { "set".to_owned() } else { value.clone() };
    match (&setting.before, &setting.after) {
        (Some(before), Some(after)) if before.is_empty() && after.is_empty() => "another value".to_owned(),
        (before, after) => {
            let [before, after] =
                [before, after].map(|value| value.as_ref().map_or_else(|| "not set".to_owned(), shown));
            format!("{before} → {after}")
        }
    }
}

/// A difference, and those of the same kind below it where it is a folder that came or went.
struct Entry<'a> {
    difference: &'a Difference,
    below: usize,
    size: Bytes,
}

/// The differences, those inside of a folder that came or went counted with it.
fn entries<'a>(files: &[&'a Difference]) -> Vec<Entry<'a>> {
    let mut entries: Vec<Entry<'a>> = Vec::new();
    let mut folders: Vec<(String, Discriminant<What>, usize)> = Vec::new();
    for difference in files {
        let kind = std::mem::discriminant(&difference.what);
        let size = size_of(&difference.what);
        let around =
            folders.iter().rev().find(|(folder, of, _)| *of == kind && difference.path.starts_with(folder));
        if let Some(entry) = around.and_then(|(_, _, index)| entries.get_mut(*index)) {
            entry.below += 1;
            entry.size += size;
            continue;
        }
        if matches!(difference.what, What::Gone(FileType::Directory, _) | What::New(FileType::Directory, _)) {
            folders.push((format!("{}/", difference.path), kind, entries.len()));
        }
        entries.push(Entry { difference, below: 0, size });
    }
    entries
}

/// A line for each entry, and one for many of one folder that differ alike.
fn lines(entries: Vec<Entry<'_>>) -> Vec<(String, String)> {
    let mut alike: BTreeMap<(&str, String), Vec<Entry<'_>>> = BTreeMap::new();
    for entry in entries {
        let folder = entry.difference.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let words = entry.difference.what.to_string();
        let kind = words.split([' ', ',']).next().unwrap_or_default().to_owned();
        alike.entry((folder, kind)).or_default().push(entry);
    }
    let of_group = |((folder, _), group): ((&str, String), Vec<Entry<'_>>)| match group.as_slice() {
        [first, .., _] if group.len() > MOST_ALIKE => {
            let number: usize = group.iter().map(|entry| entry.below + 1).sum();
            let size: Bytes = group.iter().map(|entry| entry.size).sum();
            let what = match &first.difference.what {
                What::Gone(..) => format!("{number} gone ({size})"),
                What::New(..) => format!("{number} new ({size})"),
                what => format!("{number}, the first: {what}"),
            };
            vec![(format!("{folder}/…"), what)]
        }
        few => few.iter().map(line).collect(),
    };
    alike.into_iter().flat_map(of_group).collect()
}

fn line(entry: &Entry<'_>) -> (String, String) {
    let Difference { path, what } = entry.difference;
    let what = match entry.below {
        0 => what.to_string(),
        below => format!("{what}, with {below} below it ({})", entry.size),
    };
    (path.clone(), what)
}

fn size_of(what: &What) -> Bytes {
    match what {
        What::Gone(_, size) | What::New(_, size) => *size,
        _ => Bytes(0),
    }
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::bytes::Bytes;
    use crate::engine::BuildFailure;
    use crate::report::Style;
    use crate::rewrite::proof::{
        Class, Comparison, Difference, FileType, Noise, Outcome, Proof, SettingDifference, What,
    };

    fn shown(comparison: Comparison) -> String {
        let proof = Proof {
            variant: "safe".into(),
            outcome: Outcome::Compared(comparison),
            is_called_safe: true,
            culprits: vec![],
        };
        render(&proof, Style::new(false))
    }

    fn file(path: &str, what: What, class: Class) -> (Difference, Class) {
        (Difference { path: path.into(), what }, class)
    }

    fn setting(name: &str, before: Option<&str>, after: Option<&str>) -> SettingDifference {
        let owned = |value: Option<&str>| value.map(str::to_owned);
        SettingDifference { name: name.into(), before: owned(before), after: owned(after) }
    }

    #[test]
    fn the_same_is_said_in_a_line_with_the_times_aside() {
        insta::assert_snapshot!(shown(Comparison::default()), @"  proven identical: the same files, the same settings
        ");
        insta::assert_snapshot!(shown(Comparison { shared: 1200, times: 3, ..Comparison::default() }), @"
          proven identical: the same files, the same settings
          aside: the times of 3 of 1200 paths
        ");
    }

    #[test]
    fn what_a_rewrite_is_for_is_listed_and_a_folder_that_went_is_one_line() {
        let mut files = vec![
            file("/opt/cache", What::Gone(FileType::Directory, Bytes(0)), Class::Intended),
            file("/opt/cache/a", What::Gone(FileType::File, Bytes(1_000_000)), Class::Intended),
            file("/opt/cache/b/c", What::Gone(FileType::File, Bytes(500_000)), Class::Intended),
        ];
        files.extend(["a", "b", "c", "d"].map(|name| {
            file(
                &format!("/var/lib/apt/lists/{name}"),
                What::Gone(FileType::File, Bytes(7_000)),
                Class::Intended,
            )
        }));
        let log = Class::Noise(Noise::PackageLog);
        files.push(file("/var/log/apt/history.log", What::Content(Bytes(1), Bytes(2)), log));
        files.push(file("/var/log/apt/term.log", What::Content(Bytes(1), Bytes(2)), log));
        let cmd = setting("CMD", Some(r#"["/bin/sh","-c","app"]"#), Some(r#"["app"]"#));
        let comparison = Comparison { files, settings: vec![(cmd, Class::Intended)], shared: 40, times: 40 };
        insta::assert_snapshot!(shown(comparison), @r#"
          proven identical but for what the rewrites are there for
            CMD                   ["/bin/sh","-c","app"] → ["app"]
            /opt/cache            gone (directory), with 2 below it (1.50 MB)
            /var/lib/apt/lists/…  4 gone (28.0 kB)
          aside: package managers' logs (2, such as /var/log/apt/history.log), the times of 40 of 40 paths
        "#);
    }

    #[test]
    fn what_should_not_differ_is_listed_first() {
        let files = vec![
            file("/app", What::Owner(0, 1000), Class::Unexpected),
            file("/app", What::Mode(0o755, 0o700), Class::Unexpected),
            file("/tmp/x", What::Gone(FileType::File, Bytes(3)), Class::Intended),
        ];
        let settings = vec![
            (setting("ENV KEY", Some(""), Some("")), Class::Unexpected),
            (setting("USER", None, Some("app")), Class::Unexpected),
        ];
        insta::assert_snapshot!(shown(Comparison { files, settings, shared: 9, times: 0 }), @"
          different in 4 places
            ENV KEY  another value
            USER     not set → app
            /app     mode 0755 → 0700
            /app     owner 0 → 1000
          what the rewrites are there for:
            /tmp/x  gone (3 B)
        ");
    }

    #[test]
    fn a_variant_that_does_not_build_says_why() {
        let failure = BuildFailure::Builder { reason: "no space".into() };
        let proof = Proof {
            variant: "safe".into(),
            outcome: Outcome::Unbuilt(failure),
            is_called_safe: true,
            culprits: vec![],
        };
        insta::assert_snapshot!(render(&proof, Style::new(false)), @"  does not build, and the original does: the build failed: no space
        ");
    }
}
