//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod broken_stage_reference;
mod build_tools_shipped;
mod consecutive_runs;
mod deleted_in_later_layer;
mod dev_dependencies_shipped;
mod install_cache_left;
mod missing_dockerignore;
mod misspelt_directive;
mod moving_tag;
mod package_lists_left;
mod recommended_packages;
mod recursive_ownership_layer;
mod refused_mount;
mod refused_value;
mod root_user;
mod shell_form_command;
mod sources_before_dependencies;
mod syntax_error;
mod unreachable_stage;
mod update_apart_from_install;
mod whole_stage_copied;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &archive_left::RULE,
    &broken_stage_reference::RULE,
    &build_tools_shipped::RULE,
    &consecutive_runs::RULE,
    &deleted_in_later_layer::RULE,
    &dev_dependencies_shipped::RULE,
    &install_cache_left::RULE,
    &missing_dockerignore::RULE,
    &misspelt_directive::RULE,
    &moving_tag::RULE,
    &package_lists_left::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &refused_mount::RULE,
    &refused_value::RULE,
    &root_user::RULE,
    &shell_form_command::RULE,
    &sources_before_dependencies::RULE,
    &syntax_error::RULE,
    &unreachable_stage::RULE,
    &update_apart_from_install::RULE,
    &whole_stage_copied::RULE,
];
