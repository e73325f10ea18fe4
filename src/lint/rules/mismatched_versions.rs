use crate::dockerfile::Source;
use crate::lint::image_name::official;
use crate::lint::landings::Landing;
use crate::lint::stage_images::{lowest_image, tag};
use crate::lint::{Diagnostic, Input, declare_rule};

declare_rule! {
    /// Packages are copied from a stage with another version of the interpreter.
    ///
    /// ## Why it matters
    /// Python looks for packages in a folder of its own version and loads no native module of another; a virtual
    /// environment points to the interpreter it was made with. Ruby and Node.js load no native module of another
    /// version either. The build succeeds, and the program fails at its first import.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM python:3.13 AS build
    /// RUN pip install --no-cache-dir numpy
    /// FROM python:3.14-slim
    /// COPY --from=build /usr/local/lib/python3.13/site-packages /usr/local/lib/python3.13/site-packages
    /// CMD ["python", "-m", "app"]
    /// ```
    /// ```dockerfile,bad
    /// FROM node:20 AS build
    /// WORKDIR /app
    /// COPY package.json package-lock.json ./
    /// RUN npm ci
    /// FROM node:22-slim
    /// COPY --from=build /app/node_modules /app/node_modules
    /// CMD ["node", "/app/server.js"]
    /// ```
    /// ```dockerfile,good
    /// FROM python:3.14 AS build
    /// RUN python -m venv /venv && /venv/bin/pip install numpy
    /// FROM python:3.14-slim
    /// COPY --from=build /venv /venv
    /// CMD ["/venv/bin/python", "-m", "app"]
    /// ```
    name: "mismatched-versions",
    aliases: [],
    category: Correctness,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    for fact in input.facts.all(input.dockerfile).filter(|fact| input.facts.is_reached(fact)) {
        let Some(landing) = Landing::of(input, fact) else { continue };
        let images = landing
            .from_stage
            .zip(fact.facts.stage)
            .and_then(|(from, to)| Some((lowest_image(input, from)?, lowest_image(input, to)?)));
        let Some((from, to)) = images else { continue };
        let Some((had, has)) = version(from).zip(version(to)) else { continue };
        if official(from) != official(to) || had == has {
            continue;
        }
        let packages = landing.transfer.sources.iter().find_map(|source| match source {
            Source::Path(word) => Some(word).filter(|word| holds_packages(&word.text)),
            Source::Heredoc(..) => None,
        });
        let Some(word) = packages else { continue };
        let program = official(to).unwrap_or_default();
        found.push(
            Diagnostic::new(
                &RULE,
                word.range,
                format!("these packages are for {program} {had}, and this stage has {program} {has}"),
            )
            .help("take the same version in both stages, best from one ARG above the first FROM"),
        );
    }
}

/// The part of an official image's version that decides which packages fit: Python's and Ruby's first two numbers,
/// Node.js's first.
fn version(reference: &str) -> Option<String> {
    let parts = match official(reference)? {
        "python" | "ruby" => 2,
        "node" => 1,
        _ => return None,
    };
    let version = tag(reference)?.split('-').next()?;
    let numbers: Vec<&str> = version.split('.').take(parts).collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (numbers.len() == parts && numbers.iter().all(is_number)).then(|| numbers.join("."))
}

fn holds_packages(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    ["site-packages", "dist-packages", "node_modules", "/usr/local/bundle"]
        .iter()
        .any(|part| path.contains(part))
        || matches!(path.rsplit('/').next(), Some("venv" | ".venv" | "virtualenv"))
}
