//! What `.dockerignore` leaves in a context is what `COPY . /` brings into an image: BuildKit's frontend reads the
//! file and the docker client applies it, so the client is the oracle here.

use std::collections::BTreeSet;
use std::fs;
use std::io::Read as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock};

use plimsoll::context::{BuildContext, ContextError};

use crate::steps::major;

/// How many clients work at once.
const CLIENTS: usize = 4;

const FILES: &[&str] = &[
    "Dockerfile",
    "README.md",
    "README-secret.md",
    "a.txt",
    "b.txt",
    "ab.txt",
    "with space.txt",
    "#hash",
    "!bang",
    "star*name",
    "[x].txt",
    "x.txt",
    "back\\slash",
    "é.txt",
    "UPPER.TXT",
    ".hidden",
    ".git/config",
    ".git/hooks/pre",
    "docs/guide.md",
    "docs/keep.md",
    "docs/deep/x.md",
    "src/main.js",
    "src/main.test.js",
    "src/deep/er/er.js",
    "src/deep/README.md",
    "node_modules/a/index.js",
    "node_modules/a/node_modules/b.js",
    "build/out.o",
    "build/.keep",
    "tmp/x.log",
    "tmp/y/z.log",
    "a/b/c/d",
    "a/b/x",
    "a/x/b",
    "a/x/y/b",
    "foo/bar",
    "foo/barbaz",
    "foobar/x",
    "x+y(z)|{w}$",
];

/// Pattern sets, and what is odd in each.
const SETS: &[(&str, &str)] = &[
    ("nothing", ""),
    ("a name", "a.txt\n"),
    ("a directory", "docs\n"),
    ("a directory with a slash behind", "docs/\n"),
    ("a slash before", "/docs\n"),
    ("slashes all over", "//docs//deep//\n"),
    ("a dot before", "./docs/deep\n"),
    ("up and down again", "docs/../src\n"),
    ("out of the context", "../docs\n"),
    ("up alone", "..\n"),
    ("a dot alone", ".\n"),
    ("a slash alone", "/\n"),
    ("a star", "*.md\n"),
    ("a star for a directory", "*/deep\n"),
    ("two stars for directories", "*/*/er\n"),
    ("a star alone", "*\n"),
    ("any depth before", "**/*.md\n"),
    ("any depth before a name", "**/x\n"),
    ("any depth behind", "docs/**\n"),
    ("any depth between", "a/**/b\n"),
    ("any depth alone", "**\n"),
    ("any depth alone with a slash", "**/\n"),
    ("two stars stuck to a name", "foo**\n"),
    ("two stars before a name", "**bar\n"),
    ("two stars in a name", "f**r\n"),
    ("three stars", "***/x\n"),
    ("a question mark", "?.txt\n"),
    ("a question mark that is no slash", "foo?bar\n"),
    ("a range", "[a-b].txt\n"),
    ("a range turned round", "[^a].txt\n"),
    ("a class with a bracket", "[[]x].txt\n"),
    ("an escaped bracket", "\\[x\\].txt\n"),
    ("an escaped star", "star\\*name\n"),
    ("an escaped letter", "\\a.txt\n"),
    ("an escaped backslash", "back\\\\slash\n"),
    ("characters of regular expressions", "x+y(z)|{w}$\n"),
    ("the same with a star", "x+y(z)|{w}*\n"),
    ("a dot that is a dot", "a.t*\n"),
    ("letters outside ASCII", "é.*\n"),
    ("case counts", "upper.txt\nREADME.MD\n"),
    ("an exception", "*.md\n!README.md\n"),
    ("an exception and its exception", "*.md\n!README*.md\nREADME-secret.md\n"),
    ("an exception that comes first", "!README.md\n*.md\n"),
    ("all but one directory", "*\n!src\n"),
    ("all but a nested file", "*\n!src/deep/er/er.js\n"),
    ("all but a pattern at any depth", "*\n!**/*.js\n"),
    ("all at any depth but a nested file", "**\n!src/main.js\n"),
    ("an exception in a directory", "docs\n!docs/keep.md\n"),
    ("an exception for a directory's files", "docs/*\n!docs/deep\n"),
    ("an exception by a pattern in a directory", "docs\n!docs/*.md\n"),
    ("an exception for a directory whose file is left out", "docs/guide.md\n!docs\n"),
    ("an exception with blanks", "*.md\n  !   README.md  \n"),
    ("an exception for nothing that is left out", "!missing\n!docs\n"),
    ("an exception with a slash before", "*\n!/src\n"),
    ("an exception with a slash behind", "*\n!src/\n"),
    ("left out, taken back and left out", "node_modules\n!node_modules/a\nnode_modules/a/node_modules\n"),
    ("a directory at any depth", "**/node_modules\n"),
    ("a directory at any depth but one", "**/node_modules\n!node_modules/a/index.js\n"),
    ("a comment", "# a.txt\n#b.txt\na.txt\n"),
    ("a blank before a comment", " # a.txt\n #hash\n"),
    ("an escaped comment", "\\#hash\n"),
    ("an escaped exclamation mark", "\\!bang\n"),
    ("a byte order mark", "\u{feff}a.txt\nb.txt\n"),
    ("blanks around", "\t a.txt \t\n   \n\n b.txt\n"),
    ("a blank inside", "with space.txt\n"),
    ("Windows line ends", "a.txt\r\n*.md\r\n!README.md\r\n"),
    ("no line end", "a.txt"),
    ("the Dockerfile and itself", "Dockerfile\n.dockerignore\n"),
    ("all hidden files", ".*\n"),
    ("hidden directories' files", ".git/*\n!.git/config\n"),
    ("a link", "link\n"),
    ("what a link leads to", "docs/guide.md\nlink/keep.md\n"),
    ("an empty directory", "empty\n"),
    ("what an empty directory would hold", "empty/*\n"),
    ("a file as a directory", "a.txt/x\n"),
    ("many", "**/*.log\n**/.keep\nbuild\n!build/.keep\n.git\n**/*.test.js\n"),
    ("an exclamation mark alone", "!\n"),
    ("an open class", "[a\n"),
    ("an escape at the end", "a\\\n"),
];

/// Sets that the matcher of 2020 decides otherwise: `**bar` was `bar` anywhere, `!**/x` took nothing back from
/// directories that were left out whole, and `!dir` took back what an earlier pattern left out in it.
const OLDER: [&str; 3] = [
    "two stars before a name",
    "all but a pattern at any depth",
    "an exception for a directory whose file is left out",
];

/// The docker client that applies `.dockerignore`: buildx, or the client of a time in which it was part of it.
struct Client {
    program: &'static str,
    arguments: &'static [&'static str],
    age: Age,
}

/// By which rules a client decides.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Age {
    /// Today's.
    Buildx,
    /// Those of 2020.
    Older,
    /// The same, and it can't read the patterns outside ASCII that a later engine hands it.
    OlderThanEngine,
}

impl Client {
    fn find() -> Self {
        let output = |program: &str, arguments: &[&str]| Command::new(program).args(arguments).output();
        if output("docker", &["buildx", "version"]).is_ok_and(|output| output.status.success()) {
            return Self { program: "docker", arguments: &["buildx", "build"], age: Age::Buildx };
        }
        for program in ["docker", "/usr/bin/docker"] {
            let versions = ["{{.Client.Version}}", "{{.Server.Version}}"].map(|version| {
                let output = output(program, &["version", "--format", version]).ok()?;
                let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
                (!version.is_empty()).then(|| major(&version))
            });
            if let [Some(client @ ..23), Some(engine)] = versions {
                let age = if client < engine { Age::OlderThanEngine } else { Age::Older };
                return Self { program, arguments: &["build"], age };
            }
        }
        panic!("no docker client here builds with BuildKit: install docker-buildx")
    }

    /// Builds the folder and gives the paths in the image; or what the build says against it.
    fn build(&self, folder: &Path) -> Result<BTreeSet<String>, String> {
        let place = tempfile::tempdir().unwrap();
        let archive = place.path().join("image.tar");
        let output = Command::new(self.program)
            .args(self.arguments)
            .arg("--output")
            .arg(format!("type=tar,dest={}", archive.display()))
            .arg(folder)
            .env("DOCKER_BUILDKIT", "1")
            .output()
            .unwrap();
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).into_owned());
        }
        let mut bytes = Vec::new();
        fs::File::open(archive).unwrap().read_to_end(&mut bytes).unwrap();
        let mut archive = tar::Archive::new(bytes.as_slice());
        let entries = archive.entries().unwrap().map(|entry| {
            let entry = entry.unwrap();
            let path = String::from_utf8(entry.path_bytes().into_owned()).unwrap();
            path.trim_start_matches("./").trim_end_matches('/').to_owned()
        });
        Ok(entries.filter(|path| !path.is_empty()).collect())
    }
}

fn lay_out(folder: &Path, ignore: &str) {
    for path in FILES {
        let place = folder.join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, "FROM scratch\nCOPY . /\n").unwrap();
    }
    fs::create_dir(folder.join("empty")).unwrap();
    symlink("docs", folder.join("link")).unwrap();
    fs::write(folder.join(".dockerignore"), ignore).unwrap();
}

fn predicted(folder: &Path) -> Result<BTreeSet<String>, ContextError> {
    let context = BuildContext::read(folder, &folder.join("Dockerfile"), 10_000)?;
    Ok(context.listing.entries.into_iter().map(|entry| entry.path).collect())
}

#[test]
fn the_context_is_what_the_client_sends_whatever_the_patterns() {
    let client = Client::find();
    let next = AtomicUsize::new(0);
    let wrong = Mutex::new(Vec::new());
    let refused = OnceLock::new();
    std::thread::scope(|scope| {
        for _ in 0..CLIENTS {
            scope.spawn(|| {
                while let Some((name, ignore)) = SETS.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let is_older = client.age != Age::Buildx && OLDER.contains(name);
                    if is_older
                        || client.age == Age::OlderThanEngine
                            && !ignore.trim_start_matches('\u{feff}').is_ascii()
                    {
                        eprintln!("skipped: this client is too old for {name}");
                        continue;
                    }
                    let folder = tempfile::tempdir().unwrap();
                    lay_out(folder.path(), ignore);
                    let (said, came) = (predicted(folder.path()), client.build(folder.path()));
                    match (said, came) {
                        (Ok(said), Ok(came)) if said == came => {}
                        (Err(_), Err(_)) => {
                            let _ = refused.set(true);
                        }
                        (Ok(said), Ok(came)) => wrong.lock().unwrap().push(format!(
                            "{name}: {ignore:?}\n  only said {:?}\n  only came {:?}",
                            said.difference(&came).collect::<Vec<_>>(),
                            came.difference(&said).collect::<Vec<_>>()
                        )),
                        (said, came) => wrong.lock().unwrap().push(format!(
                            "{name}: {ignore:?}\n  said {:?}\n  came {:?}",
                            said.err().map(|error| error.to_string()),
                            came.err()
                        )),
                    }
                }
            });
        }
    });
    let wrong = wrong.into_inner().unwrap();
    eprintln!("{} pattern sets, the client is {:?}", SETS.len(), client.age);
    assert!(refused.get().is_some(), "no client refused anything");
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), SETS.len(), wrong.join("\n"));
}

#[test]
fn the_dockerfile_s_own_ignore_file_counts_alone() {
    let client = Client::find();
    let folder = tempfile::tempdir().unwrap();
    lay_out(folder.path(), "docs\n");
    fs::write(folder.path().join("Dockerfile.dockerignore"), "src\n**/*.md\n").unwrap();
    let said = predicted(folder.path()).unwrap();
    assert!(said.contains("docs/deep") && !said.contains("src"));
    assert_eq!(client.build(folder.path()), Ok(said));
}
