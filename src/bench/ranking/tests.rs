//! The laws of the ranking, and the cases that people would argue about.

use proptest::prelude::*;

use super::{Objective, RankingError, RankingInput, RankingRegion, RankingVariant, rank};
use crate::bench::{Kind, Quantity, Sample};
use crate::bytes::Bytes;

/// The seconds of `serve.cold` by block.
fn samples(variant: &str, region: &str, values: &[f64]) -> Vec<Sample> {
    (0..)
        .zip(values)
        .map(|(block, value)| Sample {
            variant: variant.to_owned(),
            region: Some(region.to_owned()),
            quantity: Quantity::ServeCold,
            block,
            value: *value,
            kind: Kind::Emulated,
        })
        .collect()
}

/// Seven values around `middle`, some per cent apart.
fn around(middle: f64) -> [f64; 7] {
    [0.98, 1.01, 1.0, 0.99, 1.02, 1.0, 1.01].map(|factor| middle * factor)
}

fn variants_named(names: &[&str]) -> Vec<RankingVariant> {
    names
        .iter()
        .map(|name| RankingVariant { name: (*name).to_owned(), transfer: Bytes(1_000_000), changed_lines: 3 })
        .collect()
}

fn failover(names: &[&str]) -> Vec<RankingRegion> {
    names.iter().map(|name| RankingRegion { name: (*name).to_owned(), failover: true }).collect()
}

fn input<'a>(
    samples: &'a [Sample],
    variants: &'a [RankingVariant],
    regions: &'a [RankingRegion],
    objective: &'a Objective,
) -> RankingInput<'a> {
    RankingInput { samples, variants, regions, objective, baseline: None, noise_floor: None, seed: 42 }
}

/// The ranking as `rank variant` lines.
fn ranks(input: &RankingInput<'_>) -> Vec<String> {
    let line = |entry: &super::Ranked| {
        format!("{}{} {}", entry.rank, if entry.tied { "=" } else { "" }, entry.variant)
    };
    rank(input).unwrap().iter().map(line).collect()
}

#[test]
fn the_worst_failover_region_decides() {
    let mut all = samples("even", "near", &around(3.0));
    all.extend(samples("even", "far", &around(4.0)));
    all.extend(samples("lopsided", "near", &around(1.0)));
    all.extend(samples("lopsided", "far", &around(6.0)));
    let (variants, regions) = (variants_named(&["lopsided", "even"]), failover(&["near", "far"]));
    let objective = Objective::default();
    let ranking = rank(&input(&all, &variants, &regions, &objective)).unwrap();
    let placed: Vec<_> = ranking.iter().map(|entry| (entry.rank, entry.variant.as_str())).collect();
    assert_eq!(placed, [(1, "even"), (2, "lopsided")]);
    assert_eq!(ranking[0].region.as_deref(), Some("far"));
    assert_eq!(ranking[0].regions.len(), 2);
}

#[test]
fn a_primary_region_is_shown_and_does_not_decide() {
    let mut all = samples("a", "home", &around(9.0));
    all.extend(samples("a", "away", &around(2.0)));
    all.extend(samples("b", "home", &around(1.0)));
    all.extend(samples("b", "away", &around(3.0)));
    let regions = [
        RankingRegion { name: "home".to_owned(), failover: false },
        RankingRegion { name: "away".to_owned(), failover: true },
    ];
    let (variants, objective) = (variants_named(&["a", "b"]), Objective::default());
    let ranking = rank(&input(&all, &variants, &regions, &objective)).unwrap();
    assert_eq!(ranking[0].variant, "a");
    assert_eq!(
        ranking[0].regions.iter().map(|region| region.region.as_str()).collect::<Vec<_>>(),
        ["home", "away"]
    );
    let without_failover = [RankingRegion { name: "home".to_owned(), failover: false }];
    assert_eq!(ranks(&input(&all, &variants, &without_failover, &objective)), ["1 b", "2 a"]);
}

#[test]
fn variants_that_cannot_be_told_apart_share_a_rank_and_the_next_counts_them() {
    let mut all = samples("a", "x", &around(1.0));
    all.extend(samples("b", "x", &[1.03, 0.97, 1.01, 1.0, 1.04, 0.99, 1.0]));
    all.extend(samples("c", "x", &around(2.0)));
    let (mut variants, regions) = (variants_named(&["a", "b", "c"]), failover(&["x"]));
    let objective = Objective::default();
    variants[1].transfer = Bytes(10);
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1= b", "1= a", "3 c"]);
    variants[1].transfer = variants[0].transfer;
    variants[1].changed_lines = 0;
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1= b", "1= a", "3 c"]);
}

#[test]
fn a_tie_is_with_the_best_of_the_group_and_not_with_a_neighbour() {
    let step = |factor: f64| [0.97, 1.03, 1.0, 0.98, 1.02, 0.99, 1.01].map(|value: f64| value * factor);
    let turned = |factor: f64| [1.03, 0.97, 1.0, 1.02, 0.98, 1.01, 0.99].map(|value: f64| value * factor);
    let mut all = samples("a", "x", &step(1.0));
    all.extend(samples("b", "x", &turned(1.05)));
    all.extend(samples("c", "x", &step(1.10)));
    let (variants, regions, objective) =
        (variants_named(&["a", "b", "c"]), failover(&["x"]), Objective::default());
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1= a", "1= b", "3 c"]);
    let neighbours = &all[7..];
    assert_eq!(ranks(&input(neighbours, &variants, &regions, &objective)), ["1= b", "1= c"]);
}

#[test]
fn a_difference_within_the_margin_or_the_noise_floor_is_a_tie() {
    let mut all = samples("a", "x", &around(1.0));
    all.extend(samples("b", "x", &around(1.015)));
    all.extend(samples("c", "x", &around(1.05)));
    let (variants, regions, objective) =
        (variants_named(&["a", "b", "c"]), failover(&["x"]), Objective::default());
    let mut input = input(&all, &variants, &regions, &objective);
    assert_eq!(ranks(&input), ["1= a", "1= b", "3 c"]);
    input.noise_floor = Some(0.06);
    assert_eq!(ranks(&input), ["1= a", "1= b", "1= c"]);
}

#[test]
fn one_or_two_blocks_tell_nothing_apart() {
    let mut all = samples("a", "x", &[1.0, 1.0]);
    all.extend(samples("b", "x", &[5.0, 5.0]));
    let (variants, regions, objective) =
        (variants_named(&["a", "b"]), failover(&["x"]), Objective::default());
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1= a", "1= b"]);
    all.push(Sample { block: 2, ..all[0].clone() });
    all.push(Sample { block: 2, ..all[2].clone() });
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1 a", "2 b"]);
}

#[test]
fn sizes_are_exact_and_need_no_margin() {
    let size = |variant: &str, value: f64| Sample {
        variant: variant.to_owned(),
        region: None,
        quantity: Quantity::SizeCompressed,
        block: 0,
        value,
        kind: Kind::Measured,
    };
    let all = [size("a", 1_000_001.0), size("b", 1_000_000.0), size("c", 1_000_000.0)];
    let (variants, regions) = (variants_named(&["a", "b", "c"]), failover(&["x"]));
    let objective = "size.compressed".parse().unwrap();
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1= b", "1= c", "3 a"]);
}

#[test]
fn a_prediction_is_ranked_from_one_value_beyond_the_margin() {
    let predicted =
        |variant: &str, value| Sample { kind: Kind::Predicted, ..samples(variant, "x", &[value]).remove(0) };
    let all = [predicted("a", 1.0), predicted("b", 1.01), predicted("c", 1.1)];
    let (variants, regions, objective) =
        (variants_named(&["a", "b", "c"]), failover(&["x"]), Objective::default());
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1= a", "1= b", "3 c"]);
}

#[test]
fn a_weighted_sum_adds_the_terms_of_each_block() {
    let mut all = samples("a", "x", &around(1.0));
    all.extend(samples("b", "x", &around(1.5)));
    let pull = |variant: &str, middle| {
        let pull = |sample| Sample { quantity: Quantity::PullCold, ..sample };
        samples(variant, "x", &around(middle)).into_iter().map(pull).collect::<Vec<_>>()
    };
    all.extend(pull("a", 8.0));
    all.extend(pull("b", 1.0));
    let (variants, regions) = (variants_named(&["a", "b"]), failover(&["x"]));
    let objective = "0.5*serve.cold+0.5*pull.cold".parse().unwrap();
    let ranking = rank(&input(&all, &variants, &regions, &objective)).unwrap();
    assert_eq!(ranking[0].variant, "b");
    assert!((ranking[0].median - 1.25).abs() < 1e-9);
}

#[test]
fn a_term_without_a_region_counts_the_same_in_every_region() {
    let mut all = samples("a", "x", &around(1.0));
    all.push(Sample { region: None, quantity: Quantity::BuildWarm, ..all[0].clone() });
    all[7].value = 10.0;
    let (variants, regions) = (variants_named(&["a"]), failover(&["x"]));
    let objective = "serve.cold+0.1*build.warm".parse().unwrap();
    let ranking = rank(&input(&all, &variants, &regions, &objective)).unwrap();
    assert_eq!(ranking[0].n, 7);
    assert!((ranking[0].median - 2.0).abs() < 1e-9);
}

#[test]
fn the_ratio_to_the_baseline_is_of_the_deciding_regions() {
    let mut all = samples("original", "x", &around(4.0));
    all.extend(samples("safe", "x", &around(1.0)));
    let (variants, regions, objective) =
        (variants_named(&["original", "safe"]), failover(&["x"]), Objective::default());
    let ranking =
        rank(&RankingInput { baseline: Some("original"), ..input(&all, &variants, &regions, &objective) })
            .unwrap();
    assert!((ranking[0].to_baseline.unwrap().median - 0.25).abs() < 1e-9);
    assert_eq!(ranking[1].to_baseline, None);
}

#[test]
fn a_variant_without_samples_in_a_deciding_region_is_not_ranked() {
    let mut all = samples("a", "x", &around(1.0));
    all.extend(samples("a", "y", &around(1.0)));
    all.extend(samples("b", "x", &around(0.5)));
    let (variants, regions, objective) =
        (variants_named(&["a", "b"]), failover(&["x", "y"]), Objective::default());
    assert_eq!(ranks(&input(&all, &variants, &regions, &objective)), ["1 a"]);
    assert_eq!(rank(&input(&[], &variants, &regions, &objective)), Ok(Vec::new()));
}

#[test]
fn emulated_and_measured_regions_are_not_ranked_together() {
    let mut all = samples("a", "x", &around(1.0));
    all.extend(samples("a", "y", &around(3.0)));
    all.extend(samples("b", "x", &around(3.0)));
    all.extend(samples("b", "y", &around(1.0)));
    for sample in all.iter_mut().filter(|sample| sample.region.as_deref() == Some("y")) {
        sample.kind = Kind::Measured;
    }
    let (variants, regions, objective) =
        (variants_named(&["a", "b"]), failover(&["x", "y"]), Objective::default());
    let error = rank(&input(&all, &variants, &regions, &objective)).unwrap_err();
    let RankingError::MixedKinds { kinds } = &error;
    assert_eq!(kinds.len(), 2);
    insta::assert_snapshot!(error, @"a ranking can't mix figures that are measured and emulated; rank regions of one kind, or by a quantity that has one");
}

/// Up to five variants in up to three regions, with up to ten blocks of values.
fn any_samples() -> impl Strategy<Value = Vec<Sample>> {
    (1_usize..=5, 1_usize..=3, 1_u32..=10).prop_flat_map(|(variants, regions, blocks)| {
        let cell = (0.1_f64..20.0, proptest::collection::vec(0.9_f64..1.2, blocks as usize));
        proptest::collection::vec(cell, variants * regions).prop_map(move |cells| {
            let places = (0..variants).flat_map(|variant| (0..regions).map(move |region| (variant, region)));
            places
                .zip(&cells)
                .flat_map(|((variant, region), (middle, noise))| {
                    let values: Vec<f64> = noise.iter().map(|factor| middle * factor).collect();
                    samples(&format!("v{variant}"), &format!("r{region}"), &values)
                })
                .collect()
        })
    })
}

fn regions_of(samples: &[Sample]) -> Vec<RankingRegion> {
    let mut names: Vec<&str> = samples.iter().filter_map(|sample| sample.region.as_deref()).collect();
    names.sort_unstable();
    names.dedup();
    failover(&names)
}

fn variants_of(samples: &[Sample]) -> Vec<RankingVariant> {
    let mut names: Vec<&str> = samples.iter().map(|sample| sample.variant.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    variants_named(&names)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn the_order_of_samples_and_variants_does_not_matter(
        (all, shuffled) in any_samples().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle())),
    ) {
        let (variants, regions, objective) = (variants_of(&all), regions_of(&all), Objective::default());
        let turned: Vec<RankingVariant> = variants.iter().rev().cloned().collect();
        let ranking = rank(&input(&all, &variants, &regions, &objective));
        prop_assert_eq!(&ranking, &rank(&input(&all, &variants, &regions, &objective)));
        prop_assert_eq!(&ranking, &rank(&input(&shuffled, &turned, &regions, &objective)));
    }

    #[test]
    fn a_factor_on_all_samples_changes_no_rank(all in any_samples(), factor in 0.001_f64..1000.0) {
        let (variants, regions, objective) = (variants_of(&all), regions_of(&all), Objective::default());
        let scaled: Vec<Sample> =
            all.iter().map(|sample| Sample { value: sample.value * factor, ..sample.clone() }).collect();
        prop_assert_eq!(
            ranks(&input(&all, &variants, &regions, &objective)),
            ranks(&input(&scaled, &variants, &regions, &objective))
        );
    }

    #[test]
    fn a_variant_under_two_names_ties_with_itself(mut all in any_samples()) {
        let twin: Vec<Sample> = all
            .iter()
            .filter(|sample| sample.variant == "v0")
            .map(|sample| Sample { variant: "twin".to_owned(), ..sample.clone() })
            .collect();
        all.extend(twin);
        let (variants, regions, objective) = (variants_of(&all), regions_of(&all), Objective::default());
        let ranking = rank(&input(&all, &variants, &regions, &objective)).unwrap();
        let place = |name: &str| ranking.iter().find(|entry| entry.variant == name).map(|entry| entry.rank);
        prop_assert_eq!(place("v0"), place("twin"));
        prop_assert!(place("v0").is_some());
    }

    #[test]
    fn ranks_count_up_and_ties_are_marked(all in any_samples()) {
        let (variants, regions, objective) = (variants_of(&all), regions_of(&all), Objective::default());
        let ranking = rank(&input(&all, &variants, &regions, &objective)).unwrap();
        prop_assert_eq!(ranking.len(), variants.len());
        for (index, entry) in ranking.iter().enumerate() {
            let first = ranking.iter().position(|other| other.rank == entry.rank);
            prop_assert_eq!(first, Some(entry.rank - 1));
            let shared = ranking.iter().filter(|other| other.rank == entry.rank).count();
            prop_assert_eq!(entry.tied, shared > 1, "entry {}", index);
        }
    }
}
