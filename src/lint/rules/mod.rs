//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod build_tools_shipped;
mod bytecode_not_written;
mod consecutive_runs;
mod constant_platform;
mod copy_of_ignored_file;
mod debug_build_shipped;
mod definition_comment;
mod deleted_in_later_layer;
mod dev_dependencies_shipped;
mod download_without_checksum;
mod duplicate_stage_name;
mod empty_continuation;
mod end_of_life_base;
mod entrypoint_without_exec;
mod expose_host_mapping;
mod expose_protocol_casing;
mod from_as_casing;
mod health_check_tool;
mod install_cache_left;
mod instruction_casing;
mod invalid_default_base;
mod legacy_key_value;
mod maintainer_instruction;
mod missing_dockerignore;
mod moved_in_later_layer;
mod moving_download;
mod moving_tag;
mod overridden_instruction;
mod package_lists_left;
mod package_manager_entrypoint;
mod piped_installer;
mod recommended_packages;
mod recursive_ownership_layer;
mod redundant_platform;
mod relative_workdir;
mod remote_add_without_checksum;
mod reserved_stage_name;
mod root_user;
mod secret_variable;
mod shell_form_command;
mod single_platform_download;
mod slow_first_health_check;
mod sources_before_dependencies;
mod stage_name_casing;
mod syntax_error;
mod undeclared_base_argument;
mod undefined_variable;
mod ungraceful_stop_signal;
mod unreachable_stage;
mod update_apart_from_install;
mod whole_stage_copied;
mod work_at_start;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &archive_left::RULE,
    &build_tools_shipped::RULE,
    &bytecode_not_written::RULE,
    &consecutive_runs::RULE,
    &constant_platform::RULE,
    &copy_of_ignored_file::RULE,
    &debug_build_shipped::RULE,
    &definition_comment::RULE,
    &deleted_in_later_layer::RULE,
    &dev_dependencies_shipped::RULE,
    &download_without_checksum::RULE,
    &duplicate_stage_name::RULE,
    &empty_continuation::RULE,
    &end_of_life_base::RULE,
    &entrypoint_without_exec::RULE,
    &expose_host_mapping::RULE,
    &expose_protocol_casing::RULE,
    &from_as_casing::RULE,
    &health_check_tool::RULE,
    &install_cache_left::RULE,
    &instruction_casing::RULE,
    &invalid_default_base::RULE,
    &legacy_key_value::RULE,
    &maintainer_instruction::RULE,
    &missing_dockerignore::RULE,
    &moved_in_later_layer::RULE,
    &moving_download::RULE,
    &moving_tag::RULE,
    &overridden_instruction::RULE,
    &package_lists_left::RULE,
    &package_manager_entrypoint::RULE,
    &piped_installer::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &redundant_platform::RULE,
    &relative_workdir::RULE,
    &remote_add_without_checksum::RULE,
    &reserved_stage_name::RULE,
    &root_user::RULE,
    &secret_variable::RULE,
    &shell_form_command::RULE,
    &single_platform_download::RULE,
    &slow_first_health_check::RULE,
    &sources_before_dependencies::RULE,
    &stage_name_casing::RULE,
    &syntax_error::RULE,
    &undeclared_base_argument::RULE,
    &undefined_variable::RULE,
    &ungraceful_stop_signal::RULE,
    &unreachable_stage::RULE,
    &update_apart_from_install::RULE,
    &whole_stage_copied::RULE,
    &work_at_start::RULE,
];
