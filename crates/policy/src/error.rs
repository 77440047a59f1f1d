//! Why a pack is refused: each problem with its place and what would be right.

use std::fmt;
use std::ops::Range;

use lianfang_core::text::Text;
use serde::Serialize;

/// One thing that is wrong with a pack.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong, and what would be right.
    pub message: Text,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, column {}: {}",
            self.line, self.column, self.message.en
        )
    }
}

/// Why a pack is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackError {
    /// No such pack comes with the program.
    #[error("no pack `{0}` comes with this program; those that do are {shipped}", shipped = crate::shipped_ids().join(", "))]
    NotShipped(String),
    /// It is too long to be read.
    #[error("a pack has at most {} bytes", crate::LONGEST)]
    TooLong,
    /// It is broken in these places.
    #[error("{}", join(.0))]
    Broken(Vec<Problem>),
}

fn join(problems: &[Problem]) -> String {
    let lines: Vec<String> = problems.iter().map(Problem::to_string).collect();
    lines.join("\n")
}

/// Gathers problems by their place in a pack's text.
pub(crate) struct Problems<'t> {
    text: &'t str,
    found: Vec<(usize, Text)>,
}

impl<'t> Problems<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self {
            text,
            found: Vec::new(),
        }
    }

    /// Something is wrong at byte `at`.
    pub(crate) fn add(&mut self, at: usize, en: impl Into<String>, zh: impl Into<String>) {
        self.found.push((at, Text::new(en, zh)));
    }

    /// The text is no TOML, or of another form than a pack's.
    pub(crate) fn add_unread(&mut self, error: &toml::de::Error) {
        let at = error.span().map_or(0, |span| span.start);
        let said = in_both_languages(&error.message().replace('\n', " "));
        self.add(at, said.en, said.zh);
    }

    /// The byte of the file at which the character `at` of a string stands, `span` being the
    /// string with its quotes: escapes take more room in the file than in the string.
    pub(crate) fn within_string(&self, span: Range<usize>, at: usize) -> usize {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        let (quotes, literal) = match raw {
            _ if raw.starts_with("\"\"\"") => (3, false),
            _ if raw.starts_with("'''") => (3, true),
            _ if raw.starts_with('\'') => (1, true),
            _ => (1, false),
        };
        let mut rest = raw.get(quotes..).unwrap_or_default();
        if quotes == 3 {
            rest = rest
                .strip_prefix("\r\n")
                .or(rest.strip_prefix('\n'))
                .unwrap_or(rest);
        }
        let mut passed = 0;
        loop {
            // A backslash at the end of a line stands for nothing, with all white space after it.
            if let Some(after) = rest.strip_prefix('\\').filter(|_| quotes == 3 && !literal)
                && after
                    .trim_start_matches([' ', '\t', '\r'])
                    .starts_with('\n')
            {
                rest = after.trim_start();
                continue;
            }
            if passed == at {
                break;
            }
            let escape = match rest.as_bytes() {
                [b'\\', b'u', ..] if !literal => 6,
                [b'\\', b'U', ..] if !literal => 10,
                [b'\\', b'x', ..] if !literal => 4,
                [b'\\', ..] if !literal => 2,
                _ => rest.chars().next().map_or(0, char::len_utf8),
            };
            rest = rest.get(escape..).unwrap_or_default();
            passed += 1;
        }
        span.end - rest.len().min(raw.len())
    }

    pub(crate) fn len(&self) -> usize {
        self.found.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The refusal, once there is a problem.
    pub(crate) fn refused(self) -> PackError {
        self.finish()
            .expect_err("asked for only once a problem was added")
    }

    /// All of them, in the order of the text.
    pub(crate) fn finish(self) -> Result<(), PackError> {
        if self.found.is_empty() {
            return Ok(());
        }
        let mut problems: Vec<Problem> = self
            .found
            .into_iter()
            .map(|(at, message)| {
                let (line, column) = place(self.text, at);
                Problem {
                    line,
                    column,
                    message,
                }
            })
            .collect();
        problems.sort();
        problems.dedup();
        Err(PackError::Broken(problems))
    }
}

/// What the TOML reader says, which is in English, in both languages.
fn in_both_languages(said: &str) -> Text {
    let expected = |rest: &str| -> Option<(String, Text)> {
        let (found, wanted) = rest.split_once(", expected ")?;
        let wanted = match wanted {
            "f64" => Text::new("a number", "数字"),
            "i32" | "i64" => Text::new("a whole number", "整数"),
            "u32" | "u64" | "usize" => Text::new("a whole number from 0", "非负整数"),
            "a string" => Text::new("a text in quotes", "带引号的文本"),
            "a boolean" => Text::new("true or false", "true或false"),
            "a sequence" => Text::new("a list in [ ]", "[ ]中的列表"),
            one_of => {
                let one_of = one_of.strip_prefix("one of ").unwrap_or(one_of);
                Text::new(one_of, one_of)
            }
        };
        Some((found.to_owned(), wanted))
    };
    let beginning = |start: &str| said.strip_prefix(start);
    if let Some((found, wanted)) = beginning("unknown field ").and_then(expected) {
        return Text::new(
            format!("there is no field {found} here; known are {}", wanted.en),
            format!("此处没有字段{found}；可用：{}", wanted.zh),
        );
    }
    if let Some((found, wanted)) = beginning("unknown variant ").and_then(expected) {
        return Text::new(
            format!("{found} is none of {}", wanted.en),
            format!("{found}不在可用值中：{}", wanted.zh),
        );
    }
    let wrong = beginning("invalid type: ").or(beginning("invalid value: "));
    if let Some((_, wanted)) = wrong.and_then(expected) {
        return Text::new(
            format!("{} belongs here", wanted.en),
            format!("此处应为{}", wanted.zh),
        );
    }
    if let Some(field) = beginning("missing field ") {
        return Text::new(
            format!("the field {field} is missing"),
            format!("缺少字段{field}"),
        );
    }
    if let Some((key, known)) = beginning("unexpected keys in table: ")
        .and_then(|rest| rest.split_once(", available keys: "))
    {
        return Text::new(
            format!("there is no field `{key}` here; known are {known}"),
            format!("此处没有字段`{key}`；可用：{known}"),
        );
    }
    match said {
        "duplicate key" => Text::new("this stands twice", "此项重复"),
        "wanted exactly 1 element, more than 1 element" => {
            Text::new("exactly one belongs here", "此处只能有一项")
        }
        crate::numbers::VALUE => Text::new(said, "“value”应为数字，例如14或37.3"),
        crate::numbers::AMOUNT => Text::new(
            said,
            "请写整数，例如14，或[numbers]中的名称，例如\"quarantine_days\"",
        ),
        _ => Text::new(said, format!("TOML格式有误：{said}")),
    }
}

/// Line and column of a byte.
fn place(text: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let before = &text[..at];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}
