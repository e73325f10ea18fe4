//! Every statement of a script, however deep it is nested.

use super::tree::{
    Command, Compound, CompoundKind, Element, Redirect, RedirectTarget, Statement, Substitution, Word,
};

/// All statements of `list` and those in its compounds, substitutions and functions, each before what is nested in it.
/// What a `sh -c` runs is a script of its own and not in it.
pub fn statements(list: &[Statement]) -> Vec<&Statement> {
    let mut found = Vec::new();
    collect(list, &mut found);
    found
}

fn collect<'a>(list: &'a [Statement], found: &mut Vec<&'a Statement>) {
    for statement in list {
        found.push(statement);
        for element in &statement.pipeline {
            match element {
                Element::Command(command) => of_command(command, found),
                Element::Compound(compound) => of_compound(compound, found),
            }
        }
    }
}

fn of_command<'a>(command: &'a Command, found: &mut Vec<&'a Statement>) {
    let values = command.assignments.iter().map(|assignment| &assignment.value);
    for word in values.chain(&command.words) {
        of_word(word, found);
    }
    of_redirects(&command.redirects, found);
}

fn of_compound<'a>(compound: &'a Compound, found: &mut Vec<&'a Statement>) {
    match &compound.kind {
        CompoundKind::Subshell(body) | CompoundKind::Group(body) | CompoundKind::Function { body, .. } => {
            collect(body, found);
        }
        CompoundKind::If { branches, otherwise } => {
            for branch in branches {
                collect(&branch.condition, found);
                collect(&branch.body, found);
            }
            collect(otherwise, found);
        }
        CompoundKind::Loop(branch) => {
            collect(&branch.condition, found);
            collect(&branch.body, found);
        }
        CompoundKind::For { words, body, .. } => {
            for word in words {
                of_word(word, found);
            }
            collect(body, found);
        }
        CompoundKind::Case { word, items } => {
            of_word(word, found);
            for item in items {
                for pattern in &item.patterns {
                    of_word(pattern, found);
                }
                collect(&item.body, found);
            }
        }
        CompoundKind::Arithmetic => {}
    }
    of_redirects(&compound.redirects, found);
}

fn of_word<'a>(word: &'a Word, found: &mut Vec<&'a Statement>) {
    of_substitutions(&word.substitutions, found);
}

fn of_redirects<'a>(redirects: &'a [Redirect], found: &mut Vec<&'a Statement>) {
    for redirect in redirects {
        match &redirect.target {
            RedirectTarget::Word(word) => of_word(word, found),
            RedirectTarget::Heredoc(heredoc) => of_substitutions(&heredoc.substitutions, found),
            RedirectTarget::Closed => {}
        }
    }
}

fn of_substitutions<'a>(substitutions: &'a [Substitution], found: &mut Vec<&'a Statement>) {
    for substitution in substitutions {
        collect(&substitution.list, found);
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use super::statements;

    #[test]
    fn what_is_nested_is_found_and_an_inner_script_is_not() {
        let script =
            parse("a && (b; x=$(c)) | d `e` >$(f); for i in $(g); do h; done; f() { i; }; sh -c 'j'");
        let commands = statements(&script.list).into_iter().flat_map(|statement| &statement.pipeline);
        let names: Vec<&str> = commands
            .filter_map(|element| match element {
                super::Element::Command(command) => command.name(),
                super::Element::Compound(_) => None,
            })
            .collect();
        assert_eq!(names, ["a", "d", "b", "c", "e", "f", "g", "h", "i", "sh"]);
    }
}
