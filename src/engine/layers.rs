//! Which instruction left which layer.

use super::history::HistoryEntry;

/// For each layer of an image, lowest first, the place in `keywords` of the instruction that left it; nothing for the
/// layers of the base image and those that an `ONBUILD` of it left.
///
/// `keywords` are those of the stages that lead to the built target, `FROM` included, in capitals and in the order in
/// which they run: the instructions of the stage it is built from before its own.
///
/// BuildKit writes one history entry for each instruction but `FROM` and `ONBUILD` (moby/buildkit,
/// dockerfile2llb/convert.go: `commitToHistory`), the base image's entries before them. So they are matched from the
/// end, where nothing stands between. An entry whose keyword is not that of the instruction whose turn it is belongs
/// to nobody.
pub fn layers_to_instructions(history: &[HistoryEntry], keywords: &[&str]) -> Vec<Option<usize>> {
    let mut committing = keywords
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, keyword)| !matches!(**keyword, "FROM" | "ONBUILD"))
        .peekable();
    let mut layers: Vec<Option<usize>> = Vec::new();
    for entry in history.iter().rev() {
        let instruction = committing.next_if(|(_, keyword)| entry.keyword() == Some(keyword));
        if !entry.empty_layer {
            layers.push(instruction.map(|(place, _)| place));
        }
    }
    layers.reverse();
    layers
}

#[cfg(test)]
mod tests {
    use super::layers_to_instructions;
    use crate::engine::HistoryEntry;

    fn entry(created_by: &str, empty_layer: bool) -> HistoryEntry {
        HistoryEntry { created_by: created_by.into(), empty_layer, size: None }
    }

    #[test]
    fn layers_are_matched_from_the_end_and_the_bases_are_nobodys() {
        let history = [
            entry("", false),
            entry("CMD [\"sh\"]", true),
            entry("ENV A", true),
            entry("WORKDIR /app", false),
            entry("RUN /bin/sh -c true # buildkit", true),
            entry("COPY . . # buildkit", false),
            entry("CMD x", true),
        ];
        let keywords = ["FROM", "ENV", "WORKDIR", "RUN", "ONBUILD", "COPY", "CMD"];
        assert_eq!(layers_to_instructions(&history, &keywords), [None, Some(2), Some(5)]);
    }

    #[test]
    fn a_trigger_of_the_base_takes_nobodys_place() {
        let history = [
            entry("RUN /bin/sh -c base", false),
            entry("COPY triggered /x # buildkit", false),
            entry("RUN /bin/sh -c own # buildkit", false),
        ];
        assert_eq!(layers_to_instructions(&history, &["FROM", "RUN"]), [None, None, Some(1)]);
    }
}
