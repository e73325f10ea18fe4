//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod moving_tag;
mod root_user;
mod shell_form_command;
mod syntax_error;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &moving_tag::RULE,
    &root_user::RULE,
    &shell_form_command::RULE,
    &syntax_error::RULE,
];
