//! `plimsoll bench` from the command line to the ranking, against the real engine that `docker` would use.
//!
//! Images are made of nothing but Debian's static busybox, so that no registry is needed and a run takes seconds.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stderr,
    reason = "what surprises a test fails it"
)]

mod bad_input;
mod faults;
mod interrupts;
mod project;
mod ranking;
mod secrets;
mod terminal;
mod traces;
