//! Words of a source and what they mean.

use std::collections::{BTreeMap, HashMap};

use lianfang_core::cases::{Classification, Origin, Outcome, Severity};
use lianfang_core::identifiers::Document;
use lianfang_core::people::Sex;
use lianfang_core::words::Word;
use serde::Deserialize;

use super::PresetError;

/// What a known word says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning<T> {
    /// One of our words.
    Value(T),
    /// That nothing is known.
    Missing,
}

/// What each known word of a coded field means.
#[derive(Debug, Clone)]
pub(crate) struct Words<T> {
    meanings: HashMap<String, Meaning<T>>,
    /// Words of ours, each with one of theirs, for messages.
    pub(crate) accepted: String,
}

impl<T: Clone> Words<T> {
    /// The meaning of `word`, if it is a known one.
    pub(crate) fn meaning(&self, word: &str) -> Option<Meaning<T>> {
        // Most files use one spelling, which is found without making another.
        self.meanings
            .get(word)
            .or_else(|| self.meanings.get(&normalise(word)))
            .cloned()
    }

    fn new(
        field: &'static str,
        lists: Vec<(Meaning<T>, &str, Vec<String>)>,
    ) -> Result<Self, PresetError>
    where
        T: PartialEq,
    {
        let ours: Vec<String> = lists
            .iter()
            .filter(|(meaning, ..)| *meaning != Meaning::Missing)
            .map(|(_, word, theirs)| match theirs.first() {
                Some(their) => format!("{word} ({their})"),
                None => (*word).to_owned(),
            })
            .collect();
        let accepted = ours.join(", ");
        let mut meanings: HashMap<String, Meaning<T>> = HashMap::new();
        for (meaning, own, theirs) in lists {
            let own = (meaning != Meaning::Missing).then(|| own.to_owned());
            for word in own.into_iter().chain(theirs) {
                let known = meanings.insert(normalise(&word), meaning.clone());
                if known.is_some_and(|known| known != meaning) {
                    return Err(PresetError::Contradiction { field, word });
                }
            }
        }
        Ok(Self { meanings, accepted })
    }
}

/// How headers and words are compared: trimmed, lower case.
pub(crate) fn normalise(text: &str) -> String {
    text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}')
        .to_lowercase()
}

/// Lists of a source's words under each of ours.
pub(super) trait Lists {
    type Meaning;
    fn words(self, field: &'static str) -> Result<Words<Self::Meaning>, PresetError>;
}

macro_rules! lists {
    ($name:ident of $meaning:ident { $($key:ident = $variant:ident),+ $(,)? }) => {
        #[derive(Deserialize, Default)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $name {
            $($key: Vec<String>,)+
            missing: Vec<String>,
        }

        impl Lists for $name {
            type Meaning = $meaning;

            fn words(self, field: &'static str) -> Result<Words<$meaning>, PresetError> {
                Words::new(field, vec![
                    $((Meaning::Value($meaning::$variant), stringify!($key), self.$key),)+
                    (Meaning::Missing, "missing", self.missing),
                ])
            }
        }
    };
}

lists!(SexLists of Sex { female = Female, male = Male, other = Other });
lists!(ClassificationLists of Classification {
    suspected = Suspected, clinical = Clinical, confirmed = Confirmed,
    asymptomatic = Asymptomatic, excluded = Excluded,
});
lists!(SeverityLists of Severity {
    mild = Mild, moderate = Moderate, severe = Severe, critical = Critical,
});
lists!(OutcomeLists of Outcome { recovered = Recovered, died = Died });
lists!(OriginLists of Origin { imported = Imported, local = Local, unknown = Unknown });

/// Words of the vocabulary; their names in both languages are always known.
pub(super) fn of_words<W: Word + Ord>(
    field: &'static str,
    mut theirs: BTreeMap<W, Vec<String>>,
) -> Result<Words<W>, PresetError> {
    let lists = W::ALL
        .iter()
        .map(|word| {
            let label = word.label();
            let mut known = vec![label.zh, label.en];
            known.extend(theirs.remove(word).unwrap_or_default());
            (Meaning::Value(*word), word.word(), known)
        })
        .collect();
    Words::new(field, lists)
}

/// Kinds of documents; those with a form of their own are always known.
pub(super) fn document_kinds(
    mut kinds: BTreeMap<String, Vec<String>>,
) -> Result<Words<String>, PresetError> {
    for own in [Document::RESIDENT_ID, Document::PASSPORT] {
        kinds.entry(own.to_owned()).or_default();
    }
    let missing = kinds.remove("missing").unwrap_or_default();
    for kind in kinds.keys() {
        let known = [Document::RESIDENT_ID, Document::PASSPORT].contains(&kind.as_str());
        if !known && Document::parse(kind, "1").is_err() {
            return Err(PresetError::Kind);
        }
    }
    let lists = kinds
        .iter()
        .map(|(kind, words)| (Meaning::Value(kind.clone()), kind.as_str(), words.clone()))
        .chain([(Meaning::Missing, "missing", missing)])
        .collect();
    Words::new("document_kind", lists)
}
