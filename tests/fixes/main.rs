//! What every fix promises: over files that nobody wrote, over real ones, and over real ones that came to harm.
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "what surprises a test fails it; a skipped one says so"
)]

mod breakers;
mod corpus;
mod generated;
mod imagined;
mod laws;
mod mutated;
