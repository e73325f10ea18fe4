use crate::lint::cost::Waste;
use crate::lint::development::is_for_development;
use crate::lint::start::{started, written_script};
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::Command;
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::text::TextRange;

declare_rule! {
    /// A container installs or compiles before it answers.
    ///
    /// ## Why it matters
    /// What a `RUN` does once for all, a start does again in every region, after every crash and every scaling up,
    /// while someone waits. It also needs the registries of the world at the very moment when something has already
    /// failed, and two containers of one image may end up with different packages.
    ///
    /// Known are the package managers' installs, `npm run build` and its like, the compilers of Go, Rust, .NET and
    /// Java, and C's. Silent about what runs only under a condition, about an image for development, and about a
    /// container that does nothing but build.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM node:22-slim
    /// CMD npm install && exec node server.js
    /// ```
    /// ```dockerfile,bad
    /// FROM golang:1.26
    /// CMD ["go", "run", "."]
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// COPY --chmod=755 <<'EOF' /start.sh
    /// #!/bin/sh
    /// pip install -r requirements.txt
    /// exec python app.py
    /// EOF
    /// ENTRYPOINT ["/start.sh"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// CMD npm install && npm run dev
    /// ```
    /// ```dockerfile,good
    /// FROM mcr.microsoft.com/dotnet/sdk:10.0
    /// CMD ["dotnet", "build"]
    /// ```
    /// ```dockerfile,good
    /// FROM node:22-slim
    /// RUN npm ci --omit=dev
    /// CMD ["node", "server.js"]
    /// ```
    name: "work-at-start",
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
    for started in started(input).into_iter().filter(|started| started.is_certain) {
        let diagnostic = report(&started.command, started.is_last);
        let waste = Waste::InstallAtStart(&started.command);
        found.extend(diagnostic.map(|diagnostic| diagnostic.wastes(input, &started.fact, &waste)));
        let Some((landing, script)) = written_script(input, &started.command) else { continue };
        let commands = script.commands();
        for (at, occurrence) in commands.iter().enumerate().filter(|(_, occurrence)| occurrence.is_certain())
        {
            let diagnostic = report(occurrence.command, at + 1 == commands.len());
            let waste = Waste::InstallAtStart(occurrence.command);
            found.extend(diagnostic.map(|diagnostic| diagnostic.wastes(input, &landing.fact, &waste)));
        }
    }
}

fn report(command: &Command, is_last: bool) -> Option<Diagnostic> {
    let (range, what, help) = work(command)?;
    // A container that does nothing but this is there to build, not to serve.
    let serves = !is_last || what.to_ascii_lowercase().contains("run") || what.ends_with("watch");
    let message = format!("`{what}` runs again at each start of a container");
    serves.then(|| Diagnostic::new(&RULE, range, message).help(help))
}

const INSTALL: &str = "install in a `RUN`: then every start finds it done";
const COMPILE: &str = "build in a `RUN`, best in a stage of its own, and start what it made";

/// Where and what the command works on that a build could have done, and what to do.
fn work(command: &Command) -> Option<(TextRange, String, &'static str)> {
    let call = command.effective();
    let name = call.words().first()?;
    if let Some(action) = packages::read(command) {
        let help = match action.verb {
            _ if action.has_flag(&["--help", "--version"]) => return None,
            Verb::Install | Verb::Update | Verb::Upgrade => INSTALL,
            Verb::Other if compiles(&action) => COMPILE,
            _ => return None,
        };
        // Of a bare `yarn` there is no more to show than the name, and of `ENTRYPOINT` and `CMD` together no one place.
        let words: Vec<&str> = action.subcommand.iter().take(2).map(|word| word.shown()).collect();
        let script = action.packages.first().filter(|_| matches!(words.as_slice(), ["run" | "run-script"]));
        let shown: Vec<&str> =
            std::iter::once(action.program).chain(words).chain(script.map(|word| word.shown())).collect();
        let first = action.call.words().first()?;
        return Some((first.range, shown.join(" "), help));
    }
    let compiler = matches!(call.name()?, "gcc" | "g++" | "cc" | "c++" | "javac" | "rustc" | "tsc");
    let bundler = matches!(
        call.name()?,
        "next" | "nuxt" | "vite" | "ng" | "react-scripts" | "gatsby" | "vue-cli-service"
    ) && call.subcommand(&[]) == Some("build");
    let shown = if bundler { format!("{} build", name.shown()) } else { name.shown().to_owned() };
    (compiler && !call.args().is_empty() || bundler).then_some((name.range, shown, COMPILE))
}

/// Whether the action compiles the project.
fn compiles(action: &Action<'_>) -> bool {
    let Some(subcommand) = action.subcommand.first().map(|word| word.shown()) else { return false };
    let is_build = |script: &str| script == "build" || script.starts_with("build:");
    match action.manager {
        PackageManager::Npm | PackageManager::Pnpm | PackageManager::Yarn | PackageManager::Bun => {
            let script = action.call.positionals(&[]).get(1).map(|word| word.shown());
            match subcommand {
                "run" | "run-script" => script.is_some_and(is_build),
                _ => action.manager != PackageManager::Npm && is_build(subcommand),
            }
        }
        PackageManager::Go => matches!(subcommand, "run" | "build"),
        PackageManager::Cargo => matches!(subcommand, "run" | "r" | "build" | "b"),
        PackageManager::Dotnet => match subcommand {
            "run" => !action.has_flag(&["--no-build"]),
            other => matches!(other, "build" | "publish" | "watch" | "restore"),
        },
        // Goals and tasks that start the program compile it before.
        PackageManager::Maven | PackageManager::Gradle => {
            let starts = |goal: &str| {
                matches!(goal, "bootRun" | "run" | "package" | "install" | "compile" | "build")
                    || [":bootRun", ":run", ":java", ":dev"].iter().any(|end| goal.ends_with(end))
            };
            action.call.positionals(&[]).iter().any(|word| starts(word.shown()))
        }
        _ => false,
    }
}
