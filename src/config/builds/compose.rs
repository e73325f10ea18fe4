//! A Compose file's services that are built.
//! Source: the Compose specification, "Compose Build Specification".

use std::path::Path;

use serde_json::{Map, Value};

use super::interpolation::interpolate;
use super::{Project, ProjectBuild, Recipe, remote, scalar};
use crate::config::error::Mistake;
use crate::config::yaml;
use crate::lint::Build;

/// Services that extend others go no deeper; what is deeper goes round in a circle.
const MOST_EXTENSIONS: usize = 20;

pub(super) fn read(text: &str, folder: &Path) -> Result<Project, Mistake> {
    let file: Value = yaml::read(text)?;
    let Some(services) = file.get("services").and_then(Value::as_object) else {
        return Err(Mistake::new(0..0, "there are no `services` in it")
            .help("a Compose file has services; other YAML files build nothing"));
    };
    let mut project = Project::default();
    for (name, service) in services {
        let Some(build) = build_of(service, services, MOST_EXTENSIONS) else { continue };
        match made(name, &build, folder) {
            Ok(build) => project.builds.push(build),
            Err(reason) => project.skipped.push((name.clone(), reason)),
        }
    }
    Ok(project)
}

/// A service's `build` in its long form, with what the service that it extends says under it.
fn build_of(service: &Value, services: &Map<String, Value>, depth: usize) -> Option<Map<String, Value>> {
    let extended = service.get("extends").and_then(|extends| match extends {
        Value::String(name) => services.get(name),
        // The other file may not be there, and what it says is its own business.
        other if other.get("file").is_some() => None,
        other => services.get(other.get("service")?.as_str()?),
    });
    let under = extended.filter(|_| depth > 0).and_then(|service| build_of(service, services, depth - 1));
    let own = match service.get("build") {
        Some(Value::String(context)) => {
            Some(Map::from_iter([("context".to_owned(), Value::String(context.clone()))]))
        }
        Some(Value::Object(build)) => Some(build.clone()),
        _ => None,
    };
    match (under, own) {
        (Some(mut under), Some(own)) => {
            under.extend(own);
            Some(under)
        }
        (under, own) => own.or(under),
    }
}

fn made(name: &str, build: &Map<String, Value>, folder: &Path) -> Result<ProjectBuild, String> {
    let word = |key: &str| {
        let written = build.get(key).and_then(Value::as_str);
        written.map(|text| interpolate(text).ok_or_else(|| unsaid(key))).transpose()
    };
    let context = word("context")?.unwrap_or_else(|| ".".to_owned());
    if let Some(reason) = remote(&context) {
        return Err(reason);
    }
    let context = super::joined(folder, &context);
    let recipe = match (word("dockerfile")?, build.get("dockerfile_inline").and_then(Value::as_str)) {
        // Compose puts in the variables of the Dockerfile too; a `$$` is one that is the Dockerfile's own.
        (None, Some(inline)) => {
            Recipe::Inline(interpolate(inline).ok_or_else(|| unsaid("dockerfile_inline"))?)
        }
        (dockerfile, _) => {
            Recipe::File(super::joined(&context, dockerfile.as_deref().unwrap_or("Dockerfile")))
        }
    };
    let pairs = |key: &str| pairs(build.get(key)).collect::<Vec<_>>();
    Ok(ProjectBuild {
        name: name.to_owned(),
        context,
        recipe,
        build: Build {
            target: word("target")?,
            args: pairs("args")
                .into_iter()
                .filter_map(|(name, value)| Some((name, interpolate(&value?)?)))
                .collect(),
            contexts: pairs("additional_contexts").into_iter().map(|(name, _)| name).collect(),
        },
    })
}

fn unsaid(key: &str) -> String {
    format!("its `{key}` depends on a variable of the environment")
}

/// The entries of a map, or of a list of `name=value`.
fn pairs(written: Option<&Value>) -> impl Iterator<Item = (String, Option<String>)> {
    let list = written.and_then(Value::as_array).into_iter().flatten().filter_map(|entry| {
        let entry = entry.as_str()?;
        Some(match entry.split_once('=') {
            Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
            None => (entry.to_owned(), None),
        })
    });
    let map = written.and_then(Value::as_object).into_iter().flatten();
    list.chain(map.map(|(name, value)| (name.clone(), scalar(value))))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::Recipe;
    use super::read;

    #[test]
    fn every_form_of_a_build_is_read() {
        let project = read(
            "x-build: &build\n  target: prod\n  args:\n    NODE: 22\n\
             services:\n  short:\n    build: ./web\n  long:\n    build:\n      <<: *build\n      context: api\n      \
             dockerfile: ../Dockerfile.api\n  list:\n    build:\n      context: .\n      args:\n        - A=b\n        - \
             FROM_ENVIRONMENT\n        - C=${D:-e}\n      additional_contexts:\n        - base=../base\n  heir:\n    \
             extends: {service: long}\n    build: {target: dev}\n  inline:\n    build:\n      dockerfile_inline: |\n        \
             FROM scratch\n  image:\n    image: nginx\n  far:\n    build: https://example.com/x.git\n  unsaid:\n    \
             build: ${DIR}\n",
            Path::new("p"),
        )
        .unwrap();
        let of = |name: &str| project.builds.iter().find(|build| build.name == name).unwrap();
        assert_eq!(of("short").recipe, Recipe::File(PathBuf::from("p/web/Dockerfile")));
        assert_eq!(of("long").recipe, Recipe::File(PathBuf::from("p/Dockerfile.api")));
        assert_eq!(of("long").build.target.as_deref(), Some("prod"));
        assert_eq!(of("long").build.args["NODE"], "22");
        let args: Vec<_> = of("list").build.args.clone().into_iter().collect();
        assert_eq!(args, [("A".to_owned(), "b".to_owned()), ("C".to_owned(), "e".to_owned())]);
        assert!(of("list").build.contexts.contains("base"));
        assert_eq!(of("heir").build.target.as_deref(), Some("dev"));
        assert_eq!(of("heir").context, PathBuf::from("p/api"));
        assert_eq!(of("inline").recipe, Recipe::Inline("FROM scratch\n".to_owned()));
        let skipped: Vec<&str> = project.skipped.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(skipped, ["far", "unsaid"]);
    }

    #[test]
    fn a_yaml_file_without_services_is_no_compose_file() {
        assert!(read("a: b\n", Path::new("")).is_err());
        assert!(read("services: [\n", Path::new("")).is_err());
    }

    #[test]
    fn services_that_extend_each_other_come_to_an_end() {
        let text = "services:\n  a:\n    extends: b\n    build: .\n  b:\n    extends: a\n";
        assert_eq!(read(text, Path::new("")).unwrap().builds.len(), 2);
    }
}
