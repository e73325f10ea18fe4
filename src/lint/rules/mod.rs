//! Every rule, one file each. `UPDATE=1 cargo test --test pages` writes this list and the pages from the
//! files that are here.

use super::Rule;

mod added_local_file;
mod archive_left;
mod buffered_python_output;
mod build_tools_shipped;
mod consecutive_runs;
mod deleted_in_later_layer;
mod deprecated_bundler_flags;
mod dev_dependencies_shipped;
mod install_cache_left;
mod interactive_install;
mod missing_dockerignore;
mod moving_tag;
mod package_lists_left;
mod php_without_opcache;
mod recommended_packages;
mod recursive_ownership_layer;
mod redundant_bundler_install;
mod root_user;
mod shell_form_command;
mod sources_before_dependencies;
mod split_install;
mod syntax_error;
mod system_upgrade;
mod tls_verification_off;
mod unlocked_install;
mod unpinned_package;
mod unreachable_stage;
mod unsorted_packages;
mod unstable_apt_cli;
mod unverified_packages;
mod update_apart_from_install;
mod whole_stage_copied;
mod xdebug_shipped;

/// All rules, in the order of their names.
#[rustfmt::skip]
pub(super) static ALL: &[&Rule] = &[
    &added_local_file::RULE,
    &archive_left::RULE,
    &buffered_python_output::RULE,
    &build_tools_shipped::RULE,
    &consecutive_runs::RULE,
    &deleted_in_later_layer::RULE,
    &deprecated_bundler_flags::RULE,
    &dev_dependencies_shipped::RULE,
    &install_cache_left::RULE,
    &interactive_install::RULE,
    &missing_dockerignore::RULE,
    &moving_tag::RULE,
    &package_lists_left::RULE,
    &php_without_opcache::RULE,
    &recommended_packages::RULE,
    &recursive_ownership_layer::RULE,
    &redundant_bundler_install::RULE,
    &root_user::RULE,
    &shell_form_command::RULE,
    &sources_before_dependencies::RULE,
    &split_install::RULE,
    &syntax_error::RULE,
    &system_upgrade::RULE,
    &tls_verification_off::RULE,
    &unlocked_install::RULE,
    &unpinned_package::RULE,
    &unreachable_stage::RULE,
    &unsorted_packages::RULE,
    &unstable_apt_cli::RULE,
    &unverified_packages::RULE,
    &update_apart_from_install::RULE,
    &whole_stage_copied::RULE,
    &xdebug_shipped::RULE,
];
