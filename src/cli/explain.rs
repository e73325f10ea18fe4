//! `plimsoll explain`: one rule's page.

use crate::lint::{find, nearest, page};

use super::{Exit, Failure, Printer};

/// Print a rule's page: why it matters, what is bad and good, how safe its fix is
#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The rule, by its name or by the name a peer gives it (DL3008, JSONArgsRecommended)
    rule: String,
}

pub(super) fn run(arguments: &Arguments, printer: Printer) -> Result<Exit, Failure> {
    let rule = find(&arguments.rule).ok_or_else(|| Failure::UnknownRule {
        name: arguments.rule.clone(),
        nearest: nearest(&arguments.rule).map(str::to_owned),
    })?;
    printer.data(&page::render(rule));
    Ok(Exit::Clean)
}
