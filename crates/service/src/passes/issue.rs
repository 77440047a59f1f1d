//! A pass issued as a signed code, and one that is shown, verified.

use jiff::{SignedDuration, Timestamp};
use lianfang_core::ids::{PassCodeId, PersonId};
use lianfang_core::passes::Colour;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_hcert::pass::{Colour as Signed, Pass, PassId, Refusal as Refused, Shown};
use lianfang_store::{AccessWrite, Batch, IssuedPass, digest_of};

use super::PassQr;
use super::keys::no_key;
use crate::quarantine::{last_digits, name_mark};
use crate::{House, Refusal};

fn signed(colour: Colour) -> Signed {
    match colour {
        Colour::Green => Signed::Green,
        Colour::Yellow => Signed::Yellow,
        Colour::Red => Signed::Red,
    }
}

/// The colour that a signed code says.
pub(super) fn said(colour: Signed) -> Colour {
    match colour {
        Signed::Green => Colour::Green,
        Signed::Yellow => Colour::Yellow,
        Signed::Red => Colour::Red,
    }
}

/// Why a code is refused, for whoever stands at the gate.
pub(super) fn why(refused: &Refused) -> Text {
    match refused {
        Refused::Malformed(_) | Refused::Oversized { .. } | Refused::Bomb { .. } => Text::new(
            "This is no pass, or not a whole one.",
            "不是健康码，或内容不完整。",
        ),
        Refused::UnknownIssuer | Refused::UnknownKey => no_key(),
        Refused::WrongIssuer => Text::new(
            "Another issuer's key signed this pass.",
            "签发方与签名密钥不符。",
        ),
        Refused::Forged => Text::new("Forged or altered.", "伪造或被篡改。"),
        Refused::Revoked => Text::new("The key that signed it was revoked.", "签发密钥已被吊销。"),
        Refused::KeyOutOfUse => Text::new(
            "The key that signed it was not in use then.",
            "签发时该密钥不在使用期内。",
        ),
        Refused::ValidityTooLong => Text::new(
            "It claims to be valid for longer than a pass may be.",
            "有效期超出规定。",
        ),
        Refused::NotYetValid => {
            Text::new("Not valid yet: is a clock wrong?", "尚未生效，请检查时钟。")
        }
        Refused::Expired => Text::new(
            "Expired: ask for the page to be opened again.",
            "已过期，请重新打开页面刷新。",
        ),
    }
}

impl House {
    /// Signs a pass for a holder of this colour. Durable, so that it is known wherever it is shown, when this returns.
    pub(super) fn issue_pass(
        &self,
        code: PassCodeId,
        holder: PersonId,
        colour: Colour,
    ) -> Result<PassQr, Refusal> {
        let policy = self.policy()?;
        let hours = policy.passes()?.valid_hours;
        let data = self.store.open_person(holder)?.unwrap_or_default();
        let digits = last_digits(&data).ok_or_else(|| {
            Refusal::Conflict(Text::new(
                "A pass shows the last digits of a document, and none is on record: go to your community.",
                "健康码需显示证件末几位，系统中无证件号码，请到社区登记。",
            ))
        })?;
        let key = self.signing_key()?;
        let now = Timestamp::from_second(self.now().as_second()).unwrap_or(self.now());
        let until = now + SignedDuration::from_hours(i64::from(hours));
        let shown = Shown {
            colour: signed(colour),
            name: name_mark(&data),
            digits,
        };
        let pass = Pass::new(
            PassId(rand::random()),
            self.pass_issuer(),
            shown,
            now,
            until,
        )
        .map_err(|error| Refusal::Pack(error.to_string()))?;
        let text = pass.to_code(&key.key);
        self.store
            .append(Batch::access(AccessWrite::Pass(IssuedPass {
                digest: digest_of(&text),
                code,
                holder,
                colour,
                issued_at: now,
                expires_at: until,
                superseded_at: None,
            })))?;
        let offset = self.store.utc_offset();
        Ok(PassQr {
            text,
            colour,
            colour_name: colour.label(),
            name: pass.shown().name.as_str().to_owned(),
            digits: pass.shown().digits.as_str().to_owned(),
            issued_at: offset.rfc3339(now),
            expires_at: offset.rfc3339(until),
        })
    }

    /// Verifies a code by signature alone, as a gate without a line does.
    pub(super) fn verify_pass(&self, text: &str) -> Result<Result<Pass, Refused>, Refusal> {
        let trust = self.trust()?;
        Ok(Pass::from_code(text, &trust, self.now()))
    }
}
