//! `--shellcheck`: the scripts of all files to the ShellCheck program, and what it says to the linter.

use std::sync::Arc;

use rayon::prelude::*;

use crate::lint::{self, Build, Settings, ShellScript, Verdicts};
use crate::shellcheck::ShellCheck;
use crate::text::SourceFile;

use super::Failure;
use super::checked::Checked;
use super::choice::Wish;
use super::input::Input;

/// The program with what it has said so far.
pub(super) struct Asked {
    program: ShellCheck,
    pub(super) verdicts: Arc<Verdicts>,
}

impl Asked {
    /// Asks about all scripts of the files that want it; nothing where none does. What the program can't do is no reason
    /// to say nothing at all.
    pub(super) fn about(
        files: &[Input],
        wishes: &[Wish],
        failures: &mut Vec<Failure>,
    ) -> Result<Option<Self>, Failure> {
        let wanted: Vec<(&Input, &Wish)> =
            files.iter().zip(wishes).filter(|(_, wish)| wish.shellcheck).collect();
        if wanted.is_empty() {
            return Ok(None);
        }
        let mut asked = Self { program: ShellCheck::find()?, verdicts: Arc::default() };
        let scripts =
            wanted.par_iter().flat_map_iter(|(file, wish)| scripts(&file.source, wish, &file.builds));
        asked.add(scripts.collect(), failures);
        Ok(Some(asked))
    }

    /// Asks about what fixes have made of the scripts.
    pub(super) fn again(&mut self, files: &[Checked], wishes: &[Wish], failures: &mut Vec<Failure>) {
        let changed =
            files.par_iter().zip(wishes).filter(|(file, wish)| wish.shellcheck && file.is_changed());
        let scripts =
            changed.flat_map_iter(|(file, wish)| scripts(&file.findings.source, wish, &file.builds));
        self.add(scripts.collect(), failures);
    }

    fn add(&mut self, scripts: Vec<ShellScript>, failures: &mut Vec<Failure>) {
        let errors = self.program.ask(scripts, Arc::make_mut(&mut self.verdicts));
        failures.extend(errors.into_iter().map(Failure::from));
    }
}

fn scripts(source: &SourceFile, wish: &Wish, builds: &[Build]) -> Vec<ShellScript> {
    if builds.is_empty() {
        return lint::shell_scripts(source, &wish.settings);
    }
    lint::shell_scripts(source, &Settings { builds: builds.to_vec(), ..wish.settings.as_ref().clone() })
}
