//! Arrivals that people declare for themselves, signed in nowhere.

use lianfang_core::entry::Source;
use lianfang_core::ids::EntrantId;

use crate::field::{EntryAnswer, FieldEntry, Happening, Taken};
use crate::{Actor, House, Refusal};

impl House {
    /// Takes an arrival that somebody declares for themselves, and gives the code by which they
    /// find it again.
    pub fn declare(&self, entry: &FieldEntry) -> Result<(EntryAnswer, Option<String>), Refusal> {
        let declared = matches!(
            entry.what,
            Happening::Notice {
                source: Source::Declared,
                household: None,
                list: None,
                ..
            }
        );
        if !declared {
            return Err(Refusal::invalid(
                "entry",
                "Only an arrival that one declares for oneself is taken here.",
                "此处仅受理本人申报。",
            ));
        }
        let mut answers =
            self.take_entries(&Actor::house("declare"), std::slice::from_ref(entry))?;
        let mut answer = answers.pop().ok_or(Refusal::NotFound("entry"))?;
        answer.entrant = None;
        // The code opens no more than the declaration: whoever knows a document number must not
        // learn what becomes of its holder, nor whether they are known here.
        let code = match answer.result {
            Taken::Refused => None,
            Taken::Taken | Taken::Repeated => {
                Some(self.declaration_code(EntrantId::from_bytes(entry.id.to_bytes())))
            }
        };
        Ok((answer, code))
    }
}
