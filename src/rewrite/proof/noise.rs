//! What differs from build to build of the very same Dockerfile, and means nothing.

use std::fmt;

use super::difference::{Difference, What};
use super::inode::FileType;

/// A kind of known noise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// The linker's cache, in which `ldconfig` notes times.
    LinkerCache,
    /// The time of the source in Python's byte code.
    ByteCodeStamp,
    /// What package managers note of their work.
    PackageLog,
    /// What package managers and their like work out again when they need it.
    ToolCache,
    /// What user management and dpkg keep of the state before.
    Backup,
    /// The machine's number, which is drawn.
    MachineId,
    /// What differs as well where the original is built a second time.
    Unrepeatable,
}

impl fmt::Display for Noise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::LinkerCache => "the linker's cache",
            Self::ByteCodeStamp => "times in Python's byte code",
            Self::PackageLog => "package managers' logs",
            Self::ToolCache => "caches that tools make again",
            Self::Backup => "backups of an earlier state",
            Self::MachineId => "the machine's number",
            Self::Unrepeatable => "what each build of the original makes anew",
        })
    }
}

impl Noise {
    /// The noise that a difference is, as far as its path tells. Owners, modes and types are never noise.
    pub(super) fn of(difference: &Difference) -> Option<Self> {
        let path = difference.path.as_str();
        match difference.what {
            What::Stamp => Some(Self::ByteCodeStamp),
            What::Content(..) => linker_cache(path)
                .or_else(|| log_or_backup(path))
                .or_else(|| tool_cache(path))
                .or_else(|| machine_id(path)),
            // One more is written where one more call was made.
            What::Gone(FileType::File, _) | What::New(FileType::File, _) => {
                linker_cache(path).or_else(|| log_or_backup(path))
            }
            _ => None,
        }
    }
}

fn linker_cache(path: &str) -> Option<Noise> {
    matches!(path, "/etc/ld.so.cache" | "/var/cache/ldconfig/aux-cache").then_some(Noise::LinkerCache)
}

fn machine_id(path: &str) -> Option<Noise> {
    matches!(path, "/etc/machine-id" | "/var/lib/dbus/machine-id").then_some(Noise::MachineId)
}

fn log_or_backup(path: &str) -> Option<Noise> {
    const LOGS: [&str; 9] = [
        "alternatives.log",
        "apk.log",
        "bootstrap.log",
        "dpkg.log",
        "fontconfig.log",
        "hawkey.log",
        "pacman.log",
        "yum.log",
        "zypper.log",
    ];
    const LOG_FOLDERS: [&str; 3] = ["apt/", "zypp/", "dnf"];
    const USERS: [&str; 6] = ["passwd-", "group-", "shadow-", "gshadow-", "subuid-", "subgid-"];
    let is_log = path.strip_prefix("/var/log/").is_some_and(|name| {
        LOGS.contains(&name) || LOG_FOLDERS.iter().any(|folder| name.starts_with(folder))
    });
    if is_log || path.contains("/.npm/_logs/") {
        return Some(Noise::PackageLog);
    }
    let is_of_users = path.strip_prefix("/etc/").is_some_and(|name| USERS.contains(&name));
    let is_of_dpkg = path.ends_with("-old")
        && ["/var/lib/dpkg/", "/var/cache/debconf/"].iter().any(|folder| path.starts_with(folder));
    (is_of_users || is_of_dpkg).then_some(Noise::Backup)
}

fn tool_cache(path: &str) -> Option<Noise> {
    const FOLDERS: [&str; 2] = ["/var/cache/fontconfig/", "/var/cache/man/"];
    let is_apts = matches!(path, "/var/cache/apt/pkgcache.bin" | "/var/cache/apt/srcpkgcache.bin");
    (is_apts || FOLDERS.iter().any(|folder| path.starts_with(folder))).then_some(Noise::ToolCache)
}

#[cfg(test)]
mod tests {
    use super::Noise;
    use crate::bytes::Bytes;
    use crate::rewrite::proof::{Difference, FileType, What};

    fn of(path: &str, what: What) -> Option<Noise> {
        Noise::of(&Difference { path: path.into(), what })
    }

    #[test]
    fn noise_is_known_by_path_and_content_alone() {
        let content = || What::Content(Bytes(1), Bytes(2));
        for (path, noise) in [
            ("/etc/ld.so.cache", Some(Noise::LinkerCache)),
            ("/var/cache/ldconfig/aux-cache", Some(Noise::LinkerCache)),
            ("/var/log/apt/history.log", Some(Noise::PackageLog)),
            ("/var/log/dnf.librepo.log", Some(Noise::PackageLog)),
            ("/root/.npm/_logs/x-debug-0.log", Some(Noise::PackageLog)),
            ("/var/cache/apt/pkgcache.bin", Some(Noise::ToolCache)),
            ("/etc/shadow-", Some(Noise::Backup)),
            ("/var/lib/dpkg/status-old", Some(Noise::Backup)),
            ("/etc/machine-id", Some(Noise::MachineId)),
            ("/etc/shadow", None),
            ("/var/log/app.log", None),
            ("/srv/apt/history.log", None),
            ("/var/lib/dpkg/status", None),
        ] {
            assert_eq!(of(path, content()), noise, "{path}");
            assert_eq!(of(path, What::Mode(0o644, 0o600)), None, "{path}");
            assert_eq!(of(path, What::Owner(0, 1)), None, "{path}");
            assert_eq!(of(path, What::New(FileType::Symlink, Bytes(0))), None, "{path}");
        }
        assert_eq!(of("/x/__pycache__/y.pyc", What::Stamp), Some(Noise::ByteCodeStamp));
        assert_eq!(of("/x/__pycache__/y.pyc", content()), None);
        // The index of a machine is drawn, but that there is one is no accident.
        assert_eq!(of("/etc/machine-id", What::Gone(FileType::File, Bytes(33))), None);
        assert_eq!(of("/etc/passwd-", What::Gone(FileType::File, Bytes(9))), Some(Noise::Backup));
    }
}
