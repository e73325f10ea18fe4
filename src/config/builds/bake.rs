//! A Bake file's targets, in HCL and in JSON.
//! Source: docker/buildx, bake/bake.go and its reference, "Bake file reference".

use std::path::Path;

use hcl::eval::{Context, Evaluate as _};
use hcl::expr::{Expression, ObjectKey, TemplateExpr};
use serde_json::{Map, Value};

use super::{Project, ProjectBuild, Recipe, remote, scalar};
use crate::config::error::Mistake;
use crate::lint::Build;

/// Targets that inherit from others go no deeper; what is deeper goes round in a circle.
const MOST_INHERITANCE: usize = 20;

/// The attributes of a target that say what is built of what. Others are about where it goes.
const MAPS: [&str; 2] = ["args", "contexts"];

type Targets = Map<String, Value>;

pub(super) fn hcl(text: &str, folder: &Path) -> Result<Project, Mistake> {
    let body: hcl::Body = hcl::from_str(text).map_err(|error| {
        let place = match &error {
            hcl::Error::Parse(error) => offset(text, error.location().line(), error.location().column()),
            _ => 0,
        };
        Mistake::new(
            place..place,
            error.to_string().lines().last().unwrap_or_default().trim_start_matches(['=', ' ']),
        )
    })?;
    let context = variables(&body);
    let (mut targets, mut groups) = (Targets::new(), Vec::new());
    for block in body.blocks() {
        let Some(name) = block.labels().first().map(hcl::structure::BlockLabel::as_str) else { continue };
        match block.identifier() {
            "target" => {
                let attributes = block.body().attributes();
                let known = attributes
                    .map(|attribute| (attribute.key().to_owned(), known(attribute.expr(), &context)));
                let matrix = block.body().attributes().any(|attribute| attribute.key() == "matrix");
                let mut target: Map<String, Value> = known.collect();
                target.entry("matrix").or_insert(Value::Bool(matrix));
                targets.insert(name.to_owned(), Value::Object(target));
            }
            "group" => {
                let members = block.body().attributes().filter(|attribute| attribute.key() == "targets");
                groups.extend(members.map(|attribute| known(attribute.expr(), &context)));
            }
            _ => {}
        }
    }
    Ok(project(&targets, &groups, folder))
}

pub(super) fn json(text: &str, folder: &Path) -> Result<Project, Mistake> {
    let file: Value = serde_json::from_str(text).map_err(|error| {
        let place = offset(text, error.line(), error.column());
        Mistake::new(place..place, error.to_string())
    })?;
    let mut context = Context::new();
    for (name, variable) in file.get("variable").and_then(Value::as_object).into_iter().flatten() {
        if let Some(default) = variable.get("default").and_then(scalar) {
            context.declare_var(name.as_str(), default);
        }
    }
    let Some(written) = file.get("target").and_then(Value::as_object) else {
        return Err(Mistake::new(0..0, "there is no `target` in it")
            .help("a Bake file has targets; other JSON files build nothing"));
    };
    let targets: Targets =
        written.iter().map(|(name, target)| (name.clone(), filled(target, &context))).collect();
    let groups = file.get("group").and_then(Value::as_object).into_iter().flatten();
    let groups: Vec<Value> = groups.filter_map(|(_, group)| group.get("targets").cloned()).collect();
    Ok(project(&targets, &groups, folder))
}

/// The variables with a default, and the attributes at the file's top level. One may depend on another that stands
/// behind it, so they are read again until none is added.
fn variables(body: &hcl::Body) -> Context<'static> {
    let defaults = body.blocks().filter(|block| block.identifier() == "variable").filter_map(|block| {
        let default = block.body().attributes().find(|attribute| attribute.key() == "default")?;
        Some((block.labels().first()?.as_str(), default.expr()))
    });
    let attributes = body.attributes().map(|attribute| (attribute.key(), attribute.expr()));
    let mut waiting: Vec<(&str, &Expression)> = defaults.chain(attributes).collect();
    let mut context = Context::new();
    loop {
        let before = waiting.len();
        waiting.retain(|(name, expression)| match expression.evaluate(&context) {
            Ok(value) => {
                context.declare_var(*name, value);
                false
            }
            Err(_) => true,
        });
        if waiting.len() == before {
            return context;
        }
    }
}

/// An expression's value; null where only the environment or a function says what it is. A map keeps those of its
/// entries that are known.
fn known(expression: &Expression, context: &Context<'_>) -> Value {
    if let Expression::Object(entries) = expression {
        let key = |key: &ObjectKey| match key {
            ObjectKey::Identifier(name) => Some(name.as_str().to_owned()),
            ObjectKey::Expression(expression) => known(expression, context).as_str().map(str::to_owned),
            _ => None,
        };
        let entries = entries.iter().filter_map(|(name, value)| Some((key(name)?, known(value, context))));
        return Value::Object(entries.collect());
    }
    let value = expression.evaluate(context).ok();
    value.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default()
}

/// A JSON value with the variables in its texts put in; null where one is not known.
fn filled(value: &Value, context: &Context<'_>) -> Value {
    match value {
        Value::String(text) if text.contains("${") => {
            let filled = TemplateExpr::from(text.as_str()).evaluate(context).ok();
            filled.and_then(|value| serde_json::to_value(value).ok()).unwrap_or_default()
        }
        Value::Array(list) => Value::Array(list.iter().map(|value| filled(value, context)).collect()),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), filled(value, context))).collect())
        }
        other => other.clone(),
    }
}

/// The targets that are built: those of a group, and those that no other inherits from.
fn project(targets: &Targets, groups: &[Value], folder: &Path) -> Project {
    let names = |value: &Value| {
        let list = value.as_array().into_iter().flatten();
        list.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let in_groups: Vec<String> = groups.iter().flat_map(names).collect();
    let inherited: Vec<String> =
        targets.values().filter_map(|target| target.get("inherits")).flat_map(names).collect();
    let mut project = Project::default();
    for name in targets.keys().filter(|name| in_groups.contains(name) || !inherited.contains(name)) {
        match made(name, &whole(name, targets, MOST_INHERITANCE), folder) {
            Ok(build) => project.builds.push(build),
            Err(reason) => project.skipped.push((name.clone(), reason)),
        }
    }
    project
}

/// A target with what it inherits under it, the last that it names over those before.
fn whole(name: &str, targets: &Targets, depth: usize) -> Map<String, Value> {
    let own = targets.get(name).and_then(Value::as_object).cloned().unwrap_or_default();
    let parents = own.get("inherits").and_then(Value::as_array).cloned().unwrap_or_default();
    let mut merged = Map::new();
    if depth > 0 {
        for parent in parents.iter().filter_map(Value::as_str) {
            lay_over(&mut merged, whole(parent, targets, depth - 1));
        }
    }
    lay_over(&mut merged, own);
    merged
}

fn lay_over(under: &mut Map<String, Value>, over: Map<String, Value>) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(Value::Object(under)), Value::Object(over)) if MAPS.contains(&key.as_str()) => {
                under.extend(over);
            }
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

fn made(name: &str, target: &Map<String, Value>, folder: &Path) -> Result<ProjectBuild, String> {
    if target.get("matrix").is_some_and(|matrix| *matrix != Value::Bool(false)) {
        return Err("it is a matrix of targets".to_owned());
    }
    let word = |key: &str| match target.get(key) {
        None => Ok(None),
        Some(Value::String(word)) => Ok(Some(word.as_str())),
        Some(_) => Err(format!("its `{key}` can't be told from the file")),
    };
    let context = word("context")?.unwrap_or(".");
    let context = context.strip_prefix("cwd://").unwrap_or(context);
    if let Some(reason) = remote(context) {
        return Err(reason);
    }
    let context = super::joined(folder, context);
    let recipe = match (word("dockerfile")?, word("dockerfile-inline")?) {
        (_, Some(inline)) => Recipe::Inline(inline.to_owned()),
        (dockerfile, None) => Recipe::File(super::joined(&context, dockerfile.unwrap_or("Dockerfile"))),
    };
    let map = |key: &str| target.get(key).and_then(Value::as_object).into_iter().flatten();
    Ok(ProjectBuild {
        name: name.to_owned(),
        context,
        recipe,
        build: Build {
            target: word("target")?.map(str::to_owned),
            args: map("args").filter_map(|(name, value)| Some((name.clone(), scalar(value)?))).collect(),
            contexts: map("contexts").map(|(name, _)| name.clone()).collect(),
        },
    })
}

/// The byte offset of a line and a column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let mut at = (start + column.saturating_sub(1)).min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::super::Recipe;
    use super::{hcl, json};

    const HCL: &str = r#"
        variable "TAG" { default = "22-${FLAVOUR}" }
        variable "FLAVOUR" { default = "slim" }
        variable "UNSAID" {}
        group "default" { targets = ["web", "api"] }
        target "_common" {
          args = { NODE = TAG, UNKNOWN = UNSAID, DEBUG = true }
          contexts = { base = "target:base" }
        }
        target "web" {
          inherits   = ["_common"]
          context    = "web"
          dockerfile = "Dockerfile.prod"
          target     = "production"
          args       = { EXTRA = "x" }
        }
        target "api" {
          dockerfile-inline = <<EOT
FROM scratch
EOT
        }
        target "far" { context = "https://github.com/x/y.git" }
        target "many" {
          name   = "many-${item}"
          matrix = { item = ["a", "b"] }
        }
    "#;

    #[test]
    fn targets_inherit_and_variables_have_their_defaults() {
        let project = hcl(HCL, Path::new("p")).unwrap();
        let names: Vec<&str> = project.builds.iter().map(|build| build.name.as_str()).collect();
        assert_eq!(names, ["web", "api"]);
        let web = &project.builds[0];
        assert_eq!(web.recipe, Recipe::File(PathBuf::from("p/web/Dockerfile.prod")));
        assert_eq!(web.build.target.as_deref(), Some("production"));
        let args: Vec<(&str, &str)> =
            web.build.args.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(args, [("DEBUG", "true"), ("EXTRA", "x"), ("NODE", "22-slim")]);
        assert!(web.build.contexts.contains("base"));
        assert_eq!(project.builds[1].recipe, Recipe::Inline("FROM scratch\n".to_owned()));
        let skipped: Vec<&str> = project.skipped.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(skipped, ["far", "many"]);
    }

    #[test]
    fn json_says_the_same() {
        let project = json(
            r#"{"variable": {"TAG": {"default": "22"}},
                "target": {"a": {"context": "x", "args": {"NODE": "${TAG}-slim"}, "target": "prod"}}}"#,
            Path::new(""),
        )
        .unwrap();
        assert_eq!(project.builds[0].build.args["NODE"], "22-slim");
        assert_eq!(project.builds[0].recipe, Recipe::File(PathBuf::from("x/Dockerfile")));
    }

    #[test]
    fn what_is_no_bake_file_is_refused_in_its_place() {
        assert_eq!(hcl("target \"a\" {\n  context = \n}\n", Path::new("")).unwrap_err().range.start, 25);
        assert!(json("{}", Path::new("")).is_err());
        assert!(json("{", Path::new("")).is_err());
    }

    #[test]
    fn targets_that_inherit_from_each_other_come_to_an_end() {
        let text = "target \"a\" { inherits = [\"b\"] }\ntarget \"b\" { inherits = [\"a\"] }\ngroup \"default\" { targets = [\"a\"] }\n";
        assert_eq!(hcl(text, Path::new("")).unwrap().builds.len(), 1);
    }
}
