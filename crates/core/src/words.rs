//! Words with names: the values that evidence, decisions and lists speak of.

use crate::text::Text;

/// A closed list of words, each with its name in the house's languages.
pub trait Word: Copy + PartialEq + 'static {
    /// All of them, in order.
    const ALL: &'static [Self];

    /// The word in files, rules, answers and the ledger.
    fn word(self) -> &'static str;

    /// Its name for people.
    fn label(self) -> Text;

    /// Its place in [`Word::ALL`].
    fn index(self) -> usize {
        Self::ALL
            .iter()
            .position(|other| *other == self)
            .expect("every value stands in the list of all")
    }
}

/// Makes an enum whose values are [`Word`]s: `Variant = "word", "English name", "中文名";`. The word is
/// the variant's name in snake case, as it also stands in answers and in their schema.
#[macro_export]
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal, $en:literal, $zh:literal;)+ }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        $(#[$doc])*
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $crate::words::Word for $name {
            const ALL: &'static [Self] = &[$(Self::$variant),+];

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            fn label(self) -> $crate::text::Text {
                match self { $(Self::$variant => $crate::text::Text::new($en, $zh)),+ }
            }

            fn index(self) -> usize {
                self as usize
            }
        }
    };
}

/// Some of the words of one list, such as the symptoms somebody has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Words<W> {
    bits: u32,
    of: std::marker::PhantomData<W>,
}

impl<W: Word> Words<W> {
    /// None of them.
    pub const NONE: Self = Self {
        bits: 0,
        of: std::marker::PhantomData,
    };

    /// These, and `word`.
    pub fn with(self, word: W) -> Self {
        Self {
            bits: self.bits | 1 << word.index(),
            ..self
        }
    }

    /// Whether `word` is among them.
    pub fn contains(self, word: W) -> bool {
        self.bits & 1 << word.index() != 0
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.bits == 0
    }

    /// One bit a word, in the order of the list.
    pub fn bits(self) -> u32 {
        self.bits
    }

    /// Reads back [`Words::bits`]; bits beyond the list are dropped.
    pub fn from_bits(bits: u32) -> Self {
        let known = u32::MAX >> (32 - W::ALL.len().clamp(1, 32));
        Self {
            bits: bits & known,
            ..Self::NONE
        }
    }

    /// Each of them, in the order of the list.
    pub fn iter(self) -> impl Iterator<Item = W> {
        W::ALL
            .iter()
            .copied()
            .filter(move |word| self.contains(*word))
    }
}

impl<W: Word> Default for Words<W> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<W: Word> FromIterator<W> for Words<W> {
    fn from_iter<I: IntoIterator<Item = W>>(words: I) -> Self {
        words.into_iter().fold(Self::NONE, Self::with)
    }
}

impl<W: Word + serde::Serialize> serde::Serialize for Words<W> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de, W: Word + serde::Deserialize<'de>> serde::Deserialize<'de> for Words<W> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<W>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_as_said<W: Word + serde::Serialize>() {
        for word in W::ALL {
            assert_eq!(serde_json::to_value(word).unwrap(), word.word());
            assert!(!word.label().en.is_empty() && !word.label().zh.is_empty());
        }
    }

    #[test]
    fn words_are_written_as_they_are_said() {
        written_as_said::<crate::contacts::ContactClass>();
        written_as_said::<crate::contacts::Setting>();
        written_as_said::<crate::contacts::Channel>();
        written_as_said::<crate::contacts::ContactStatus>();
        written_as_said::<crate::contacts::ContactStep>();
        written_as_said::<crate::contacts::FollowUp>();
        written_as_said::<crate::contacts::Certainty>();
        written_as_said::<crate::contacts::ExposureKind>();
        written_as_said::<crate::contacts::Lasting>();
        written_as_said::<crate::contacts::Relation>();
        written_as_said::<crate::contacts::RiskJudged>();
        written_as_said::<crate::contacts::Frequency>();
        written_as_said::<crate::cases::Pregnancy>();
        written_as_said::<crate::cases::SampleKind>();
        written_as_said::<crate::cases::TestKind>();
        written_as_said::<crate::entry::Symptom>();
        written_as_said::<crate::entry::OriginRisk>();
        written_as_said::<crate::entry::CheckpointKind>();
        written_as_said::<crate::entry::Destination>();
        written_as_said::<crate::entry::Triage>();
        written_as_said::<crate::entry::Source>();
        written_as_said::<crate::entry::Mode>();
        written_as_said::<crate::entry::Stage>();
        written_as_said::<crate::entry::Receiver>();
        written_as_said::<crate::households::Dwelling>();
        written_as_said::<crate::quarantine::Basis>();
        written_as_said::<crate::quarantine::EndHow>();
        written_as_said::<crate::quarantine::ChangeKind>();
        written_as_said::<crate::quarantine::AbsenceHow>();
        written_as_said::<crate::quarantine::CheckedBy>();
        written_as_said::<crate::quarantine::SampleResult>();
        written_as_said::<crate::quarantine::Need>();
        written_as_said::<crate::places::PlaceKind>();
        written_as_said::<crate::facts::SealedHow>();
        written_as_said::<crate::passes::Colour>();
        written_as_said::<crate::passes::PassShown>();
        written_as_said::<crate::passes::CaseStanding>();
        written_as_said::<crate::quarantine::Watch>();
        written_as_said::<crate::reopening::Sector>();
        written_as_said::<crate::reopening::Opening>();
        written_as_said::<crate::surveillance::RiskLevel>();
    }

    #[test]
    fn some_words_of_a_list_read_back() {
        use crate::entry::Symptom;
        let some: Words<Symptom> = [Symptom::Fever, Symptom::Bleeding].into_iter().collect();
        assert!(some.contains(Symptom::Fever) && !some.contains(Symptom::Cough));
        assert_eq!(Words::from_bits(some.bits()), some);
        let text = serde_json::to_string(&some).unwrap();
        assert_eq!(text, "[\"fever\",\"bleeding\"]");
        assert_eq!(serde_json::from_str::<Words<Symptom>>(&text).unwrap(), some);
    }
}
