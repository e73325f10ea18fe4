use crate::dockerfile::Instruction;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::text::{Edit, EditSet};

declare_rule! {
    /// An instruction in another case than most of the file's.
    ///
    /// ## Why it matters
    /// Nothing breaks. Instructions in one case are told from their arguments at a glance, and found by a search.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// copy app /app
    /// CMD ["node", "/app"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM node:22-slim
    /// COPY app /app
    /// CMD ["node", "/app"]
    /// ```
    /// ```dockerfile,good
    /// from node:22-slim
    /// copy app /app
    /// ```
    ///
    /// ## Fix safety
    /// Safe: BuildKit reads an instruction in any case.
    name: "instruction-casing",
    aliases: ["ConsistentInstructionCasing"],
    category: Correctness,
    severity: Style,
    profile: All,
    fix: Some(Safety::Safe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    // BuildKit looks at the stages only: the arguments before the first don't count.
    let instructions: Vec<&Instruction> = input
        .facts
        .all(input.dockerfile)
        .filter(|fact| fact.facts.stage.is_some() && fact.instruction.keyword.is_some())
        .map(|fact| fact.instruction)
        .collect();
    let count = |case: fn(&str) -> String| {
        instructions.iter().filter(|one| one.name.text == case(&one.name.text)).count()
    };
    let (lower, upper) = (count(str::to_ascii_lowercase), count(str::to_ascii_uppercase));
    let (case, named): (fn(&str) -> String, _) = if lower > upper {
        (str::to_ascii_lowercase, "lowercase")
    } else {
        (str::to_ascii_uppercase, "uppercase")
    };
    for instruction in instructions {
        let name = &instruction.name;
        let right = case(&name.text);
        if right == name.text {
            continue;
        }
        let edit = (name.text.len() == name.range.len()).then(|| Edit::replace(name.range, right.clone()));
        found.push(
            Diagnostic::new(
                &RULE,
                name.range,
                format!("command '{}' should match the case of the command majority ({named})", name.text),
            )
            .help(format!("write `{right}`"))
            .fix(
                Safety::Safe,
                format!("write `{right}`"),
                edit.and_then(|edit| EditSet::try_from(vec![edit]).ok()),
            ),
        );
    }
}
