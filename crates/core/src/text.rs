//! Text that people read, in each of the house's languages, and bounds for text they write.

use serde::{Deserialize, Serialize};

/// One sentence or name in English and Chinese; neither may be missing.
#[derive(
    Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// English.
    pub en: String,
    /// Simplified Chinese.
    pub zh: String,
}

impl Text {
    /// Both languages at once.
    pub fn new(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self {
            en: en.into(),
            zh: zh.into(),
        }
    }

    /// The text in `language`.
    pub fn in_language(&self, language: Language) -> &str {
        match language {
            Language::En => &self.en,
            Language::Zh => &self.zh,
        }
    }
}

/// A language the house speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

/// Free text was too short, too long, or held a control character.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("takes {min} to {max} characters without control characters; this has {found}")]
pub struct TextBoundsError {
    /// Fewest characters accepted.
    pub min: usize,
    /// Most characters accepted.
    pub max: usize,
    /// Characters found.
    pub found: usize,
}

/// Trims `text` and checks that it has `min..=max` characters, none of them a control
/// character other than line feed and tab.
pub fn bounded(text: &str, min: usize, max: usize) -> Result<String, TextBoundsError> {
    let text = text.trim();
    let found = text.chars().count();
    let clean = !text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t');
    if found < min || found > max || !clean {
        return Err(TextBoundsError { min, max, found });
    }
    Ok(text.to_owned())
}
