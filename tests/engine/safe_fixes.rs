//! The linter's safe fixes, proven: each is built before and after, and the two images hold the same files and settings,
//! or differ in exactly what the rule's page names.
//!
//! apt and dpkg are Debian's own, with a repository in the image; so are useradd, chown and the shells. apk, dnf, pip
//! and the other managers are stood in for by a script that installs a file and keeps another in the manager's cache
//! unless it is told not to: what is proven of those is that the edit means what it says to the shell and to BuildKit,
//! and that the cache is all that goes.

#[path = "safe_fixes/cases.rs"]
mod cases;

use std::collections::BTreeSet;
use std::path::Path;

use futures_util::StreamExt as _;
use plimsoll::context::BuildContext;
use plimsoll::engine::BuildRequest;
use plimsoll::lint::{self, Applied, Effect, Profile, Safety, Selector, Settings};
use plimsoll::rewrite::proof::{Class, Comparison, compare};
use plimsoll::text::SourceFile;

use crate::{Scene, quiet};
use cases::{Base, CASES, Case};

/// Builds at one time. BuildKit itself runs side by side what it can.
const AT_ONCE: usize = 3;

/// Busybox, with the managers that are stood in for.
const BUSYBOX: &str = "FROM scratch AS base
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"/bin\"]
COPY manager /usr/bin/
RUN mkdir -p /tmp /usr/share/tool && chmod 755 /usr/bin/manager && echo tool > /usr/share/tool/file && cd /usr/share \\
 && for name in apk dnf microdnf yum zypper pip npm yarn conda composer curl wget; do ln -s manager /usr/bin/$name; done \\
 && tar -czf /usr/share/tool.tar.gz tool && printf 'root:x:0:0::/:/bin/sh\\n' > /etc/passwd
";

/// Debian with a repository of its own, so that apt asks nobody.
const APT: &str = "FROM debian:trixie-slim AS base
RUN mkdir /repository && cd /repository && rm -rf /etc/apt/sources.list* && for name in alpha beta gamma; do \\
      mkdir -p /tmp/$name/DEBIAN /tmp/$name/usr/share/$name && echo $name > /tmp/$name/usr/share/$name/file \\
      && printf 'Package: %s\\nVersion: 1.0\\nArchitecture: all\\nMaintainer: nobody <nobody@example.org>\\nDescription: nothing\\n' \\
           $name > /tmp/$name/DEBIAN/control \\
      && dpkg-deb --build --root-owner-group /tmp/$name $name.deb \\
      && { dpkg-deb -f $name.deb; echo Filename: ./$name.deb; echo Size: $(stat -c %s $name.deb); \\
           echo SHA256: $(sha256sum $name.deb | cut -d' ' -f1); echo; } >> Packages; rm -r /tmp/$name; done \\
 && echo 'deb [trusted=yes] copy:/repository ./' > /etc/apt/sources.list
";

/// The managers and downloaders that are stood in for, by the name they are called under.
const MANAGER: &str = r#"#!/bin/sh
set -e
name=${0##*/}
case $name in
curl | wget)
    for word; do case $last in -o | -O | --output) [ "$word" = "${word#http}" ] && file=$word ;; esac; last=$word; done
    cp /usr/share/tool.tar.gz "${file:-${last##*/}}"
    exit ;;
apk) cache=/var/cache/apk ;;
dnf | microdnf | yum) cache=/var/cache/$name ;;
zypper) cache=/var/cache/zypp/packages ;;
pip) cache=$HOME/.cache/pip/http ;;
npm) cache=$HOME/.npm/_cacache ;;
yarn) cache=/usr/local/share/.cache/yarn/v6 ;;
conda) cache=/opt/conda/pkgs ;;
composer) cache=$HOME/.composer/cache ;;
esac
keep=yes
for word; do
    case $word in
    --no-cache | --no-cache-dir) keep= ;;
    clean | clear-cache) rm -rf "$cache"/*; exit ;;
    -*) ;;
    *) mkdir -p "/installed/$name" && touch "/installed/$name/${word##*/}" ;;
    esac
done
# What fetched the index and what installed is the same behind the install.
rm -f /installed/apk/update
if [ $keep ]; then mkdir -p "$cache" && echo downloaded > "$cache/download"; fi
"#;

/// What came of a case: what is wrong, if anything.
async fn prove(scene: &Scene, number: usize, case: &Case) -> Result<(), String> {
    let (before, after, applied) = fixed(scene, case)?;
    let images = ["before", "after"].map(|name| scene.run.image(&format!("{number}-{name}")));
    let began = std::time::Instant::now();
    for (text, image) in [before, after].iter().zip(&images) {
        let request = BuildRequest {
            dockerfile: text.clone().into_bytes(),
            tag: Some(image.clone()),
            ..scene.request("", "")
        };
        scene.engine.build(&request, quiet).await.map_err(|failure| format!("{failure}\n{text}"))?;
    }
    eprintln!("{number} {} {}: built {:?}", case.rule, case.form, began.elapsed());
    let effects: Vec<Effect> = applied.into_iter().flat_map(|applied| applied.effects).collect();
    let found =
        compare(&scene.engine, &images[0], &images[1], &effects).await.map_err(|error| error.to_string())?;
    eprintln!("{number} {} {}: compared {:?}", case.rule, case.form, began.elapsed());
    let expected: BTreeSet<String> = case.differs.iter().map(|&difference| difference.to_owned()).collect();
    let differs = differs(&found);
    (differs == expected).then_some(()).ok_or_else(|| format!("{differs:#?} differ, not {expected:#?}"))
}

/// The Dockerfile before and after its fixes, all of the rule's own.
fn fixed(scene: &Scene, case: &Case) -> Result<(String, String, Vec<Applied>), String> {
    let prelude = match case.base {
        Base::Busybox => BUSYBOX,
        Base::Apt => APT,
        Base::Debian => "",
    };
    let before = format!("{prelude}{}", case.text);
    let source = SourceFile::new("Dockerfile", before.clone());
    let context = BuildContext::read(scene.folder.path(), Path::new("Dockerfile"), 1000).unwrap();
    let rule = lint::find(case.rule).ok_or("there is no such rule")?;
    let settings =
        Settings { profile: Profile::All, fixable: Some(vec![Selector::of(rule)]), ..Settings::default() };
    let fixed = lint::fix(&source, Some(&context), &settings, Safety::Safe);
    if fixed.applied.len() != case.fixes {
        return Err(format!(
            "{} fixes instead of {}:\n{}",
            fixed.applied.len(),
            case.fixes,
            fixed.source.text()
        ));
    }
    Ok((before, fixed.source.text().to_owned(), fixed.applied))
}

/// What differs, noise aside: paths and the names of settings, those that the fix isn't there for marked.
fn differs(comparison: &Comparison) -> BTreeSet<String> {
    let files = comparison.files.iter().map(|(found, class)| (&found.path, class));
    let settings = comparison.settings.iter().map(|(found, class)| (&found.name, class));
    let marked = |(name, class): (&String, &Class)| match class {
        Class::Noise(_) => None,
        Class::Intended => Some(name.clone()),
        Class::Unexpected => Some(format!("{name}, which it is not there for")),
    };
    files.chain(settings).filter_map(marked).collect()
}

#[tokio::test]
async fn every_safe_fix_leaves_the_image_as_it_was_but_for_what_its_page_names() {
    let mut scene = Scene::new().await;
    scene.file("manager", MANAGER);
    for (path, text) in cases::CONTEXT {
        scene.file(path, text);
    }
    let has_debian = scene.engine.inspect("debian:trixie-slim").await.is_ok();
    let runs = |case: &&(usize, &Case)| has_debian || case.1.base == Base::Busybox;
    let cases: Vec<(usize, &Case)> = CASES.iter().enumerate().collect();
    let (running, skipped): (Vec<_>, Vec<_>) = cases.iter().partition::<Vec<_>, _>(runs);
    if !skipped.is_empty() {
        eprintln!(
            "{} cases skipped: the engine has no debian:trixie-slim, which setup/bases.sh makes",
            skipped.len()
        );
    }
    let scene = &scene;
    let proofs = futures_util::stream::iter(&running).map(async |(number, case)| {
        let outcome = prove(scene, *number, case).await;
        outcome.map_err(|wrong| format!("{} ({}): {wrong}", case.rule, case.form))
    });
    let outcomes: Vec<Result<(), String>> = proofs.buffer_unordered(AT_ONCE).collect().await;
    let wrong: Vec<String> = outcomes.into_iter().filter_map(Result::err).collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), running.len(), wrong.join("\n"));
}

#[test]
fn every_rule_with_a_safe_fix_is_proven() {
    let proven: BTreeSet<&str> = CASES.iter().map(|case| case.rule).collect();
    let safe: BTreeSet<&str> = lint::catalogue()
        .iter()
        .filter(|rule| rule.fix == Some(Safety::Safe))
        .map(|rule| rule.name)
        .collect();
    assert_eq!(proven, safe, "tests/engine/safe_fixes/cases.rs has a case for each rule with a safe fix");
    assert!(CASES.len() >= 40, "{}", CASES.len());
}
