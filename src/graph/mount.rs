//! `RUN --mount=…`
//! Source: moby/buildkit, frontend/dockerfile/instructions/commands_runmount.go, `parseMount`, and
//! frontend/dockerfile/dockerfile2llb/convert_runmount.go.

use super::variables::Variables;
use crate::dockerfile::Instruction;
use crate::text::TextRange;

/// One mount of a `RUN`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The flag.
    pub range: TextRange,
    /// What is mounted.
    pub kind: MountKind,
    /// Where, as an absolute path; nothing where it is not known, or for a secret or an agent's socket that only its
    /// default places.
    pub target: Option<String>,
    /// Which path of the stage, image or context is mounted.
    pub source: Option<String>,
    /// The stage, image or named context it is taken from; nothing for the build context, and for what needs none.
    pub from: Option<String>,
    /// The id of a cache, a secret or an agent. A cache without one has its target's path.
    pub id: Option<String>,
    /// How builds that run at once share a cache.
    pub sharing: Sharing,
    /// Whether nothing can be written to it.
    pub read_only: bool,
    /// Whether the build fails where the secret or the agent is missing.
    pub required: bool,
}

/// The types of mounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[expect(missing_docs, reason = "they are the reference's own names")]
pub enum MountKind {
    Bind,
    Cache,
    Tmpfs,
    Secret,
    Ssh,
}

/// How builds that run at once share a cache.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sharing {
    /// All write to it.
    #[default]
    Shared,
    /// Each gets its own.
    Private,
    /// One waits for the other.
    Locked,
}

impl Mount {
    /// Whether what lies at the absolute `path` is in the mount, and so in no layer.
    pub fn covers(&self, path: &str) -> bool {
        let hides = matches!(self.kind, MountKind::Bind | MountKind::Cache | MountKind::Tmpfs);
        let target = self.target.as_deref().filter(|_| hides);
        target.is_some_and(|target| {
            path.strip_prefix(target).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        })
    }
}

/// The mounts of an instruction. One that BuildKit refuses, or of a type that only the build can tell, is left out.
/// `absolute` says what a target is as seen from the working directory.
pub fn mounts(
    instruction: &Instruction,
    variables: &Variables,
    escape: char,
    absolute: &dyn Fn(&str) -> Option<String>,
) -> Vec<Mount> {
    let flags = instruction.flags.iter().filter(|flag| flag.name.text == "mount");
    let read = |range, value: &str| read(range, value, &|word| variables.expand(word, escape), absolute);
    flags.filter_map(|flag| read(flag.range, &flag.value.as_ref()?.text)).collect()
}

fn read(
    range: TextRange,
    value: &str,
    expand: &dyn Fn(&str) -> Option<String>,
    absolute: &dyn Fn(&str) -> Option<String>,
) -> Option<Mount> {
    let mut mount = Mount {
        range,
        kind: MountKind::Bind,
        target: None,
        source: None,
        from: None,
        id: None,
        sharing: Sharing::default(),
        read_only: false,
        required: false,
    };
    let mut access = None;
    let mut has_id = false;
    for field in csv_fields(value)? {
        let (key, written) = match field.split_once('=') {
            Some((key, value)) => (key.to_ascii_lowercase(), Some(value)),
            None => (field.to_ascii_lowercase(), None),
        };
        let expanded = written.and_then(expand);
        let truth = match (written, &expanded) {
            (None, _) => Some(true),
            (Some(_), Some(value)) => boolean(value),
            (Some(_), None) => None,
        };
        match key.as_str() {
            "type" => mount.kind = kind(&expanded?)?,
            "target" | "dst" | "destination" => {
                mount.target = expanded.and_then(|target| absolute(&target));
            }
            "source" | "src" => mount.source = expanded,
            "from" => mount.from = written.map(str::to_owned),
            "id" => {
                has_id = true;
                mount.id = expanded;
            }
            "sharing" => mount.sharing = sharing(&expanded?)?,
            "readonly" | "ro" => access = Some(truth?),
            "readwrite" | "rw" => access = Some(!truth?),
            "required" => mount.required = truth?,
            _ => {}
        }
    }
    mount.read_only = access.unwrap_or(!matches!(mount.kind, MountKind::Cache | MountKind::Tmpfs));
    if mount.kind == MountKind::Cache && !has_id {
        mount.id.clone_from(&mount.target);
    }
    Some(mount)
}

fn kind(name: &str) -> Option<MountKind> {
    Some(match name.to_ascii_lowercase().as_str() {
        "bind" => MountKind::Bind,
        "cache" => MountKind::Cache,
        "tmpfs" => MountKind::Tmpfs,
        "secret" => MountKind::Secret,
        "ssh" => MountKind::Ssh,
        _ => return None,
    })
}

fn sharing(name: &str) -> Option<Sharing> {
    Some(match name.to_ascii_lowercase().as_str() {
        "shared" => Sharing::Shared,
        "private" => Sharing::Private,
        "locked" => Sharing::Locked,
        _ => return None,
    })
}

/// What Go's `strconv.ParseBool` takes.
fn boolean(value: &str) -> Option<bool> {
    match value {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

/// The fields of a line of CSV, quotes taken off; nothing where it is none. Quotes stand about whole fields.
/// Source: tonistiigi/go-csvvalue, `Parser.Fields`.
pub fn csv_fields(line: &str) -> Option<Vec<String>> {
    let mut fields = Vec::new();
    let mut rest = line;
    loop {
        let mut field = String::new();
        if let Some(mut open) = rest.strip_prefix('"') {
            loop {
                let (part, behind) = open.split_once('"')?;
                field.push_str(part);
                let Some(doubled) = behind.strip_prefix('"') else {
                    rest = behind;
                    break;
                };
                field.push('"');
                open = doubled;
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            field.push_str(rest.get(..end)?);
            rest = rest.get(end..)?;
        }
        fields.push(field);
        if rest.is_empty() {
            return Some(fields);
        }
        rest = rest.strip_prefix(',')?;
    }
}
