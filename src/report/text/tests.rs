//! What people see on their terminals.

use super::{Style, Terminal, render};
use crate::bench::{
    Kind, LinkRecord, ORIGINAL, RankedRegion, RegionRecord, RegionRole, RunResult, VariantStatus, example,
    example_by_size, example_with,
};

fn shown(result: &RunResult, width: usize) -> String {
    render(result, ".plimsoll/runs/20261103-142233", Terminal { width, style: Style::new(false) })
}

fn widest(text: &str) -> usize {
    text.lines().map(|line| line.chars().count()).max().unwrap_or(0)
}

/// The example with one region alone.
fn one_region(mut result: RunResult) -> RunResult {
    result.regions.retain(|region| region.name == "far");
    for ranked in &mut result.ranking {
        ranked.regions.retain(|region| region.region == "far");
    }
    result
}

#[test]
fn three_regions_with_a_tie_and_a_failed_variant_fit_into_100_columns() {
    let text = shown(&example(), 100);
    assert!(widest(&text) <= 100, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn on_a_wide_terminal_intervals_stand_beside_their_medians() {
    let text = shown(&example(), 140);
    assert!(widest(&text) <= 140);
    insta::assert_snapshot!(text);
}

#[test]
fn colours_change_no_text() {
    let terminal = Terminal { width: 100, style: Style::new(true) };
    let coloured = render(&example(), ".plimsoll/runs/20261103-142233", terminal);
    let plain = regex::Regex::new("\u{1b}\\[[0-9;]*m").unwrap().replace_all(&coloured, "").into_owned();
    assert_eq!(plain, shown(&example(), 100));
    insta::assert_snapshot!(coloured.replace('\u{1b}', "␛"));
}

#[test]
fn an_interrupted_run_with_few_blocks_says_both() {
    let mut result = example_with(2);
    result.interrupted = true;
    result.blocks = 7;
    result.assumptions.clear();
    insta::assert_snapshot!(shown(&result, 100));
}

#[test]
fn one_region_and_long_names_fit() {
    let mut result = one_region(example());
    let long = "careful-multi-stage-with-a-distroless-runtime-and-every-dependency-pinned";
    for name in result.variants.iter_mut().map(|variant| &mut variant.name) {
        if name == "single-stage" {
            long.clone_into(name);
        }
    }
    for ranked in result.ranking.iter_mut().filter(|ranked| ranked.variant == "single-stage") {
        long.clone_into(&mut ranked.variant);
    }
    result.summaries.clear();
    insta::assert_snapshot!(shown(&result, 80));
}

#[test]
fn regions_that_do_not_fit_beside_each_other_go_on_below() {
    let mut result = example();
    for name in ["eu-central", "us-east", "ap-southeast", "sa-east"] {
        result.regions.push(RegionRecord {
            name: name.to_owned(),
            role: RegionRole::Failover,
            kind: Kind::Emulated,
            link: Some(LinkRecord {
                rtt: std::time::Duration::from_micros(82_500),
                bandwidth: 150_000_000,
                jitter: std::time::Duration::from_millis(8),
                loss: 0.001,
            }),
        });
        for ranked in &mut result.ranking {
            let far = ranked.regions[2].clone();
            ranked.regions.push(RankedRegion { region: name.to_owned(), ..far });
        }
    }
    result.summaries.clear();
    let text = shown(&result, 100);
    assert!(widest(&text) <= 100, "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn where_variants_have_different_worst_regions_each_is_marked() {
    let mut result = example();
    result.ranking[0].region = Some("continental".to_owned());
    let text = shown(&result, 140);
    assert_eq!(text.matches('‹').count(), result.ranking.len() + 1, "{text}");
}

#[test]
fn the_original_as_winner_has_no_diff() {
    let mut result = example();
    result.ranking.retain(|ranked| ranked.variant == ORIGINAL);
    result.ranking[0].rank = 1;
    let text = shown(&result, 100);
    assert!(text.contains("original is first: 19.9 s in far\n"), "{text}");
    assert!(!text.contains("@@"), "{text}");
}

#[test]
fn a_winner_that_is_no_rewrite_says_where_it_comes_from() {
    let mut result = example();
    let winner = result.ranking[0].variant.clone();
    for variant in result.variants.iter_mut().filter(|variant| variant.name == winner) {
        variant.diff.clear();
        variant.dockerfile = "deploy/small.Dockerfile".to_owned();
        variant.target = Some("runtime".to_owned());
    }
    assert!(shown(&result, 100).contains("\nIt is the stage runtime of deploy/small.Dockerfile.\n"));
}

#[test]
fn a_ranking_by_size_is_exact() {
    insta::assert_snapshot!(shown(&example_by_size(), 100));
}

#[test]
fn a_log_moves_no_cursor() {
    let mut result = example();
    result.variants[4].log = vec!["\u{1b}[2Kgone\rover\tthere\u{7}".to_owned()];
    assert!(shown(&result, 100).contains("│ [2Kgoneover there\n"));
}

#[test]
fn a_run_in_which_nothing_was_ranked_tells_what_became_of_each_variant() {
    let mut result = example();
    result.ranking.clear();
    result.summaries.clear();
    result.interrupted = true;
    for variant in result.variants.iter_mut().filter(|variant| variant.status == VariantStatus::Ok) {
        variant.image = None;
    }
    insta::assert_snapshot!(shown(&result, 100));
}
