//! What an edit makes run again is what BuildKit then doesn't report as cached, instruction by instruction.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::time::{Duration, SystemTime};

use plimsoll::engine::ImageStore;
use plimsoll::facts::invalidation::{Changes, Fate};

use crate::steps::{Project, vertices};

/// One edit of a project that was built before.
struct Edit {
    name: &'static str,
    apply: fn(&mut Project),
    /// What is said to have changed: paths and arguments.
    changes: [&'static [&'static str]; 2],
    /// Whether a command that runs again makes other files than before.
    comes_out: ComesOut,
}

#[derive(Clone, Copy, PartialEq)]
enum ComesOut {
    Different,
    Same,
}

const NOTHING: &[&str] = &[];

fn edit(name: &'static str, paths: &'static [&'static str], edit: fn(&mut Project)) -> Edit {
    Edit { name, apply: edit, changes: [paths, NOTHING], comes_out: ComesOut::Different }
}

fn argument(name: &'static str, arguments: &'static [&'static str], edit: fn(&mut Project)) -> Edit {
    Edit { changes: [NOTHING, arguments], ..self::edit(name, NOTHING, edit) }
}

impl Edit {
    fn same(self) -> Self {
        Self { comes_out: ComesOut::Same, ..self }
    }
}

/// Builds the project, then each edit of it by itself, and holds what runs against what was said. The edits' files and
/// arguments are taken back in between.
async fn hold(project: &mut Project, target: Option<&str>, edits: &[Edit]) {
    let mut wrong = Vec::new();
    project.build(target).await.unwrap();
    let ran = project.build(target).await.unwrap();
    let ran = vertices(ran.iter().filter(|step| !step.cached && is_work(&step.name)));
    assert!(ran.is_empty(), "with nothing changed: {ran:?}");
    for edit in edits {
        let before = (project.dockerfile.clone(), project.build_args.clone());
        let kept = tempfile::tempdir().unwrap();
        copy(project.folder.path(), kept.path());
        (edit.apply)(project);
        let [paths, arguments] =
            edit.changes.map(|names| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
        let known = project.known();
        let said = known.predict(target, &Changes { paths, arguments, ..Changes::default() });
        let counted = said.steps.iter().filter(|step| match step.fate() {
            Fate::Runs => true,
            Fate::MayRun => edit.comes_out == ComesOut::Different,
            Fate::Cached => false,
        });
        let mut expected = known.names(&said.steps, counted);
        expected.retain(|name| name != "FROM");
        let ran = project
            .build(target)
            .await
            .map(|steps| vertices(steps.iter().filter(|step| !step.cached && is_work(&step.name))));
        if ran.as_ref() != Ok(&expected) {
            wrong.push(format!("{}\n  said {expected:?}\n  ran  {ran:?}", edit.name));
        }
        (project.dockerfile, project.build_args) = before;
        fs::remove_dir_all(project.folder.path()).unwrap();
        copy(kept.path(), project.folder.path());
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), edits.len(), wrong.join("\n"));
}

/// A base is looked up anew by every build, and whether that counts as cached differs between engines.
fn is_work(vertex: &str) -> bool {
    !vertex.contains("] FROM ")
}

/// Copies a folder as it is: links, modes and times included.
fn copy(from: &std::path::Path, to: &std::path::Path) {
    let status = std::process::Command::new("cp").arg("-a").arg(from.join(".")).arg(to).status();
    // `cp` makes the folder itself where it is gone.
    assert!(status.unwrap().success());
}

const APPLICATION: &str = r"ARG FLAVOUR=plain
FROM plimsoll/base AS plain
FROM plimsoll/base AS fancy
RUN echo fancy > /flavour

FROM plimsoll/base AS deps
WORKDIR /app
COPY package.json lock.json ./
RUN cat package.json lock.json > installed

FROM deps AS build
ARG VERSION=1
ARG UNUSED
COPY src src
RUN cat src/main.js src/deep/*.js installed > bundle; echo ${VERSION} >> bundle
ARG LATE=1
LABEL version=${VERSION}
RUN echo always the same > fixed

FROM plimsoll/base AS web
ENV NAME=web
COPY conf.d/*.conf /etc/
COPY tool.sh link.txt /bin/
ARG MODE=production
ENV MODE_IS=${MODE}
COPY --from=build /app/bundle /srv/
COPY --from=build /app/fixed /srv/
COPY --from=deps /app/package.json /srv/
RUN --mount=type=bind,source=scripts,target=/scripts ls /scripts/*.sh > /list
";

fn application(project: &Project) {
    for path in [
        "package.json",
        "lock.json",
        "src/main.js",
        "src/deep/a.js",
        "src/deep/b.js",
        "conf.d/one.conf",
        "conf.d/two.conf",
        "conf.d/notes.txt",
        "scripts/a.sh",
        "target.txt",
        "other.txt",
        "docs/guide.md",
        "tool.sh",
    ] {
        project.file(path, path);
    }
    symlink("target.txt", project.path("link.txt")).unwrap();
    fs::write(project.path(".dockerignore"), "docs\n**/*.log\n!src/keep.log\n").unwrap();
}

#[tokio::test]
async fn an_edited_file_runs_again_what_takes_it_and_what_stands_on_that() {
    let mut project = Project::new(APPLICATION).await;
    application(&project);
    let edits = [
        edit("a source file", &["src/main.js"], |project| project.file("src/main.js", "new")),
        edit("a source file that is new", &["src/new.js"], |project| project.file("src/new.js", "new"))
            .same(),
        edit("a source file that is gone", &["src/deep/b.js"], |project| {
            fs::remove_file(project.path("src/deep/b.js")).unwrap();
        }),
        edit("the lock file", &["lock.json"], |project| project.file("lock.json", "new")),
        edit("a file that is copied on from an earlier stage", &["package.json"], |project| {
            project.file("package.json", "new");
        }),
        edit("an ignored file", &["docs/guide.md"], |project| project.file("docs/guide.md", "new")),
        edit("a file that a pattern with any depth ignores", &["src/deep/x.log"], |project| {
            project.file("src/deep/x.log", "new");
        }),
        edit("an ignored file that is taken back", &["src/keep.log"], |project| {
            project.file("src/keep.log", "new");
        })
        .same(),
        edit("a file that nothing takes", &["other.txt"], |project| project.file("other.txt", "new")),
        edit("a file that a pattern takes", &["conf.d/one.conf"], |project| {
            project.file("conf.d/one.conf", "new");
        }),
        edit("a new file that a pattern takes", &["conf.d/three.conf"], |project| {
            project.file("conf.d/three.conf", "new");
        }),
        edit("a file beside those that a pattern takes", &["conf.d/notes.txt"], |project| {
            project.file("conf.d/notes.txt", "new");
        }),
        edit("a mode", &["tool.sh"], |project| {
            fs::set_permissions(project.path("tool.sh"), fs::Permissions::from_mode(0o755)).unwrap();
        }),
        // An engine that has the directory from before sets its mode and doesn't look at its content again:
        // tonistiigi/fsutil, diskwriter.go, HandleChange.
        edit("a directory's mode", NOTHING, |project| {
            fs::set_permissions(project.path("src/deep"), fs::Permissions::from_mode(0o700)).unwrap();
        }),
        edit("a time and nothing else", NOTHING, |project| {
            let then = SystemTime::now() - Duration::from_secs(100_000);
            fs::File::options()
                .write(true)
                .open(project.path("src/main.js"))
                .unwrap()
                .set_modified(then)
                .unwrap();
        }),
        edit("where a link leads", &["link.txt"], |project| {
            fs::remove_file(project.path("link.txt")).unwrap();
            symlink("other.txt", project.path("link.txt")).unwrap();
        }),
        edit("what a link leads to", &["target.txt"], |project| project.file("target.txt", "new")),
        edit("a mounted file", &["scripts/a.sh"], |project| project.file("scripts/a.sh", "new")),
        edit("a new mounted file", &["scripts/b.sh"], |project| project.file("scripts/b.sh", "new")),
        edit("a directory's name", &["src/deep", "src/deeper"], |project| {
            fs::rename(project.path("src/deep"), project.path("src/deeper")).unwrap();
            fs::create_dir(project.path("src/deep")).unwrap();
            project.file("src/deep/c.js", "new");
        }),
        edit("several files at once", &["lock.json", "conf.d/two.conf"], |project| {
            project.file("lock.json", "newer");
            project.file("conf.d/two.conf", "newer");
        }),
    ];
    hold(&mut project, None, &edits).await;
}

#[tokio::test]
async fn another_argument_runs_again_what_has_it_in_its_words_or_environment() {
    let mut project = Project::new(ARGUMENTS).await;
    for path in ["one.txt", "two.txt"] {
        project.file(path, path);
    }
    let edits = [
        argument("one that a command reads", &["READ"], |project| give(project, "READ")).same(),
        argument("one that no command reads", &["UNREAD"], |project| give(project, "UNREAD")).same(),
        argument("one without a default", &["BARE"], |project| give(project, "BARE")).same(),
        argument("one declared late", &["LATE"], |project| give(project, "LATE")),
        argument("one in a source", &["SOURCE"], |project| {
            project.build_args.insert("SOURCE".into(), "two".into());
        }),
        argument("one in a destination", &["PLACE"], |project| give(project, "PLACE")).same(),
        argument("one in a label alone", &["TITLE"], |project| give(project, "TITLE")),
        argument("one that an ENV hides", &["HIDDEN"], |project| give(project, "HIDDEN")),
        argument("one that an ENV hands on", &["HANDED"], |project| give(project, "HANDED")).same(),
        argument("one in a directory's name", &["FOLDER"], |project| give(project, "FOLDER")).same(),
        argument("one that picks the base", &["BASE"], |project| {
            project.build_args.insert("BASE".into(), "second".into());
            project.dockerfile = project.dockerfile.replace("ARG BASE=first", "ARG BASE=second");
        }),
        argument("a global one that no stage takes in", &["GLOBAL"], |project| give(project, "GLOBAL")),
        argument("a global one that a stage takes in", &["SHARED"], |project| give(project, "SHARED")),
        argument("one of a stage that is not needed", &["ELSEWHERE"], |project| give(project, "ELSEWHERE")),
        argument("one that nothing declares", &["NOBODY"], |project| give(project, "NOBODY")),
        argument("a proxy's address", &["HTTP_PROXY"], |project| {
            project.build_args.insert("HTTP_PROXY".into(), "http://127.0.0.1:9".into());
        }),
    ];
    hold(&mut project, Some("last"), &edits).await;
}

fn give(project: &mut Project, name: &str) {
    project.build_args.insert(name.to_owned(), format!("given-{}", name.to_lowercase()));
}

const ARGUMENTS: &str = r"ARG BASE=first
ARG GLOBAL=1
ARG SHARED=1
FROM plimsoll/base AS first
RUN echo first > /first

FROM plimsoll/base AS second
RUN echo second > /first

FROM plimsoll/base AS elsewhere
ARG ELSEWHERE=1
RUN echo $ELSEWHERE

FROM plimsoll/base AS one
RUN echo before > /before
ARG READ=1
RUN echo $READ > /read
ARG UNREAD=1
ARG BARE
RUN echo nothing of it > /unread

FROM plimsoll/base AS two
ARG SOURCE=one
ARG PLACE=/place
ARG TITLE=title
COPY ${SOURCE}.txt /source
COPY two.txt ${PLACE}
LABEL title=${TITLE}

FROM plimsoll/base AS three
ARG HIDDEN=1
ENV HIDDEN=2
ARG SHARED
RUN echo $HIDDEN $SHARED > /three
ARG FOLDER=/folder
WORKDIR ${FOLDER}
COPY one.txt .
RUN pwd

FROM plimsoll/base AS four
ARG HANDED=1
ENV HANDS=${HANDED}
COPY two.txt /two

FROM four AS five
COPY one.txt /one
RUN echo five > /five

FROM ${BASE} AS last
COPY --from=second /first /second
COPY --from=one /unread /
COPY --from=two /source /
COPY --from=three /three /
COPY --from=five /five /
RUN echo last > /last
ARG LATE=1
RUN echo later > /later
";

#[tokio::test]
async fn the_text_and_the_bases_count_and_what_comes_out_the_same_does_not() {
    let text = r"# A comment.
FROM plimsoll/base AS tools
COPY seed.txt /seed.txt
RUN wc -l < /seed.txt > /lines

FROM plimsoll/other AS built
COPY --from=tools /lines /
RUN cat /lines > /built

FROM plimsoll/base AS last
COPY --from=plimsoll/other /given /given
RUN --mount=type=bind,from=tools,source=/lines,target=/mnt/lines cat /mnt/lines > /counted
COPY --from=built /built /
";
    let mut project = Project::new(text).await;
    let run = project.scene.run.clone();
    let other = |content: &str| format!("RUN echo {content} {run} > /other; echo given > /given");
    project.image("other", &other("old")).await;
    project.dockerfile = project.dockerfile.replace("plimsoll/other", &project.scene.run.image("other"));
    project.file("seed.txt", "one");
    let edits = [
        edit("a comment", NOTHING, |project| {
            project.dockerfile = project.dockerfile.replace("# A comment.", "# Another.\n\n# And more.");
        }),
        edit("blanks", NOTHING, |project| {
            project.dockerfile = project.dockerfile.replace("RUN cat", "run   cat");
        }),
        edit("a stage's name", NOTHING, |project| {
            project.dockerfile = project.dockerfile.replace("tools", "instruments");
        }),
        edit("a file whose command makes the same of it", &["seed.txt"], |project| {
            project.file("seed.txt", "two");
        })
        .same(),
        edit("a file whose command makes something else of it", &["seed.txt"], |project| {
            project.file("seed.txt", "two\nthree");
        }),
    ];
    hold(&mut project, None, &edits).await;
    // The base is another image from here on. What is taken from it is the same, so what only may run is cached.
    project.image("other", &other("new")).await;
    let known = project.known();
    let changes = Changes { images: vec![project.scene.run.image("other")], ..Changes::default() };
    let said = known.predict(None, &changes);
    let mut expected = known.names(&said.steps, said.with(Fate::Runs));
    expected.retain(|name| name != "FROM");
    assert_eq!(expected, ["built 2 COPY", "built 3 RUN"]);
    assert!(said.with(Fate::MayRun).count() >= 3, "{said:#?}");
    let ran = project.build(None).await.unwrap();
    assert_eq!(vertices(ran.iter().filter(|step| !step.cached && is_work(&step.name))), expected);
}

#[tokio::test]
async fn what_a_copy_excludes_runs_nothing_again() {
    let text = r"FROM scratch AS other
FROM plimsoll/base AS last
COPY --exclude=*.md --exclude=docs/deep . /all/
COPY --exclude=**/*.md docs /docs/
COPY --exclude=named.md named.md /named/
";
    let mut project = Project::new(text).await;
    for path in ["named.md", "top.txt", "docs/a.md", "docs/a.txt", "docs/deep/b.md", "docs/deep/b.txt"] {
        project.file(path, path);
    }
    if project.build(None).await.is_err_and(|failure| failure.contains("exclude")) {
        eprintln!("skipped: the frontend of this engine doesn't know --exclude");
        return;
    }
    let edits = [
        edit("excluded by all but the one that names it", &["named.md"], |project| {
            project.file("named.md", "new");
        }),
        edit("excluded by the pattern at any depth", &["docs/a.md"], |project| {
            project.file("docs/a.md", "new");
        }),
        edit("excluded by both", &["docs/deep/b.md"], |project| project.file("docs/deep/b.md", "new")),
        edit("excluded by its directory", &["docs/deep/b.txt"], |project| {
            project.file("docs/deep/b.txt", "new");
        }),
        edit("not excluded", &["docs/a.txt"], |project| project.file("docs/a.txt", "new")),
    ];
    hold(&mut project, None, &edits).await;
}

#[tokio::test]
async fn what_later_frontends_know_runs_again_as_said() {
    let text = r"FROM plimsoll/base AS files
COPY first.txt /first.txt
COPY --link linked.txt /linked/
COPY --link --chmod=600 moded.txt /moded/
COPY <<greeting <<'farewell' /said/
hello ${WHO}
greeting
bye ${WHO}
farewell
ARG WHO=world
COPY <<greeting /later/
hello ${WHO}
greeting
COPY --link <<plain /links/
nothing
plain

FROM scratch AS last
COPY --from=files /linked/linked.txt /
COPY --from=files /first.txt /
";
    let project = Project::new(text).await;
    if project.engine_age() < 23 {
        eprintln!("skipped: the frontend of this engine has neither heredocs nor --link");
        return;
    }
    let merges = matches!(project.scene.engine.info().store, ImageStore::Containerd(_));
    if !merges {
        eprintln!(
            "skipped: without containerd's store --link stands on the step before it, so it is left out"
        );
    }
    for target in ["files", "last"] {
        let mut project =
            Project::new(&if merges { text.to_owned() } else { text.replace("--link ", "") }).await;
        for path in ["first.txt", "linked.txt", "moded.txt"] {
            project.file(path, path);
        }
        let edits = [
            edit("a linked file", &["linked.txt"], |project| project.file("linked.txt", "new")),
            edit("a file below linked layers", &["first.txt"], |project| project.file("first.txt", "new")),
            argument("an argument in a heredoc", &["WHO"], |project| give(project, "WHO")),
        ];
        hold(&mut project, Some(target), &edits).await;
    }
}
