//! An image's history: which instruction left which layer.

use serde::Deserialize;

use crate::bytes::Bytes;

/// One line of an image's history, oldest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryEntry {
    /// The instruction as the builder wrote it down, such as `RUN /bin/sh -c npm ci # buildkit`. Values of `ARG`,
    /// `ENV` and build arguments are left out.
    pub created_by: String,
    /// Whether it left no layer.
    pub empty_layer: bool,
    /// What the engine says its layer takes on disk; nothing where only the config is known.
    pub size: Option<Bytes>,
}

impl HistoryEntry {
    /// The keyword of the instruction in capitals, or nothing where the entry was not made from a Dockerfile.
    pub fn keyword(&self) -> Option<&str> {
        let word = self.created_by.split_whitespace().next()?;
        (word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_uppercase())).then_some(word)
    }
}

/// The history in an image's config, as a registry serves it. It says for certain which entries left no layer.
pub fn history_of_config(config: &[u8]) -> serde_json::Result<Vec<HistoryEntry>> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(default)]
        history: Vec<Entry>,
    }
    #[derive(Deserialize)]
    struct Entry {
        #[serde(default)]
        created_by: String,
        #[serde(default)]
        empty_layer: bool,
    }
    let config: Config = serde_json::from_slice(config)?;
    let entry = |entry: Entry| HistoryEntry {
        created_by: without_values(&entry.created_by),
        empty_layer: entry.empty_layer,
        size: None,
    };
    Ok(config.history.into_iter().map(entry).collect())
}

/// The history as the engine tells it: instruction and size of each entry, oldest first, and the number of layers.
///
/// An engine does not tell an entry without a layer from one whose layer holds only directories: both have the size
/// nought. Entries of other than `RUN`, `COPY`, `ADD` and `WORKDIR` never have a layer. Should there still be more
/// candidates than layers, a `WORKDIR` is the first to be held for empty (its directory may exist), then the earlier
/// entries; [`history_of_config`] knows better.
pub(super) fn history_of_engine(told: Vec<(String, Bytes)>, layers: usize) -> Vec<HistoryEntry> {
    let mut entries: Vec<HistoryEntry> = told
        .into_iter()
        .map(|(created_by, size)| HistoryEntry {
            created_by: without_values(&created_by),
            empty_layer: size == Bytes(0),
            size: Some(size),
        })
        .collect();
    let mut missing = layers.saturating_sub(entries.iter().filter(|entry| !entry.empty_layer).count());
    for keywords in [["RUN", "COPY", "ADD"].as_slice(), &["WORKDIR"]] {
        for entry in entries.iter_mut().rev() {
            if missing > 0 && entry.empty_layer && makes_layer(entry, keywords) {
                entry.empty_layer = false;
                missing -= 1;
            }
        }
    }
    entries
}

fn makes_layer(entry: &HistoryEntry, keywords: &[&str]) -> bool {
    match entry.keyword() {
        Some(keyword) => keywords.contains(&keyword),
        // The classic builder: `/bin/sh -c #(nop) COPY file:…` or `/bin/sh -c command`.
        None => match entry.created_by.split_once("#(nop)") {
            Some((_, instruction)) => {
                instruction.split_whitespace().next().is_some_and(|keyword| keywords.contains(&keyword))
            }
            None => keywords.contains(&"RUN") && entry.created_by.starts_with("/bin/sh -c"),
        },
    }
}

/// An entry without the values of variables: builders write build arguments before a command (`RUN |2 A=x B=y
/// /bin/sh -c …`) and after `ARG` and `ENV`.
fn without_values(created_by: &str) -> String {
    let text = created_by.trim_start();
    let nop = text.find("#(nop)").map_or(0, |at| at + "#(nop)".len());
    let (before, instruction) = text.split_at(nop);
    let instruction = instruction.trim_start();
    let shown = match instruction.split_once(' ') {
        Some((keyword @ ("ARG" | "ENV"), rest)) => {
            // The values may hold blanks, so that only the first name is sure to be one.
            let name = rest.trim_start().split(['=', ' ']).next().unwrap_or_default();
            format!("{keyword} {name}")
        }
        _ => match arguments_end(instruction) {
            Some((head, command)) => format!("{head}{command}"),
            None => instruction.to_owned(),
        },
    };
    if before.is_empty() { shown } else { format!("{before} {shown}") }
}

/// What stands before `|2 A=x B=y` and the command after it; no command where its beginning can't be told.
fn arguments_end(instruction: &str) -> Option<(&str, &str)> {
    let (head, rest) = match instruction.strip_prefix("RUN |") {
        Some(rest) => ("RUN ", rest),
        None => ("", instruction.strip_prefix('|')?),
    };
    if !rest.starts_with(|first: char| first.is_ascii_digit()) {
        return None;
    }
    // The last one: a value may hold the words of a shell too, and must not come out by them.
    let command = rest.rfind("/bin/sh -c ").and_then(|at| rest.get(at..)).unwrap_or_default();
    Some((head, command))
}

#[cfg(test)]
mod tests {
    use super::{HistoryEntry, history_of_config, history_of_engine, without_values};
    use crate::bytes::Bytes;

    #[test]
    fn values_do_not_come_out_of_a_history() {
        let cases = [
            ("RUN |1 TOKEN=hunter2 /bin/sh -c npm ci # buildkit", "RUN /bin/sh -c npm ci # buildkit"),
            ("RUN |1 TOKEN=hunter2 npm ci # buildkit", "RUN "),
            ("RUN |1 T=/bin/sh -c hunter2 /bin/sh -c x # buildkit", "RUN /bin/sh -c x # buildkit"),
            ("|1 TOKEN=hunter2 /bin/sh -c make", "/bin/sh -c make"),
            ("ARG TOKEN=hunter2", "ARG TOKEN"),
            ("ENV A=hunter2 B=hunter2", "ENV A"),
            ("/bin/sh -c #(nop)  ENV A=hunter2", "/bin/sh -c #(nop) ENV A"),
            ("RUN /bin/sh -c a | b # buildkit", "RUN /bin/sh -c a | b # buildkit"),
            ("CMD [\"nginx\"]", "CMD [\"nginx\"]"),
            ("", ""),
        ];
        for (told, shown) in cases {
            assert_eq!(without_values(told), shown);
        }
    }

    #[test]
    fn a_config_says_which_entries_are_empty() {
        let config = br#"{"history":[{"created_by":"RUN x"},{"created_by":"CMD y","empty_layer":true},{"comment":"z"}]}"#;
        let history = history_of_config(config).unwrap();
        assert_eq!(history.iter().map(|entry| entry.empty_layer).collect::<Vec<_>>(), [false, true, false]);
        assert_eq!(history[0].keyword(), Some("RUN"));
        assert_eq!(history[2].keyword(), None);
    }

    #[test]
    fn a_layer_of_directories_only_is_told_from_no_layer_by_the_count() {
        let told = [
            ("", 90),
            ("WORKDIR /app", 0),
            ("RUN /bin/sh -c true", 0),
            ("ENV A", 0),
            ("COPY . .", 7),
            ("CMD x", 0),
        ];
        let told: Vec<_> = told.map(|(text, size)| (text.to_owned(), Bytes(size))).into();
        let full = |layers| -> Vec<bool> {
            history_of_engine(told.clone(), layers)
                .iter()
                .map(|HistoryEntry { empty_layer, .. }| !empty_layer)
                .collect()
        };
        assert_eq!(full(2), [true, false, false, false, true, false]);
        assert_eq!(full(3), [true, false, true, false, true, false]);
        assert_eq!(full(4), [true, true, true, false, true, false]);
    }
}
