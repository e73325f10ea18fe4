//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod build_tools_shipped;
mod cd_in_run;
mod consecutive_runs;
mod copied_archive;
mod copy_from_own_stage;
mod copy_from_unknown_stage;
mod deleted_in_later_layer;
mod dev_dependencies_shipped;
mod high_uid_login_log;
mod host_command;
mod install_cache_left;
mod label_key;
mod malformed_label;
mod missing_dockerignore;
mod missing_healthcheck;
mod missing_label;
mod moving_tag;
mod package_lists_left;
mod pipe_without_pipefail;
mod port_out_of_range;
mod recommended_packages;
mod recursive_ownership_layer;
mod relative_destination;
mod relinked_shell;
mod root_user;
mod several_sources_to_file;
mod shell_form_command;
mod sources_before_dependencies;
mod sudo;
mod syntax_error;
mod unlisted_label;
mod unreachable_stage;
mod untrusted_registry;
mod update_apart_from_install;
mod user_by_name;
mod wget_and_curl;
mod wget_progress;
mod whole_stage_copied;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &archive_left::RULE,
    &build_tools_shipped::RULE,
    &cd_in_run::RULE,
    &consecutive_runs::RULE,
    &copied_archive::RULE,
    &copy_from_own_stage::RULE,
    &copy_from_unknown_stage::RULE,
    &deleted_in_later_layer::RULE,
    &dev_dependencies_shipped::RULE,
    &high_uid_login_log::RULE,
    &host_command::RULE,
    &install_cache_left::RULE,
    &label_key::RULE,
    &malformed_label::RULE,
    &missing_dockerignore::RULE,
    &missing_healthcheck::RULE,
    &missing_label::RULE,
    &moving_tag::RULE,
    &package_lists_left::RULE,
    &pipe_without_pipefail::RULE,
    &port_out_of_range::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &relative_destination::RULE,
    &relinked_shell::RULE,
    &root_user::RULE,
    &several_sources_to_file::RULE,
    &shell_form_command::RULE,
    &sources_before_dependencies::RULE,
    &sudo::RULE,
    &syntax_error::RULE,
    &unlisted_label::RULE,
    &unreachable_stage::RULE,
    &untrusted_registry::RULE,
    &update_apart_from_install::RULE,
    &user_by_name::RULE,
    &wget_and_curl::RULE,
    &wget_progress::RULE,
    &whole_stage_copied::RULE,
];
