//! The build that a command is about, from its options and the configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::config::Config;
use crate::context::BuildContext;
use crate::engine::{BuildArgs, ContextFile};
use crate::rewrite::{Candidate, Variant};

use super::Failure;

/// What to build, and with what.
#[derive(Debug, clap::Args)]
pub(super) struct BuildOptions {
    /// The build context; the Dockerfile's folder where none is named
    #[arg(long, value_name = "DIR")]
    pub(super) context: Option<PathBuf>,
    /// The stage to build
    #[arg(long, value_name = "STAGE")]
    pub(super) target: Option<String>,
    /// A build argument of every variant
    #[arg(long = "build-arg", value_name = "NAME=VALUE")]
    pub(super) build_args: Vec<String>,
}

/// A build, but for the Dockerfile's text.
#[derive(Debug)]
pub(super) struct Build {
    pub(super) context: PathBuf,
    pub(super) target: Option<String>,
    pub(super) args: BuildArgs,
}

impl BuildOptions {
    /// The build of a Dockerfile in `folder`: what is given here counts before what the configuration says.
    pub(super) fn over(&self, config: &Config, folder: PathBuf) -> Result<Build, Failure> {
        let mut args = config.build_args.clone();
        args.0.extend(named_values(&self.build_args)?);
        Ok(Build {
            context: self.context.clone().or_else(|| config.context.clone()).unwrap_or(folder),
            target: self.target.clone().or_else(|| config.target.clone()),
            args,
        })
    }
}

impl Build {
    /// The whole context of a build of the Dockerfile at `path`.
    pub(super) fn context_for(&self, path: &Path) -> Result<BuildContext, Failure> {
        Ok(BuildContext::read(&self.context, path, usize::MAX)?)
    }

    /// The variant with the files that its build may see.
    pub(super) fn candidate(&self, variant: Variant) -> Result<Candidate, Failure> {
        let files = self.files(&self.context_for(Path::new(variant.source.path()))?);
        Ok(Candidate { files, context: self.context.clone(), variant })
    }

    /// The files of the context as the engine takes them; what runs leave there is no part of it.
    fn files(&self, context: &BuildContext) -> Vec<ContextFile> {
        let is_run = |path: &str| path == ".plimsoll" || path.starts_with(".plimsoll/");
        context
            .listing
            .entries
            .iter()
            .filter(|entry| !is_run(&entry.path))
            .map(|entry| ContextFile { path: entry.path.clone(), source: self.context.join(&entry.path) })
            .collect()
    }
}

fn named_values(arguments: &[String]) -> Result<BTreeMap<String, String>, Failure> {
    arguments
        .iter()
        .map(|argument| match argument.split_once('=') {
            Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
            // As `docker build` has it: a name alone takes the value of the environment.
            _ => std::env::var(argument).map(|value| (argument.clone(), value)).map_err(|_| {
                Failure::Usage(format!(
                    "--build-arg {argument} has no value, and the environment has none for it"
                ))
            }),
        })
        .collect()
}
