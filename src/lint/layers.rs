//! What lies below and above each instruction's layer, worked out for all instructions in one walk.

use crate::facts::Fact;

use super::Input;

/// For each instruction of the file, what `of` says of those that run on top of it: the later ones of its stage, then
/// those of the stages built on that. `join` puts two together, the nearer first.
pub(super) fn above<'a, T: Clone>(
    input: &Input<'a>,
    none: &T,
    of: impl Fn(Fact<'a>) -> T,
    join: impl Fn(&T, &T) -> T,
) -> Vec<T> {
    let facts = input.facts;
    let mut found = vec![none.clone(); facts.instructions.len()];
    let mut walk = |indices: &mut dyn Iterator<Item = usize>, above: T| {
        let mut above = above;
        for index in indices {
            if let Some(place) = found.get_mut(index) {
                place.clone_from(&above);
            }
            if let Some(fact) = facts.get(input.dockerfile, index) {
                above = join(&of(fact), &above);
            }
        }
        above
    };
    // A base stands before its stage: from the last to the first, all that is built on a stage is known before it.
    let mut on_stage = vec![none.clone(); facts.stages.len()];
    for (stage, its) in facts.stages.iter().enumerate().rev() {
        let above = on_stage.get(stage).cloned().unwrap_or_else(|| none.clone());
        let whole = walk(&mut its.instructions.iter().rev().copied(), above);
        if let Some(parent) = its.parent.and_then(|parent| on_stage.get_mut(parent)) {
            *parent = join(&whole, parent);
        }
    }
    if facts.stages.is_empty() {
        walk(&mut (0..facts.instructions.len()).rev(), none.clone());
    }
    found
}

/// For each instruction of the file, what those say that it runs on top of: the earlier ones of its stage and all of
/// the stages that is built on. `step` takes one more in, from the lowest on.
pub(super) fn below<'a, T: Clone>(
    input: &Input<'a>,
    none: &T,
    mut step: impl FnMut(&mut T, Fact<'a>),
) -> Vec<T> {
    let facts = input.facts;
    let mut found = Vec::with_capacity(facts.instructions.len());
    let mut ends: Vec<T> = Vec::with_capacity(facts.stages.len());
    let mut state = none.clone();
    for fact in facts.all(input.dockerfile) {
        let stage = fact.facts.stage.and_then(|stage| facts.stages.get(stage));
        if let Some(starts) = stage.filter(|stage| stage.instructions.first() == Some(&fact.index)) {
            // The state so far is that of the stage before, or of what stands before the first.
            if fact.facts.stage > Some(0) {
                ends.push(state);
            }
            state = starts.parent.and_then(|parent| ends.get(parent)).unwrap_or(none).clone();
        }
        found.push(state.clone());
        step(&mut state, fact);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{above, below};
    use crate::dockerfile::Body;
    use crate::lint::{Input, Policy, Readings};
    use crate::text::SourceFile;
    use crate::{dockerfile, facts, graph};

    /// The numbers of the `RUN`s that lie above each instruction, and of those below it.
    fn around(text: &str) -> (Vec<String>, Vec<String>) {
        let source = SourceFile::new("Dockerfile", text);
        let parsed = dockerfile::parse(&source);
        let graph = graph::resolve(&parsed.dockerfile, &std::collections::BTreeMap::new());
        let facts = facts::derive(&parsed.dockerfile, &graph);
        let input = Input {
            source: &source,
            dockerfile: &parsed.dockerfile,
            errors: &parsed.errors,
            graph: &graph,
            facts: &facts,
            context: None,
            policy: &Policy::default(),
            measured: None,
            readings: &Readings::default(),
        };
        let number = |fact: crate::facts::Fact<'_>| match fact.instruction.body {
            Body::Run(_) => source.slice(fact.instruction.range).trim_start_matches("RUN ").to_owned(),
            _ => String::new(),
        };
        let none = String::new();
        (
            above(&input, &none, number, |near, far| format!("{near}{far}")),
            below(&input, &none, |runs, fact| runs.push_str(&number(fact))),
        )
    }

    #[test]
    fn above_an_instruction_are_the_rest_of_its_stage_and_the_stages_built_on_it() {
        let text = "FROM x AS a\nRUN 1\nRUN 2\nFROM y AS b\nRUN 3\nFROM a\nRUN 4\nFROM a\nRUN 5\n";
        let (above, below) = around(text);
        assert_eq!(above, ["1245", "245", "45", "3", "", "4", "", "5", ""]);
        assert_eq!(below, ["", "", "1", "", "", "12", "12", "12", "12"]);
    }

    #[test]
    fn without_a_stage_all_instructions_lie_on_each_other() {
        assert_eq!(
            around("RUN 1\nRUN 2\n"),
            (vec!["2".to_owned(), String::new()], vec![String::new(), "1".to_owned()])
        );
    }
}
