use crate::dockerfile::Body;
use crate::lint::cost::Waste;
use crate::lint::image_name::official;
use crate::lint::stage_images::lowest_image;
use crate::lint::{Diagnostic, Input, declare_rule};
use crate::shell::{Command, Word};

declare_rule! {
    /// The image is the compiler's own, with the program in it.
    ///
    /// ## Why it matters
    /// `golang`, `rust`, `maven` and their like bring compilers, headers and sources of hundreds of megabytes. Once the
    /// program is built, nobody needs them; every region pulls them all the same before its first answer.
    ///
    /// Reported where the shipped stage compiles something and then starts a program that is not the toolchain itself.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// FROM golang:1.25
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build -o /bin/app ./cmd/app
    /// CMD ["/bin/app"]
    /// ```
    /// ```dockerfile,good
    /// FROM golang:1.25 AS build
    /// WORKDIR /src
    /// COPY . .
    /// RUN CGO_ENABLED=0 go build -o /bin/app ./cmd/app
    /// FROM gcr.io/distroless/static-debian12
    /// COPY --from=build /bin/app /bin/app
    /// CMD ["/bin/app"]
    /// ```
    /// What starts the toolchain needs it:
    /// ```dockerfile,good
    /// FROM golang:1.25
    /// WORKDIR /src
    /// COPY . .
    /// RUN go build ./...
    /// CMD ["go", "test", "./..."]
    /// ```
    name: "toolchain-base",
    aliases: [],
    category: Size,
    severity: Warning,
    profile: Default,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let Some(target) = input.facts.target else { return };
    let Some(image) = lowest_image(input, target) else { return };
    if !toolchain(image).is_some_and(|tools| starts_another(input, target, tools)) {
        return;
    }
    let chain = input.graph.chain(target);
    let compiling = chain
        .iter()
        .flat_map(|stage| input.facts.of_stage(input.dockerfile, *stage))
        .filter(|fact| matches!(fact.instruction.body, Body::Run(_)))
        .find_map(|fact| {
            let commands = fact.facts.commands();
            commands.iter().find(|one| compiles(one.command)).map(|one| one.command.range)
        });
    let lowest =
        chain.first().and_then(|stage| input.facts.stages.get(*stage)?.instructions.first().copied());
    let from = lowest.and_then(|index| input.facts.all(input.dockerfile).nth(index));
    let Some((compiling, fact)) = compiling.zip(from) else { return };
    let Body::From(from) = &fact.instruction.body else { return };
    found.push(
        Diagnostic::new(
            &RULE,
            from.image.range,
            format!("all of `{image}` is in the image that only runs a program"),
        )
        .label(compiling, "the program is built here")
        .help("build in a stage of its own, and copy the program to a smaller image")
        .wastes(input, &fact, &Waste::Toolchain(image)),
    );
}

/// The programs that need what the image brings; nothing where it is no toolchain's.
fn toolchain(image: &str) -> Option<&'static [&'static str]> {
    if image.starts_with("mcr.microsoft.com/dotnet/sdk") {
        // `dotnet app.dll` runs on the runtime alone.
        return Some(&["run", "watch", "test", "build", "publish"]);
    }
    match official(image)? {
        "golang" => Some(&["go", "gopls", "dlv", "air", "reflex", "realize", "CompileDaemon", "fresh"]),
        "rust" => Some(&["cargo", "rustc", "rustup", "bacon", "trunk"]),
        "maven" => Some(&["mvn", "mvnw"]),
        "gradle" => Some(&["gradle", "gradlew"]),
        "haskell" => Some(&["stack", "cabal", "ghc", "ghci", "runghc"]),
        "gcc" => Some(&["gcc", "g++", "make", "cmake", "gdb"]),
        _ => None,
    }
}

/// Whether the image starts a program, and neither a shell nor one of `tools`.
fn starts_another(input: &Input<'_>, target: usize, tools: &[&str]) -> bool {
    // Shells and what keeps a container idle or starts something else; and what hands over results of a build.
    const OTHERS: &[&str] = &[
        "sh", "bash", "zsh", "ash", "make", "sleep", "tail", "npm", "yarn", "entr", "nodemon", "tar", "cp",
        "cat", "cmp", "diff", "echo", "true",
    ];
    let Some(end) = input.facts.stages.get(target).map(|stage| &stage.end) else { return false };
    let starts: Vec<_> = [end.entrypoint, end.cmd]
        .into_iter()
        .flatten()
        .filter_map(|index| input.facts.all(input.dockerfile).nth(index))
        .collect();
    let names = starts.iter().map(|fact| {
        let commands = fact.facts.commands();
        commands.iter().all(|one| {
            let words = one.command.words.iter().map(Word::shown);
            let is_tool = |word: &str| {
                let name = word.rsplit('/').next().unwrap_or(word);
                tools.contains(&name) || OTHERS.contains(&name) || name.strip_suffix(".sh").is_some()
            };
            !words.into_iter().any(is_tool)
        })
    });
    !starts.is_empty() && names.into_iter().all(|is_program| is_program)
}

/// Whether the command builds a program from sources.
fn compiles(command: &Command) -> bool {
    let asks = |verbs: &[&str]| command.args().iter().any(|word| verbs.contains(&word.shown()));
    match command.name() {
        Some("go" | "cargo" | "stack" | "cabal") => asks(&["build", "install"]),
        Some("mvn" | "mvnw") => asks(&["package", "install", "verify"]),
        Some("gradle" | "gradlew") => {
            asks(&["build", "assemble", "bootJar", "shadowJar", "installDist", "jar"])
        }
        Some("dotnet") => asks(&["publish", "build"]),
        Some("gcc" | "g++" | "cc" | "make") => true,
        _ => false,
    }
}
