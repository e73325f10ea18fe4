//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod always_true_test;
mod and_or_as_if;
mod archive_left;
mod argument_declared_early;
mod backticks;
mod bashism;
mod brackets_in_tr;
mod broken_quotes;
mod broken_stage_reference;
mod buffered_python_output;
mod build_tools_shipped;
mod build_variable_shipped;
mod bytecode_not_written;
mod cd_in_run;
mod changing_environment_early;
mod collapsed_blanks;
mod consecutive_runs;
mod constant_platform;
mod copied_archive;
mod copied_git_history;
mod copy_from_own_stage;
mod copy_from_unknown_stage;
mod copy_of_ignored_file;
mod debug_build_shipped;
mod definition_comment;
mod deleted_in_later_layer;
mod deprecated_bundler_flags;
mod dev_dependencies_shipped;
mod disabled_cache_mount;
mod download_without_checksum;
mod duplicate_stage_name;
mod echo_escape;
mod emptied_cache_mount;
mod empty_continuation;
mod end_of_life_base;
mod entrypoint_without_exec;
mod expose_host_mapping;
mod expose_protocol_casing;
mod from_as_casing;
mod health_check_tool;
mod high_uid_login_log;
mod host_command;
mod ignore_without_reason;
mod inline_ignore;
mod install_cache_left;
mod install_without_cache_mount;
mod instruction_casing;
mod interactive_install;
mod invalid_default_base;
mod label_key;
mod legacy_key_value;
mod lock_file_not_copied;
mod loop_over_one;
mod lost_backslash;
mod lost_setting;
mod maintainer_instruction;
mod malformed_label;
mod masked_status;
mod mismatched_libc;
mod mismatched_versions;
mod misplaced_cache_mount;
mod missing_dockerignore;
mod missing_healthcheck;
mod missing_label;
mod misspelt_directive;
mod mode_of_last_folder;
mod moved_in_later_layer;
mod moving_download;
mod moving_tag;
mod obsolete_grep;
mod overridden_instruction;
mod package_lists_left;
mod package_manager_entrypoint;
mod parsed_ls;
mod pattern_as_option;
mod php_without_opcache;
mod pipe_without_pipefail;
mod piped_installer;
mod port_out_of_range;
mod read_without_r;
mod recommended_packages;
mod recursive_ownership_layer;
mod redundant_bundler_install;
mod redundant_platform;
mod refused_mount;
mod refused_value;
mod relative_destination;
mod relative_workdir;
mod relinked_shell;
mod remote_add_without_checksum;
mod repeated_append;
mod repeated_in_brackets;
mod repeated_work;
mod reserved_stage_name;
mod root_user;
mod secret_variable;
mod several_sources_to_file;
mod shell_form_command;
mod shellcheck;
mod single_platform_download;
mod single_quoted_expansion;
mod slow_first_health_check;
mod sources_before_dependencies;
mod sources_before_packages;
mod space_after_equals;
mod split_file_list;
mod split_install;
mod stage_by_number;
mod stage_name_casing;
mod sudo;
mod syntax_error;
mod system_upgrade;
mod timestamp_in_layer;
mod tls_verification_off;
mod toolchain_base;
mod unassigned_variable;
mod unchecked_cd;
mod undeclared_base_argument;
mod undefined_variable;
mod ungraceful_stop_signal;
mod uninstalled_in_later_layer;
mod unknown_ignore;
mod unlisted_label;
mod unlocked_cache_mount;
mod unlocked_install;
mod unneeded_context;
mod unpinned_package;
mod unquoted_substitution;
mod unquoted_variable;
mod unreachable_stage;
mod unsorted_packages;
mod unstable_apt_cli;
mod untrusted_registry;
mod unused_ignore;
mod unused_variable;
mod unverified_packages;
mod unwritable_cache_mount;
mod update_apart_from_install;
mod useless_program;
mod user_by_name;
mod variable_in_format;
mod wget_and_curl;
mod wget_progress;
mod whole_history_cloned;
mod whole_stage_copied;
mod work_at_start;
mod xdebug_shipped;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &always_true_test::RULE,
    &and_or_as_if::RULE,
    &archive_left::RULE,
    &argument_declared_early::RULE,
    &backticks::RULE,
    &bashism::RULE,
    &brackets_in_tr::RULE,
    &broken_quotes::RULE,
    &broken_stage_reference::RULE,
    &buffered_python_output::RULE,
    &build_tools_shipped::RULE,
    &build_variable_shipped::RULE,
    &bytecode_not_written::RULE,
    &cd_in_run::RULE,
    &changing_environment_early::RULE,
    &collapsed_blanks::RULE,
    &consecutive_runs::RULE,
    &constant_platform::RULE,
    &copied_archive::RULE,
    &copied_git_history::RULE,
    &copy_from_own_stage::RULE,
    &copy_from_unknown_stage::RULE,
    &copy_of_ignored_file::RULE,
    &debug_build_shipped::RULE,
    &definition_comment::RULE,
    &deleted_in_later_layer::RULE,
    &deprecated_bundler_flags::RULE,
    &dev_dependencies_shipped::RULE,
    &disabled_cache_mount::RULE,
    &download_without_checksum::RULE,
    &duplicate_stage_name::RULE,
    &echo_escape::RULE,
    &emptied_cache_mount::RULE,
    &empty_continuation::RULE,
    &end_of_life_base::RULE,
    &entrypoint_without_exec::RULE,
    &expose_host_mapping::RULE,
    &expose_protocol_casing::RULE,
    &from_as_casing::RULE,
    &health_check_tool::RULE,
    &high_uid_login_log::RULE,
    &host_command::RULE,
    &ignore_without_reason::RULE,
    &inline_ignore::RULE,
    &install_cache_left::RULE,
    &install_without_cache_mount::RULE,
    &instruction_casing::RULE,
    &interactive_install::RULE,
    &invalid_default_base::RULE,
    &label_key::RULE,
    &legacy_key_value::RULE,
    &lock_file_not_copied::RULE,
    &loop_over_one::RULE,
    &lost_backslash::RULE,
    &lost_setting::RULE,
    &maintainer_instruction::RULE,
    &malformed_label::RULE,
    &masked_status::RULE,
    &mismatched_libc::RULE,
    &mismatched_versions::RULE,
    &misplaced_cache_mount::RULE,
    &missing_dockerignore::RULE,
    &missing_healthcheck::RULE,
    &missing_label::RULE,
    &misspelt_directive::RULE,
    &mode_of_last_folder::RULE,
    &moved_in_later_layer::RULE,
    &moving_download::RULE,
    &moving_tag::RULE,
    &obsolete_grep::RULE,
    &overridden_instruction::RULE,
    &package_lists_left::RULE,
    &package_manager_entrypoint::RULE,
    &parsed_ls::RULE,
    &pattern_as_option::RULE,
    &php_without_opcache::RULE,
    &pipe_without_pipefail::RULE,
    &piped_installer::RULE,
    &port_out_of_range::RULE,
    &read_without_r::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &redundant_bundler_install::RULE,
    &redundant_platform::RULE,
    &refused_mount::RULE,
    &refused_value::RULE,
    &relative_destination::RULE,
    &relative_workdir::RULE,
    &relinked_shell::RULE,
    &remote_add_without_checksum::RULE,
    &repeated_append::RULE,
    &repeated_in_brackets::RULE,
    &repeated_work::RULE,
    &reserved_stage_name::RULE,
    &root_user::RULE,
    &secret_variable::RULE,
    &several_sources_to_file::RULE,
    &shell_form_command::RULE,
    &shellcheck::RULE,
    &single_platform_download::RULE,
    &single_quoted_expansion::RULE,
    &slow_first_health_check::RULE,
    &sources_before_dependencies::RULE,
    &sources_before_packages::RULE,
    &space_after_equals::RULE,
    &split_file_list::RULE,
    &split_install::RULE,
    &stage_by_number::RULE,
    &stage_name_casing::RULE,
    &sudo::RULE,
    &syntax_error::RULE,
    &system_upgrade::RULE,
    &timestamp_in_layer::RULE,
    &tls_verification_off::RULE,
    &toolchain_base::RULE,
    &unassigned_variable::RULE,
    &unchecked_cd::RULE,
    &undeclared_base_argument::RULE,
    &undefined_variable::RULE,
    &ungraceful_stop_signal::RULE,
    &uninstalled_in_later_layer::RULE,
    &unknown_ignore::RULE,
    &unlisted_label::RULE,
    &unlocked_cache_mount::RULE,
    &unlocked_install::RULE,
    &unneeded_context::RULE,
    &unpinned_package::RULE,
    &unquoted_substitution::RULE,
    &unquoted_variable::RULE,
    &unreachable_stage::RULE,
    &unsorted_packages::RULE,
    &unstable_apt_cli::RULE,
    &untrusted_registry::RULE,
    &unused_ignore::RULE,
    &unused_variable::RULE,
    &unverified_packages::RULE,
    &unwritable_cache_mount::RULE,
    &update_apart_from_install::RULE,
    &useless_program::RULE,
    &user_by_name::RULE,
    &variable_in_format::RULE,
    &wget_and_curl::RULE,
    &wget_progress::RULE,
    &whole_history_cloned::RULE,
    &whole_stage_copied::RULE,
    &work_at_start::RULE,
    &xdebug_shipped::RULE,
];
