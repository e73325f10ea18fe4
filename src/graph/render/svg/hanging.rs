//! What hangs below a stage: what is its own, and would only draw lines across the picture as a box.

use std::fmt::Write;

use super::super::super::{EdgeKind, Origin};
use super::super::View;
use super::scene::{LABEL, ROOM};

/// How far what hangs below a box stands to the right of its border.
pub(super) const HANG_INDENT: f64 = 22.0;
/// The height of what hangs below a box, and the space above it.
pub(super) const HANG: f64 = 20.0;
pub(super) const HANG_GAP: f64 = 6.0;
/// Beside the text of what hangs below a box.
pub(super) const HANG_PAD: f64 = 13.0;
const MOST_HANGING: usize = 5;

/// What hangs below a stage.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Hanging {
    pub(super) kind: HangingKind,
    pub(super) text: String,
    pub(super) tooltip: String,
    pub(super) width: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum HangingKind {
    Context,
    Cache,
    Secret,
    Ssh,
    Tmpfs,
    /// That there are more.
    More,
}

/// What hangs below a stage: the context once, whatever is taken of it, and each cache, secret and agent once.
pub(super) fn hanging(view: &View<'_>, stage: usize) -> Vec<Hanging> {
    let mut found: Vec<(HangingKind, Vec<String>, String)> = Vec::new();
    for edge in view.graph.taken_by(stage) {
        let Some(kind) = HangingKind::of(&edge.origin) else { continue };
        let names = match &edge.origin {
            Origin::Cache(id) | Origin::Secret(id) | Origin::Ssh(id) => vec![id.clone()],
            _ => edge.takes.clone(),
        };
        let verb = match edge.kind {
            EdgeKind::Mount { .. } => "mount",
            EdgeKind::Add { .. } => "ADD",
            EdgeKind::Copy { .. } | EdgeKind::From => "COPY",
        };
        let said =
            format!("{verb} {} (line {})", edge.takes.join(" "), view.line(edge.range)).replace("  ", " ");
        let same = found
            .iter_mut()
            .find(|(known, all, _)| *known == kind && (kind == HangingKind::Context || *all == names));
        if let Some((_, all, tooltip)) = same {
            let new: Vec<String> = names.into_iter().filter(|name| !all.contains(name)).collect();
            all.extend(new);
            let _ = write!(tooltip, "\n{said}");
        } else {
            let head = match kind {
                HangingKind::Context => "build context".to_owned(),
                other => format!("{} {}", other.word(), names.join(" ")),
            };
            found.push((kind, names, format!("{head}\n{said}")));
        }
    }
    found.sort_by_key(|(kind, ..)| *kind);
    let more = found.len().saturating_sub(MOST_HANGING);
    let mut shown: Vec<Hanging> = found
        .iter()
        .take(if more == 0 { MOST_HANGING } else { MOST_HANGING - 1 })
        .map(|(kind, names, tooltip)| {
            let names = names.join(", ");
            let text = format!("{} {names}", kind.word());
            Hanging::new(*kind, text.trim_end(), tooltip.clone())
        })
        .collect();
    if more > 0 {
        let rest: Vec<&str> = found.iter().skip(shown.len()).map(|(.., tooltip)| tooltip.as_str()).collect();
        shown.push(Hanging::new(HangingKind::More, &format!("{} more", rest.len()), rest.join("\n")));
    }
    shown
}

impl HangingKind {
    pub(super) fn of(origin: &Origin) -> Option<Self> {
        Some(match origin {
            Origin::Context => Self::Context,
            Origin::Cache(_) => Self::Cache,
            Origin::Secret(_) => Self::Secret,
            Origin::Ssh(_) => Self::Ssh,
            Origin::Tmpfs => Self::Tmpfs,
            _ => return None,
        })
    }

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Context => "context",
            Self::Cache => "cache",
            Self::Secret => "secret",
            Self::Ssh => "ssh",
            Self::Tmpfs => "tmpfs",
            Self::More => "",
        }
    }
}

impl Hanging {
    fn new(kind: HangingKind, text: &str, tooltip: String) -> Self {
        let text = LABEL.fit(text, ROOM - HANG_INDENT);
        let width = (LABEL.width(&text) + 2.0 * HANG_PAD).ceil();
        Self { kind, text, tooltip, width }
    }
}
