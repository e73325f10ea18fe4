//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod argument_declared_early;
mod build_tools_shipped;
mod changing_environment_early;
mod consecutive_runs;
mod constant_platform;
mod copied_git_history;
mod copy_of_ignored_file;
mod definition_comment;
mod deleted_in_later_layer;
mod dev_dependencies_shipped;
mod disabled_cache_mount;
mod duplicate_stage_name;
mod emptied_cache_mount;
mod empty_continuation;
mod expose_host_mapping;
mod expose_protocol_casing;
mod from_as_casing;
mod install_cache_left;
mod instruction_casing;
mod invalid_default_base;
mod legacy_key_value;
mod lock_file_not_copied;
mod maintainer_instruction;
mod mismatched_libc;
mod mismatched_versions;
mod misplaced_cache_mount;
mod missing_dockerignore;
mod moving_tag;
mod overridden_instruction;
mod package_lists_left;
mod recommended_packages;
mod recursive_ownership_layer;
mod redundant_platform;
mod relative_workdir;
mod repeated_work;
mod reserved_stage_name;
mod root_user;
mod secret_variable;
mod shell_form_command;
mod sources_before_dependencies;
mod stage_name_casing;
mod syntax_error;
mod timestamp_in_layer;
mod toolchain_base;
mod undeclared_base_argument;
mod undefined_variable;
mod unlocked_cache_mount;
mod unneeded_context;
mod unreachable_stage;
mod unwritable_cache_mount;
mod update_apart_from_install;
mod whole_stage_copied;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &archive_left::RULE,
    &argument_declared_early::RULE,
    &build_tools_shipped::RULE,
    &changing_environment_early::RULE,
    &consecutive_runs::RULE,
    &constant_platform::RULE,
    &copied_git_history::RULE,
    &copy_of_ignored_file::RULE,
    &definition_comment::RULE,
    &deleted_in_later_layer::RULE,
    &dev_dependencies_shipped::RULE,
    &disabled_cache_mount::RULE,
    &duplicate_stage_name::RULE,
    &emptied_cache_mount::RULE,
    &empty_continuation::RULE,
    &expose_host_mapping::RULE,
    &expose_protocol_casing::RULE,
    &from_as_casing::RULE,
    &install_cache_left::RULE,
    &instruction_casing::RULE,
    &invalid_default_base::RULE,
    &legacy_key_value::RULE,
    &lock_file_not_copied::RULE,
    &maintainer_instruction::RULE,
    &mismatched_libc::RULE,
    &mismatched_versions::RULE,
    &misplaced_cache_mount::RULE,
    &missing_dockerignore::RULE,
    &moving_tag::RULE,
    &overridden_instruction::RULE,
    &package_lists_left::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &redundant_platform::RULE,
    &relative_workdir::RULE,
    &repeated_work::RULE,
    &reserved_stage_name::RULE,
    &root_user::RULE,
    &secret_variable::RULE,
    &shell_form_command::RULE,
    &sources_before_dependencies::RULE,
    &stage_name_casing::RULE,
    &syntax_error::RULE,
    &timestamp_in_layer::RULE,
    &toolchain_base::RULE,
    &undeclared_base_argument::RULE,
    &undefined_variable::RULE,
    &unlocked_cache_mount::RULE,
    &unneeded_context::RULE,
    &unreachable_stage::RULE,
    &unwritable_cache_mount::RULE,
    &update_apart_from_install::RULE,
    &whole_stage_copied::RULE,
];
