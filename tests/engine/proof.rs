//! The proof: what it finds between two images, held against what the engine's own export and `diff` find.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::process::{Command, Stdio};

use plimsoll::bytes::Bytes;
use plimsoll::engine::{BuildArgs, BuildFailure, ContextFile};
use plimsoll::lint::Effect;
use plimsoll::rewrite::proof::{
    Class, Comparison, FileType, Noise, Outcome, Proof, ProofError, Verdict, What, compare, prove,
};
use plimsoll::rewrite::{Candidate, Origin, Rewrite, Variant};
use plimsoll::text::SourceFile;
use tar::{Builder, EntryType, Header};

use crate::Scene;

/// Files with what no Dockerfile can set: capabilities, devices, odd owners.
struct Archive(Builder<Vec<u8>>);

impl Archive {
    fn new() -> Self {
        Self(Builder::new(Vec::new()))
    }

    fn add(&mut self, path: &str, kind: EntryType, set: impl FnOnce(&mut Header), content: &[u8]) {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(content.len() as u64);
        set(&mut header);
        self.0.append_data(&mut header, path, content).unwrap();
    }

    fn file(&mut self, path: &str, content: &str) {
        self.add(path, EntryType::Regular, |_| {}, content.as_bytes());
    }

    fn link(&mut self, path: &str, kind: EntryType, target: &str) {
        let mut header = Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(0o644);
        header.set_size(0);
        self.0.append_link(&mut header, path, target).unwrap();
    }

    fn device(&mut self, path: &str, kind: EntryType, numbers: (u32, u32)) {
        let set = |header: &mut Header| {
            header.set_device_major(numbers.0).unwrap();
            header.set_device_minor(numbers.1).unwrap();
        };
        self.add(path, kind, set, b"");
    }

    /// A file that may do something as if it were root's. The value holds a newline, which readers of tars trip over.
    fn capability(&mut self, path: &str, permitted: u8) {
        let value = [1, 0, 0, 2, permitted, 0, 0, 0, b'\n', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        self.0.append_pax_extensions([("SCHILY.xattr.security.capability", value.as_slice())]).unwrap();
        self.file(path, "may");
    }

    fn write(self, scene: &mut Scene, name: &str) {
        let source = scene.path(name);
        std::fs::write(&source, self.0.into_inner().unwrap()).unwrap();
        scene.files.push(ContextFile { path: name.into(), source });
    }
}

async fn compared(scene: &Scene, effects: &[Effect]) -> Comparison {
    let image = |name| scene.run.image(name);
    compare(&scene.engine, &image("a"), &image("b"), effects).await.unwrap()
}

/// The differences of the files as text, each with its class where it is not unexpected.
fn listed(comparison: &Comparison) -> Vec<String> {
    let shown = |path: &str, what: &What, class: Class| match class {
        Class::Unexpected => format!("{path}: {what}"),
        class => format!("{path}: {what} [{class:?}]"),
    };
    comparison.files.iter().map(|(found, class)| shown(&found.path, &found.what, *class)).collect()
}

/// What differs in the tars that `docker export` gives of containers of both images: the paths, by `diff` of what GNU
/// tar lists and of the sums of the contents.
fn differing_exports(scene: &Scene) -> BTreeSet<String> {
    let [one, other] = ["a", "b"].map(|name| {
        let text = listing_of_export(scene, name);
        let path = scene.path(&format!("{name}.listing"));
        std::fs::write(&path, text).unwrap();
        path
    });
    let diff = Command::new("diff").arg(one).arg(other).output().unwrap();
    assert!(diff.status.code().is_some_and(|code| code < 2), "{diff:?}");
    let text = String::from_utf8(diff.stdout).unwrap();
    let changed = text.lines().filter(|line| line.starts_with(['<', '>']));
    changed.map(|line| line.rsplit_once('\t').unwrap().1.to_owned()).collect()
}

/// A line for each path: type, mode, owner and link, or the sum of its content; then the path behind a tab.
fn listing_of_export(scene: &Scene, name: &str) -> String {
    let docker = |words: &[&str]| {
        let output = Command::new("docker").args(words).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        output.stdout
    };
    let label = format!("{}={}", plimsoll::engine::RUN_LABEL, scene.run);
    let id = docker(&["create", "--label", &label, &scene.run.image(name), "/none"]);
    let id = String::from_utf8(id).unwrap().trim().to_owned();
    let (archive, folder) = (scene.path(&format!("{name}.export")), scene.path(&format!("{name}.files")));
    docker(&["export", "--output", archive.to_str().unwrap(), &id]);
    docker(&["rm", &id]);
    std::fs::create_dir(&folder).unwrap();
    let script = r#"
        tar --xattrs --xattrs-include='*' --numeric-owner --full-time -tvvf "$1" |
            sed -E 's/^  x: *(.*)/xattr \1/; s/ {2,}/ /g'
        tar -C "$2" --no-same-owner --no-same-permissions --exclude='f/*-device' -xf "$1" 2>&1 | grep -v 'Cannot mknod' >&2
        cd "$2" && chmod -R u+rwX . && find . -type f ! -size 0 -print0 | sort -z | xargs -0 -r sha256sum
    "#;
    let output = Command::new("sh")
        .args(["-c", script, "sh", archive.to_str().unwrap(), folder.to_str().unwrap()])
        .env("LC_ALL", "C")
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    std::fs::remove_file(archive).unwrap();
    let mut text = Vec::new();
    let mut path = String::new();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        if let Some(attribute) = line.strip_prefix("xattr ") {
            writeln!(text, "{attribute}\t{path}").unwrap();
        } else if let Some((sum, file)) = line.split_once("  ./") {
            writeln!(text, "{sum}\t/{file}").unwrap();
        } else {
            // drwxr-xr-x 0/0 0 2026-11-21 14:52:01 etc/ssl -> target
            let mut words = line.splitn(6, ' ');
            let mut next = || words.next().unwrap();
            let (mode, owner, size, _, _, rest) = (next(), next(), next(), next(), next(), next());
            let link = [" -> ", " link to "].into_iter().find_map(|arrow| rest.split_once(arrow));
            let (name, target) = link.unwrap_or((rest, ""));
            path = format!("/{}", name.trim_end_matches('/'));
            // A size of its own for each file; a folder's is nobody's.
            writeln!(text, "{mode} {owner} {size} {target}\t{path}").unwrap();
        }
    }
    String::from_utf8(text).unwrap()
}

/// The paths that the comparison names.
fn paths(comparison: &Comparison) -> BTreeSet<String> {
    comparison.files.iter().map(|(found, _)| found.path.clone()).collect()
}

#[tokio::test]
async fn each_planted_difference_is_found_and_named_and_export_and_diff_agree() {
    let mut scene = Scene::new().await;
    let mut archive = Archive::new();
    for name in ["content", "mode", "owner", "group", "same", "later", "linked", "apart", "type"] {
        archive.file(&format!("f/{name}"), "1234");
    }
    archive.capability("f/capable", 1);
    archive.capability("f/incapable", 1);
    archive.capability("f/same-capable", 1);
    archive.link("f/link", EntryType::Symlink, "same");
    archive.link("f/hard", EntryType::Link, "f/apart");
    archive.device("f/char-device", EntryType::Char, (1, 3));
    archive.device("f/block-device", EntryType::Block, (7, 0));
    archive.device("f/pipe", EntryType::Fifo, (0, 0));
    archive.write(&mut scene, "one.tar");
    let mut archive = Archive::new();
    for name in ["same", "later", "linked"] {
        archive.file(&format!("f/{name}"), "1234");
    }
    archive.file("f/content", "4321");
    archive.add("f/mode", EntryType::Regular, |header| header.set_mode(0o4755), b"1234");
    archive.add("f/owner", EntryType::Regular, |header| header.set_uid(2_000_000_007), b"1234");
    archive.add("f/group", EntryType::Regular, |header| header.set_gid(7), b"1234");
    archive.add("f/type", EntryType::Directory, |header| header.set_mode(0o755), b"");
    archive.link("f/linked-too", EntryType::Link, "f/linked");
    archive.file("f/apart", "1234");
    archive.file("f/hard", "1234");
    archive.capability("f/capable", 2);
    archive.file("f/incapable", "may");
    archive.capability("f/same-capable", 1);
    archive.link("f/link", EntryType::Symlink, "later");
    archive.device("f/char-device", EntryType::Char, (1, 5));
    archive.device("f/block-device", EntryType::Char, (7, 0));
    archive.write(&mut scene, "other.tar");
    let folders = "RUN mkdir -p /d/whited /d/opaque/inner /d/replaced && touch /d/whited/x /d/opaque/inner/y /d/replaced/z /d/gone /d/unlinked";
    let changes = "RUN rm -r /d/whited /d/opaque /d/gone && mkdir /d/opaque && touch /d/opaque/new && rm -r /d/replaced && touch /d/replaced";
    scene.build("a", &format!("ADD one.tar /\n{folders}\n{changes}\nRUN mkdir /empty")).await;
    scene
        .build("b", &format!("ADD other.tar /\n{folders}\nRUN rm /d/unlinked && ln -s gone /d/unlinked"))
        .await;

    let comparison = compared(&scene, &[]).await;
    assert_eq!(comparison.verdict(), Verdict::Different);
    let expected = [
        "/d/gone: new (0 B)",
        "/d/opaque/inner: new (directory)",
        "/d/opaque/inner/y: new (0 B)",
        "/d/opaque/new: gone (0 B)",
        "/d/replaced: file → directory",
        "/d/replaced: mode 0644 → 0755",
        "/d/replaced/z: new (0 B)",
        "/d/unlinked: file → symbolic link",
        "/d/unlinked: mode 0644 → 0777",
        "/d/whited: new (directory)",
        "/d/whited/x: new (0 B)",
        "/empty: gone (directory)",
        "/f/block-device: block device → character device",
        "/f/capable: another security.capability",
        "/f/char-device: device 1:3 → 1:5",
        "/f/content: other content, 4 B as before",
        "/f/group: group 0 → 7",
        "/f/hard: a hard link to /f/apart → a file of its own",
        "/f/incapable: another security.capability",
        "/f/link: links to same → later",
        "/f/linked-too: new (4 B)",
        "/f/mode: mode 0644 → 4755",
        "/f/owner: owner 0 → 2000000007",
        "/f/pipe: gone (named pipe)",
        "/f/type: file → directory",
        "/f/type: mode 0644 → 0755",
    ];
    assert_eq!(listed(&comparison), expected);
    // tar names no attribute's value, so it can't tell that another one is set.
    let mut found = paths(&comparison);
    assert!(found.remove("/f/capable"));
    assert_eq!(differing_exports(&scene), found);
}

#[tokio::test]
async fn each_setting_that_differs_is_found_and_values_of_the_environment_are_not_shown() {
    let scene = Scene::new().await;
    let both = "ENV SAME=1\nLABEL same=1\nEXPOSE 1";
    scene.build("a", &format!("{both}\nENV KEY=hunter2\nLABEL l=1\nEXPOSE 80\nCMD [\"a\"]")).await;
    let other = "ENV KEY=hunter3 EXTRA=\nLABEL l=2\nEXPOSE 81\nVOLUME /v\nUSER 7\nWORKDIR /w\nSTOPSIGNAL SIGQUIT\nHEALTHCHECK --interval=5s CMD true\nSHELL [\"/bin/sh\", \"-ec\"]\nONBUILD RUN true\nENTRYPOINT [\"e\"]\nCMD [\"b\"]";
    scene.build("b", &format!("{both}\n{other}")).await;
    let comparison = compared(&scene, &[]).await;
    let expected = [
        ("CMD", Some("[\"a\"]"), Some("[\"b\"]")),
        ("ENTRYPOINT", None, Some("[\"e\"]")),
        ("ENV EXTRA", None, Some("")),
        ("ENV KEY", Some(""), Some("")),
        ("EXPOSE 80/tcp", Some(""), None),
        ("EXPOSE 81/tcp", None, Some("")),
        ("HEALTHCHECK", None, Some("{\"Test\":[\"CMD-SHELL\",\"true\"],\"Interval\":5000000000}")),
        ("LABEL l", Some(""), Some("")),
        ("ONBUILD", None, Some("[\"RUN true\"]")),
        ("SHELL", None, Some("[\"/bin/sh\",\"-ec\"]")),
        ("STOPSIGNAL", None, Some("SIGQUIT")),
        ("USER", None, Some("7")),
        ("VOLUME /v", None, Some("")),
        ("WORKDIR", None, Some("/w")),
    ];
    let found: Vec<_> = comparison
        .settings
        .iter()
        .map(|(found, class)| {
            assert_eq!(*class, Class::Unexpected);
            (found.name.as_str(), found.before.as_deref(), found.after.as_deref())
        })
        .collect();
    assert_eq!(found, expected);
    assert!(!format!("{comparison:?}").contains("hunter"));
}

#[tokio::test]
async fn the_same_files_in_other_layers_are_identical_whatever_their_times() {
    let scene = Scene::new().await;
    let steps = [
        "mkdir /d && echo 1 > /d/a && ln /d/a /d/b",
        "touch -d 2001-01-01 /d/c",
        "rm -r /d/c",
        "echo 2 > /e",
    ];
    scene.build("a", &steps.map(|step| format!("RUN {step}\n")).concat()).await;
    scene.build("b", &format!("RUN {}", steps.join(" && "))).await;
    let comparison = compared(&scene, &[]).await;
    assert_eq!((comparison.verdict(), listed(&comparison)), (Verdict::Identical, vec![]));
    assert!(comparison.times > 0 && comparison.times < comparison.shared, "{comparison:?}");
}

#[tokio::test]
async fn noise_and_what_a_rewrite_is_for_are_classed_apart_and_listed() {
    let scene = Scene::new().await;
    let write = |word: &str| {
        let paths =
            "/etc/ld.so.cache /etc/machine-id /etc/passwd- /var/log/apt/term.log /var/lib/dpkg/status-old";
        format!(
            "RUN mkdir -p /etc /var/log/apt /var/lib/dpkg && for path in {paths}; do echo {word} > $path; done\n"
        )
    };
    let cache = "RUN mkdir -p /root/.cache/pip/http /root/.cache-other && touch /root/.cache/pip/http/x\n";
    scene.build("a", &(write("one") + cache + "CMD a")).await;
    scene.build("b", &(write("another") + "RUN mkdir -p /root/.cache-other\nCMD [\"a\"]")).await;
    let effects = [Effect::Removes(".cache/pip".into()), Effect::Setting("CMD")];
    let comparison = compared(&scene, &effects).await;
    assert_eq!(comparison.verdict(), Verdict::Expected, "{comparison:#?}");
    let of_path = |path: &str| comparison.files.iter().find(|(found, _)| found.path == path).unwrap().1;
    for (path, noise) in [
        ("/etc/ld.so.cache", Noise::LinkerCache),
        ("/etc/machine-id", Noise::MachineId),
        ("/etc/passwd-", Noise::Backup),
        ("/var/log/apt/term.log", Noise::PackageLog),
        ("/var/lib/dpkg/status-old", Noise::Backup),
    ] {
        assert_eq!(of_path(path), Class::Noise(noise), "{path}");
    }
    for path in ["/root/.cache", "/root/.cache/pip", "/root/.cache/pip/http", "/root/.cache/pip/http/x"] {
        assert_eq!(of_path(path), Class::Intended, "{path}");
    }
    assert_eq!(comparison.files.len(), 9);
    assert_eq!(compared(&scene, &[]).await.verdict(), Verdict::Different);
}

#[tokio::test]
async fn real_images_differ_where_export_and_diff_say_so() {
    let scene = Scene::new().await;
    let bases = ["debian:trixie-slim", "node:22-trixie-slim"];
    for (base, name) in bases.iter().zip(["a", "b"]) {
        if scene.engine.inspect(base).await.is_err() {
            eprintln!("skipped: the engine has no {base}, which setup/bases.sh makes");
            return;
        }
        scene.engine.tag(base, &scene.run.image(name)).await.unwrap();
    }
    let comparison = compared(&scene, &[]).await;
    let found = paths(&comparison);
    assert!(found.len() > 100 && comparison.shared > 1000, "{} of {}", found.len(), comparison.shared);
    let new = comparison.files.iter().find(|(found, _)| found.path == "/usr/local/bin/node").unwrap();
    assert!(matches!(new.0.what, What::New(FileType::File, Bytes(50_000_000..))), "{new:?}");
    assert_eq!(differing_exports(&scene), found);
}

/// The text below busybox, as a variant with that name and origin.
fn candidate(scene: &Scene, name: &str, origin: Origin, rest: &str) -> Candidate {
    let request = scene.request(name, rest);
    let rewrites = if origin == Origin::Safe {
        vec![
            Rewrite { rule: "rule-a", title: String::new(), can_differ: vec![], effects: vec![] },
            Rewrite { rule: "rule-b", title: String::new(), can_differ: vec![], effects: vec![] },
        ]
    } else {
        vec![]
    };
    let variant = Variant {
        name: name.into(),
        origin,
        source: SourceFile::new("Dockerfile", request.dockerfile),
        target: None,
        build_args: BuildArgs::default(),
        rewrites,
        diff: String::new(),
    };
    Candidate { variant, files: request.files, context: scene.folder.path().into() }
}

/// The proofs of these texts as variants that are called safe, against the first.
async fn proofs(scene: &Scene, original: &str, variants: &[&str]) -> Result<Vec<Proof>, ProofError> {
    let names = ["one", "two"];
    let variants: Vec<Candidate> =
        names.iter().zip(variants).map(|(name, rest)| candidate(scene, name, Origin::Safe, rest)).collect();
    // Of the two rules the second is to blame.
    let single = |rule: &str| {
        let rest = if rule == "rule-a" { original } else { "RUN echo > /blamed" };
        Some(candidate(scene, rule, Origin::Safe, rest))
    };
    let original = candidate(scene, "original", Origin::Original, original);
    prove(&scene.engine, &scene.run, &original, &variants, single, &mut |_| {}).await
}

#[tokio::test]
async fn what_each_build_of_the_original_makes_anew_is_held_against_no_variant() {
    let scene = Scene::new().await;
    let original = "RUN cat /proc/sys/kernel/random/uuid > /stamp\nRUN echo 1 > /x";
    let variants = [
        "RUN cat /proc/sys/kernel/random/uuid > /stamp && echo 1 > /x",
        "RUN cat /proc/sys/kernel/random/uuid > /stamp && echo 2 > /x",
    ];
    let found = proofs(&scene, original, &variants).await.unwrap();
    let Outcome::Compared(same) = &found[0].outcome else { panic!("{found:?}") };
    assert_eq!(same.verdict(), Verdict::Expected, "{same:?}");
    assert_eq!(
        same.files.iter().map(|(_, class)| *class).collect::<Vec<_>>(),
        [Class::Noise(Noise::Unrepeatable)]
    );
    assert!(!found[0].is_refuted());
    let Outcome::Compared(other) = &found[1].outcome else { panic!("{found:?}") };
    assert_eq!(listed(other).last().unwrap(), "/x: other content, 2 B as before");
    assert!(found[1].is_refuted());
    assert_eq!(found[1].culprits, ["rule-b"]);
}

#[tokio::test]
async fn a_variant_that_breaks_the_build_is_refuted_and_an_original_that_does_not_build_is_no_proof() {
    let scene = Scene::new().await;
    let found = proofs(&scene, "RUN true", &["RUN false"]).await.unwrap();
    assert!(matches!(&found[0].outcome, Outcome::Unbuilt(BuildFailure::Step { .. })), "{found:?}");
    assert!(found[0].is_refuted());
    let error = proofs(&scene, "RUN false", &["RUN true"]).await.unwrap_err();
    assert!(matches!(error, ProofError::Original(BuildFailure::Step { .. })), "{error:?}");
}

/// What the binary says in the scene's folder, of the engine that the tests talk to.
fn plimsoll(scene: &Scene, arguments: &[&str]) -> (i32, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(arguments)
        .current_dir(scene.folder.path())
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[tokio::test]
async fn optimize_shows_the_proof_beside_the_diff_and_leaves_nothing_on_the_engine() {
    let mut scene = Scene::new().await;
    let base = "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"--install\", \"/bin\"]\n";
    let rest = "RUN mkdir /a && echo 1 > /a/b\nRUN touch /a/c\nCMD sleep 1\n";
    let label = format!("io.plimsoll.test={}", scene.run);
    scene.file("Dockerfile", &format!("{base}LABEL {label}\n{rest}"));
    scene.file(".dockerignore", "Dockerfile\n.dockerignore\n");
    let (code, diff, said) = plimsoll(&scene, &["optimize", "--prove"]);
    assert_eq!(code, 0, "{said}");
    assert!(diff.contains("+CMD [\"sleep\", \"1\"]"), "{diff}");
    assert!(said.contains("proven identical but for what the rewrites are there for"), "{said}");
    let left = Command::new("docker")
        .args(["images", "-q", "--filter", &format!("label={label}")])
        .output()
        .unwrap();
    assert!(left.status.success() && left.stdout.is_empty(), "{left:?}");
    assert!(said.contains("CMD  [\"/bin/sh\",\"-c\",\"sleep 1\"] → [\"sleep\",\"1\"]"), "{said}");

    let (code, _, said) =
        plimsoll(&scene, &["optimize", "--prove", "--fix-rule", "consecutive-runs", "--apply", "safe"]);
    assert_eq!(code, 0, "{said}");
    assert!(said.contains("proven identical: the same files, the same settings"), "{said}");
    let written = std::fs::read_to_string(scene.path("Dockerfile")).unwrap();
    assert!(written.contains("echo 1 > /a/b &&") && written.contains("CMD sleep 1"), "{written}");

    scene.file("Dockerfile", &format!("{base}RUN false\nCMD sleep 1\n"));
    let (code, diff, said) = plimsoll(&scene, &["optimize", "--prove"]);
    assert_eq!((code, diff.as_str()), (3, ""), "{said}");
    assert!(said.contains("the Dockerfile as it is doesn't build"), "{said}");
}
