//! Facts of whole Dockerfiles.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::{Fact, Facts, MountKind, Origin, Run, Sharing, Shell, Value, derive};
use crate::dockerfile::{Dockerfile, parse};
use crate::graph;
use crate::shell::packages::{PackageManager, Verb};
use crate::text::SourceFile;

/// The tree borrows from its file, which therefore stays for as long as the tests run.
fn read(text: &str) -> (Dockerfile<'static>, Facts) {
    let dockerfile = parse(Box::leak(Box::new(SourceFile::new("Dockerfile", text)))).dockerfile;
    let facts = derive(&dockerfile, &graph::resolve(&dockerfile, &BTreeMap::new()));
    (dockerfile, facts)
}

fn facts(text: &str) -> Facts {
    read(text).1
}

fn known(value: &str) -> Value {
    Value::Known(value.to_owned())
}

/// The variable's value before the last instruction.
fn last_value(text: &str, name: &str) -> Option<String> {
    facts(text).instructions.last().unwrap().before.value(name).map(str::to_owned)
}

#[test]
fn one_env_s_values_do_not_see_one_another_and_args_do() {
    assert_eq!(last_value("FROM scratch\nENV A=1\nENV A=2 B=$A\nUSER x", "B").as_deref(), Some("1"));
    assert_eq!(last_value("FROM scratch\nARG A=1 B=${A}2\nUSER x", "B").as_deref(), Some("12"));
    assert_eq!(last_value("FROM x\nENV A=\"a b\" B='$A'\nENV C=$A\nUSER x", "C").as_deref(), Some("a b"));
}

// The next two were tried on an engine: the values went into labels.

#[test]
fn an_arg_behind_an_env_hides_it_until_the_stage_ends() {
    let text = "FROM scratch AS a\nENV X=1\nARG X=2\nLABEL v=$X\nFROM a\nLABEL v=$X\n";
    let facts = facts(text);
    assert_eq!(facts.instructions[3].before.value("X"), Some("2"));
    assert_eq!(facts.instructions[3].before.variables.get("X").unwrap().origin, Origin::Arg(2));
    assert_eq!(facts.instructions[3].before.variables.env().next().unwrap().1.value, known("1"));
    assert_eq!(facts.instructions[5].before.value("X"), Some("1"));
}

#[test]
fn a_stage_on_a_stage_has_its_arguments_too() {
    assert_eq!(last_value("FROM scratch AS a\nARG Y=1\nFROM a\nUSER x", "Y").as_deref(), Some("1"));
    assert_eq!(last_value("FROM scratch AS a\nARG Y=1\nFROM scratch\nUSER x", "Y"), None);
}

#[test]
fn an_arg_without_a_default_takes_the_global_one_or_leaves_what_was_set() {
    let text = "ARG G=1\nARG H\nFROM scratch\nENV Z=9\nARG G\nARG Z\nARG H\nARG TARGETARCH\nUSER x";
    let before = &facts(text).instructions[8].before;
    assert_eq!((before.value("G"), before.value("Z"), before.value("H")), (Some("1"), Some("9"), None));
    assert_eq!(before.variables.get("G").unwrap().origin, Origin::GlobalArg(0));
    assert_eq!(before.variables.get("Z").unwrap().origin, Origin::Env(3));
    assert_eq!(before.variables.get("H").unwrap().value, Value::Unset);
    assert_eq!(before.variables.get("TARGETARCH").unwrap().value, Value::Unknown);
    assert_eq!(last_value("ARG G=1\nFROM scratch\nUSER x", "G"), None);
}

#[test]
fn what_only_the_build_or_the_base_can_tell_is_unknown() {
    let text = "FROM x\nARG A\nENV P=/bin:$PATH Q=${A:-q} R=$A\nUSER $P\nWORKDIR app\nWORKDIR /a/$A\nUSER x";
    let facts = facts(text);
    let end = &facts.target().unwrap().end;
    assert_eq!(end.variables.get("P").unwrap().value, Value::Unknown);
    assert_eq!(end.variables.get("Q").unwrap().value, known("q"));
    assert_eq!(end.variables.get("R").unwrap().value, Value::Unknown);
    assert_eq!(facts.instructions[4].before.user, Value::Unknown);
    assert_eq!(facts.instructions[3].before.user, Value::Unset);
    assert_eq!(facts.instructions[5].before.workdir, Value::Unknown);
    assert_eq!(end.workdir, Value::Unknown);
}

#[test]
fn working_directories_add_up() {
    let end = |text: &str| facts(text).stages.pop().unwrap().end.workdir.clone();
    assert_eq!(end("FROM x\nWORKDIR /a\nWORKDIR b/./c\nWORKDIR ../d"), known("/a/b/d"));
    assert_eq!(end("FROM scratch\nWORKDIR a"), known("/a"));
    assert_eq!(end("FROM x\nWORKDIR a"), Value::Unknown);
    assert_eq!(end("FROM x AS y\nENV D=/srv\nWORKDIR $D\nFROM y\nWORKDIR e"), known("/srv/e"));
    let facts = facts("FROM x\nWORKDIR /a\nENV F=f\nCOPY . .");
    let before = &facts.instructions[3].before;
    assert_eq!(before.path("$F/../g/", '\\').as_deref(), Some("/a/g"));
    assert_eq!(before.path("$MISSING", '\\'), None);
}

#[test]
fn an_image_s_name_has_its_arguments_put_in() {
    let bases = |text: &str| facts(text).stages.into_iter().map(|stage| stage.base).collect::<Vec<_>>();
    let text = "ARG V=3 D=node\nARG T=${D}:$V\nARG U\nFROM $T AS a\nFROM x:$U\nFROM ${U:-y}\nFROM --platform=$TARGETPLATFORM z-$TARGETARCH";
    assert_eq!(bases(text), [Some("node:3".to_owned()), None, Some("y".to_owned()), None]);
}

#[test]
fn an_entrypoint_drops_the_command_it_came_with_and_not_its_stage_s_own() {
    let end = |text: &str| {
        let end = facts(text).stages.pop().unwrap().end;
        (end.entrypoint, end.cmd)
    };
    assert_eq!(end("FROM x AS a\nCMD a\nFROM a\nENTRYPOINT b"), (Some(3), None));
    assert_eq!(end("FROM x AS a\nCMD a\nFROM a\nCMD c\nENTRYPOINT b"), (Some(4), Some(3)));
    assert_eq!(end("FROM x AS a\nCMD a\nENTRYPOINT b\nFROM a"), (Some(2), Some(1)));
}

#[test]
fn the_target_s_end_is_the_image_s_configuration() {
    let facts = facts(
        "FROM x AS a\nEXPOSE 80/tcp\nUSER app\nHEALTHCHECK CMD a\nFROM a\nENV P=90\nEXPOSE $P 91\nEXPOSE $Q\nHEALTHCHECK NONE",
    );
    let end = &facts.target().unwrap().end;
    assert!(end.ports.iter().map(|(port, ())| port).eq(["80/tcp", "90", "91"]));
    assert_eq!((&end.user, end.healthcheck), (&known("app"), Some(8)));
}

#[test]
fn scripts_are_read_where_a_posix_shell_reads_them() {
    let kinds = |text: &str| {
        let runs = facts(text).instructions.into_iter().map(|facts| match facts.run {
            Run::Nothing => ' ',
            Run::Script(_) => 's',
            Run::Exec(_) => 'e',
            Run::Foreign => 'f',
        });
        runs.collect::<String>()
    };
    assert_eq!(
        kinds("FROM x\nRUN a\nRUN [\"a\"]\nCMD a\nENTRYPOINT a\nHEALTHCHECK CMD a\nUSER a"),
        " sesss "
    );
    assert_eq!(kinds("FROM x\nONBUILD RUN a\nSHELL [\"/bin/bash\", \"-c\"]\nRUN a"), " s s");
    assert_eq!(kinds("FROM x AS y\nSHELL [\"pwsh\"]\nRUN a\nFROM y\nRUN a\nFROM x\nRUN a"), "  f f s");
    assert_eq!(kinds("FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\nCMD [\"a\"]"), " fe");
    assert_eq!(
        kinds("FROM x\nRUN <<E\na\nE\nRUN <<E\n#!/usr/bin/env python3\na\nE\nRUN <<E\n#!/bin/sh\na\nE"),
        " sfs"
    );
    let facts = facts("FROM x\nSHELL [\"bash\", \"-ec\"]\nRUN a");
    assert_eq!(facts.instructions[2].before.shell, Shell::Set(vec!["bash".to_owned(), "-ec".to_owned()], 1));
}

#[test]
fn package_managers_are_found_in_every_form() {
    let text = "FROM x\nRUN apt-get update && apt-get install -y a b; true\nRUN [\"pip\", \"install\", \"c\"]\nRUN [\"sh\", \"-c\", \"apk add d\"]\n";
    let (dockerfile, facts) = read(text);
    let found: Vec<_> = facts
        .instructions
        .iter()
        .flat_map(|facts| {
            let actions = facts.actions();
            actions
                .into_iter()
                .map(|(found, action)| {
                    let words: Vec<&str> = action
                        .packages
                        .iter()
                        .map(|word| text.get(word.range.start()..word.range.end()).unwrap())
                        .collect();
                    (action.manager, action.verb, words.join(" "), found.is_certain())
                })
                .collect::<Vec<_>>()
        })
        .collect();
    assert_eq!(
        found,
        [
            (PackageManager::Apt, Verb::Update, String::new(), true),
            (PackageManager::Apt, Verb::Install, "a b".to_owned(), false),
            (PackageManager::Pip, Verb::Install, "\"c\"".to_owned(), true),
            (PackageManager::Apk, Verb::Install, "d".to_owned(), true),
        ]
    );
    assert_eq!(dockerfile.instructions().count(), facts.instructions.len());
}

#[test]
fn mounts_are_read_with_their_defaults() {
    let text = "FROM x\nWORKDIR /w\nARG U=u\nRUN --mount=type=cache,target=/root/.cache/$U,sharing=locked --mount=target=in,source=a,ro=false --mount=type=secret,id=s,required --mount=\"type=bind\",from=a,dst=/b --mount=type=odd,target=/x a";
    let facts = facts(text);
    let instruction = &facts.instructions[3];
    let [cache, bind, secret, from] = instruction.mounts.as_slice() else {
        panic!("{:?}", instruction.mounts)
    };
    assert_eq!((cache.kind, cache.sharing, cache.read_only), (MountKind::Cache, Sharing::Locked, false));
    assert_eq!(cache.target.as_deref(), Some("/root/.cache/u"));
    assert_eq!(cache.id, cache.target);
    assert_eq!(
        (bind.kind, bind.target.as_deref(), bind.source.as_deref()),
        (MountKind::Bind, Some("/w/in"), Some("a"))
    );
    assert!(!bind.read_only && from.read_only);
    assert_eq!((secret.kind, secret.id.as_deref(), secret.required), (MountKind::Secret, Some("s"), true));
    assert_eq!((from.from.as_deref(), from.target.as_deref()), (Some("a"), Some("/b")));
    assert!(instruction.is_mounted("/root/.cache/u/x") && instruction.is_mounted("/b"));
    assert!(!instruction.is_mounted("/root/.cache/ux") && !instruction.is_mounted("/"));
}

#[test]
fn what_the_target_is_built_on_is_shipped_and_the_rest_is_not() {
    let (dockerfile, facts) = read("FROM x AS a\nRUN a\nFROM y AS b\nRUN b\nFROM a AS c\nRUN c");
    let shipped: Vec<bool> = facts.stages.iter().map(|stage| stage.shipped).collect();
    assert_eq!(shipped, [true, false, true]);
    assert_eq!(facts.stages[2].parent, Some(0));
    assert_eq!(facts.stages[1].instructions, [2, 3]);
    let all: Vec<Fact<'_>> = facts.all(&dockerfile).collect();
    assert!(facts.is_shipped(&all[1]) && !facts.is_shipped(&all[3]));
    assert!(!facts.is_reached(&all[3]) && facts.is_reached(&all[5]));
    assert_eq!(self::facts("ARG A=1").target, None);
}

proptest! {
    #[test]
    fn any_file_has_facts_for_each_instruction(
        lines in prop::collection::vec(
            prop_oneof![
                Just("FROM x AS a"), Just("FROM a"), Just("FROM $A"), Just("FROM"), Just("ARG A=${A:-1}"),
                Just("ENV A=$B B=$A"), Just("WORKDIR $A/.."), Just("RUN --mount=type=cache,\"target=$A a"),
                Just("SHELL []"), Just("USER ${"), Just("EXPOSE $A"), Just("ONBUILD RUN a"), Just("RUN <<E\n#!\nE"),
                Just("ENTRYPOINT []"), Just("CMD [\"sh\", \"-c\", \"a && b\"]"), Just("COPY --from=a / /"),
            ],
            0..14,
        ),
    ) {
        let (dockerfile, facts) = read(&lines.join("\n"));
        prop_assert_eq!(facts.instructions.len(), dockerfile.instructions().count());
        for instruction in &facts.instructions {
            instruction.actions();
        }
    }
}
