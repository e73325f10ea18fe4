//! What BuildKit looks at in the values of `RUN`'s flags while it parses.
//! Source: moby/buildkit, frontend/dockerfile/instructions/commands_run{mount,network,security,device}.go.

use super::{Flag, SyntaxError, SyntaxErrorKind};

/// Reports the values that BuildKit refuses before it expands variables.
pub(super) fn check(flags: &[Flag<'_>], errors: &mut Vec<SyntaxError>) {
    for flag in flags {
        let Some(value) = &flag.value else { continue };
        let refused = match &*flag.name.text {
            "mount" => mount(&value.text).map(|expected| ("mount", expected)),
            "device" => device(&value.text).map(|expected| ("device", expected)),
            "network" if !matches!(&*value.text, "default" | "none" | "host") => {
                Some(("network", "`default`, `none` or `host`"))
            }
            "security" if !matches!(&*value.text, "sandbox" | "insecure") => {
                Some(("security", "`sandbox` or `insecure`"))
            }
            _ => None,
        };
        if let Some((name, expected)) = refused {
            let kind = SyntaxErrorKind::FlagValue { name, value: value.text.to_string(), expected };
            errors.push(SyntaxError { range: value.range, kind, suggestion: None });
        }
    }
}

/// What a mount should be, where this is none.
fn mount(value: &str) -> Option<&'static str> {
    let Some(fields) = fields(value) else { return Some(FIELDS) };
    let from_variable = fields.iter().filter_map(|field| field.split_once('=')).any(|(key, value)| {
        key.eq_ignore_ascii_case("from") && value.find('$').is_some_and(|at| at + 1 != value.len())
    });
    from_variable
        .then_some("a `from` without variables; name the image in a stage of its own and mount from that")
}

/// What a device should be, where this is none.
fn device(value: &str) -> Option<&'static str> {
    let Some(fields) = fields(value) else { return Some(FIELDS) };
    let mut named = false;
    for field in fields {
        let (key, value) = match field.split_once('=') {
            Some((key, value)) => (key.to_ascii_lowercase(), Some(value)),
            None => (field.to_ascii_lowercase(), None),
        };
        match (key.as_str(), value) {
            ("required", None) => {}
            ("required", Some(value)) if is_boolean(value) => {}
            ("required", Some(_)) => return Some("`required`, `required=true` or `required=false`"),
            // An empty name leaves room for another.
            ("name", Some(value)) if !named => named = !value.is_empty(),
            _ if !named && key != "name" => named = !field.is_empty(),
            ("name", None) if !named => named = true,
            _ => return Some("one name, and `required`"),
        }
    }
    None
}

const FIELDS: &str = "`key=value` pairs with commas between, and quotes about whole fields only";

/// The fields of one line of CSV; nothing where it is none.
/// Source: tonistiigi/go-csvvalue, `Parser.Fields`.
fn fields(line: &str) -> Option<Vec<String>> {
    if line.is_empty() {
        return None;
    }
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut field = String::new();
            let mut open = quoted;
            rest = loop {
                let (part, behind) = open.split_once('"')?;
                field.push_str(part);
                match behind.strip_prefix('"') {
                    Some(behind) => {
                        field.push('"');
                        open = behind;
                    }
                    None => break behind,
                }
            };
            fields.push(field);
            match rest.strip_prefix(',') {
                Some(behind) => rest = behind,
                None => return rest.is_empty().then_some(fields),
            }
        } else {
            let (field, behind) =
                rest.split_once(',').map_or((rest, None), |(field, behind)| (field, Some(behind)));
            if field.contains('"') {
                return None;
            }
            fields.push(field.to_owned());
            match behind {
                Some(behind) => rest = behind,
                None => return Some(fields),
            }
        }
    }
}

/// What Go's `strconv.ParseBool` takes.
fn is_boolean(value: &str) -> bool {
    matches!(
        value,
        "1" | "t" | "T" | "TRUE" | "true" | "True" | "0" | "f" | "F" | "FALSE" | "false" | "False"
    )
}
