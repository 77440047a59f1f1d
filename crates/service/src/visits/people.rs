//! Who visits: text, and the person whom it names.
//!
//! A resident's number or a phone leads to the person in the vault who has it. Whoever is not known
//! becomes a person in the vault: with that document or phone, or with the text as their code. Their
//! id is made of a keyed hash of the text, so the same text leads to the same person, also after an
//! import that broke off, and nobody without the store's keys can test guesses against ids.

use std::collections::HashMap;

use lianfang_core::identifiers::{Phone, ResidentId};
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_store::{Batch, IndexKind, SealedPerson, Store};

use crate::{House, Refusal};

/// Characters of the longest text that names somebody.
pub(crate) const LONGEST: usize = 64;
/// People written to the vault in one go.
const AT_ONCE: usize = 5_000;

/// A text that names somebody, by what it is.
struct Name {
    kind: IndexKind,
    text: String,
}

impl Name {
    fn of(text: &str) -> Self {
        if let Ok(id) = text.parse::<ResidentId>() {
            return Self {
                kind: IndexKind::Document,
                text: id.to_string(),
            };
        }
        match text.parse::<Phone>() {
            Ok(phone) => Self {
                kind: IndexKind::Phone,
                text: phone.to_string(),
            },
            Err(_) => Self {
                kind: IndexKind::Code,
                text: text.to_owned(),
            },
        }
    }

    /// What is kept of somebody of whom nothing else is known.
    fn data(&self) -> PersonalData {
        let text = Some(self.text.clone());
        match self.kind {
            IndexKind::Document => PersonalData {
                document_kind: Some("resident_id".into()),
                document: text,
                ..PersonalData::default()
            },
            IndexKind::Phone => PersonalData {
                phone: text,
                ..PersonalData::default()
            },
            _ => PersonalData {
                code: text,
                ..PersonalData::default()
            },
        }
    }
}

/// The id in its own text form, capital letters and all: nothing else is taken for one.
fn written_out(text: &str) -> Option<PersonId> {
    let id: PersonId = text.parse().ok()?;
    (id.to_string() == text).then_some(id)
}

fn hashed(store: &Store, text: &str) -> [u8; 16] {
    store.blind("visitor", text)
}

/// The id of somebody of whom only a text is known.
fn made_of(hash: [u8; 16]) -> PersonId {
    PersonId::from_parts(0, u128::from_be_bytes(hash))
}

/// People named in one import or request.
#[derive(Default)]
pub(crate) struct Named {
    /// By hash of the text as it stands: who that is, so far.
    seen: HashMap<[u8; 16], PersonId>,
    /// Texts that wait to be looked up.
    waiting: Vec<([u8; 16], String)>,
    /// Of those seen, who turned out to be somebody else than their text alone leads to.
    others: HashMap<PersonId, PersonId>,
    /// People who were new to the vault.
    pub(crate) new: u64,
}

impl Named {
    /// Who is named, for now: [`Self::known`] says who it is once [`Self::settle`] has looked.
    pub(crate) fn note(&mut self, store: &Store, text: &str) -> PersonId {
        if let Some(person) = written_out(text) {
            return person;
        }
        let hash = hashed(store, text);
        let waiting = &mut self.waiting;
        *self.seen.entry(hash).or_insert_with(|| {
            waiting.push((hash, text.to_owned()));
            made_of(hash)
        })
    }

    /// Looks up all that wait, and unless `dry` makes those known who are not.
    pub(crate) fn settle(&mut self, store: &Store, dry: bool) -> Result<(), Refusal> {
        let waiting = std::mem::take(&mut self.waiting);
        for some in waiting.chunks(AT_ONCE) {
            let names: Vec<Name> = some.iter().map(|(_, text)| Name::of(text)).collect();
            let texts: Vec<_> = names
                .iter()
                .map(|name| (name.kind, name.text.clone()))
                .collect();
            let mut sealed: HashMap<PersonId, SealedPerson> = HashMap::new();
            for (((hash, text), name), known) in
                some.iter().zip(&names).zip(store.known_by(&texts)?)
            {
                let person = known.unwrap_or_else(|| {
                    // Two ways to write one number are one person.
                    let person = if name.text == *text {
                        made_of(*hash)
                    } else {
                        made_of(hashed(store, &name.text))
                    };
                    sealed
                        .entry(person)
                        .or_insert_with(|| store.seal(person, &name.data()));
                    person
                });
                let first = made_of(*hash);
                if person != first {
                    self.others.insert(first, person);
                }
            }
            self.new += sealed.len() as u64;
            if !dry && !sealed.is_empty() {
                store.append(Batch {
                    people: sealed.into_values().collect(),
                    ..Batch::default()
                })?;
            }
        }
        Ok(())
    }

    /// Who somebody that was noted is.
    pub(crate) fn known(&self, person: PersonId) -> PersonId {
        self.others.get(&person).copied().unwrap_or(person)
    }
}

impl House {
    /// Whom a text names, nobody being made known by asking.
    pub(super) fn person_named(&self, text: &str) -> Result<PersonId, Refusal> {
        let text = named(text)?;
        if let Some(person) = written_out(&text) {
            return Ok(person);
        }
        let name = Name::of(&text);
        let upper = (IndexKind::Document, text.to_uppercase());
        let code = (IndexKind::Code, text.clone());
        let asked = [(name.kind, name.text.clone()), code, upper];
        let found = self.store.known_by(&asked)?;
        found
            .into_iter()
            .flatten()
            .next()
            .ok_or(Refusal::NotFound("person"))
    }
}

/// A text that may name somebody.
pub(crate) fn named(text: &str) -> Result<String, Refusal> {
    lianfang_core::text::bounded(text, 1, LONGEST).map_err(|_| {
        Refusal::invalid(
            "person",
            format!("Say who: a person's id, a document, a phone, or another code of at most {LONGEST} characters."),
            format!("请填写人员编号、证件号码、电话或其他代码，最多{LONGEST}个字符。"),
        )
    })
}
