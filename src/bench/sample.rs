//! One measured value, and the file that keeps every one as it comes.

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::ser::Error as _;
use serde::{Deserialize, Serialize, Serializer};

use super::quantity::{Kind, Quantity, Unit};

/// One value of one quantity. Its unit is the quantity's.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "SampleLine")]
pub struct Sample {
    /// The variant's name.
    pub variant: String,
    /// The region's name, for a quantity that is sampled by region.
    pub region: Option<String>,
    /// What was measured.
    pub quantity: Quantity,
    /// The block it was measured in, from 0. Samples of one block were taken close together.
    pub block: u32,
    /// The value in the quantity's unit.
    pub value: f64,
    /// How the value came about.
    pub kind: Kind,
}

/// Writes `samples.jsonl`: a line a sample, on disk before `append` returns, so that a run that is cut off keeps
/// what it measured.
#[derive(Debug)]
pub struct SampleLog {
    path: PathBuf,
    file: File,
}

/// Why samples could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SampleLogError {
    /// The file could not be made, written or read.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried: `create`, `write` or `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A line that is no sample.
    #[error("line {line} of `{}` is no sample", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        source: serde_json::Error,
    },
}

impl Sample {
    /// The unit of the value.
    pub fn unit(&self) -> Unit {
        self.quantity.unit()
    }
}

impl SampleLog {
    /// Makes an empty log at `path`; an existing file there is an error.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, SampleLogError> {
        let path = path.into();
        match File::create_new(&path) {
            Ok(file) => Ok(Self { path, file }),
            Err(source) => Err(SampleLogError::Io { action: "create", path, source }),
        }
    }

    /// Writes one sample as one line.
    pub fn append(&mut self, sample: &Sample) -> Result<(), SampleLogError> {
        let mut write = || {
            let mut line = serde_json::to_vec(sample)?;
            line.push(b'\n');
            self.file.write_all(&line)
        };
        write().map_err(|source| SampleLogError::Io { action: "write", path: self.path.clone(), source })
    }

    /// All samples of the log at `path`. A last line that was cut off is left out; any other bad line is an error.
    pub fn read(path: &Path) -> Result<Vec<Sample>, SampleLogError> {
        let bytes = std::fs::read(path).map_err(|source| SampleLogError::Io {
            action: "read",
            path: path.to_owned(),
            source,
        })?;
        let mut samples = Vec::new();
        for (index, line) in bytes.split_inclusive(|byte| *byte == b'\n').enumerate() {
            match serde_json::from_slice(line) {
                Ok(sample) => samples.push(sample),
                Err(_) if !line.ends_with(b"\n") => break,
                Err(source) => {
                    return Err(SampleLogError::Line { path: path.to_owned(), line: index + 1, source });
                }
            }
        }
        Ok(samples)
    }
}

/// A line of `samples.jsonl`, which names the unit beside the value so that other tools need not know ours.
#[derive(Serialize, Deserialize)]
struct SampleLine {
    variant: String,
    region: Option<String>,
    quantity: Quantity,
    block: u32,
    value: serde_json::Number,
    unit: Unit,
    kind: Kind,
}

impl Serialize for Sample {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let value = number(self.value, self.unit());
        SampleLine {
            variant: self.variant.clone(),
            region: self.region.clone(),
            quantity: self.quantity,
            block: self.block,
            value: value.ok_or_else(|| S::Error::custom(format!("{} is no value", self.value)))?,
            unit: self.unit(),
            kind: self.kind,
        }
        .serialize(serializer)
    }
}

impl TryFrom<SampleLine> for Sample {
    type Error = String;

    fn try_from(line: SampleLine) -> Result<Self, String> {
        if line.unit != line.quantity.unit() {
            return Err(format!("the unit is not that of `{}`", line.quantity));
        }
        let value = line.value.as_f64().filter(|value| *value >= 0.0);
        Ok(Self {
            variant: line.variant,
            region: line.region,
            quantity: line.quantity,
            block: line.block,
            value: value.ok_or_else(|| format!("`{}` is no value of `{}`", line.value, line.quantity))?,
            kind: line.kind,
        })
    }
}

/// The value as JSON writes it, a whole number where the unit knows no other; none for a value that is no number.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rounded, and clamped by `as`")]
fn number(value: f64, unit: Unit) -> Option<serde_json::Number> {
    let whole = unit.exact() && value.is_finite() && value >= 0.0;
    if whole { Some((value.round() as u64).into()) } else { serde_json::Number::from_f64(value) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::{Sample, SampleLog, SampleLogError};
    use crate::bench::{Kind, Quantity};

    fn pull() -> Sample {
        Sample {
            variant: "safe".to_owned(),
            region: Some("ap-south".to_owned()),
            quantity: Quantity::PullCold,
            block: 3,
            value: 4.25,
            kind: Kind::Emulated,
        }
    }

    fn layers() -> Sample {
        Sample {
            region: None,
            quantity: Quantity::Layers,
            block: 0,
            value: 12.0,
            kind: Kind::Measured,
            ..pull()
        }
    }

    #[test]
    fn a_sample_is_one_json_line_with_its_unit() {
        insta::assert_snapshot!(serde_json::to_string(&pull()).unwrap(), @r#"{"variant":"safe","region":"ap-south","quantity":"pull.cold","block":3,"value":4.25,"unit":"s","kind":"emulated"}"#);
        insta::assert_snapshot!(serde_json::to_string(&layers()).unwrap(), @r#"{"variant":"safe","region":null,"quantity":"layers","block":0,"value":12,"unit":"count","kind":"measured"}"#);
    }

    #[test]
    fn a_log_reads_back_what_was_appended_and_leaves_a_cut_off_last_line_out() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.jsonl");
        let mut log = SampleLog::create(&path).unwrap();
        log.append(&pull()).unwrap();
        log.append(&layers()).unwrap();
        assert_eq!(SampleLog::read(&path).unwrap(), [pull(), layers()]);
        let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(br#"{"variant":"safe","region":"ap-so"#).unwrap();
        assert_eq!(SampleLog::read(&path).unwrap(), [pull(), layers()]);
    }

    #[test]
    fn a_sample_is_on_disk_as_soon_as_it_is_appended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.jsonl");
        let mut log = SampleLog::create(&path).unwrap();
        log.append(&pull()).unwrap();
        assert_eq!(SampleLog::read(&path).unwrap(), [pull()]);
        drop(log);
    }

    #[test]
    fn a_bad_line_amid_good_ones_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.jsonl");
        let good = serde_json::to_string(&pull()).unwrap();
        let wrong_unit = good.replace(r#""unit":"s""#, r#""unit":"bytes""#);
        std::fs::write(&path, format!("{good}\n{wrong_unit}\n{good}\n")).unwrap();
        let Err(SampleLogError::Line { line, source, .. }) = SampleLog::read(&path) else {
            panic!("the line was taken")
        };
        assert_eq!(line, 2);
        assert!(source.to_string().contains("the unit is not that of `pull.cold`"), "{source}");
    }

    #[test]
    fn a_value_that_is_no_number_is_not_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.jsonl");
        let mut log = SampleLog::create(&path).unwrap();
        log.append(&Sample { value: f64::NAN, ..pull() }).unwrap_err();
        assert_eq!(SampleLog::read(&path).unwrap(), []);
    }

    #[test]
    fn an_older_log_is_not_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("samples.jsonl");
        SampleLog::create(&path).unwrap().append(&pull()).unwrap();
        SampleLog::create(&path).unwrap_err();
        assert_eq!(SampleLog::read(&path).unwrap().len(), 1);
    }
}
