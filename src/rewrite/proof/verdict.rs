//! What the differences of two images come to.

use std::collections::{BTreeSet, HashSet};
use std::mem::Discriminant;

use super::difference::{Difference, Differences, What};
use super::inode::FileType;
use super::noise::Noise;
use crate::engine::{ImageSettings, RUN_LABEL};
use crate::lint::Effect;

/// How an image compares with the original.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The same files and the same settings; times aside.
    Identical,
    /// The same but for known noise, and for what the rewrite is there for.
    Expected,
    /// Something else differs.
    Different,
}

/// Why a difference is as it should be, or that it isn't.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// It is not.
    Unexpected,
    /// A rewrite is there for it.
    Intended,
    /// It means nothing.
    Noise(Noise),
}

/// One setting in which two images differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingDifference {
    /// The setting, by its instruction: `CMD`, `ENV PATH`.
    pub name: String,
    /// The original's value; none where it is not set. Not kept for the environment and labels, which can be secret.
    pub before: Option<String>,
    /// The variant's.
    pub after: Option<String>,
}

/// Two images compared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// The differences of the files, in the order of their paths.
    pub files: Vec<(Difference, Class)>,
    /// The differences of the settings.
    pub settings: Vec<(SettingDifference, Class)>,
    /// Paths that both have.
    pub shared: usize,
    /// Those of them that have another time.
    pub times: usize,
}

impl Comparison {
    /// Classes what was found. `effects` are what the rewrites between the two images are there for.
    pub(super) fn of(
        differences: Differences,
        settings: (&ImageSettings, &ImageSettings),
        effects: &[Effect],
    ) -> Self {
        let class_of_file = |difference: &Difference| {
            let intended = effects.iter().any(|effect| is_of(effect, difference));
            match Noise::of(difference) {
                Some(noise) => Class::Noise(noise),
                None if intended => Class::Intended,
                None => Class::Unexpected,
            }
        };
        let class_of_setting = |difference: &SettingDifference| {
            let is_meant =
                |effect: &Effect| matches!(effect, Effect::Setting(name) if *name == difference.name);
            if effects.iter().any(is_meant) { Class::Intended } else { Class::Unexpected }
        };
        let mut files: Vec<_> = differences
            .found
            .into_iter()
            .map(|difference| {
                let class = class_of_file(&difference);
                (difference, class)
            })
            .collect();
        take_along_folders(&mut files);
        let settings = setting_differences(settings.0, settings.1).into_iter().map(|difference| {
            let class = class_of_setting(&difference);
            (difference, class)
        });
        Self { files, settings: settings.collect(), shared: differences.shared, times: differences.times }
    }

    /// What it comes to.
    pub fn verdict(&self) -> Verdict {
        let mut classes = self.classes().peekable();
        if classes.peek().is_none() {
            Verdict::Identical
        } else if classes.any(|class| class == Class::Unexpected) {
            Verdict::Different
        } else {
            Verdict::Expected
        }
    }

    /// The classes of all differences.
    fn classes(&self) -> impl Iterator<Item = Class> {
        let files = self.files.iter().map(|(_, class)| *class);
        files.chain(self.settings.iter().map(|(_, class)| *class))
    }

    /// Takes for noise what differs as well between two builds of the original, which `again` compares.
    pub(super) fn subtract(&mut self, again: &Self) {
        let varies: HashSet<_> = again.files.iter().map(|(difference, _)| key(difference)).collect();
        for (difference, class) in self.files.iter_mut().filter(|(_, class)| *class == Class::Unexpected) {
            if varies.contains(&key(difference)) {
                *class = Class::Noise(Noise::Unrepeatable);
            }
        }
        let settings: BTreeSet<&str> = again.settings.iter().map(|(other, _)| other.name.as_str()).collect();
        for (difference, class) in self.settings.iter_mut().filter(|(_, class)| *class == Class::Unexpected) {
            if settings.contains(difference.name.as_str()) {
                *class = Class::Noise(Noise::Unrepeatable);
            }
        }
    }
}

/// What tells a difference from another, whatever the values.
fn key(difference: &Difference) -> (&str, Discriminant<What>) {
    (&difference.path, std::mem::discriminant(&difference.what))
}

/// A folder that is gone with nothing in it but what should be gone, should be gone itself.
fn take_along_folders(files: &mut [(Difference, Class)]) {
    for index in (0..files.len()).rev() {
        let (before, behind) = files.split_at_mut(index + 1);
        let Some((difference, class)) = before.last_mut() else { continue };
        if !matches!(difference.what, What::Gone(FileType::Directory, _)) || *class != Class::Unexpected {
            continue;
        }
        // Others stand between a folder and what is in it: `a`, `a-b`, `a/c`. A zero follows the slash in ASCII.
        let (folder, end) = (format!("{}/", difference.path), format!("{}0", difference.path));
        let near = behind.iter().take_while(|(other, _)| other.path < end);
        let mut inside = near.filter(|(other, _)| other.path.starts_with(&folder)).peekable();
        if inside.peek().is_some() && inside.all(|(_, class)| *class != Class::Unexpected) {
            *class = Class::Intended;
        }
    }
}

/// Whether the difference is what the effect says.
fn is_of(effect: &Effect, difference: &Difference) -> bool {
    match effect {
        Effect::Removes(pattern) => {
            matches!(difference.what, What::Gone(..)) && lies_in(&difference.path, pattern)
        }
        Effect::Rewrites(pattern) => {
            matches!(difference.what, What::Content(..) | What::Gone(FileType::File, _))
                && lies_in(&difference.path, pattern)
        }
        Effect::Setting(_) => false,
    }
}

/// Whether `path` is what `place` names, or lies below it. A place that begins with no slash can be anywhere.
fn lies_in(path: &str, place: &str) -> bool {
    let (path, place) = (format!("{path}/"), format!("{}/", place.trim_end_matches('/')));
    if place.starts_with('/') { path.starts_with(&place) } else { path.contains(&format!("/{place}")) }
}

fn setting_differences(before: &ImageSettings, after: &ImageSettings) -> Vec<SettingDifference> {
    let names: BTreeSet<&String> = before.0.keys().chain(after.0.keys()).collect();
    let run = format!("LABEL {RUN_LABEL}");
    let differs = |name: &&String| before.0.get(*name) != after.0.get(*name) && **name != run;
    names
        .into_iter()
        .filter(differs)
        .map(|name| {
            let is_private = ["ENV ", "LABEL "].iter().any(|kind| name.starts_with(kind));
            let shown = |settings: &ImageSettings| {
                settings.0.get(name).map(|value| if is_private { String::new() } else { value.clone() })
            };
            SettingDifference { name: name.clone(), before: shown(before), after: shown(after) }
        })
        .collect()
}
