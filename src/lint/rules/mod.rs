//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod broken_stage_reference;
mod build_tools_shipped;
mod cd_in_run;
mod consecutive_runs;
mod constant_platform;
mod copied_archive;
mod copy_from_own_stage;
mod copy_from_unknown_stage;
mod copy_of_ignored_file;
mod definition_comment;
mod deleted_in_later_layer;
mod dev_dependencies_shipped;
mod duplicate_stage_name;
mod empty_continuation;
mod expose_host_mapping;
mod expose_protocol_casing;
mod from_as_casing;
mod high_uid_login_log;
mod host_command;
mod install_cache_left;
mod instruction_casing;
mod invalid_default_base;
mod label_key;
mod legacy_key_value;
mod maintainer_instruction;
mod malformed_label;
mod missing_dockerignore;
mod missing_healthcheck;
mod missing_label;
mod misspelt_directive;
mod moving_tag;
mod overridden_instruction;
mod package_lists_left;
mod pipe_without_pipefail;
mod port_out_of_range;
mod recommended_packages;
mod recursive_ownership_layer;
mod redundant_platform;
mod refused_mount;
mod refused_value;
mod relative_destination;
mod relative_workdir;
mod relinked_shell;
mod reserved_stage_name;
mod root_user;
mod secret_variable;
mod several_sources_to_file;
mod shell_form_command;
mod sources_before_dependencies;
mod stage_name_casing;
mod sudo;
mod syntax_error;
mod undeclared_base_argument;
mod undefined_variable;
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
    &broken_stage_reference::RULE,
    &build_tools_shipped::RULE,
    &cd_in_run::RULE,
    &consecutive_runs::RULE,
    &constant_platform::RULE,
    &copied_archive::RULE,
    &copy_from_own_stage::RULE,
    &copy_from_unknown_stage::RULE,
    &copy_of_ignored_file::RULE,
    &definition_comment::RULE,
    &deleted_in_later_layer::RULE,
    &dev_dependencies_shipped::RULE,
    &duplicate_stage_name::RULE,
    &empty_continuation::RULE,
    &expose_host_mapping::RULE,
    &expose_protocol_casing::RULE,
    &from_as_casing::RULE,
    &high_uid_login_log::RULE,
    &host_command::RULE,
    &install_cache_left::RULE,
    &instruction_casing::RULE,
    &invalid_default_base::RULE,
    &label_key::RULE,
    &legacy_key_value::RULE,
    &maintainer_instruction::RULE,
    &malformed_label::RULE,
    &missing_dockerignore::RULE,
    &missing_healthcheck::RULE,
    &missing_label::RULE,
    &misspelt_directive::RULE,
    &moving_tag::RULE,
    &overridden_instruction::RULE,
    &package_lists_left::RULE,
    &pipe_without_pipefail::RULE,
    &port_out_of_range::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &redundant_platform::RULE,
    &refused_mount::RULE,
    &refused_value::RULE,
    &relative_destination::RULE,
    &relative_workdir::RULE,
    &relinked_shell::RULE,
    &reserved_stage_name::RULE,
    &root_user::RULE,
    &secret_variable::RULE,
    &several_sources_to_file::RULE,
    &shell_form_command::RULE,
    &sources_before_dependencies::RULE,
    &stage_name_casing::RULE,
    &sudo::RULE,
    &syntax_error::RULE,
    &undeclared_base_argument::RULE,
    &undefined_variable::RULE,
    &unlisted_label::RULE,
    &unreachable_stage::RULE,
    &untrusted_registry::RULE,
    &update_apart_from_install::RULE,
    &user_by_name::RULE,
    &wget_and_curl::RULE,
    &wget_progress::RULE,
    &whole_stage_copied::RULE,
];
