//! Which instructions run again after a change, for people and for programs.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Ink, Style};
use crate::facts::invalidation::{Build, Cause, CauseKind, Fate, Ignorance, Invalidation, Step, Unnoticed};

/// The version of the JSON's shape.
const VERSION: u32 = 1;

/// The steps of the build by stage, each with why it runs again, and the changes that nothing notices. Ends with a
/// newline.
pub fn text(build: &Build<'_>, invalidation: &Invalidation, style: Style) -> String {
    let mut text = String::new();
    let counts = [Fate::Runs, Fate::MayRun, Fate::Cached].map(|fate| {
        let count = invalidation.with(fate).count();
        let words = match (fate, count) {
            (Fate::Runs, 1) => "1 step runs again".to_owned(),
            (Fate::Runs, count) => format!("{count} steps run again"),
            (Fate::MayRun, 1) => "1 may, unless what it takes comes out the same".to_owned(),
            (Fate::MayRun, count) => format!("{count} may, unless what they take comes out the same"),
            (Fate::Cached, count) => format!("{count} cached"),
        };
        let is_shown = fate == Fate::Runs || count > 0;
        is_shown.then(|| format!("{} {}", marked(fate, style), style.paint(ink(fate), &words)))
    });
    // Writing to a string can't fail.
    let _ = writeln!(text, "{}", counts.into_iter().flatten().collect::<Vec<_>>().join("   "));
    let last_line = invalidation.steps.iter().map(|step| line(build, step.instruction)).max();
    let width = last_line.unwrap_or(0).to_string().len();
    let mut stage = None;
    for step in &invalidation.steps {
        if stage != Some(step.stage) {
            stage = Some(step.stage);
            let _ =
                writeln!(text, "\n{}", style.paint(Ink::Strong, &visible(&stage_name(build, step.stage))));
        }
        let fate = step.fate();
        let written =
            style.paint(if fate == Fate::Cached { Ink::Faint } else { Ink::Strong }, &written(build, step));
        let number = style.paint(Ink::Place, &format!("{:width$}", line(build, step.instruction)));
        let _ = writeln!(text, "  {} {number}  {written}", marked(fate, style));
        for reason in reasons(build, invalidation, step) {
            let _ = writeln!(text, "    {:width$}  {}", "", visible(&reason));
        }
    }
    if !invalidation.unnoticed.is_empty() {
        text.push('\n');
    }
    for unnoticed in &invalidation.unnoticed {
        let change = style.paint(Ink::Strong, &visible(&unnoticed.change));
        let _ = writeln!(text, "{change}: {}", visible(&ignorance(build, unnoticed)));
    }
    text
}

/// The same as one JSON object. Ends with a newline.
pub fn json(build: &Build<'_>, invalidation: &Invalidation) -> String {
    let model = Model {
        version: VERSION,
        target: stage_name(build, build.target),
        steps: invalidation.steps.iter().map(|step| step_model(build, step)).collect(),
        unnoticed: invalidation
            .unnoticed
            .iter()
            .map(|unnoticed| UnnoticedModel {
                change: unnoticed.change.clone(),
                message: ignorance(build, unnoticed),
            })
            .collect(),
    };
    // Strings, numbers and lists of them can always be written.
    serde_json::to_string_pretty(&model).map(|json| json + "\n").unwrap_or_default()
}

#[derive(Serialize)]
struct Model {
    version: u32,
    /// The stage that is built.
    target: String,
    /// The instructions that do work, by stage and then in order.
    steps: Vec<StepModel>,
    /// The changes that none of them notices.
    unnoticed: Vec<UnnoticedModel>,
}

#[derive(Serialize)]
struct StepModel {
    stage: String,
    line: usize,
    instruction: String,
    /// `cached`, `may-run` or `runs`.
    fate: &'static str,
    causes: Vec<CauseModel>,
}

#[derive(Serialize)]
struct CauseModel {
    /// `path`, `stage`, `image`, `word`, `environment`, `setting` or `below`.
    kind: &'static str,
    /// The path, argument, image or stage.
    #[serde(skip_serializing_if = "Option::is_none")]
    of: Option<String>,
    /// The line of the instruction that it comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    line: Option<usize>,
    /// Whether it makes the step run again for sure.
    certain: bool,
    message: String,
}

#[derive(Serialize)]
struct UnnoticedModel {
    change: String,
    message: String,
}

fn step_model(build: &Build<'_>, step: &Step) -> StepModel {
    let causes = step.causes.iter().map(|cause| {
        let (kind, of, at) = match &cause.kind {
            CauseKind::Path(path) => ("path", Some(path.clone()), None),
            CauseKind::Image(image) => ("image", Some(image.clone()), None),
            CauseKind::Word(argument) => ("word", Some(argument.clone()), None),
            CauseKind::Stage { stage, instruction } => {
                ("stage", Some(stage_name(build, *stage)), Some(*instruction))
            }
            CauseKind::Environment { argument, instruction } => {
                ("environment", Some(argument.clone()), Some(*instruction))
            }
            CauseKind::Setting { argument, instruction } => {
                ("setting", Some(argument.clone()), Some(*instruction))
            }
            CauseKind::Below(instruction) => ("below", None, Some(*instruction)),
        };
        let line = at.map(|instruction| line(build, instruction));
        CauseModel { kind, of, line, certain: cause.is_certain, message: reason(build, step, cause) }
    });
    StepModel {
        stage: stage_name(build, step.stage),
        line: line(build, step.instruction),
        instruction: written(build, step),
        fate: match step.fate() {
            Fate::Cached => "cached",
            Fate::MayRun => "may-run",
            Fate::Runs => "runs",
        },
        causes: causes.collect(),
    }
}

/// Why the step runs again, a sentence for each kind of cause. Those that only may make it run are left out where
/// others do for sure.
fn reasons(build: &Build<'_>, invalidation: &Invalidation, step: &Step) -> Vec<String> {
    let is_certain = step.fate() == Fate::Runs;
    let counted = || step.causes.iter().filter(|cause| cause.is_certain == is_certain);
    let paths: Vec<&str> = counted()
        .filter_map(|cause| match &cause.kind {
            CauseKind::Path(path) => Some(path.as_str()),
            _ => None,
        })
        .collect();
    let mut reasons = Vec::new();
    if !paths.is_empty() {
        reasons.push(paths_reason(&paths, is_certain));
    }
    let others = counted().filter(|cause| !matches!(cause.kind, CauseKind::Path(_)));
    for other in others {
        let reason = reason(build, step, other);
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    if step.causes.is_empty() && step.linked && stands_on_a_rerun(invalidation, step) {
        reasons.push(
            "its layer stands on nothing (--link); where the engine can't merge layers it is copied again"
                .to_owned(),
        );
    }
    reasons
}

fn reason(build: &Build<'_>, step: &Step, cause: &Cause) -> String {
    match &cause.kind {
        CauseKind::Path(path) => paths_reason(&[path], cause.is_certain),
        CauseKind::Stage { stage, instruction } => {
            let (stage, line) = (stage_name(build, *stage), line(build, *instruction));
            if cause.is_certain {
                format!("takes from {stage} what line {line} changes")
            } else {
                format!("takes from {stage} what line {line} may change")
            }
        }
        CauseKind::Image(image) if is_base(build, step) => format!("{image} changed"),
        CauseKind::Image(image) => format!("takes from {image}, which changed"),
        CauseKind::Word(argument) => format!("has the value of {argument} in its words"),
        CauseKind::Environment { argument, instruction } => {
            format!("has {argument} in its environment since line {}", line(build, *instruction))
        }
        CauseKind::Setting { argument, instruction } => {
            format!("line {} sets its folder or user by {argument}", line(build, *instruction))
        }
        CauseKind::Below(instruction) => {
            let is_base = build.graph.stages.iter().any(|stage| stage.from == *instruction);
            let verb = match (is_base, cause.is_certain) {
                (true, _) => "whose image changes",
                (false, true) => "which runs again",
                (false, false) => "which may run again",
            };
            format!("stands on line {}, {verb}", line(build, *instruction))
        }
    }
}

fn paths_reason(paths: &[&str], is_certain: bool) -> String {
    let named = match paths {
        [] => return String::new(),
        [one] => (*one).to_owned(),
        [one, two] => format!("{one} and {two}"),
        [one, two, rest @ ..] => format!("{one}, {two} and {} more", rest.len()),
    };
    let takes = if is_certain { "takes" } else { "may take, by a variable that only the build knows," };
    format!("{takes} {named}, which changed")
}

fn ignorance(build: &Build<'_>, unnoticed: &Unnoticed) -> String {
    match unnoticed.reason {
        Ignorance::LeftOut { line } => {
            let ignore = build.context.ignore.as_ref();
            let file = ignore.map(|ignore| ignore.path.display().to_string()).unwrap_or_default();
            let file = file.strip_prefix("./").unwrap_or(&file);
            let rule = build.context.rule_against(&unnoticed.change).map(|rule| rule.pattern.to_owned());
            format!("left out by `{}`, line {line} of {file}", rule.unwrap_or_default())
        }
        Ignorance::NotTaken => "no instruction takes it".to_owned(),
        Ignorance::NotDeclared => "no ARG declares it".to_owned(),
        Ignorance::NotRead => "no step has it in its words or its environment".to_owned(),
        Ignorance::NotUsed => "no stage is built on it and none takes from it".to_owned(),
        Ignorance::NotNeeded => {
            format!("only stages notice it that {} does not need", stage_name(build, build.target))
        }
    }
}

/// Whether a step before this one in its stage runs again.
fn stands_on_a_rerun(invalidation: &Invalidation, step: &Step) -> bool {
    let before = invalidation.steps.iter().take_while(|other| *other != step);
    before.filter(|other| other.stage == step.stage).any(|other| other.fate() != Fate::Cached)
}

fn is_base(build: &Build<'_>, step: &Step) -> bool {
    build.graph.stages.get(step.stage).is_some_and(|stage| stage.from == step.instruction)
}

/// The stage's name, or its place where it has none.
fn stage_name(build: &Build<'_>, stage: usize) -> String {
    let name = build.graph.stages.get(stage).and_then(|stage| stage.name.clone());
    name.unwrap_or_else(|| format!("stage {stage}"))
}

/// The line an instruction begins on, from 1.
fn line(build: &Build<'_>, instruction: usize) -> usize {
    let found = build.dockerfile.instructions().nth(instruction);
    found.map_or(0, |found| build.source.line_column(found.range.start()).line)
}

/// The instruction on one line.
fn written(build: &Build<'_>, step: &Step) -> String {
    let found = build.dockerfile.instructions().nth(step.instruction);
    let headline = found.map(|found| found.headline(build.source, build.dockerfile.escape));
    visible(&headline.unwrap_or_default())
}

fn marked(fate: Fate, style: Style) -> String {
    let mark = match fate {
        Fate::Cached => "·",
        Fate::MayRun => "?",
        Fate::Runs => "↻",
    };
    style.paint(ink(fate), mark)
}

fn ink(fate: Fate) -> Ink {
    match fate {
        Fate::Cached => Ink::Faint,
        Fate::MayRun => Ink::Warn,
        Fate::Runs => Ink::Bad,
    }
}

/// Control characters would reach the terminal's own controls.
fn visible(text: &str) -> String {
    text.chars().map(|ch| if ch.is_control() { char::REPLACEMENT_CHARACTER } else { ch }).collect()
}
