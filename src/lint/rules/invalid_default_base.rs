use std::collections::BTreeMap;

use crate::dockerfile::{Body, words};
use crate::facts::{Origin, Value, Variables};
use crate::lint::{Diagnostic, Input, declare_rule, image_name};

declare_rule! {
    /// A base that is no image unless a build argument is given.
    ///
    /// ## Why it matters
    /// With the defaults of the file alone the name of the base comes to nothing, or to something that no registry
    /// takes. The plain `docker build .` fails, and so does every tool that reads the file without the arguments.
    ///
    /// ## Examples
    /// ```dockerfile,bad
    /// ARG VERSION
    /// FROM busybox:${VERSION}
    /// ```
    /// ```dockerfile,good
    /// ARG VERSION=1.37
    /// FROM busybox:${VERSION}
    /// ```
    /// ```dockerfile,good
    /// ARG VARIANT
    /// FROM busybox:1.37${VARIANT}
    /// ```
    name: "invalid-default-base",
    aliases: ["InvalidDefaultArgInFrom"],
    category: Correctness,
    severity: Info,
    profile: All,
    fix: None,
}

fn check(input: &Input<'_>, found: &mut Vec<Diagnostic>) {
    let escape = input.dockerfile.escape;
    // What holds without the arguments of any build.
    let mut defaults = Variables::global();
    for fact in input.facts.all(input.dockerfile) {
        if let (Body::Arg(pairs), None) = (&fact.instruction.body, fact.facts.stage) {
            defaults.set_global_args(fact.index, pairs, escape, &BTreeMap::new());
        }
        let Body::From(from) = &fact.instruction.body else { continue };
        let value = |name: &str| value(&defaults, name);
        // What can't be expanded is an error of another kind.
        let Ok(expansion) = words::expand(&from.image.text, escape, &value) else { continue };
        if image_name::is_valid(&expansion.text) {
            continue;
        }
        let written = &from.image.text;
        let message = format!("default value for ARG {written} results in empty or invalid base image name");
        found.push(
            Diagnostic::new(&RULE, from.image.range, message)
                .help("give the ARG above the first FROM a default that names an image"),
        );
    }
}

/// The value of a global argument. Those of the platform are those of the commonest one: any will do for a name.
fn value(defaults: &Variables, name: &str) -> Option<String> {
    let variable = defaults.get(name)?;
    match (&variable.value, variable.origin) {
        (Value::Known(value), _) => Some(value.clone()),
        (_, Origin::Predefined) => {
            let value = match name {
                "BUILDPLATFORM" | "TARGETPLATFORM" => "linux/amd64",
                "BUILDOS" | "TARGETOS" => "linux",
                "BUILDARCH" | "TARGETARCH" => "amd64",
                "TARGETSTAGE" => "default",
                _ => "",
            };
            Some(value.to_owned())
        }
        _ => None,
    }
}
