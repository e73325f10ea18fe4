//! `plimsoll lint --migrate`: hadolint's configuration as a `plimsoll.toml`.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::config::{self, FILE};

use super::{Exit, Failure, Printer};

/// Writes the `plimsoll.toml` of the folder, never over one that is there.
pub(super) fn run(paths: &[PathBuf], printer: Printer) -> Result<Exit, Failure> {
    let folder = match paths {
        [] => Path::new("."),
        [path] if path.is_dir() => path,
        _ => return Err(Failure::Usage("`--migrate` takes one folder".to_owned())),
    };
    let Some(migration) = config::migrate(folder)? else {
        return Err(Failure::Usage(format!("there is no .hadolint.yaml for {}", folder.display())));
    };
    let path = folder.join(FILE);
    let mut file = match std::fs::File::create_new(&path) {
        Ok(file) => file,
        Err(source) if source.kind() == std::io::ErrorKind::AlreadyExists => {
            return Err(Failure::Usage(format!("{} is there already, and is left as it is", path.display())));
        }
        Err(source) => return Err(Failure::Write { path, source }),
    };
    file.write_all(migration.text.as_bytes())
        .map_err(|source| Failure::Write { path: path.clone(), source })?;
    printer.note(&format!("{} says what {} said", path.display(), migration.from.display()));
    for lost in &migration.lost {
        printer.note(&format!("not carried over: {lost}"));
    }
    Ok(Exit::Clean)
}
