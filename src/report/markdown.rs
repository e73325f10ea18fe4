//! The report as GitHub's Markdown: a table to read at once, the rest folded away.

use std::fmt::Write as _;

use super::figures;
use super::notes::notes;
use super::text::{
    PHASES, engine, gain, heading, interruption, link, meaning, printable, recipe, role, started, verdict,
    why_unranked,
};
use crate::bench::{ORIGINAL, Ranked, RunResult};

/// The whole report, fit for a comment on a pull request. `folder` is the run's folder as the reader would type it.
pub fn render(result: &RunResult, folder: &str) -> String {
    let mut text = String::new();
    match result.ranking.first() {
        Some(best) => {
            let _ = writeln!(text, "### {}{}", escaped(&verdict(result, best)), escaped(&gain(best)));
        }
        None => text.push_str("### No variant was ranked\n"),
    }
    let _ = writeln!(text, "\n{}.", escaped(&heading(result)));
    let _ = writeln!(text, "Figures are **{}**: {}.", result.kind, meaning(result));
    if result.interrupted {
        let _ = writeln!(text, "\n**{}**", interruption(result));
    }
    if !result.ranking.is_empty() {
        text.push_str(&ranking_table(result));
        text.push('\n');
        for note in notes(result) {
            let _ = writeln!(text, "- {}", escaped(&note));
        }
    }
    text.push_str(&unranked(result));
    text.push_str(&winner(result));
    text.push_str(&phases(result));
    text.push_str(&circumstances(result, folder));
    text
}

fn ranking_table(result: &RunResult) -> String {
    let mut columns = vec![("rank".to_owned(), "--:"), ("variant".to_owned(), ":--")];
    columns.extend([("size".to_owned(), "--:"), ("layers".to_owned(), "--:")]);
    let regions = if result.objective.per_region() { result.regions.as_slice() } else { &[] };
    for region in regions {
        columns.push((format!("{}<br>{}", escaped(&region.name), role(region)), "--:"));
    }
    let has_total = !result.objective.per_region();
    if has_total {
        columns.push((escaped(&result.objective.to_string()), "--:"));
    }
    columns.push(("ratio".to_owned(), "--:"));
    let (names, rules): (Vec<String>, Vec<&str>) = columns.into_iter().unzip();
    let mut text = format!("\n{}{}", row(&names), row(&rules));
    for ranked in &result.ranking {
        let bold = |text: String, strong: bool| if strong { format!("**{text}**") } else { text };
        let image = result.variant(&ranked.variant).and_then(|variant| variant.image.as_ref());
        let mut cells = vec![
            format!("{}{}", ranked.rank, if ranked.tied { "=" } else { "" }),
            bold(escaped(&ranked.variant), ranked.rank == 1),
            image.map_or_else(|| "–".to_owned(), |image| image.compressed.to_string()),
            image.map_or_else(|| "–".to_owned(), |image| image.layers.len().to_string()),
        ];
        for region in regions {
            let figures = ranked.regions.iter().find(|figures| figures.region == region.name);
            cells.push(figures.map_or_else(
                || "–".to_owned(),
                |figures| {
                    let value = figures::value(figures.median, ranked.unit);
                    let ends = figures::interval(figures.median, figures.low, figures.high, ranked.unit);
                    let value = bold(value, ranked.region.as_ref() == Some(&region.name));
                    format!("{value} {}", escaped(&ends))
                },
            ));
        }
        if has_total {
            cells.push(figures::value(ranked.median, ranked.unit));
        }
        cells.push(ratio(ranked));
        text.push_str(&row(&cells));
    }
    text
}

fn ratio(ranked: &Ranked) -> String {
    match &ranked.to_baseline {
        Some(ratio) => figures::ratio(ratio.median),
        None if ranked.variant == ORIGINAL => "×1".to_owned(),
        None => "–".to_owned(),
    }
}

fn unranked(result: &RunResult) -> String {
    let mut text = String::new();
    for variant in result.unranked() {
        if text.is_empty() {
            text.push_str("\nNot ranked:\n");
        }
        let _ = writeln!(text, "- **{}**: {}", escaped(&variant.name), escaped(&why_unranked(variant)));
        if !variant.log.is_empty() {
            let lines: Vec<String> = variant.log.iter().map(|line| printable(line)).collect();
            let block = fenced("text", &lines.join("\n"));
            text.extend(block.lines().map(|line| format!("  {line}\n")));
        }
    }
    text
}

/// The best variant's diff, folded.
fn winner(result: &RunResult) -> String {
    let best = result.ranking.first().filter(|best| best.variant != ORIGINAL);
    let Some(variant) = best.and_then(|best| result.variant(&best.variant)) else { return String::new() };
    if variant.diff.is_empty() {
        return format!("\n{} is {}.\n", escaped(&variant.name), escaped(&recipe(variant)));
    }
    folded(&format!("The diff that gets {}", variant.name), &fenced("diff", &variant.diff))
}

fn phases(result: &RunResult) -> String {
    let names = ["region", "variant"].into_iter().chain(PHASES.map(|(_, name)| name));
    let rules = [":--", ":--"].into_iter().chain(PHASES.map(|_| "--:"));
    let mut table = row(&names.collect::<Vec<_>>()) + &row(&rules.collect::<Vec<_>>());
    let mut any = false;
    for region in &result.regions {
        for ranked in &result.ranking {
            let medians = PHASES.map(|(quantity, _)| {
                result
                    .summary(&ranked.variant, Some(&region.name), quantity)
                    .map(|summary| figures::value(summary.median, summary.unit))
            });
            if medians.iter().all(Option::is_none) {
                continue;
            }
            any = true;
            let mut cells = vec![escaped(&region.name), escaped(&ranked.variant)];
            cells.extend(medians.map(|median| median.unwrap_or_else(|| "–".to_owned())));
            table.push_str(&row(&cells));
        }
    }
    if any { folded("Where the time goes (medians)", &table) } else { String::new() }
}

/// What the figures depend on.
fn circumstances(result: &RunResult, folder: &str) -> String {
    let mut list = format!("- Engine: {}\n", escaped(&engine(result)));
    for region in &result.regions {
        let _ = writeln!(list, "- Region {}: {}, {}", escaped(&region.name), role(region), link(region));
    }
    for assumption in &result.assumptions {
        let _ = writeln!(list, "- Assumed: {}", escaped(assumption));
    }
    let took = figures::span(result.took);
    let _ = writeln!(list, "- Run of {}, {took}: {}", started(result), escaped(folder));
    folded("Engine, regions and assumptions", &list)
}

fn row<Text: AsRef<str>>(cells: &[Text]) -> String {
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    format!("| {} |\n", cells.join(" | "))
}

/// A part that opens when it is clicked on. GitHub reads Markdown in it after a blank line.
fn folded(summary: &str, content: &str) -> String {
    let newline = if content.ends_with('\n') { "" } else { "\n" };
    format!("\n<details><summary>{}</summary>\n\n{content}{newline}\n</details>\n", escaped(summary))
}

/// A code block whose fence is longer than any run of backticks in it.
fn fenced(language: &str, content: &str) -> String {
    let longest = content.split(|character| character != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let newline = if content.ends_with('\n') { "" } else { "\n" };
    format!("{fence}{language}\n{content}{newline}{fence}\n")
}

/// Text that Markdown and HTML take for nothing but text, on one line.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in printable(text).chars() {
        match character {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' => escaped.extend(['\\', character]),
            plain => escaped.push(plain),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::{escaped, fenced, render};
    use crate::bench::{Objective, example, example_with};

    const FOLDER: &str = ".plimsoll/runs/20261103-142233";

    #[test]
    fn a_run_with_a_tie_and_a_failed_variant() {
        insta::assert_snapshot!(render(&example(), FOLDER));
    }

    #[test]
    fn an_interrupted_run_of_one_region_says_so() {
        let mut result = example_with(2);
        result.interrupted = true;
        result.blocks = 7;
        result.regions.truncate(1);
        for ranked in &mut result.ranking {
            ranked.regions.truncate(1);
            ranked.region = Some("near".to_owned());
        }
        insta::assert_snapshot!(render(&result, FOLDER));
    }

    #[test]
    fn a_run_without_a_ranking_still_tells_what_failed() {
        let mut result = example();
        result.ranking.clear();
        result.variants.drain(..4);
        result.objective = Objective::default();
        let text = render(&result, FOLDER);
        assert!(text.starts_with("### No variant was ranked\n"), "{text}");
        assert!(text.contains("- **distroless**: the build failed at line 9"), "{text}");
    }

    #[test]
    fn a_fence_is_longer_than_what_it_encloses() {
        assert_eq!(fenced("diff", "+a"), "```diff\n+a\n```\n");
        assert_eq!(fenced("diff", "+````\n"), "`````diff\n+````\n`````\n");
    }

    #[test]
    fn names_stay_text() {
        assert_eq!(escaped("a|b <img> *x*\u{1b}[0m"), r"a\|b &lt;img&gt; \*x\*\[0m");
    }
}
