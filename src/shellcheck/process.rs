//! One run of the program, bounded in time and in what it may say.

use std::io::{self, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use super::ShellCheckError;

/// The most that is read of an answer. A batch's is a few hundred kilobytes.
const MOST: u64 = 64 << 20;

/// How long to wait for an answer that is through to be over.
const TICK: Duration = Duration::from_millis(2);

/// Runs `command` and gives its standard output. That it has findings is no failure.
pub(super) fn run(command: &mut Command, patience: Duration) -> Result<String, ShellCheckError> {
    command
        .env_remove("SHELLCHECK_OPTS")
        // Its findings are UTF-8 only where the locale is.
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => ShellCheckError::Missing,
        _ => ShellCheckError::Start(error),
    })?;
    let answer = finish(&mut child, patience);
    if answer.is_err() {
        // It may be gone already.
        let _ = child.kill();
        let _ = child.wait();
    }
    answer
}

fn finish(child: &mut Child, patience: Duration) -> Result<String, ShellCheckError> {
    let deadline = Instant::now() + patience;
    let said = read(child.stdout.take());
    let complained = read(child.stderr.take());
    let too_long = || ShellCheckError::TooLong(patience);
    let remaining = deadline.saturating_duration_since(Instant::now());
    let said = said.recv_timeout(remaining).map_err(|_| too_long())?;
    if said.len() as u64 > MOST {
        return Err(ShellCheckError::TooMuch(MOST >> 20));
    }
    let status = loop {
        if let Some(status) = child.try_wait().map_err(ShellCheckError::Start)? {
            break status;
        }
        if Instant::now() > deadline {
            return Err(too_long());
        }
        thread::sleep(TICK);
    };
    // 0: nothing found; 1: something found.
    if matches!(status.code(), Some(0 | 1)) {
        return String::from_utf8(said).map_err(|_| ShellCheckError::Garbled("it is no UTF-8".to_owned()));
    }
    let complained = complained.recv_timeout(Duration::from_millis(100)).unwrap_or_default();
    let said = String::from_utf8_lossy(&complained).into_owned();
    Err(ShellCheckError::Failed { status: status.code(), said })
}

/// Reads to the end in a thread of its own, so that neither side waits for the other. Stops one byte behind the most.
fn read(stream: Option<impl Read + Send + 'static>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(stream) = stream {
            // What was read before an error is what there is.
            let _ = stream.take(MOST + 1).read_to_end(&mut bytes);
        }
        // Nobody may be waiting any more.
        let _ = sender.send(bytes);
    });
    receiver
}
