//! The graph of every real file that is at hand: in the folder that `PLIMSOLL_SHARED` names, or in `../shared`.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use plimsoll::dockerfile::{Body, parse};
use plimsoll::graph::render::{Format, render};
use plimsoll::graph::{Base, GraphIssueKind as Kind, resolve};
use plimsoll::text::SourceFile;

#[test]
fn real_files_have_a_graph_with_a_known_base_for_every_stage() {
    let folder =
        std::env::var_os("PLIMSOLL_SHARED").map_or_else(|| PathBuf::from("../shared"), PathBuf::from);
    let Ok(entries) = fs::read_dir(folder.join("corpus/files")) else {
        eprintln!("skipped: {} is not there", folder.join("corpus/files").display());
        return;
    };
    let (mut stages, mut edges, mut issues) = (0, 0, BTreeMap::<String, usize>::new());
    for path in entries.map(|entry| entry.unwrap().path()) {
        let source = SourceFile::new(path.display().to_string(), fs::read(&path).unwrap());
        let parsed = parse(&source);
        let graph = resolve(&parsed.dockerfile, &BTreeMap::new());
        let froms = parsed.dockerfile.instructions().filter(|one| matches!(one.body, Body::From(_))).count();
        if !parsed.errors.is_empty() {
            continue;
        }
        assert_eq!(graph.stages.len(), froms, "{}", source.path());
        for stage in &graph.stages {
            let unknown = matches!(stage.base, Base::Unresolved { .. });
            let said = graph.issues.iter().any(|issue| {
                let kind = &issue.kind;
                issue.stage == stage.index
                    && matches!(kind, Kind::BlankBase { .. } | Kind::Expansion { .. } | Kind::Unset { .. })
            });
            assert!(said || !unknown, "{}: {stage:?}", source.path());
        }
        let target = graph.target(None).unwrap();
        for format in [Format::Text, Format::Mermaid, Format::Dot, Format::Svg, Format::Json] {
            assert!(
                render(&graph, &parsed.dockerfile, &source, target, format).ends_with('\n'),
                "{}",
                source.path()
            );
        }
        stages += graph.stages.len();
        edges += graph.edges.len();
        for issue in &graph.issues {
            let kind = format!("{:?}", issue.kind);
            *issues.entry(kind.split([' ', '{']).next().unwrap_or_default().to_owned()).or_default() += 1;
        }
    }
    eprintln!("{stages} stages, {edges} edges, issues: {issues:?}");
}
