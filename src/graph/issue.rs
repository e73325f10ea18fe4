//! What is wrong with the references between stages, as data.

use thiserror::Error;

use crate::text::TextRange;

/// A reference or a name that BuildKit would refuse, or likely reads in another way than it was meant.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{kind}")]
pub struct GraphIssue {
    /// The stage it is in.
    pub stage: usize,
    /// What is wrong there.
    pub range: TextRange,
    /// What is wrong with it.
    pub kind: GraphIssueKind,
}

/// What is wrong.
/// Source: moby/buildkit, frontend/dockerfile/dockerfile2llb/{convert.go,convert_runmount.go,validations.go}.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum GraphIssueKind {
    /// A stage takes from itself.
    #[error("the stage takes from itself; name an earlier stage or an image")]
    OwnStage,
    /// A stage takes from a later one.
    #[error("`{name}` is a later stage; move it above this one")]
    LaterStage {
        /// The stage's name or index.
        name: String,
    },
    /// Stages that take from one another.
    #[error("the stages wait for one another: {}", .stages.join(" takes from "))]
    Cycle {
        /// The stages' labels, from this stage around to it again.
        stages: Vec<String>,
    },
    /// An index that no stage has.
    #[error("there is no stage {index}; the file has {count}, counted from 0")]
    NoSuchIndex {
        /// The index.
        index: String,
        /// How many stages there are.
        count: usize,
    },
    /// An index in a mount, where BuildKit looks for an image of that name.
    #[error("`from={index}` in a mount is an image named `{index}`, not a stage's index; name the stage")]
    IndexInMount {
        /// The index.
        index: String,
    },
    /// A name that no stage has and that is near to one that a stage has.
    #[error("no stage is named `{name}`, so it is taken for an image; did you mean `{suggestion}`?")]
    LikelyStage {
        /// What is written.
        name: String,
        /// The stage's name.
        suggestion: String,
    },
    /// `FROM Build` for the stage `build`: a base is compared as it is written.
    #[error("`{name}` is taken for an image: FROM finds a stage by its name in lower case, `{stage}`")]
    BaseCase {
        /// What is written.
        name: String,
        /// The stage's name.
        stage: String,
    },
    /// Two stages of one name.
    #[error("stage {first} has the name `{name}` already; COPY, mounts and targets find the last one only")]
    DuplicateName {
        /// The name.
        name: String,
        /// The stage that has it too.
        first: usize,
    },
    /// A stage has the name of an image that stages are built on.
    #[error("`{name}` is also the image that stage {stage} is built on; below, the name means this stage")]
    ShadowedImage {
        /// The name.
        name: String,
        /// The stage on the image.
        stage: usize,
    },
    /// A name that means something else.
    #[error("`{name}` is a reserved name; call the stage something else")]
    ReservedName {
        /// The name.
        name: String,
    },
    /// A variable in `COPY --from`.
    #[error("`--from` takes no variables; give `{written}` a stage of its own with FROM and copy from that")]
    VariableInFrom {
        /// What is written.
        written: String,
    },
    /// Variables in a `FROM` that nothing sets.
    #[error(
        "nothing sets {}; an ARG with a default above the first FROM can, or a build argument",
        list(names)
    )]
    Unset {
        /// The variables.
        names: Vec<String>,
    },
    /// A base that comes to nothing.
    #[error("the base `{written}` comes to nothing")]
    BlankBase {
        /// What is written.
        written: String,
    },
    /// A word that can't be expanded.
    #[error("`{written}` can't be expanded: {error}")]
    Expansion {
        /// What is written.
        written: String,
        /// Why.
        error: crate::dockerfile::words::ExpandError,
    },
}

fn list(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
