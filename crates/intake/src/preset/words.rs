//! Words of a source and what they mean.

use std::collections::{BTreeMap, HashMap};

use lianfang_core::cases::{Classification, Origin, Outcome, SampleKind, Severity, TestKind};
use lianfang_core::contacts::{
    Certainty, ContactClass, ContactStatus, ExposureKind, FollowUp, Frequency, Lasting, Relation,
    Setting,
};
use lianfang_core::entry::Symptom;
use lianfang_core::identifiers::Document;
use lianfang_core::people::Sex;
use lianfang_core::quarantine::SampleResult;
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

/// The words of contacts, samples and follow-up.
#[derive(Debug, Clone)]
pub(crate) struct ContactWords {
    pub(crate) status: Words<ContactStatus>,
    pub(crate) class: Words<ContactClass>,
    pub(crate) setting: Words<Setting>,
    pub(crate) exposure: Words<ExposureKind>,
    pub(crate) frequency: Words<Frequency>,
    pub(crate) lasting: Words<Lasting>,
    pub(crate) relation: Words<Relation>,
    pub(crate) certainty: Words<Certainty>,
    pub(crate) follow_up: Words<FollowUp>,
    pub(crate) symptoms: Words<Symptom>,
    pub(crate) sample_kind: Words<SampleKind>,
    pub(crate) test_kind: Words<TestKind>,
    pub(crate) result: Words<SampleResult>,
}

/// A source's words for them, under each of ours.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ContactLists {
    status: BTreeMap<ContactStatus, Vec<String>>,
    class: BTreeMap<ContactClass, Vec<String>>,
    setting: BTreeMap<Setting, Vec<String>>,
    exposure: BTreeMap<ExposureKind, Vec<String>>,
    frequency: BTreeMap<Frequency, Vec<String>>,
    lasting: BTreeMap<Lasting, Vec<String>>,
    relation: BTreeMap<Relation, Vec<String>>,
    certainty: BTreeMap<Certainty, Vec<String>>,
    follow_up: BTreeMap<FollowUp, Vec<String>>,
    symptoms: BTreeMap<Symptom, Vec<String>>,
    sample_kind: BTreeMap<SampleKind, Vec<String>>,
    test_kind: BTreeMap<TestKind, Vec<String>>,
    result: BTreeMap<SampleResult, Vec<String>>,
}

impl ContactLists {
    pub(super) fn words(self) -> Result<ContactWords, PresetError> {
        Ok(ContactWords {
            status: of_words("contact.status", self.status)?,
            class: of_words("contact.class", self.class)?,
            setting: of_words("contact.setting", self.setting)?,
            exposure: of_words("contact.exposure", self.exposure)?,
            frequency: of_words("contact.frequency", self.frequency)?,
            lasting: of_words("contact.lasting", self.lasting)?,
            relation: of_words("contact.relation", self.relation)?,
            certainty: of_words("contact.certainty", self.certainty)?,
            follow_up: of_words("contact.follow_up", self.follow_up)?,
            symptoms: of_words("contact.symptoms", self.symptoms)?,
            sample_kind: of_words("contact.sample_kind", self.sample_kind)?,
            test_kind: of_words("contact.test_kind", self.test_kind)?,
            result: of_words("contact.result", self.result)?,
        })
    }
}

/// Yes and no; those of most programs are always known.
pub(super) fn yes_or_no(YesOrNo { yes, no }: YesOrNo) -> Result<Words<bool>, PresetError> {
    let with = |usual: [&str; 4], theirs: Vec<String>| {
        usual.map(str::to_owned).into_iter().chain(theirs).collect()
    };
    Words::new(
        "yes_no",
        vec![
            (
                Meaning::Value(true),
                "yes",
                with(["true", "y", "1", "是"], yes),
            ),
            (
                Meaning::Value(false),
                "no",
                with(["false", "n", "0", "否"], no),
            ),
        ],
    )
}

/// A source's words for yes and no.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct YesOrNo {
    yes: Vec<String>,
    no: Vec<String>,
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
