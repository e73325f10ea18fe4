//! The ranked table on a terminal, in the widest of its forms that fits.

use super::figures;
use super::style::Ink;
use super::table::{Cell, Table};
use super::text::{Terminal, role};
use crate::bench::{ORIGINAL, Ranked, RankedRegion, RegionRecord, RunResult, VariantRecord};

/// How the cells of the table are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    /// Whether an interval stands below its median, and not beside it.
    stacked: bool,
    /// A longer name is cut to so many characters.
    name: usize,
}

/// From the widest to the narrowest.
const FORMS: [Form; 6] = [
    Form { stacked: false, name: usize::MAX },
    Form { stacked: true, name: usize::MAX },
    Form { stacked: true, name: 48 },
    Form { stacked: true, name: 32 },
    Form { stacked: true, name: 24 },
    Form { stacked: true, name: 16 },
];

/// The table, or several below each other where the regions don't fit beside each other.
pub(super) fn ranking_tables(result: &RunResult, terminal: Terminal) -> String {
    let fits = |table: &Table| table.width() <= terminal.width;
    let regions = if result.objective.per_region() { result.regions.as_slice() } else { &[] };
    let whole = FORMS.into_iter().map(|form| table(result, regions, form, true)).find(fits);
    if let Some(table) = whole {
        return table.render(terminal.style);
    }
    let [.., form] = FORMS;
    let mut tables = Vec::new();
    let mut regions = regions;
    while !regions.is_empty() {
        let part =
            |count: &usize| table(result, regions.get(..*count).unwrap_or_default(), form, tables.is_empty());
        let count = (1..=regions.len()).rev().find(|count| fits(&part(count))).unwrap_or(1);
        tables.push(part(&count).render(terminal.style));
        regions = regions.get(count..).unwrap_or_default();
    }
    tables.join("\n")
}

/// The table of some regions; `whole` has the variants' sizes and ratios too.
fn table(result: &RunResult, regions: &[RegionRecord], form: Form, whole: bool) -> Table {
    let heading = |text: &str| Cell::painted(Ink::Faint, text);
    let mut columns = vec![(heading("rank"), true), (heading("variant"), false)];
    if whole {
        columns.extend([(heading("size"), true), (heading("layers"), true)]);
    }
    for region in regions {
        let cell = Cell::painted(Ink::Strong, &region.name).break_line().and(Some(Ink::Faint), role(region));
        columns.push((cell, false));
    }
    let has_total = !result.objective.per_region();
    if has_total {
        columns.push((heading(&result.objective.to_string()), false));
    }
    if whole {
        columns.push((heading("ratio"), false));
    }
    let mut table = Table::new(columns);
    let one_decides = one_region_decides(result);
    for ranked in &result.ranking {
        let variant = result.variant(&ranked.variant);
        let mut row = vec![rank(ranked), name(ranked, form)];
        if whole {
            row.extend(image(variant));
        }
        for region in regions {
            let figures = ranked.regions.iter().find(|figures| figures.region == region.name);
            let decides = ranked.region.as_ref() == Some(&region.name);
            row.push(match figures {
                Some(figures) => time(ranked, figures, decides, decides && !one_decides, form),
                None => heading("–"),
            });
        }
        if has_total {
            row.push(total(ranked, form));
        }
        if whole {
            row.push(ratio(ranked, form));
        }
        table.row(row);
    }
    table
}

fn one_region_decides(result: &RunResult) -> bool {
    let mut regions = result.ranking.iter().map(|ranked| &ranked.region);
    let first = regions.next();
    regions.all(|region| Some(region) == first)
}

fn rank(ranked: &Ranked) -> Cell {
    let text = format!("{}{}", ranked.rank, if ranked.tied { "=" } else { " " });
    if ranked.rank == 1 { Cell::painted(Ink::Best, &text) } else { Cell::new(&text) }
}

fn name(ranked: &Ranked, form: Form) -> Cell {
    let name = &ranked.variant;
    let shown: String = if name.chars().count() > form.name {
        name.chars().take(form.name.saturating_sub(1)).chain(['…']).collect()
    } else {
        name.clone()
    };
    if ranked.rank == 1 { Cell::painted(Ink::Best, &shown) } else { Cell::new(&shown) }
}

fn image(variant: Option<&VariantRecord>) -> [Cell; 2] {
    match variant.and_then(|variant| variant.image.as_ref()) {
        Some(image) => [Cell::new(&image.compressed.to_string()), Cell::new(&image.layers.len().to_string())],
        None => [Cell::painted(Ink::Faint, "–"), Cell::painted(Ink::Faint, "–")],
    }
}

/// The objective in one region; where it decides the variant's rank it stands out, and is `marked` if need be.
fn time(ranked: &Ranked, figures: &RankedRegion, decides: bool, marked: bool, form: Form) -> Cell {
    let value = figures::value(figures.median, ranked.unit);
    let ends = figures::interval(figures.median, figures.low, figures.high, ranked.unit);
    let ink = decides.then_some(Ink::Strong);
    let mark = if marked { "‹ " } else { "" };
    beside_or_below(Cell::default().and(ink, mark).and(ink, &value), &ends, form)
}

/// The objective of the variant as a whole.
fn total(ranked: &Ranked, form: Form) -> Cell {
    let value = figures::value(ranked.median, ranked.unit);
    if ranked.unit.exact() {
        return Cell::painted(Ink::Strong, &value);
    }
    let ends = figures::interval(ranked.median, ranked.low, ranked.high, ranked.unit);
    beside_or_below(Cell::painted(Ink::Strong, &value), &ends, form)
}

fn beside_or_below(value: Cell, ends: &str, form: Form) -> Cell {
    let value = if form.stacked { value.break_line() } else { value.and(None, " ") };
    value.and(Some(Ink::Faint), ends)
}

fn ratio(ranked: &Ranked, form: Form) -> Cell {
    let Some(ratio) = &ranked.to_baseline else {
        return Cell::painted(Ink::Faint, if ranked.variant == ORIGINAL { "×1" } else { "–" });
    };
    let ink = if ratio.high < 1.0 {
        Ink::Good
    } else if ratio.low > 1.0 {
        Ink::Bad
    } else {
        Ink::Faint
    };
    let value = Cell::painted(ink, &figures::ratio(ratio.median));
    if ranked.unit.exact() {
        return value;
    }
    beside_or_below(value, &figures::ratio_interval(ratio.median, ratio.low, ratio.high), form)
}
