//! What the program said before, kept by what it was given.
//!
//! An entry's name is a hash of all that the answer depends on: the program's version, what is asked of it, and the
//! script with its head. So an entry is never out of date; it is only ever not asked for any more. It begins with a hash
//! of its own content: one that was cut short or changed is as good as none. Nothing here fails: who can't keep an answer
//! asks again.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::lint::{Remark, Severity};

use super::ARGUMENTS;

/// Entries that nobody asked for in this time go.
const KEPT: Duration = Duration::from_hours(90 * 24);

/// An entry's age is looked at when it is used; a day more or less does not matter.
const DAY: Duration = Duration::from_hours(24);

/// The answers of one version of the program.
#[derive(Debug)]
pub(super) struct Cache {
    folder: PathBuf,
    /// What all of its entries depend on.
    seed: Sha256,
}

/// A finding as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    from: (usize, usize),
    to: (usize, usize),
    code: usize,
    severity: String,
    message: String,
}

/// Where the user's caches are, if anywhere.
pub(super) fn folder() -> Option<PathBuf> {
    let set = |name| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let caches = set("XDG_CACHE_HOME").filter(|path| path.is_absolute()).or_else(|| {
        if cfg!(windows) { set("LOCALAPPDATA") } else { env::home_dir().map(|home| home.join(".cache")) }
    })?;
    Some(caches.join("plimsoll").join("shellcheck"))
}

impl Cache {
    /// The entries of one version in `folder`. Old ones are cleared away about once a day.
    pub(super) fn new(folder: PathBuf, version: &str) -> Self {
        let mut seed = Sha256::new();
        for part in [version].into_iter().chain(ARGUMENTS) {
            seed.update(part);
            seed.update([0]);
        }
        clear(&folder);
        Self { folder, seed }
    }

    /// What was said of a script.
    pub(super) fn get(&self, text: &str) -> Option<Vec<Remark>> {
        let path = self.path(text);
        let entry = fs::read_to_string(&path).ok()?;
        let (hash, content) = entry.split_once('\n')?;
        if hash != hex(&Sha256::digest(content)) {
            return None;
        }
        let kept: Vec<Kept> = serde_json::from_str(content).ok()?;
        if age(&path).is_some_and(|age| age > DAY) {
            // It stays for another while.
            let _ = fs::File::options()
                .append(true)
                .open(&path)
                .and_then(|file| file.set_modified(SystemTime::now()));
        }
        kept.into_iter().map(Kept::remark).collect()
    }

    /// Keeps what is said of a script. The entry appears whole or not at all.
    pub(super) fn put(&self, text: &str, remarks: &[Remark]) {
        let kept: Vec<Kept> = remarks.iter().map(Kept::of).collect();
        let Ok(content) = serde_json::to_string(&kept) else { return };
        let path = self.path(text);
        let Some(folder) = path.parent() else { return };
        let write = || {
            fs::create_dir_all(folder)?;
            let mut file = tempfile::NamedTempFile::new_in(folder)?;
            write!(file, "{}\n{content}", hex(&Sha256::digest(&content)))?;
            file.persist(&path)?;
            std::io::Result::Ok(())
        };
        let _ = write();
    }

    fn path(&self, text: &str) -> PathBuf {
        let mut hash = self.seed.clone();
        hash.update(text);
        let name = hex(&hash.finalize());
        let (first, rest) = name.split_at(2);
        self.folder.join(first).join(rest)
    }
}

impl Kept {
    fn of(remark: &Remark) -> Self {
        let Remark { from, to, code, severity, message } = remark;
        let severity = severity.as_str().to_owned();
        Self { from: *from, to: *to, code: *code, severity, message: message.clone() }
    }

    fn remark(self) -> Option<Remark> {
        let severity = Severity::ALL.into_iter().find(|severity| severity.as_str() == self.severity)?;
        Some(Remark { from: self.from, to: self.to, code: self.code, severity, message: self.message })
    }
}

/// Takes away what nobody asked for in a long time, unless that was done today.
fn clear(folder: &Path) {
    let mark = folder.join("cleared");
    if !folder.is_dir() || age(&mark).is_some_and(|age| age < DAY) {
        return;
    }
    // Before the work, so that processes side by side don't all do it.
    let _ = fs::write(&mark, "");
    let entries =
        |folder: &Path| fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    for shelf in entries(folder).filter(|path| path.is_dir()) {
        for entry in entries(&shelf).filter(|path| age(path).is_some_and(|age| age > KEPT)) {
            let _ = fs::remove_file(entry);
        }
    }
}

fn age(path: &Path) -> Option<Duration> {
    fs::metadata(path).ok()?.modified().ok()?.elapsed().ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
