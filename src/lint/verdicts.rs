//! What the ShellCheck program says of scripts, by what it was given.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Severity, ShellScript};

/// What ShellCheck says of scripts.
#[derive(Debug, Clone, Default)]
pub struct Verdicts {
    by_text: HashMap<String, Arc<[Remark]>>,
}

/// One thing that it says. Lines and columns count from 1, columns in characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// Where it begins.
    pub from: (usize, usize),
    /// Where it ends.
    pub to: (usize, usize),
    /// The code, without its letters.
    pub code: usize,
    /// How grave it is.
    pub severity: Severity,
    /// What it is.
    pub message: String,
}

impl Verdicts {
    /// Remembers what it says of a script that is given to it as `text`.
    pub fn insert(&mut self, text: String, remarks: Vec<Remark>) {
        self.by_text.insert(text, remarks.into());
    }

    /// Whether it was asked about a script.
    pub fn know(&self, script: &ShellScript) -> bool {
        self.by_text.contains_key(&script.text)
    }

    /// What it says of a script; nothing where it wasn't asked.
    pub fn of(&self, script: &ShellScript) -> &[Remark] {
        self.by_text.get(&script.text).map(AsRef::as_ref).unwrap_or_default()
    }
}
