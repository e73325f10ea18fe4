use crate::graph::Base;
use crate::lint::cost::Waste;
use crate::lint::script_edits::RunScript;
use crate::lint::start::starts_program;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::packages::{self, Action, PackageManager, Verb};
use crate::shell::{Occurrence, Word};

declare_rule! {
    /// Compilers and build tools are in the image.
    ///
    /// ## Why it matters
    /// A compiler with its headers is mostly larger than the program it has built. Every region pulls it, and whoever
    /// breaks in finds a workshop. Removed in a later `RUN`, it is pulled all the same.
    ///
    /// Silent for images that start nothing or only a shell: those are there to build with. A tool or two that
    /// programs also use as they run, such as git or make, is no finding.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.14-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev \
    ///     && pip install --no-cache-dir psycopg2 \
    ///     && rm -rf /var/lib/apt/lists/*
    /// CMD ["python", "app.py"]
    /// ```
    /// Build in a stage of its own, and copy what it made:
    /// ```dockerfile,good
    /// FROM python:3.14-slim AS build
    /// RUN apt-get update && apt-get install -y --no-install-recommends build-essential libpq-dev
    /// RUN python -m venv /opt/app && /opt/app/bin/pip install psycopg2
    /// FROM python:3.14-slim
    /// RUN apt-get update && apt-get install -y --no-install-recommends libpq5 && rm -rf /var/lib/apt/lists/*
    /// COPY --from=build /opt/app /opt/app
    /// CMD ["/opt/app/bin/python", "app.py"]
    /// ```
    /// Or take the tools out in the `RUN` that brought them:
    /// ```dockerfile,good
    /// FROM python:3.14-alpine
    /// RUN apk add --no-cache --virtual .build gcc musl-dev \
    ///     && pip install --no-cache-dir uwsgi \
    ///     && apk del .build
    /// CMD ["uwsgi"]
    /// ```
    name: "build-tools-shipped",
    aliases: ["tally/prefer-multi-stage-build", "DF011"],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

/// Packages that only serve to build, whatever their version: the names of Debian, Alpine, Fedora and SUSE.
const COMPILERS: &[&str] = &[
    "base-devel",
    "build-base",
    "build-essential",
    "cargo",
    "clang",
    "cmake",
    "default-jdk",
    "default-jdk-headless",
    "devel_basis",
    "g++",
    "gcc",
    "gcc-c++",
    "gfortran",
    "go",
    "golang",
    "golang-go",
    "gradle",
    "maven",
    "ninja",
    "ninja-build",
    "rust",
    "rustc",
];

/// Packages that build, but are also found where nothing is built.
const TOOLS: &[&str] = &[
    "autoconf",
    "automake",
    "bison",
    "flex",
    "libtool",
    "linux-headers",
    "llvm",
    "make",
    "musl-dev",
    "pkg-config",
];

/// How many of the lesser packages, headers among them, make a finding without a compiler.
const MANY: usize = 3;

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    if !runs_a_program(input) {
        return;
    }
    for run in RunScript::shipped(input) {
        if !run.script.understood {
            continue;
        }
        let tools = tools_left(&run.script.commands());
        let compilers = tools.iter().filter(|tool| is_compiler(tool.shown())).count();
        if compilers == 0 && tools.len() < MANY {
            continue;
        }
        let first = tools.iter().find(|tool| is_compiler(tool.shown())).or(tools.first());
        let Some(first) = first.copied() else { continue };
        let others = tools.len().saturating_sub(1);
        let message = match others {
            0 => format!("`{}` is in the image", first.shown()),
            1 => format!("`{}` and another build package are in the image", first.shown()),
            _ => format!("`{}` and {others} other build packages are in the image", first.shown()),
        };
        let help = if is_jdk(first.shown()) {
            "run on a JRE, and build with the JDK in a stage of its own"
        } else {
            "build in a stage of its own and copy what it made, or remove them in the same RUN"
        };
        let names: Vec<&str> = tools.iter().map(|tool| tool.shown()).collect();
        let waste =
            if run.fact.facts.actions().iter().any(|(_, action)| action.manager == PackageManager::Apt) {
                Waste::Packages(names)
            } else {
                Waste::PartOfLayer
            };
        found.push(Diagnostic::new(&RULE, first.range, message).help(help).wastes(input, &run.fact, &waste));
    }
}

/// The packages for building that a script installs and does not remove.
fn tools_left<'a>(commands: &[Occurrence<'a>]) -> Vec<&'a Word> {
    let mut left: Vec<&Word> = Vec::new();
    let mut marked_auto = false;
    for occurrence in commands {
        // `apt-mark auto` gives all packages free to be removed as no longer needed.
        marked_auto |= occurrence.command.name() == Some("apt-mark")
            && occurrence.command.args().first().is_some_and(|word| word.is("auto"));
        let Some(action) = packages::read(occurrence.command).filter(|action| action.manager.is_system())
        else {
            continue;
        };
        match action.verb {
            Verb::Install => {
                left.extend(action.packages.iter().filter(|word| is_tool(word.shown())).copied());
            }
            Verb::Remove if marked_auto || removes_unnamed(&action) => left.clear(),
            Verb::Remove => left.retain(|tool| !action.packages.iter().any(|word| word.value == tool.value)),
            _ => {}
        }
    }
    left
}

/// Whether the packages are named by a variable, a pattern or a virtual package.
fn removes_unnamed(action: &Action<'_>) -> bool {
    let stands_for_others =
        |word: &&&Word| !word.variables.is_empty() || word.pattern || !word.substitutions.is_empty();
    let is_virtual = |word: &Word| word.shown().starts_with('.') || word.shown().contains("build");
    action
        .packages
        .iter()
        .any(|word| stands_for_others(&word) || (is_virtual(word) && !is_tool(word.shown())))
}

fn is_tool(package: &str) -> bool {
    let name = bare(package);
    is_compiler(package) || TOOLS.contains(&name) || name.ends_with("-dev") || name.ends_with("-devel")
}

fn is_compiler(package: &str) -> bool {
    let name = bare(package);
    // `gcc-14`, `clang-19`, `golang-1.24`
    let unversioned =
        name.rsplit_once('-').filter(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    COMPILERS.contains(&name)
        || unversioned.is_some_and(|(name, _)| COMPILERS.contains(&name))
        || name.eq_ignore_ascii_case("@development-tools")
        || name.eq_ignore_ascii_case("development tools")
        || is_jdk(package)
}

fn is_jdk(package: &str) -> bool {
    let name = bare(package);
    let has_part = |part: &str| name.split('-').any(|other| other == part);
    let alpine = name
        .strip_prefix("openjdk")
        .is_some_and(|version| !version.is_empty() && version.chars().all(|c| c.is_ascii_digit()));
    alpine || (name.contains("jdk") && has_part("jdk")) || (name.starts_with("java-") && has_part("devel"))
}

/// A package's name without its version, architecture or repository.
fn bare(package: &str) -> &str {
    package.split(['=', ':', '~', '<', '>', '/']).next().unwrap_or(package)
}

/// Whether the image starts a program of its own, which neither builds nor waits for somebody to build.
fn runs_a_program(input: &Input<'_>) -> bool {
    let Some(target) = input.facts.stages.last() else { return false };
    let starts: Vec<&str> = [target.end.entrypoint, target.end.cmd]
        .into_iter()
        .flatten()
        .filter_map(|index| input.facts.get(input.dockerfile, index))
        .map(|fact| input.source.slice(fact.instruction.range))
        .collect();
    let stage = input.graph.stages.last();
    let name = stage.and_then(|stage| stage.name.as_deref());
    let base = stage.and_then(|stage| match &stage.base {
        Base::Image { reference, .. } => Some(reference.as_str()),
        _ => None,
    });
    let mut texts = starts.iter().copied().chain(name).chain(base);
    starts_program(input) && !texts.any(is_for_building)
}

/// Whether a command, an image's or a stage's name speaks of building, or of a container kept idle to work in.
fn is_for_building(text: &str) -> bool {
    text.to_ascii_lowercase().split(|c: char| !c.is_ascii_alphanumeric()).any(|word| {
        matches!(
            word,
            "build"
                | "builder"
                | "compile"
                | "make"
                | "cmake"
                | "gcc"
                | "cargo"
                | "go"
                | "mvn"
                | "gradle"
                | "bazel"
                | "dev"
                | "devel"
                | "development"
                | "devcontainer"
                | "devcontainers"
                | "test"
                | "tests"
                | "ci"
                | "fuzz"
                | "fuzzer"
                | "bench"
                | "benchmark"
                | "sleep"
                | "tail"
        )
    })
}
