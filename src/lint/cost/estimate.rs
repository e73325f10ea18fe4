//! From what is wasted to what it costs.

use std::time::Duration;

use crate::bytes::Bytes;
use crate::facts::Fact;
use crate::lint::Input;
use crate::lint::image_name::official;
use crate::lint::stage_images::{lowest_image, tag};
use crate::shell::Command;

use super::figures::{
    ALPINE, APT_READS, LAUNCHERS, LAYER, LISTS, LISTS_PACKED, LOGIN_RECORD, PACKAGES_PACKED, SLIM, Sized,
    TOOLCHAINS, WRITING, ZEROS_PACKED, at, on_the_link, scaled,
};
use super::impact::Kind;
use super::install::{self, Install};
use super::packages::{DEBIAN, Recommends};
use super::{Files, Impact, Precision, measured};

/// What a finding is about, as something that is spent for nothing.
#[derive(Debug, Clone)]
pub(in crate::lint) enum Waste<'a> {
    /// These files are in the layer.
    Files(Files),
    /// These files are in the layer, and nothing else is.
    WholeLayer(Option<Files>),
    /// Some of the layer; how much of it, only the layer's size bounds.
    PartOfLayer,
    /// These files are taken along with each build.
    Context(Files),
    /// apt's lists are in the layer.
    PackageLists,
    /// These packages of the distribution are in the image, with what they need.
    Packages(Vec<&'a str>),
    /// What these packages recommend is in the image.
    Recommended(Vec<&'a str>),
    /// What the commands downloaded is in the layer.
    Downloads(Vec<&'a Command>),
    /// What the instruction downloads is downloaded again with each build that runs it.
    DownloadsAgain,
    /// The instruction runs again, and what it leaves is pulled again.
    RunsAgain,
    /// The instruction does what another one has done.
    Repeated,
    /// apt's lists are read once more.
    ListsReadAgain,
    /// A layer of its own.
    Layer,
    /// The login log up to that user id.
    LoginLog(u64),
    /// All of this image, where the program needs a slim one.
    Toolchain(&'a str),
    /// The command runs at each start, though a build could have run it.
    InstallAtStart(&'a Command),
    /// This program starts the one that serves.
    Launcher(&'a str),
    /// So long at each start, and how that is known.
    Start(Duration, String),
}

/// What a waste comes to before it is known where the bytes lie.
#[derive(Default)]
struct Reckoned {
    bytes: Option<Bytes>,
    /// What a pull downloads of them.
    packed: Option<Bytes>,
    rebuild: Option<Duration>,
    /// What a pull takes beside the bytes.
    pull: Option<Duration>,
    start: Option<Duration>,
    precision: Option<Precision>,
    basis: String,
}

/// Less is nothing to anybody.
const NOTICED: Duration = Duration::from_millis(10);

/// What the waste at the instruction costs; nothing where nothing is known of it.
pub(in crate::lint) fn estimate(input: &Input<'_>, fact: &Fact<'_>, waste: &Waste<'_>) -> Option<Impact> {
    let mut reckoned = reckon(input, fact, waste);
    refine(input, fact, waste, &mut reckoned);
    let Reckoned { bytes, packed, rebuild, pull, start, precision, mut basis } = reckoned;
    let is_shipped = input.facts.is_shipped(fact);
    let noticed = |time: &Duration| *time >= NOTICED;
    let downloaded = packed.filter(|_| is_shipped).map(on_the_link).filter(noticed);
    if downloaded.is_some() {
        basis.push_str("; pulled at 100 Mbit/s");
    }
    let bytes = bytes.filter(|bytes| is_shipped && bytes.0 > 0);
    let pull = downloaded.or(pull.filter(|_| is_shipped));
    let rebuild = rebuild.filter(noticed);
    let is_known = bytes.is_some() || rebuild.is_some() || pull.is_some() || start.is_some();
    is_known.then(|| Impact {
        bytes,
        rebuild,
        pull,
        start,
        precision: precision.unwrap_or(Precision::About),
        basis,
        object: (fact.index, kind(waste)),
    })
}

fn reckon(input: &Input<'_>, fact: &Fact<'_>, waste: &Waste<'_>) -> Reckoned {
    match waste {
        Waste::Files(files) | Waste::WholeLayer(Some(files)) => of_files(input, *files),
        Waste::Context(files) => {
            Reckoned { rebuild: Some(at(files.bytes, WRITING)), ..of_files(input, *files) }
        }
        Waste::WholeLayer(None) | Waste::PartOfLayer => Reckoned::default(),
        Waste::PackageLists => of_lists(input, fact),
        Waste::Packages(names) => of_packages(input, fact, names),
        Waste::Recommended(names) => of_recommended(input, fact, names),
        Waste::Downloads(commands) => {
            let install = install::of_commands(input, fact, commands.iter().copied());
            install.as_ref().map(of_cache).unwrap_or_default()
        }
        Waste::DownloadsAgain => install::of_fact(input, fact).as_ref().map(of_download).unwrap_or_default(),
        Waste::RunsAgain => install::of_fact(input, fact).map(of_rerun).unwrap_or_default(),
        Waste::Repeated => {
            let again = install::of_fact(input, fact).map(of_rerun).unwrap_or_default();
            Reckoned { packed: None, ..again }
        }
        Waste::ListsReadAgain => Reckoned {
            rebuild: Some(APT_READS),
            basis: "measured: a call of apt-get on Debian 13 that installs nothing".to_owned(),
            ..Reckoned::default()
        },
        Waste::Layer => Reckoned {
            pull: Some(LAYER),
            basis: "measured: what a layer takes by itself, whatever its size".to_owned(),
            ..Reckoned::default()
        },
        Waste::LoginLog(uid) => {
            let bytes = Bytes(uid.saturating_add(1).saturating_mul(LOGIN_RECORD));
            Reckoned {
                bytes: Some(bytes),
                packed: Some(scaled(bytes, ZEROS_PACKED)),
                basis: format!("{LOGIN_RECORD} bytes for each id up to this one"),
                ..Reckoned::default()
            }
        }
        Waste::Toolchain(image) => of_toolchain(image),
        Waste::InstallAtStart(command) => {
            let install = install::of_commands(input, fact, [*command]);
            install.as_ref().map(of_start).unwrap_or_default()
        }
        Waste::Launcher(name) => {
            let start = LAUNCHERS.iter().find(|(launcher, _)| launcher == name).map(|(_, time)| *time);
            Reckoned {
                start,
                basis: format!("measured: `{name}` with a script that runs an empty program"),
                ..Reckoned::default()
            }
        }
        Waste::Start(start, basis) => {
            Reckoned { start: Some(*start), basis: basis.clone(), ..Reckoned::default() }
        }
    }
}

/// Puts the layer that the last run measured over what was reckoned.
fn refine(input: &Input<'_>, fact: &Fact<'_>, waste: &Waste<'_>, reckoned: &mut Reckoned) {
    let Some((run, layer)) = measured::layer(input, fact) else { return };
    match (waste, reckoned.bytes) {
        (Waste::WholeLayer(_), _) => {
            reckoned.bytes = Some(layer.uncompressed);
            reckoned.packed = Some(layer.compressed);
            reckoned.precision = Some(Precision::Exact);
            reckoned.basis = format!("this layer, as run {} measured it", run.id);
        }
        (Waste::PartOfLayer, _) | (Waste::Downloads(_), None) => {
            reckoned.bytes = Some(layer.uncompressed);
            reckoned.packed = Some(layer.compressed);
            reckoned.precision = Some(Precision::AtMost);
            reckoned.basis = format!("all of this layer, as run {} measured it", run.id);
        }
        (Waste::RunsAgain, _) => {
            reckoned.packed = Some(layer.compressed);
            let and = if reckoned.basis.is_empty() { "" } else { ", and " };
            reckoned.basis = format!("{}{and}this layer, as run {} measured it", reckoned.basis, run.id);
        }
        (Waste::Layer | Waste::Toolchain(_), _) | (_, None) => {}
        (_, Some(bytes)) => {
            let bytes = bytes.min(layer.uncompressed);
            reckoned.bytes = Some(bytes);
            reckoned.packed = Some(layer.packed(bytes));
            reckoned.basis = format!("{}, in a layer that run {} measured", reckoned.basis, run.id);
        }
    }
}

fn of_files(input: &Input<'_>, files: Files) -> Reckoned {
    let is_whole = input.listing().is_none_or(|listing| !listing.cut_off);
    Reckoned {
        bytes: Some(files.bytes),
        packed: Some(files.packed()),
        precision: Some(if is_whole { Precision::Exact } else { Precision::About }),
        basis: "the files' sizes in the build context".to_owned(),
        ..Reckoned::default()
    }
}

fn of_lists(input: &Input<'_>, fact: &Fact<'_>) -> Reckoned {
    let image = fact.facts.stage.and_then(|stage| lowest_image(input, stage)).unwrap_or_default();
    let is_of = |words: &[&str]| words.iter().any(|word| image.contains(word));
    let name = match () {
        () if is_of(&["ubuntu", "jammy", "noble"]) => "Ubuntu 22.04",
        () if is_of(&["bookworm", "debian:12", "debian12"]) => "Debian 12",
        () => "Debian 13",
    };
    let Some(lists) = LISTS.iter().find(|lists| lists.name == name) else { return Reckoned::default() };
    Reckoned {
        bytes: Some(lists.bytes),
        packed: Some(scaled(lists.bytes, LISTS_PACKED)),
        basis: format!("the lists of {}; {}", lists.name, lists.source),
        ..Reckoned::default()
    }
}

fn of_packages(input: &Input<'_>, fact: &Fact<'_>, names: &[&str]) -> Reckoned {
    let names: Vec<&str> = names.iter().map(|name| install::bare(name)).collect();
    let (found, precision) = install::debian(input, fact, &names, Recommends::LeftOut);
    let sizes = DEBIAN.sizes(&found);
    Reckoned {
        bytes: Some(sizes.installed),
        packed: Some(scaled(sizes.installed, PACKAGES_PACKED)),
        precision: Some(precision),
        basis: install::of_debian(sizes),
        ..Reckoned::default()
    }
}

fn of_recommended(input: &Input<'_>, fact: &Fact<'_>, names: &[&str]) -> Reckoned {
    let names: Vec<&str> = names.iter().map(|name| install::bare(name)).collect();
    let (needed, _) = install::debian(input, fact, &names, Recommends::LeftOut);
    let (mut found, precision) = install::debian(input, fact, &names, Recommends::Installed);
    found.retain(|name| !needed.contains(name));
    let sizes = DEBIAN.sizes(&found);
    Reckoned {
        bytes: Some(sizes.installed),
        packed: Some(scaled(sizes.installed, PACKAGES_PACKED)),
        precision: Some(precision),
        basis: install::of_debian(sizes),
        ..Reckoned::default()
    }
}

/// What a manager keeps of an install packs no further.
fn of_cache(install: &Install) -> Reckoned {
    Reckoned {
        bytes: Some(install.cached),
        packed: Some(install.cached),
        precision: Some(install.precision),
        basis: format!("the downloads of {}", install.basis),
        ..Reckoned::default()
    }
}

fn of_download(install: &Install) -> Reckoned {
    Reckoned {
        rebuild: Some(on_the_link(install.download)),
        precision: Some(install.precision),
        basis: format!("the download of {} at 100 Mbit/s", install.basis),
        ..Reckoned::default()
    }
}

fn of_rerun(install: Install) -> Reckoned {
    Reckoned {
        rebuild: Some(install.time()),
        packed: install.installed.map(|(_, packed)| packed),
        precision: Some(install.precision),
        basis: install.basis,
        ..Reckoned::default()
    }
}

fn of_start(install: &Install) -> Reckoned {
    Reckoned {
        start: Some(install.time()),
        precision: Some(install.precision),
        basis: format!("{}, at 100 Mbit/s", install.basis),
        ..Reckoned::default()
    }
}

fn of_toolchain(image: &str) -> Reckoned {
    let Some(sized) = toolchain(image) else { return Reckoned::default() };
    let (slim, needed) =
        if sized.name.ends_with("alpine") { ("Alpine", ALPINE) } else { ("a slim Debian", SLIM) };
    let packed = sized.bytes.saturating_sub(needed);
    Reckoned {
        bytes: Some(scaled(packed, 1.0 / PACKAGES_PACKED)),
        packed: Some(packed),
        basis: format!("the download of `{}` by {}, less that of {slim}", sized.name, sized.source),
        ..Reckoned::default()
    }
}

fn toolchain(image: &str) -> Option<&'static Sized> {
    let name = official(image)?;
    let is = |part: &str| tag(image).is_some_and(|tag| tag.split('-').any(|other| other.starts_with(part)));
    let row = match () {
        () if is("alpine") => format!("{name}:alpine"),
        () if is("slim") => format!("{name}:slim"),
        () => name.to_owned(),
    };
    TOOLCHAINS.iter().find(|sized| sized.name == row)
}

fn kind(waste: &Waste<'_>) -> Kind {
    match waste {
        Waste::Files(_) | Waste::WholeLayer(_) | Waste::PartOfLayer | Waste::Context(_) => Kind::Files,
        Waste::PackageLists => Kind::Lists,
        Waste::Packages(_) | Waste::Recommended(_) => Kind::Packages,
        Waste::Downloads(_) | Waste::LoginLog(_) => Kind::Cache,
        Waste::Layer => Kind::Layer,
        Waste::Toolchain(_) => Kind::Base,
        Waste::RunsAgain | Waste::DownloadsAgain | Waste::Repeated | Waste::ListsReadAgain => Kind::Work,
        Waste::InstallAtStart(_) | Waste::Launcher(_) | Waste::Start(..) => Kind::Start,
    }
}
