//! Where the files of a stage differ from before, as far as can be told without building it.

use crate::context::{Listing, Take, take};

/// Something in a stage's files that is different, or may be.
#[derive(Debug, Clone)]
pub(super) struct Difference {
    pub(super) place: Place,
    /// Whether it is different for sure: a file that changed was copied there, and no command ran since.
    pub(super) is_certain: bool,
    /// The instruction that makes it.
    pub(super) instruction: usize,
}

/// Where a difference is. Paths are absolute.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// At this path.
    At(String),
    /// At this path or somewhere below.
    Below(String),
    /// Somewhere.
    Anywhere,
}

impl Difference {
    /// How `COPY --from` of the path or pattern `source` takes it: for sure, maybe, or not at all. Links in the stage
    /// are not known and not followed.
    pub(super) fn taken_by(&self, source: &str) -> Option<Taken> {
        let reaches = |path: &str| take(&Listing::default(), source, path);
        match &self.place {
            Place::At(path) => reaches(path).map(|take| Taken {
                is_certain: self.is_certain && take != Take::Above,
                path: path.trim_start_matches('/').to_owned(),
                take,
            }),
            Place::Below(path) => reaches(path).map(|_| Taken::maybe()),
            Place::Anywhere => Some(Taken::maybe()),
        }
    }
}

/// How a difference is taken.
pub(super) struct Taken {
    pub(super) is_certain: bool,
    path: String,
    take: Take,
}

impl Taken {
    /// For a source that is not known.
    pub(super) fn maybe() -> Self {
        Self { is_certain: false, path: String::new(), take: Take::Above }
    }

    /// Where it comes to lie.
    pub(super) fn landing(&self, destination: &Destination) -> Place {
        destination.of(&self.take, &self.path)
    }
}

/// The destination of a `COPY` or `ADD`.
pub(super) struct Destination {
    /// Absolute; nothing where it is not known.
    pub(super) path: Option<String>,
    /// Whether it surely is a directory.
    pub(super) is_folder: bool,
    /// Whether what is taken keeps its own form: not where `ADD` may unpack it or `--parents` moves it.
    pub(super) is_plain: bool,
}

impl Destination {
    /// Where `path` comes to lie that is taken so.
    pub(super) fn of(&self, take: &Take, path: &str) -> Place {
        let Some(destination) = &self.path else { return Place::Anywhere };
        let joined = |rest: &str| Place::At(format!("{}/{rest}", destination.trim_end_matches('/')));
        match take {
            Take::Within(rest) if self.is_plain => joined(rest),
            Take::Itself if self.is_plain && self.is_folder => {
                joined(path.rsplit('/').next().unwrap_or(path))
            }
            _ => self.whole(),
        }
    }

    /// Where it comes to lie when nothing more can be said.
    pub(super) fn whole(&self) -> Place {
        self.path.clone().map_or(Place::Anywhere, Place::Below)
    }
}
