//! `plimsoll`: parse arguments, call the library, set the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    plimsoll::cli::run(std::env::args_os())
}
