//! What somebody meant who named a variable that is not there.

/// How many names are looked at.
const MOST_NAMES: usize = 500;

/// The name nearest to `name`, where one is fewer than three slips of the keyboard away; none where the name is there.
/// Source: moby/buildkit, util/suggest/error.go, `Search`.
pub(super) fn nearest_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let mut best = None;
    let mut least = 3;
    // Nobody has more names in mind; a file that has would take time in the square of them.
    for candidate in known.into_iter().take(MOST_NAMES) {
        if candidate == name {
            return None;
        }
        // The distance is at least what the lengths differ by, and costs their product.
        if candidate.len().abs_diff(name.len()) >= least * 4 {
            continue;
        }
        let distance = strsim::levenshtein(name, candidate);
        if distance < least {
            (best, least) = (Some(candidate), distance);
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::nearest_name;

    #[test]
    fn a_slip_or_two_is_mended_and_more_is_another_name() {
        assert_eq!(nearest_name("PAHT", ["HOME", "PATH"]), Some("PATH"));
        assert_eq!(nearest_name("DIR_ASSET", ["DIR_BINARIES", "DIR_ASSETS"]), Some("DIR_ASSETS"));
        assert_eq!(nearest_name("foo", ["PATH"]), None);
        assert_eq!(nearest_name("PATH", ["PATHS", "PATH"]), None);
    }
}
