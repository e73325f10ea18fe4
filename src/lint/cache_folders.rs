//! Where the package managers keep what they download, for the next build or another project.

use crate::shell::packages::{Action, PackageManager};

use super::stage_images::tag;

/// One of a manager's caches.
#[derive(Debug)]
pub(super) struct CacheFolder {
    /// Whose it is.
    pub(super) manager: PackageManager,
    /// Parts of a path, one of which is in the target of a mount that is meant for it.
    pub(super) marks: &'static [&'static str],
    /// Where root has it, where that is sure.
    pub(super) folder: Option<&'static str>,
    /// The official image that has it elsewhere, and where.
    pub(super) image: Option<(&'static str, &'static str)>,
    /// The variables that name the folder.
    pub(super) variables: &'static [&'static str],
    /// The flags that name it, or do without it.
    pub(super) flags: &'static [&'static str],
}

/// Where yum 3 and dnf, dnf 5 and tdnf have theirs.
pub(super) const RPM_FOLDERS: &[&str] =
    &["/var/cache/dnf", "/var/cache/yum", "/var/cache/libdnf5", "/var/cache/tdnf"];

/// What all of them have unless they say otherwise.
const NONE: CacheFolder = CacheFolder {
    manager: PackageManager::Apt,
    marks: &[],
    folder: None,
    image: None,
    variables: &[],
    flags: &[],
};

/// All of them.
pub(super) const CACHE_FOLDERS: &[CacheFolder] = &[
    CacheFolder { manager: PackageManager::Apt, marks: &["/var/cache/apt"], ..NONE },
    CacheFolder { manager: PackageManager::Apk, marks: &["/var/cache/apk", "/etc/apk/cache"], ..NONE },
    CacheFolder { manager: PackageManager::Dnf, marks: RPM_FOLDERS, ..NONE },
    CacheFolder { manager: PackageManager::Yum, marks: RPM_FOLDERS, ..NONE },
    CacheFolder { manager: PackageManager::Zypper, marks: &["/var/cache/zypp"], ..NONE },
    CacheFolder {
        manager: PackageManager::Pip,
        marks: &["/pip"],
        folder: Some("/root/.cache/pip"),
        variables: &["PIP_CACHE_DIR"],
        flags: &["--cache-dir", "--no-cache-dir"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Uv,
        marks: &["/uv"],
        folder: Some("/root/.cache/uv"),
        variables: &["UV_CACHE_DIR"],
        flags: &["--cache-dir", "--no-cache"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Poetry,
        marks: &["/pypoetry"],
        folder: Some("/root/.cache/pypoetry"),
        variables: &["POETRY_CACHE_DIR"],
        flags: &["--no-cache"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Pipenv,
        marks: &["/pipenv"],
        folder: Some("/root/.cache/pipenv"),
        variables: &["PIPENV_CACHE_DIR"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Npm,
        marks: &["npm", "_cacache"],
        folder: Some("/root/.npm"),
        variables: &["NPM_CONFIG_CACHE", "npm_config_cache"],
        flags: &["--cache"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Yarn,
        marks: &["yarn"],
        folder: Some("/usr/local/share/.cache/yarn"),
        variables: &["YARN_CACHE_FOLDER"],
        flags: &["--cache-folder", "--preferred-cache-folder", "--immutable"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Go,
        marks: &["pkg/mod"],
        folder: Some("/root/go/pkg/mod"),
        image: Some(("golang", "/go/pkg/mod")),
        variables: &["GOMODCACHE"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Go,
        marks: &["go-build"],
        folder: Some("/root/.cache/go-build"),
        variables: &["GOCACHE"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Cargo,
        marks: &["cargo/registry"],
        folder: Some("/root/.cargo/registry"),
        image: Some(("rust", "/usr/local/cargo/registry")),
        variables: &["CARGO_HOME"],
        flags: &["--config"],
    },
    CacheFolder {
        manager: PackageManager::Maven,
        marks: &[".m2"],
        folder: Some("/root/.m2"),
        variables: &["MAVEN_OPTS", "MAVEN_ARGS", "MAVEN_CONFIG"],
        flags: &["-s", "--settings", "-gs"],
        ..NONE
    },
    // A project has a `.gradle` of its own.
    CacheFolder {
        manager: PackageManager::Gradle,
        marks: &["/root/.gradle"],
        folder: Some("/root/.gradle"),
        variables: &["GRADLE_USER_HOME"],
        flags: &["-g", "--gradle-user-home"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Dotnet,
        marks: &[".nuget"],
        folder: Some("/root/.nuget/packages"),
        variables: &["NUGET_PACKAGES"],
        flags: &["--packages"],
        ..NONE
    },
    CacheFolder {
        manager: PackageManager::Bundler,
        marks: &["/usr/local/bundle/cache"],
        image: Some(("ruby", "/usr/local/bundle/cache")),
        ..NONE
    },
    // Where else depends on whether there is a folder /etc/xdg.
    CacheFolder {
        manager: PackageManager::Composer,
        marks: &["composer", "/tmp/cache"],
        image: Some(("composer", "/tmp/cache")),
        ..NONE
    },
    CacheFolder { manager: PackageManager::Conda, marks: &["/pkgs"], ..NONE },
];

/// Those of one manager.
pub(super) fn folders_of(manager: PackageManager) -> impl Iterator<Item = &'static CacheFolder> {
    CACHE_FOLDERS.iter().filter(move |folder| folder.manager == manager)
}

/// The manager whose caches the call uses: `uv pip` has uv's.
pub(super) fn manager_of(action: &Action<'_>) -> PackageManager {
    if action.program == "uv" { PackageManager::Uv } else { action.manager }
}

impl CacheFolder {
    /// Where it is, as far as one can say without knowing the image.
    pub(super) fn usual(&self) -> Option<&'static str> {
        self.image.map(|(_, folder)| folder).or(self.folder)
    }

    /// Whether a mount at `target` is meant for it.
    pub(super) fn is_meant_by(&self, target: &str) -> bool {
        self.marks.iter().any(|mark| target.contains(mark))
    }
}

/// Where the call has its cache in the image; nothing where that is not known, or it is none of rpm's. yum is dnf by
/// another name since RHEL 8, and dnf is dnf 5 since Fedora 41.
/// Source: the manual pages yum.conf(5), dnf.conf(5) and dnf5.conf(5).
pub(super) fn rpm_folder(action: &Action<'_>, image: &str) -> Option<&'static str> {
    match action.program {
        "tdnf" => Some("/var/cache/tdnf"),
        "dnf" | "yum" => Some(match generation(image)? {
            Generation::Yum => "/var/cache/yum",
            Generation::Dnf => "/var/cache/dnf",
            Generation::Dnf5 => "/var/cache/libdnf5",
        }),
        _ => None,
    }
}

/// Which program `yum` and `dnf` are in an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Generation {
    Yum,
    Dnf,
    Dnf5,
}

fn generation(image: &str) -> Option<Generation> {
    let path = image.split(['@', ':']).next()?;
    let name = path.rsplit('/').next()?;
    let version = tag(image).unwrap_or_default().trim_start_matches("stream");
    let digits = version.bytes().take_while(u8::is_ascii_digit).count();
    let number: Option<u32> = version.get(..digits)?.parse().ok();
    let since = |first: u32, new: Generation, old: Generation| {
        number.map(|number| if number >= first { new } else { old })
    };
    match name {
        "fedora" => since(41, Generation::Dnf5, Generation::Dnf),
        "centos" | "oraclelinux" => since(8, Generation::Dnf, Generation::Yum),
        "amazonlinux" if version == "2" || version == "1" || version.starts_with("201") => {
            Some(Generation::Yum)
        }
        "amazonlinux" => since(2022, Generation::Dnf, Generation::Yum),
        "almalinux" | "rockylinux" | "ubi" | "ubi-init" | "ubi8" | "ubi9" | "ubi10" => Some(Generation::Dnf),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Generation, generation};

    #[test]
    fn yum_is_dnf_in_newer_images() {
        for (image, is) in [
            ("registry.access.redhat.com/ubi8/ubi:8.6", Some(Generation::Dnf)),
            ("quay.io/centos/centos:stream9", Some(Generation::Dnf)),
            ("centos:7", Some(Generation::Yum)),
            ("centos:centos7", None),
            ("amazonlinux:2", Some(Generation::Yum)),
            ("amazonlinux:2023", Some(Generation::Dnf)),
            ("fedora:40", Some(Generation::Dnf)),
            ("fedora:43", Some(Generation::Dnf5)),
            ("debian:13", None),
        ] {
            assert_eq!(generation(image), is, "{image}");
        }
    }
}
