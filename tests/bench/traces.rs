//! What a run has on the engine, and in the machine's list of processes.

use std::collections::HashMap;
use std::fs;
use std::sync::LazyLock;
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::{ListContainersOptions, ListImagesOptions};
use tokio::runtime::Runtime;

use super::project::Project;

fn docker() -> Docker {
    Docker::connect_with_defaults().unwrap()
}

/// Drives what talks to an engine. Its connections live on between two calls.
pub(crate) fn block_on<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());
    RUNTIME.block_on(work)
}

/// Containers of the run and their states, as `ID state`.
pub(crate) fn containers(run: &str) -> Vec<String> {
    let filters = HashMap::from([("label".to_owned(), vec![format!("io.plimsoll.run={run}")])]);
    let options =
        ListContainersOptions { all: true, filters: Some(filters), ..ListContainersOptions::default() };
    let containers = block_on(docker().list_containers(Some(options))).unwrap();
    let in_words =
        |state: Option<_>| state.map_or_else(String::new, |state| format!("{state:?}").to_lowercase());
    containers
        .into_iter()
        .map(|container| format!("{} {}", container.id.unwrap_or_default(), in_words(container.state)))
        .collect()
}

/// Images that carry the run's label or its name.
pub(crate) fn images(run: &str) -> Vec<String> {
    let options = ListImagesOptions { all: true, digests: true, ..ListImagesOptions::default() };
    let images = block_on(docker().list_images(Some(options))).unwrap();
    images
        .into_iter()
        .filter(|image| {
            let named = image.repo_tags.iter().chain(&image.repo_digests).any(|name| name.contains(run));
            named || image.labels.get("io.plimsoll.run").is_some_and(|owner| owner == run)
        })
        .map(|image| format!("{} {:?} {:?}", image.id, image.repo_tags, image.repo_digests))
        .collect()
}

/// Asserts that nothing of the only run is left, now and a while later: an engine may still be answering a request whose
/// sender is gone.
#[track_caller]
pub(crate) fn assert_nothing_left(project: &Project) {
    let run = project.run_id();
    for _ in 0..2 {
        assert_eq!(containers(&run), [""; 0]);
        assert_eq!(images(&run), [""; 0]);
        let registry = project.run_folder().join("registry");
        assert!(!registry.exists(), "{} is left", registry.display());
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// Whether a process of this machine has `word` among its arguments: engines of this machine show theirs.
pub(crate) fn process_runs(word: &str) -> bool {
    let processes = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    processes
        .filter_map(|process| fs::read(process.path().join("cmdline")).ok())
        .any(|arguments| arguments.split(|byte| *byte == 0).any(|argument| argument == word.as_bytes()))
}
