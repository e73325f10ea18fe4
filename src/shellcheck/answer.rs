//! The program's findings, from its JSON to ours.

use std::collections::HashMap;

use serde::Deserialize;

use crate::lint::{Remark, Severity};

use super::ShellCheckError;

/// `--format=json1`
#[derive(Debug, Deserialize)]
struct Answer {
    comments: Vec<Comment>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comment {
    file: String,
    line: usize,
    end_line: usize,
    column: usize,
    end_column: usize,
    level: Level,
    code: usize,
    message: String,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Level {
    Error,
    Warning,
    Info,
    Style,
}

/// The findings by the number of the script, of which there are `count`.
pub(super) fn read(text: &str, count: usize) -> Result<HashMap<usize, Vec<Remark>>, ShellCheckError> {
    let answer: Answer =
        serde_json::from_str(text).map_err(|error| ShellCheckError::Garbled(error.to_string()))?;
    let mut by_script: HashMap<usize, Vec<Remark>> = HashMap::new();
    for comment in answer.comments {
        let script = comment.file.parse().ok().filter(|index| *index < count);
        let script = script.ok_or_else(|| {
            ShellCheckError::Garbled(format!("it names a file `{}` that it wasn't given", comment.file))
        })?;
        by_script.entry(script).or_default().push(Remark {
            from: (comment.line, comment.column),
            to: (comment.end_line, comment.end_column),
            code: comment.code,
            severity: match comment.level {
                Level::Error => Severity::Error,
                Level::Warning => Severity::Warning,
                Level::Info => Severity::Info,
                Level::Style => Severity::Style,
            },
            message: comment.message,
        });
    }
    Ok(by_script)
}
