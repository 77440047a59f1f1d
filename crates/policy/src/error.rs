//! Why a pack is refused.

use lianfang_core::matters::KindError;

/// Why a pack is refused.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// It is not of a pack's form.
    #[error("line {line}, column {column}: {message}")]
    Syntax {
        /// Line, from 1.
        line: usize,
        /// Column, from 1.
        column: usize,
        /// What is wrong.
        message: String,
    },
    /// No such pack comes with the program.
    #[error("no pack `{0}` comes with this program")]
    NotShipped(String),
    /// A number of days must be at least one.
    #[error("{0} must be at least 1")]
    NotPositive(&'static str),
    /// A number lies outside what makes sense.
    #[error("{0} must be {1}")]
    OutOfRange(&'static str, &'static str),
    /// The serial interval is none.
    #[error("natural_history.serial_interval: {0}")]
    SerialInterval(String),
    /// The turning point's rule cannot be used.
    #[error("turning_point: {0}")]
    TurningPoint(String),
    /// Something is defined twice.
    #[error("{0} `{1}` is defined twice")]
    Twice(&'static str, String),
    /// A kind of matter is no closed loop.
    #[error(transparent)]
    Matter(#[from] KindError),
    /// A rule's condition cannot be read.
    #[error("risk rule `{rule}`: {message}")]
    Condition {
        /// The rule.
        rule: String,
        /// What is wrong.
        message: String,
    },
    /// No rule holds for some evidence.
    #[error("risk: no rule holds for {0}; end with a rule whose condition is `true`")]
    NotTotal(String),
}

impl PackError {
    pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> Self {
        let place = error.span().map_or(0, |span| span.start).min(text.len());
        let before = &text.as_bytes()[..place];
        let line_start = before
            .iter()
            .rposition(|b| *b == b'\n')
            .map_or(0, |i| i + 1);
        Self::Syntax {
            line: before.split(|b| *b == b'\n').count(),
            column: place - line_start + 1,
            message: error.message().to_owned(),
        }
    }
}
