//! Standard output, which whoever reads may close at any time, as `head` does.

use std::io::{ErrorKind, Write};

use clap::ValueEnum;

/// How an answer is written: for people, or for programs.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Json,
    Text,
}

/// Writes a text and ends the line. A closed pipe is no failure: nobody reads on.
pub(crate) fn line(text: impl std::fmt::Display) -> std::io::Result<()> {
    self::text(&format!("{text}\n"))
}

/// Writes a text as it is.
pub(crate) fn text(text: &str) -> std::io::Result<()> {
    match std::io::stdout().lock().write_all(text.as_bytes()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        done => done,
    }
}

/// Whether an error says that nobody reads standard output any more.
pub(crate) fn is_closed(error: &anyhow::Error) -> bool {
    let closed = |error: &std::io::Error| error.kind() == ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        cause.downcast_ref::<std::io::Error>().is_some_and(closed)
            || cause.downcast_ref::<csv::Error>().is_some_and(
                |error| matches!(error.kind(), csv::ErrorKind::Io(error) if closed(error)),
            )
    })
}
