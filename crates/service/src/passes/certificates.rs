//! Health certificates from elsewhere, verified and taken as evidence.

use jiff::civil::Date;
use lianfang_core::facts::{Body, CertificateTaken};
use lianfang_core::passes::CertificateKind;
use lianfang_core::people::PersonalData;
use lianfang_core::text::Text;
use lianfang_core::words::Word;
use lianfang_hcert::dcc::{Entry, HealthCertificate};
use lianfang_hcert::limits::TEXT_CHARACTERS;
use lianfang_hcert::reading::{Uncompressed, read};
use serde::Serialize;

use crate::{Actor, House, Refusal};

/// The code of SNOMED CT for a result that is negative.
const NOT_DETECTED: &str = "260415000";

/// What became of a health certificate that somebody showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct CertificateAnswer {
    /// Whether it is evidence now.
    pub taken: bool,
    /// Why, or what it is.
    pub message: Text,
    /// What it certifies.
    pub kind: Option<CertificateKind>,
    /// The day of the dose, the sample or the first positive test.
    #[schema(value_type = Option<String>, format = Date)]
    pub day: Option<Date>,
}

/// What a certificate says that matters here.
struct Certified {
    kind: CertificateKind,
    day: Option<Date>,
    complete: bool,
    id: String,
}

fn certified(certificate: &HealthCertificate) -> Certified {
    // A time of sampling begins with its day.
    let day = |text: &str| text.get(..10).unwrap_or(text).parse::<Date>().ok();
    match &certificate.entry {
        Entry::Vaccination(dose) => Certified {
            kind: CertificateKind::Vaccination,
            day: day(&dose.date),
            complete: dose.dose_number >= dose.total_doses,
            id: dose.certificate_id.clone(),
        },
        Entry::Test(test) => Certified {
            kind: CertificateKind::Test,
            day: day(&test.sample_collected_at),
            complete: test.result == NOT_DETECTED,
            id: test.certificate_id.clone(),
        },
        Entry::Recovery(recovery) => Certified {
            kind: CertificateKind::Recovery,
            day: day(&recovery.first_positive),
            complete: true,
            id: recovery.certificate_id.clone(),
        },
    }
}

/// Letters alone, in capitals: how two spellings of a name are compared.
fn letters(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_alphabetic())
        .flat_map(char::to_uppercase)
        .collect()
}

/// Whether a certificate is of somebody with these data: the day of birth, and every part of the name.
fn is_of(certificate: &HealthCertificate, data: &PersonalData) -> bool {
    let born = data.born.map(|born| born.to_string());
    if born.as_deref() != Some(certificate.date_of_birth.as_str()) {
        return false;
    }
    let Some(name) = data.name.as_deref().map(letters) else {
        return false;
    };
    let parts = |one: &Option<String>, other: &Option<String>| {
        [one, other]
            .into_iter()
            .flatten()
            .map(|part| letters(part))
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
    };
    let named = &certificate.name;
    let plain = parts(&named.surname, &named.forename);
    let standard = parts(&named.standardised_surname, &named.standardised_forename);
    let fits = |parts: &[String]| {
        !parts.is_empty()
            && parts.iter().all(|part| name.contains(part.as_str()))
            && parts.iter().map(String::len).sum::<usize>() == name.len()
    };
    fits(&plain) || fits(&standard)
}

fn refused(en: impl Into<String>, zh: impl Into<String>) -> CertificateAnswer {
    CertificateAnswer {
        taken: false,
        message: Text::new(en, zh),
        kind: None,
        day: None,
    }
}

impl House {
    /// A holder shows a health certificate from elsewhere (`HC1:…`). It counts if every stage holds under a signer that is
    /// trusted here, and if it is theirs.
    pub fn take_certificate(&self, code: &str, text: &str) -> Result<CertificateAnswer, Refusal> {
        let row = self.open_code(code)?;
        let text = text.trim();
        if text.len() > TEXT_CHARACTERS {
            return Ok(refused(
                "This is longer than any health certificate.",
                "内容过长，不是健康证明。",
            ));
        }
        let reading = read(text, Uncompressed::Refuse);
        let kid = reading
            .cose
            .value()
            .and_then(|message| message.key_id())
            .map(|kid| {
                use std::fmt::Write as _;
                kid.iter().fold(String::new(), |mut hex, byte| {
                    let _ = write!(hex, "{byte:02x}");
                    hex
                })
            });
        let Some(kid) = kid else {
            return Ok(refused(
                "This is no health certificate that can be read: scan its QR code again.",
                "无法识别，请重新扫描健康证明二维码。",
            ));
        };
        let Some(signer) = self.signer(&kid)? else {
            return Ok(refused(
                "Its signer is not trusted here.",
                "签发机构不在本地信任清单中。",
            ));
        };
        let issuer = reading
            .cbor
            .value()
            .and_then(|claims| claims.issuer.clone())
            .unwrap_or_default();
        let verification = read(text, Uncompressed::Refuse).verify(&signer, self.now());
        let Some(certificate) = verification.certificate() else {
            let stage = verification
                .stages()
                .into_iter()
                .find(|stage| stage.ok == Some(false));
            let (name, detail) = stage.map_or_else(Default::default, |stage| {
                (stage.stage.to_string(), stage.detail.unwrap_or_default())
            });
            return Ok(refused(
                format!("Not valid: {name}: {detail}"),
                format!("无效（{name}）：{detail}"),
            ));
        };
        let data = self
            .store
            .open_person(row.person)?
            .ok_or(Refusal::Forgotten)?;
        if !is_of(certificate, &data) {
            return Ok(refused(
                "Its name and date of birth are not those of this pass's holder.",
                "姓名或出生日期与持码人不符。",
            ));
        }
        let says = certified(certificate);
        let Some(day) = says.day.filter(|day| *day <= self.today()) else {
            return Ok(refused(
                "Its day cannot be read, or lies in the future.",
                "日期无法识别或在未来。",
            ));
        };
        let digest = self.store.blind("health certificate", &says.id);
        let body = Body::CertificateTaken(CertificateTaken {
            person: row.person,
            kind: says.kind,
            day,
            complete: says.complete,
            issuer,
            signer: kid,
            certificate: format!("{:032x}", u128::from_be_bytes(digest)),
        });
        match self.append(&Actor::house("pass"), [(row.area, body)]) {
            // Shown a second time.
            Ok(()) | Err(Refusal::Conflict(_)) => {}
            Err(error) => return Err(error),
        }
        self.assess(row.person)?;
        let name = says.kind.label();
        Ok(CertificateAnswer {
            taken: true,
            message: Text::new(
                format!("Taken: {}, {day}.", name.en),
                format!("已收录：{}，{day}。", name.zh),
            ),
            kind: Some(says.kind),
            day: Some(day),
        })
    }
}
