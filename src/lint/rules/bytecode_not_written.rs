use crate::dockerfile::Source;
use crate::lint::landings::{Landing, is_within};
use crate::lint::script_edits::RunScript;
use crate::lint::{Diagnostic, Input, Safety, declare_rule};
use crate::shell::Word;
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::text::EditSet;

declare_rule! {
    /// Python compiles its packages at every cold start.
    ///
    /// ## Why it matters
    /// Python runs bytecode. Where an image brings none for its packages, each new container compiles every module it
    /// imports before it answers, and the result is gone with the container. pip compiles as it installs, whatever
    /// `PYTHONDONTWRITEBYTECODE` says; uv and Poetry do so only when asked.
    ///
    /// Silent where the image starts nothing, where something else compiles (`python -m compileall`), and in stages
    /// whose packages the image does not take.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// COPY pyproject.toml uv.lock ./
    /// RUN uv sync --locked --no-dev
    /// CMD [".venv/bin/python", "app.py"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM python:3.14-slim
    /// COPY pyproject.toml uv.lock ./
    /// RUN uv sync --compile-bytecode --locked --no-dev
    /// CMD [".venv/bin/python", "app.py"]
    /// ```
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// RUN poetry install --only main --no-root
    /// CMD ["python", "app.py"]
    /// ```
    /// ```dockerfile,fixed
    /// FROM python:3.14-slim
    /// RUN poetry install --compile --only main --no-root
    /// CMD ["python", "app.py"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV UV_COMPILE_BYTECODE=1
    /// RUN uv sync --locked --no-dev
    /// CMD [".venv/bin/python", "app.py"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14-slim
    /// ENV PYTHONDONTWRITEBYTECODE=1
    /// RUN pip install --no-cache-dir flask
    /// CMD ["python", "app.py"]
    /// ```
    /// What a build stage installs for itself is in no container:
    /// ```dockerfile,good
    /// FROM debian:trixie AS build
    /// WORKDIR /src
    /// RUN uv sync --only-group build
    /// RUN make
    /// FROM debian:trixie-slim
    /// COPY --from=build /src/tool /usr/local/bin/
    /// CMD ["tool"]
    /// ```
    /// Leaving the bytecode out makes an image smaller, so pip's `--no-compile` can be meant:
    /// ```dockerfile,on-request
    /// FROM python:3.14-slim
    /// RUN pip install --no-compile flask
    /// CMD ["python", "app.py"]
    /// ```
    ///
    /// ## Fix safety
    /// Unsafe: the program does the same, but the image has more files, whose bytes differ from build to build.
    name: "bytecode-not-written",
    aliases: [],
    category: Start,
    severity: Info,
    profile: Default,
    fix: Some(Safety::Unsafe),
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let starts =
        input.facts.target().is_some_and(|target| target.end.cmd.or(target.end.entrypoint).is_some());
    if !starts || input.source.text().contains("compileall") {
        return;
    }
    for stage in 0..input.facts.stages.len() {
        if !gives(input, stage) {
            continue;
        }
        let facts = input.facts.of_stage(input.dockerfile, stage).into_iter();
        let runs: Vec<RunScript<'_>> = facts.filter_map(|fact| RunScript::of(input, fact)).collect();
        for run in &runs {
            for occurrence in run.script.commands() {
                let action = packages::read(occurrence.command);
                let pip =
                    action.filter(|action| action.manager == PackageManager::Pip && action.program != "uv");
                let flag = pip.and_then(|pip| pip.call.args().iter().find(|word| word.is("--no-compile")));
                if let Some(flag) = flag {
                    found.push(
                        Diagnostic::new(&RULE, flag.range, "pip is told to leave the bytecode to each start")
                            .help("leave the flag out, or compile with `python -m compileall`")
                            .on_request(),
                    );
                }
            }
        }
        // uv compiles all that is installed, and so does the last call for those before it.
        last(input, &runs, uv, "--compile-bytecode", found);
        last(input, &runs, poetry, "--compile", found);
    }
}

/// Whether the image has the packages that the stage installs.
fn gives(input: &Input<'_>, stage: usize) -> bool {
    if input.facts.stages.get(stage).is_some_and(|stage| stage.shipped) {
        return true;
    }
    let shipped = input.facts.all(input.dockerfile).filter(|fact| input.facts.is_shipped(fact));
    let folders: Vec<&str> = input
        .facts
        .of_stage(input.dockerfile, stage)
        .iter()
        .filter_map(|fact| fact.facts.before.workdir.known())
        .collect();
    shipped
        .filter_map(|fact| Landing::of(input, fact).filter(|landing| landing.from_stage == Some(stage)))
        .flat_map(|landing| landing.transfer.sources.iter())
        .any(|source| match source {
            Source::Path(word) => {
                holds_packages(&word.text) || folders.iter().any(|folder| is_within(folder, &word.text))
            }
            Source::Heredoc(..) => false,
        })
}

/// Whether the path looks like one of an environment, or of an interpreter's packages.
fn holds_packages(path: &str) -> bool {
    let name = path.trim_end_matches(['/', '.']).rsplit('/').next().unwrap_or_default();
    name.contains("venv")
        || name.contains("python")
        || matches!(name, "" | "env" | "lib" | "local" | ".local" | "site-packages" | "dist-packages")
}

/// The word behind which the flag goes, where the action installs packages for the program.
type Installs = for<'a> fn(&Action<'a>) -> Option<&'a Word>;

fn uv<'a>(action: &Action<'a>) -> Option<&'a Word> {
    let word = action.subcommand.last().copied()?;
    let installs = match action.manager {
        PackageManager::Uv => word.is("sync"),
        PackageManager::Pip => action.program == "uv" && (word.is("install") || word.is("sync")),
        _ => false,
    };
    (installs && !action.has_flag(&["--dry-run", "--help"])).then_some(word)
}

fn poetry<'a>(action: &Action<'a>) -> Option<&'a Word> {
    let word = action.subcommand.last().copied()?;
    let installs =
        action.manager == PackageManager::Poetry && action.verb == Verb::Install && word.is("install");
    (installs && !action.has_flag(&["--dry-run", "--help"])).then_some(word)
}

/// Reports the last call of a stage that installs, unless one of the stage's compiles.
fn last(
    input: &Input<'_>,
    runs: &[RunScript<'_>],
    installs: Installs,
    flag: &str,
    found: &mut Vec<Diagnostic>,
) {
    let mut candidate = None;
    for run in runs {
        let state = &run.fact.facts.before;
        let is_set = state.variables.iter().any(|(name, _)| name == "UV_COMPILE_BYTECODE")
            || input.source.slice(run.fact.instruction.range).contains("COMPILE_BYTECODE");
        for occurrence in run.script.commands() {
            let Some(action) = packages::read(occurrence.command) else { continue };
            let Some(word) = installs(&action) else { continue };
            if action.has_flag(&["--compile", "--compile-bytecode"]) || (is_set && action.program == "uv") {
                return;
            }
            let pip = if action.manager == PackageManager::Pip { " pip" } else { "" };
            let name = format!("{}{pip}", action.program);
            candidate = Some((run, word, name));
        }
    }
    let Some((run, word, name)) = candidate else { return };
    let edits = run.insert_word(word, flag).and_then(|edit| EditSet::try_from(vec![edit]).ok());
    found.push(
        Diagnostic::new(
            &RULE,
            word.range,
            format!("`{name} {}` leaves the bytecode to each start of a container", word.shown()),
        )
        .help(format!("give it `{flag}`"))
        .fix(Safety::Unsafe, "compile the packages as they are installed", edits),
    );
}
