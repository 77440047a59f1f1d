//! The certificate of release: signed, to be printed, verified by anybody.

use jiff::civil::Date;
use lianfang_core::areas::Area;
use lianfang_core::ids::OrderId;
use lianfang_core::people::PersonalData;
use lianfang_core::quarantine::EndHow;
use lianfang_core::text::Text;
use lianfang_hcert::keys::SigningKey;
use lianfang_hcert::pass::{Issuer, LastDigits, NameMark};
use lianfang_hcert::release::{Release, ReleaseRefusal};
use lianfang_store::views::quarantine::{self as view, OrderRow};
use serde::Serialize;

use crate::entry::tail;
use crate::{Actor, House, Refusal};

/// A certificate of release, with what is printed beside its code.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CertificateIssued {
    /// The signed text, for a QR code.
    pub code: String,
    /// What it says.
    #[serde(flatten)]
    pub certificate: CertificateSays,
}

/// What a certificate of release says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CertificateSays {
    /// Who issued it.
    pub issuer: Area,
    /// The order.
    #[schema(value_type = String)]
    pub order: OrderId,
    /// First day of the order.
    #[schema(value_type = String, format = Date)]
    pub first: Date,
    /// Its day of release.
    #[schema(value_type = String, format = Date)]
    pub last: Date,
    /// The day on which the person was released.
    #[schema(value_type = String, format = Date)]
    pub released: Date,
    /// The pack and its version.
    pub pack: String,
    /// Two characters of the name.
    pub name: String,
    /// The last digits of the document or phone.
    pub digits: Option<String>,
}

/// What becomes of a certificate that somebody shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CertificateShown {
    /// Whether it is ours, unaltered, and of a release on record.
    pub valid: bool,
    /// A word for programs: `valid`, `malformed`, `oversized`, `foreign`, `forged`, `not_on_record`.
    pub reason: &'static str,
    /// The same for people.
    pub why: Text,
    /// What it says, where that can be believed.
    pub certificate: Option<CertificateSays>,
}

/// The last letter of a name behind a star.
pub(crate) fn name_mark(data: &PersonalData) -> NameMark {
    let last = data
        .name
        .as_deref()
        .and_then(|name| name.trim().chars().next_back())
        .filter(|last| last.is_alphabetic());
    last.and_then(|last| format!("*{last}").parse().ok())
        .unwrap_or_else(|| "**".parse().expect("two stars are a mark of a name"))
}

pub(crate) fn last_digits(data: &PersonalData) -> Option<LastDigits> {
    [&data.document, &data.phone]
        .into_iter()
        .flatten()
        .find_map(|number| tail(number).parse().ok())
}

fn why(refusal: ReleaseRefusal) -> Text {
    match refusal {
        ReleaseRefusal::Prefix | ReleaseRefusal::Malformed | ReleaseRefusal::Oversized => {
            Text::new(
                "This is not a certificate of release, or not a whole one.",
                "不是解除隔离证明，或内容不完整。",
            )
        }
        ReleaseRefusal::Foreign => Text::new(
            "Another jurisdiction issued this certificate, or somebody in its name: ask there.",
            "该证明由其他地区签发或冒名签发，请向签发地核实。",
        ),
        ReleaseRefusal::Forged => Text::new(
            "Forged or altered: our signature does not fit these words.",
            "伪造或被篡改：签名与内容不符。",
        ),
    }
}

impl House {
    fn certificate_key(&self) -> SigningKey {
        SigningKey::ed25519(self.store.certificate_secret())
    }

    fn certificate_issuer(&self) -> Issuer {
        self.store
            .root()
            .to_string()
            .parse()
            .expect("an area's code has the form of an issuer")
    }

    /// The certificate of an order that ended by release; none of another.
    pub(super) fn release_of(&self, row: &OrderRow) -> Result<Option<Release>, Refusal> {
        let (Some(EndHow::Released), Some(at), Some(released)) =
            (row.how, row.ended_at, row.ended_on)
        else {
            return Ok(None);
        };
        let data = self.store.open_person(row.person)?.unwrap_or_default();
        let offset = self.store.utc_offset();
        Ok(Some(Release {
            issuer: self.certificate_issuer(),
            order: row.order.to_bytes(),
            first: offset.day_of(row.made_at),
            last: row.until,
            released,
            pack: row.pack.clone(),
            name: name_mark(&data),
            digits: last_digits(&data),
            issued_at: jiff::Timestamp::from_second(at.as_second()).unwrap_or(at),
        }))
    }

    pub(super) fn certificate_code(&self, row: &OrderRow) -> Result<Option<String>, Refusal> {
        let release = self.release_of(row)?;
        Ok(release.map(|release| release.to_code(&self.certificate_key())))
    }

    fn says(&self, release: &Release) -> Result<CertificateSays, Refusal> {
        Ok(CertificateSays {
            issuer: self.tree()?.get_or_unnamed(self.store.root()),
            order: OrderId::from_bytes(release.order),
            first: release.first,
            last: release.last,
            released: release.released,
            pack: release.pack.clone(),
            name: release.name.as_str().to_owned(),
            digits: release
                .digits
                .as_ref()
                .map(|digits| digits.as_str().to_owned()),
        })
    }

    /// The certificate of release of an order.
    pub fn certificate(&self, actor: &Actor, order: OrderId) -> Result<CertificateIssued, Refusal> {
        let row = self.readable_order(actor, order)?;
        let release = self.release_of(&row)?.ok_or_else(|| {
            Refusal::Conflict(Text::new(
                "There is a certificate once this person is released.",
                "解除隔离后方可开具证明。",
            ))
        })?;
        Ok(CertificateIssued {
            code: release.to_code(&self.certificate_key()),
            certificate: self.says(&release)?,
        })
    }

    /// What becomes of a certificate that somebody shows: whether it is ours and unaltered, and
    /// whether that release is on record.
    pub fn verify_certificate(&self, text: &str) -> Result<CertificateShown, Refusal> {
        let key = self.certificate_key().public_key();
        let read = Release::from_code(text.trim(), &self.certificate_issuer(), &key);
        let release = match read {
            Ok(release) => release,
            Err(refusal) => {
                return Ok(CertificateShown {
                    valid: false,
                    reason: refusal.reason(),
                    why: why(refusal),
                    certificate: None,
                });
            }
        };
        let row = self
            .store
            .read(|c| Ok(view::order(c, OrderId::from_bytes(release.order))?))?;
        let on_record = row.is_some_and(|row| {
            row.how == Some(EndHow::Released) && row.ended_on == Some(release.released)
        });
        let (reason, why) = if on_record {
            (
                "valid",
                Text::new(
                    "Valid: this release is on record.",
                    "有效：该解除记录属实。",
                ),
            )
        } else {
            (
                "not_on_record",
                Text::new(
                    "Our signature, and no such release on record: tell the operator.",
                    "签名属实，但系统中无此解除记录，请告知管理员。",
                ),
            )
        };
        Ok(CertificateShown {
            valid: on_record,
            reason,
            why,
            certificate: Some(self.says(&release)?),
        })
    }
}
