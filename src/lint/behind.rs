//! What stands behind each instruction: all that runs on top of its layer, worked out for all of them in one walk.

use crate::facts::Fact;

use super::Input;

/// For each instruction of the file, what `of` says of those that run on top of it: the later ones of its stage, then
/// those of the stages built on that. `join` puts two together, the nearer first.
pub(super) fn behind<'a, T: Clone>(
    input: &Input<'a>,
    none: &T,
    of: impl Fn(Fact<'a>) -> T,
    join: impl Fn(&T, &T) -> T,
) -> Vec<T> {
    let facts = input.facts;
    let mut behind = vec![none.clone(); facts.instructions.len()];
    let mut walk = |indices: &mut dyn Iterator<Item = usize>, above: T| {
        let mut above = above;
        for index in indices {
            if let Some(place) = behind.get_mut(index) {
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
    behind
}

#[cfg(test)]
mod tests {
    use super::behind;
    use crate::dockerfile::Body;
    use crate::lint::{Input, Policy};
    use crate::text::SourceFile;
    use crate::{dockerfile, facts, graph};

    #[test]
    fn behind_an_instruction_stand_the_rest_of_its_stage_and_the_stages_built_on_it() {
        let text = "FROM x AS a\nRUN 1\nRUN 2\nFROM y AS b\nRUN 3\nFROM a\nRUN 4\nFROM a\nRUN 5\n";
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
        };
        let runs = behind(
            &input,
            &String::new(),
            |fact| match fact.instruction.body {
                Body::Run(_) => source.slice(fact.instruction.range).trim_start_matches("RUN ").to_owned(),
                _ => String::new(),
            },
            |near, far| format!("{near}{far}"),
        );
        assert_eq!(runs, ["1245", "245", "45", "3", "", "4", "", "5", ""]);
    }
}
