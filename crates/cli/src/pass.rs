//! `lianfang pass`: the signed codes of health passes, without a store.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use jiff::Timestamp;
use lianfang_hcert::certificate::SigningCertificate;
use lianfang_hcert::dcc::HealthCertificate;
use lianfang_hcert::limits::{CERTIFICATE_BYTES, TEXT_CHARACTERS};
use lianfang_hcert::reading::{StageReport, Uncompressed, Verification, read};
use serde_json::{Value, json};

use crate::out::{self, Format};

#[derive(Subcommand)]
pub(crate) enum Pass {
    /// Verify an EU health certificate (HC1:…), stage by stage; exit code 0 if every stage holds.
    ///
    /// What it certifies, with name and date of birth, is shown only if every stage holds.
    Verify {
        /// What its QR code says, or @ and a file that holds it.
        #[arg(long, value_name = "TEXT|@FILE")]
        hcert: String,
        /// The signer's certificate (X.509): PEM, DER, or Base64 of DER.
        #[arg(long, value_name = "FILE")]
        certificate: PathBuf,
        /// The moment at which it must be valid, RFC 3339; now unless named.
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
        /// Take a message that is not compressed, against the specification.
        #[arg(long)]
        accept_uncompressed: bool,
        /// json or text.
        #[arg(long, default_value = "text")]
        format: Format,
    },
}

pub(crate) fn pass(command: &Pass) -> anyhow::Result<ExitCode> {
    match command {
        Pass::Verify {
            hcert,
            certificate,
            at,
            accept_uncompressed,
            format,
        } => {
            let text = text_of(hcert)?;
            let signer = SigningCertificate::parse(&start_of(certificate, CERTIFICATE_BYTES)?)
                .with_context(|| certificate.display().to_string())?;
            let uncompressed = if *accept_uncompressed {
                Uncompressed::Accept
            } else {
                Uncompressed::Refuse
            };
            let verification =
                read(&text, uncompressed).verify(&signer, at.unwrap_or_else(Timestamp::now));
            match format {
                Format::Json => out::line(serde_json::to_string_pretty(&json_of(&verification))?)?,
                Format::Text => print(&verification)?,
            }
            Ok(if verification.holds() {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

/// The text itself, or that of the file after an @, without the end of its line.
fn text_of(argument: &str) -> anyhow::Result<String> {
    let Some(path) = argument.strip_prefix('@') else {
        return Ok(argument.to_owned());
    };
    let bytes = start_of(Path::new(path), TEXT_CHARACTERS + 2)?;
    let text = String::from_utf8_lossy(&bytes);
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}

/// As much of a file as can matter: one byte more than `most`, if it is longer.
fn start_of(path: &Path, most: usize) -> anyhow::Result<Vec<u8>> {
    let place = || path.display().to_string();
    let mut bytes = Vec::new();
    File::open(path)
        .with_context(place)?
        .take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(place)?;
    Ok(bytes)
}

/// ```json
/// {
///   "valid": true,
///   "stages": [{ "stage": "prefix", "ok": true, "detail": null }],
///   "signer": { "algorithm": "ES256", "key_id": "d919375fc1e7b6b2" },
///   "claims": { "issuer": "AT", "issued_at": "…Z", "expires_at": "…Z", "kinds": ["vaccination"] },
///   "certificate": { "ver": "1.0.0", "nam": {}, "dob": "1998-02-26", "v": [{}] }
/// }
/// ```
///
/// `ok` is null where a stage could not be tried. `signer` is what the message's header names, null
/// unless `cose` holds; `claims` is null unless `cbor` holds, and `kinds` is empty unless `schema`
/// does: neither says anything about the person. `certificate` is the decoded payload, in the form
/// of the EU's schema, and null unless every stage holds.
fn json_of(verification: &Verification) -> Value {
    let reading = &verification.reading;
    let signer = reading.cose.value().map(|message| {
        json!({
            "algorithm": message.algorithm(),
            "key_id": message.key_id().map(hexadecimal),
        })
    });
    let claims = reading.cbor.value().map(|claims| {
        json!({
            "issuer": claims.issuer,
            "issued_at": claims.issued_at,
            "expires_at": claims.expires_at,
            "kinds": reading.schema.value().map(HealthCertificate::kind).as_slice(),
        })
    });
    json!({
        "valid": verification.holds(),
        "stages": verification.stages(),
        "signer": signer,
        "claims": claims,
        "certificate": verification.certificate(),
    })
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut digits, byte| {
        write!(digits, "{byte:02x}").expect("a string takes what is written");
        digits
    })
}

fn print(verification: &Verification) -> anyhow::Result<()> {
    out::line(if verification.holds() {
        "valid: every stage holds"
    } else {
        "NOT VALID"
    })?;
    for StageReport { stage, ok, detail } in verification.stages() {
        let outcome = match ok {
            Some(true) => "holds",
            Some(false) => "FAILS",
            None => "-",
        };
        let line = format!(
            "{:<14} {outcome:<6} {}",
            stage.to_string(),
            detail.unwrap_or_default()
        );
        out::line(line.trim_end())?;
    }
    if let Some(claims) = verification.reading.cbor.value() {
        out::line(format_args!(
            "issued by {} at {}, expires at {}",
            claims.issuer.as_deref().unwrap_or("(not named)"),
            claims.issued_at,
            claims.expires_at
        ))?;
    }
    if let Some(certificate) = verification.certificate() {
        let name = &certificate.name;
        let surname = name.surname.as_ref().or(name.standardised_surname.as_ref());
        let forename = name
            .forename
            .as_ref()
            .or(name.standardised_forename.as_ref());
        let names: Vec<&str> = [surname, forename]
            .into_iter()
            .flatten()
            .map(String::as_str)
            .collect();
        out::line(format_args!(
            "{}: {}, born {}",
            certificate.kind(),
            names.join(", "),
            certificate.date_of_birth
        ))?;
    }
    Ok(())
}
