//! People as they are described at a gate or a door: checked, found again, sealed.

use jiff::civil::Date;
use lianfang_core::identifiers::{Document, Phone, ResidentId};
use lianfang_core::ids::PersonId;
use lianfang_core::people::PersonalData;
use lianfang_core::text::bounded;
use lianfang_store::IndexKind;

use super::PersonGiven;
use super::taking::Taking;
use crate::{House, Refusal};

/// The year before which nobody alive was born.
const OLDEST: Date = Date::constant(1880, 1, 1);

/// Each field of `new` that is not known yet, and whether any says otherwise than is known.
pub(crate) fn fill_in(known: &PersonalData, new: &PersonalData) -> (PersonalData, bool) {
    fn one<T: Clone + PartialEq>(
        known: Option<&T>,
        new: Option<&T>,
        differs: &mut bool,
    ) -> Option<T> {
        match (known, new) {
            (Some(known), Some(new)) => {
                *differs |= known != new;
                Some(known.clone())
            }
            (known, new) => known.or(new).cloned(),
        }
    }
    let mut differs = false;
    let both = PersonalData {
        name: one(known.name.as_ref(), new.name.as_ref(), &mut differs),
        document_kind: one(
            known.document_kind.as_ref(),
            new.document_kind.as_ref(),
            &mut differs,
        ),
        document: one(known.document.as_ref(), new.document.as_ref(), &mut differs),
        phone: one(known.phone.as_ref(), new.phone.as_ref(), &mut differs),
        born: one(known.born.as_ref(), new.born.as_ref(), &mut differs),
        sex: one(known.sex.as_ref(), new.sex.as_ref(), &mut differs),
        // The address here is the newest that was said.
        address: new.address.clone().or_else(|| known.address.clone()),
        code: known.code.clone().or_else(|| new.code.clone()),
    };
    (both, differs)
}

/// What is known, with each field that a file gives laid over it: a file without a field takes nothing away.
pub(crate) fn laid_over(known: &PersonalData, given: &PersonalData) -> PersonalData {
    let with_document = if given.document.is_some() {
        given
    } else {
        known
    };
    PersonalData {
        name: given.name.clone().or_else(|| known.name.clone()),
        document_kind: with_document.document_kind.clone(),
        document: with_document.document.clone(),
        phone: given.phone.clone().or_else(|| known.phone.clone()),
        born: given.born.or(known.born),
        sex: given.sex.or(known.sex),
        address: given.address.clone().or_else(|| known.address.clone()),
        code: given.code.clone().or_else(|| known.code.clone()),
    }
}

impl Taking<'_> {
    /// A person as described, each part checked. Somebody of whom nothing is said is refused.
    pub(crate) fn described(&self, given: &PersonGiven) -> Result<PersonalData, Refusal> {
        self.house.described(given)
    }

    /// People on record with this document.
    pub(crate) fn with_document(&self, data: &PersonalData) -> Result<Vec<PersonId>, Refusal> {
        self.house.with_document(data)
    }
}

impl House {
    /// A person as described, each part checked. Somebody of whom nothing is said is refused.
    pub(crate) fn described(&self, given: &PersonGiven) -> Result<PersonalData, Refusal> {
        let today = self.today();
        let text = |field: &'static str, text: &Option<String>, most: usize| {
            text.as_deref()
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| {
                    bounded(text, 1, most).map_err(|_| {
                        Refusal::invalid(
                            field,
                            format!("At most {most} characters."),
                            format!("最多{most}个字符。"),
                        )
                    })
                })
                .transpose()
        };
        let number = text("document", &given.document, 32)?;
        let document = number
            .map(|number| document(given.document_kind.as_deref(), &number, today))
            .transpose()?;
        let phone = text("phone", &given.phone, 32)?
            .map(|phone| {
                phone.parse::<Phone>().map_err(|error| {
                    Refusal::invalid(
                        "phone",
                        error.to_string(),
                        "请填写11位手机号，或带区号的固定电话，或带+的国际号码。",
                    )
                })
            })
            .transpose()?;
        let card = match &document {
            Some(Document::ResidentId(card)) => Some(card),
            _ => None,
        };
        let born = given.born.or_else(|| card.map(ResidentId::birth_date));
        let contradicts = card.is_some_and(|card| Some(card.birth_date()) != born);
        if born.is_some_and(|born| born > today || born < OLDEST) || contradicts {
            return Err(Refusal::invalid(
                "born",
                "A date of birth lies in the past, and is that of the resident identity number.",
                "出生日期须早于今天，且与身份证号一致。",
            ));
        }
        let data = PersonalData {
            name: text("name", &given.name, 100)?,
            document_kind: document.as_ref().map(|document| document.kind().to_owned()),
            document: document
                .as_ref()
                .map(|document| document.number().to_owned()),
            phone: phone.as_ref().map(ToString::to_string),
            born,
            sex: given.sex.or_else(|| card.map(ResidentId::sex)),
            address: text("address", &given.address, 200)?,
            code: None,
        };
        if data.name.is_none() && data.document.is_none() && data.phone.is_none() {
            return Err(Refusal::invalid(
                "person",
                "Give a name, a document or a phone number.",
                "请至少填写姓名、证件号码或电话之一。",
            ));
        }
        Ok(data)
    }

    /// People on record with this document.
    pub(crate) fn with_document(&self, data: &PersonalData) -> Result<Vec<PersonId>, Refusal> {
        match &data.document {
            Some(document) => Ok(self.store.find_people(IndexKind::Document, document)?),
            None => Ok(Vec::new()),
        }
    }
}

/// Age in whole years.
pub(crate) fn age_on(born: Date, today: Date) -> u8 {
    let had = (today.month(), today.day()) >= (born.month(), born.day());
    (today.year() - born.year() - i16::from(!had)).clamp(0, 120) as u8
}

fn document(kind: Option<&str>, number: &str, today: Date) -> Result<Document, Refusal> {
    let looks_like_card = number.chars().count() == 18;
    let kind = kind.unwrap_or(if looks_like_card {
        Document::RESIDENT_ID
    } else {
        Document::PASSPORT
    });
    if kind == Document::RESIDENT_ID {
        return ResidentId::parse_as_of(number, today)
            .map(Document::ResidentId)
            .map_err(|error| {
                Refusal::invalid(
                    "document",
                    error.to_string(),
                    "身份证号不正确：请核对18位号码，末位为校验码。",
                )
            });
    }
    Document::parse(kind, number).map_err(|error| {
        Refusal::invalid("document", error.to_string(), "证件号码不正确，请核对。")
    })
}
