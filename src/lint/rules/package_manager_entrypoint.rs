use crate::lint::cost::Waste;
use crate::lint::development::is_for_development;
use crate::lint::start::started;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, PackageManager};

declare_rule! {
    /// A package manager stands between the engine and the program.
    ///
    /// ## Why it matters
    /// `npm start` starts npm, npm reads the project and starts a shell, and the shell starts the program. Every cold
    /// start waits for the package manager's own start, which is often longer than the program's, and the package
    /// manager stays process 1: whether SIGTERM reaches the program, and whether its exit status comes back, is up to
    /// it and the shell.
    ///
    /// Known are npm, yarn, pnpm, npx, `poetry run`, `pipenv run` and `uv run`. Silent in an image for
    /// development.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD ["npm", "start"]
    /// ```
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// ENTRYPOINT ["tini", "--", "yarn", "run", "serve"]
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// CMD ["uv", "run", "uvicorn", "app:app"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// CMD ["node", "server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV PATH=/app/.venv/bin:$PATH
    /// CMD ["uvicorn", "app:app"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// CMD ["npm", "run", "dev"]
    /// ```
    name: "package-manager-entrypoint",
    aliases: [],
    category: Start,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    if is_for_development(input) {
        return;
    }
    let Some(started) = started(input).into_iter().find(|started| started.is_last) else { return };
    let call = started.command.effective();
    let Some(name) = call.words().first() else { return };
    let (message, help) = if matches!(call.name(), Some("npx" | "pnpx" | "bunx")) {
        let program = name.shown();
        (
            format!(
                "`{program}` looks for the program at each start, fetches it where it is missing, and stays beside it"
            ),
            "install the program in the image and start it by its path, such as `node_modules/.bin/serve`",
        )
    } else if let Some(launch) = packages::read(&started.command).and_then(|action| launch(&action)) {
        launch
    } else {
        return;
    };
    let launcher = name.shown().rsplit('/').next().unwrap_or_default();
    found.push(Diagnostic::new(&RULE, name.range, message).help(help).wastes(
        input,
        &started.fact,
        &Waste::Launcher(launcher),
    ));
}

/// What the action does at the start where it only starts something else, and what to do instead.
fn launch(action: &Action<'_>) -> Option<(String, &'static str)> {
    let subcommand = action.subcommand.first()?.shown();
    let program = action.program;
    let runs = match action.manager {
        PackageManager::Npm => matches!(subcommand, "start" | "run" | "run-script" | "exec" | "x"),
        PackageManager::Pnpm => matches!(subcommand, "start" | "run" | "exec" | "dlx"),
        PackageManager::Yarn => {
            matches!(subcommand, "start" | "run" | "exec" | "dlx" | "node" | "serve" | "preview")
                || subcommand.starts_with("start:")
        }
        PackageManager::Poetry | PackageManager::Pipenv | PackageManager::Uv => subcommand == "run",
        _ => false,
    };
    let into_environment = "put the environment's `bin` first in `PATH` and start the program itself";
    runs.then(|| match action.manager {
        PackageManager::Poetry | PackageManager::Pipenv => (
            format!("`{program} run` starts {program} at each start only to find the program's environment"),
            into_environment,
        ),
        PackageManager::Uv => {
            let way = if action.has_flag(&["--no-sync"]) { "" } else { "checks the environment at each start and " };
            (format!("`uv run` {way}stays process 1 beside the program"), into_environment)
        }
        _ => (
            format!("`{program} {subcommand}` starts {program} and a shell before the program, and they stay beside it"),
            "start what the script starts, such as `[\"node\", \"server.js\"]`",
        ),
    })
}
