//! The world failing around a run: the engine goes away, the disk is full.

use std::io;
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use plimsoll::engine::{Address, Endpoint, Environment};

use super::project::{Ended, FAST, Project, Running, SERVER, count, result, samples};
use super::traces::{assert_nothing_left, containers, images, process_runs};

/// A socket that leads to the engine until it is cut.
struct Cable {
    socket: PathBuf,
    ends: Arc<Mutex<Vec<UnixStream>>>,
}

impl Cable {
    /// None where the engine is not reached through a socket.
    fn plug(socket: PathBuf) -> Option<Self> {
        let Address::Unix(engine) = Endpoint::discover(&Environment::of_process()).unwrap().address else {
            return None;
        };
        let listener = UnixListener::bind(&socket).unwrap();
        let ends = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&ends);
        thread::spawn(move || {
            for near in listener.incoming() {
                let (near, far) = (near.unwrap(), UnixStream::connect(&engine).unwrap());
                kept.lock().unwrap().extend([near.try_clone().unwrap(), far.try_clone().unwrap()]);
                pump(near.try_clone().unwrap(), far.try_clone().unwrap());
                pump(far, near);
            }
        });
        Some(Self { socket, ends })
    }

    /// Breaks every connection; no new one comes about.
    fn cut(&self) {
        std::fs::remove_file(&self.socket).unwrap();
        for end in self.ends.lock().unwrap().iter() {
            let _ = end.shutdown(Shutdown::Both);
        }
    }
}

fn pump(mut from: UnixStream, mut to: UnixStream) {
    thread::spawn(move || {
        let _ = io::copy(&mut from, &mut to);
        let _ = to.shutdown(Shutdown::Write);
    });
}

/// Runs the project behind a cable that is cut as soon as `is_reached`, and asserts that this is told well.
fn cut_when(project: &Project, is_reached: impl Fn(&mut Running)) {
    let Some(cable) = Cable::plug(project.path("engine.sock")) else {
        eprintln!("skipped: the engine is not reached through a socket");
        return;
    };
    let address = format!("unix://{}", cable.socket.display());
    let mut run =
        project.start_with(project.command(&["bench", "--blocks", "500"]).env("DOCKER_HOST", &address));
    is_reached(&mut run);
    cable.cut();
    let ended = run.wait();
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&["lost the engine at", &address, "docker info", "plimsoll clean"]);
    let folder = project.run_folder();
    assert_eq!(result(&folder)["interrupted"], true);
    assert!(!folder.join("registry").exists());

    let cleaned = project.run(&["clean", &project.run_id()]);
    assert_eq!(cleaned.code, Some(0), "{cleaned:#?}");
    assert_nothing_left(project);
}

#[test]
fn an_engine_that_goes_away_during_a_build_is_reported_as_lost() {
    let seconds = format!("601.{}", std::process::id());
    let dockerfile = format!(
        "FROM scratch\nCOPY busybox /bin/busybox\nRUN [\"/bin/busybox\", \"sleep\", \"{seconds}\"]\n"
    );
    let project = Project::new(&dockerfile);
    cut_when(&project, |run| run.wait_until("its RUN", || process_runs(&seconds)));
}

#[test]
fn an_engine_that_goes_away_between_measurements_is_reported_as_lost_and_the_samples_are_kept() {
    let project = Project::new(SERVER).file("plimsoll.toml", FAST);
    let has_sample =
        || !project.runs().is_empty() && count(&samples(&project.run_folder()), "serve.cold") > 0;
    cut_when(&project, |run| run.wait_until("a sample", has_sample));
    assert!(has_sample());
}

#[test]
fn an_engine_that_goes_away_during_a_start_is_reported_as_lost() {
    let seconds = format!("602.{}", std::process::id());
    let mute = format!("CMD [\"/bin/busybox\", \"sleep\", \"{seconds}\"]");
    let dockerfile = SERVER.lines().take(4).chain([mute.as_str(), ""]).collect::<Vec<_>>().join("\n");
    let project = Project::new(&dockerfile).file("plimsoll.toml", FAST);
    cut_when(&project, |run| run.wait_until("its container", || process_runs(&seconds)));
}

/// A file system in memory with room for so many kilobytes. None where this user may not mount one.
struct SmallDisk {
    path: PathBuf,
}

impl SmallDisk {
    fn mount(path: PathBuf, kilobytes: u32) -> Option<Self> {
        std::fs::create_dir(&path).unwrap();
        let size = format!("size={kilobytes}k");
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(&path).output();
        mounted.is_ok_and(|mounted| mounted.status.success()).then_some(Self { path })
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.path).status();
    }
}

/// A run whose folder is on a disk of that size.
fn run_on_disk_of(kilobytes: u32) -> Option<Ended> {
    let project = Project::new(SERVER).file("plimsoll.toml", FAST);
    let Some(disk) = SmallDisk::mount(project.path("disk"), kilobytes) else {
        eprintln!("skipped: this user can't mount a small disk");
        return None;
    };
    let ended = project.run(&["bench", "--blocks", "500", "--run-dir", "disk"]);
    assert!(!disk.path.join("registry").exists());
    let run = result(Path::new(&disk.path))["id"].as_str().unwrap().to_owned();
    assert_eq!((containers(&run), images(&run)), (vec![], vec![]));
    Some(ended)
}

#[test]
fn a_disk_that_is_full_during_the_push_is_named() {
    let Some(ended) = run_on_disk_of(700) else { return };
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    // Older engines pass on the status alone, newer ones the words.
    ended.says(&["no space left on the disk that holds ", "disk/registry", "set another run directory"]);
}

#[test]
fn a_disk_that_is_full_while_measuring_is_named() {
    let Some(ended) = run_on_disk_of(1100) else { return };
    assert_eq!(ended.code, Some(3), "{ended:#?}");
    ended.says(&[
        "built original",
        "no space left on the disk that holds disk/registry",
        "set another run directory",
    ]);
}
