//! Installs of what a project declares it depends on, and the files that declare it.

use crate::shell::packages::{Action, PackageManager, Verb, read};
use crate::shell::{Command, Invocation};

/// The call of a package manager that installs all that a project's manifest asks for, in the folder it is called in.
/// Nothing where packages are named or where it installs for the whole system.
pub(crate) fn project_install(command: &Command) -> Option<Action<'_>> {
    let action = read(command).filter(|action| action.verb == Verb::Install && !is_elsewhere(action.call))?;
    let verb: Vec<&str> = action.subcommand.iter().map(|word| word.shown()).collect();
    let bare = action.packages.is_empty();
    let is_project = match action.manager {
        PackageManager::Npm | PackageManager::Yarn | PackageManager::Pnpm | PackageManager::Bun => {
            bare && !action.has_flag(&["-g", "--global"])
                && !matches!(verb.as_slice(), ["add" | "a"] | ["global", _])
        }
        PackageManager::Pip => {
            bare && !action.call.flag_values(&["-r", "--requirement"]).is_empty()
                && !action.has_flag(&["-e", "--editable"])
        }
        PackageManager::Uv => verb == ["sync"],
        PackageManager::Poetry | PackageManager::Pipenv => {
            bare && matches!(verb.as_slice(), ["install" | "sync"])
        }
        PackageManager::Bundler => bare && verb != ["add"],
        PackageManager::Composer => bare && matches!(verb.as_slice(), ["install" | "i"]),
        PackageManager::Go => verb == ["mod", "download"] && bare,
        PackageManager::Cargo => matches!(verb.as_slice(), ["fetch" | "vendor"]),
        PackageManager::Maven | PackageManager::Gradle => true,
        PackageManager::Dotnet => verb == ["restore"],
        _ => false,
    };
    is_project.then_some(action)
}

/// Whether the call names another folder or manifest than that of the folder it is called in.
fn is_elsewhere(call: Invocation<'_>) -> bool {
    const FOLDERS: [&str; 9] = [
        "--prefix",
        "--cwd",
        "--dir",
        "--directory",
        "--project",
        "--working-dir",
        "--manifest-path",
        "--gemfile",
        "-C",
    ];
    !call.flag_values(&FOLDERS).is_empty()
}

/// The files that say what a project depends on, by name in the project's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Manifests {
    /// Without these nothing can be installed.
    pub(super) required: Vec<String>,
    /// These count where they are there.
    pub(super) optional: &'static [&'static str],
    /// Where one of these is there, the install reads more than manifests.
    pub(super) spoilers: &'static [&'static str],
}

/// What the install reads where it reads nothing but manifests; nothing where it needs the sources too.
pub(super) fn manifests(install: &Action<'_>) -> Option<Manifests> {
    let one = |name: &str| vec![name.to_owned()];
    let call = install.call;
    let (required, optional, spoilers): (Vec<String>, &'static [&'static str], &'static [&'static str]) =
        match install.manager {
            PackageManager::Npm => (
                one("package.json"),
                &["package-lock.json", "npm-shrinkwrap.json", ".npmrc"],
                &["patches", "prisma", "lerna.json", "binding.gyp"],
            ),
            PackageManager::Yarn => (
                one("package.json"),
                &["yarn.lock", ".yarnrc", ".yarnrc.yml", ".npmrc"],
                &[".yarn", "patches", "prisma", "lerna.json", "binding.gyp"],
            ),
            PackageManager::Pnpm => (
                one("package.json"),
                &["pnpm-lock.yaml", ".npmrc"],
                &["pnpm-workspace.yaml", "patches", "prisma", ".pnpmfile.cjs", "binding.gyp"],
            ),
            PackageManager::Bun => (
                one("package.json"),
                &["bun.lock", "bun.lockb", "bunfig.toml", ".npmrc"],
                &["patches", "prisma", "binding.gyp"],
            ),
            PackageManager::Pip => {
                let files = call.flag_values(&["-r", "--requirement"]);
                let is_plain = |file: &&str| !file.contains(['/', ' ', '*', ':']);
                let constrained = call.has_flag(&["-c", "--constraint", "-e", "--editable"]);
                if constrained || !files.iter().all(is_plain) {
                    return None;
                }
                (files.into_iter().map(str::to_owned).collect(), &[], &[])
            }
            PackageManager::Poetry if call.has_flag(&["--no-root"]) => {
                (one("pyproject.toml"), &["poetry.lock", "poetry.toml"], &[])
            }
            PackageManager::Uv if call.has_flag(&["--no-install-project", "--no-install-workspace"]) => {
                (one("pyproject.toml"), &["uv.lock", "uv.toml", ".python-version"], &[])
            }
            PackageManager::Bundler => (
                one("Gemfile"),
                &["Gemfile.lock", ".ruby-version", ".tool-versions"],
                &["vendor", "gems", "engines"],
            ),
            PackageManager::Composer
                if call.has_flag(&["--no-autoloader"]) && call.has_flag(&["--no-scripts"]) =>
            {
                (one("composer.json"), &["composer.lock"], &[])
            }
            PackageManager::Go => (one("go.mod"), &["go.sum"], &["go.work"]),
            PackageManager::Maven if install.program == "mvn" => (one("pom.xml"), &[], &[".mvn"]),
            _ => return None,
        };
    Some(Manifests { required, optional, spoilers })
}
