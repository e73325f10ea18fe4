//! A run as JSON: `result.json` itself.

use crate::bench::RunResult;

/// The run as indented JSON with a last newline, the same bytes that its folder holds.
pub fn render(result: &RunResult) -> serde_json::Result<String> {
    Ok(serde_json::to_string_pretty(result)? + "\n")
}

#[cfg(test)]
mod tests {
    use super::render;
    use crate::bench::{RunFolder, example};

    #[test]
    fn the_json_report_is_the_file_in_the_runs_folder() {
        let folder = tempfile::tempdir().unwrap();
        let run = RunFolder::create_at(folder.path()).unwrap();
        run.write_result(&example()).unwrap();
        let file = std::fs::read_to_string(folder.path().join("result.json")).unwrap();
        assert_eq!(render(&example()).unwrap(), file);
    }
}
