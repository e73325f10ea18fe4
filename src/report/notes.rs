//! What a reader has to know to read the ranked table rightly, in sentences.

use crate::bench::statistics::Basis;
use crate::bench::{Kind, ORIGINAL, RunResult};

/// The notes, the most important first.
pub(super) fn notes(result: &RunResult) -> Vec<String> {
    let mut notes = vec![figures(result)];
    notes.extend(too_few(result));
    notes.extend(deciding(result));
    notes.extend(ties(result));
    notes.extend(outliers(result));
    notes
}

/// What the figures in the cells are.
fn figures(result: &RunResult) -> String {
    let compared = result.ranking.iter().any(|ranked| ranked.to_baseline.is_some());
    let ratio = if compared { format!("; the ratio is to {ORIGINAL}") } else { String::new() };
    if result.objective.unit().exact() {
        return format!("Exact figures{ratio}.");
    }
    if result.kind == Kind::Predicted {
        return format!("Predicted times{ratio}.");
    }
    let blocks = || result.ranking.iter().map(|ranked| ranked.n);
    let blocks = match (blocks().min().unwrap_or(0), blocks().max().unwrap_or(0)) {
        (1, 1) => "1 block".to_owned(),
        (fewest, most) if fewest == most => format!("{most} blocks"),
        (fewest, most) => format!("{fewest} to {most} blocks"),
    };
    let has = |basis| result.ranking.iter().any(|ranked| ranked.basis == basis);
    let ends = match (ranges(result), has(Basis::Pooled)) {
        (true, _) => "[least, greatest]",
        (false, true) => "95 % intervals (pooled spread)",
        (false, false) => "95 % intervals",
    };
    format!("Medians of {blocks} with {ends}{ratio}. Seed {}.", result.seed)
}

/// Whether some figures stand with their range, there being too few for an interval.
fn ranges(result: &RunResult) -> bool {
    result.ranking.iter().any(|ranked| ranked.basis == Basis::Range)
}

fn too_few(result: &RunResult) -> Option<String> {
    let sampled = !result.objective.unit().exact() && result.kind != Kind::Predicted;
    (sampled && ranges(result)).then(|| {
        let few = result.ranking.iter().any(|ranked| ranked.n > 1);
        if few { "So few blocks give no interval" } else { "A single block gives no interval" }.to_owned()
            + ", so the ranks may not hold."
    })
}

/// Which region the ranks go by.
fn deciding(result: &RunResult) -> Option<String> {
    let first = result.ranking.first()?.region.as_deref()?;
    if result.regions.len() == 1 {
        return None;
    }
    if result.ranking.iter().all(|ranked| ranked.region.as_deref() == Some(first)) {
        return Some(format!("Ranks go by the worst region to fail over to, which is {first} for all."));
    }
    Some("Ranks go by the worst region to fail over to, marked ‹ for each variant.".to_owned())
}

fn ties(result: &RunResult) -> Option<String> {
    let tied = result.ranking.iter().any(|ranked| ranked.tied);
    tied.then(|| {
        "= shares its rank: the samples can't tell these variants apart; the smaller comes first.".to_owned()
    })
}

fn outliers(result: &RunResult) -> Option<String> {
    let outliers: usize = result.summaries.iter().map(|summary| summary.outliers).sum();
    let samples = if outliers == 1 { "1 sample lies" } else { &format!("{outliers} samples lie") };
    (outliers > 0)
        .then(|| format!("{samples} far outside; medians hardly feel them, and they are in the files."))
}

#[cfg(test)]
mod tests {
    use super::notes;
    use crate::bench::{example, example_with};

    #[test]
    fn few_blocks_have_a_pooled_interval_and_a_single_one_only_its_range() {
        assert!(notes(&example())[0].starts_with("Medians of 7 blocks with 95 % intervals"));
        let few = notes(&example_with(3));
        assert!(few[0].starts_with("Medians of 3 blocks with 95 % intervals (pooled spread)"), "{few:?}");
        let single = notes(&example_with(1));
        assert!(single[0].starts_with("Medians of 1 block with [least, greatest]"), "{single:?}");
        assert!(single[1].starts_with("A single block gives no interval"), "{single:?}");
    }

    #[test]
    fn a_region_that_decides_for_all_is_named() {
        let mut result = example();
        assert!(notes(&result)[1].contains("which is far for all"));
        result.ranking[1].region = Some("continental".to_owned());
        assert!(notes(&result)[1].contains("marked ‹"));
    }

    #[test]
    fn samples_far_outside_are_told() {
        let mut result = example();
        assert_eq!(notes(&result).len(), 3);
        result.summaries[1].outliers = 2;
        assert!(notes(&result)[3].starts_with("2 samples lie far outside"));
    }
}
