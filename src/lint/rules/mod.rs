//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod build_tools_shipped;
mod consecutive_runs;
mod deleted_in_later_layer;
mod dev_dependencies_shipped;
mod ignore_without_reason;
mod inline_ignore;
mod install_cache_left;
mod missing_dockerignore;
mod moving_tag;
mod package_lists_left;
mod recommended_packages;
mod recursive_ownership_layer;
mod root_user;
mod shell_form_command;
mod sources_before_dependencies;
mod syntax_error;
mod unknown_ignore;
mod unreachable_stage;
mod unused_ignore;
mod update_apart_from_install;
mod whole_stage_copied;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &archive_left::RULE,
    &build_tools_shipped::RULE,
    &consecutive_runs::RULE,
    &deleted_in_later_layer::RULE,
    &dev_dependencies_shipped::RULE,
    &ignore_without_reason::RULE,
    &inline_ignore::RULE,
    &install_cache_left::RULE,
    &missing_dockerignore::RULE,
    &moving_tag::RULE,
    &package_lists_left::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &root_user::RULE,
    &shell_form_command::RULE,
    &sources_before_dependencies::RULE,
    &syntax_error::RULE,
    &unknown_ignore::RULE,
    &unreachable_stage::RULE,
    &unused_ignore::RULE,
    &update_apart_from_install::RULE,
    &whole_stage_copied::RULE,
];
