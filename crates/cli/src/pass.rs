//! `lianfang pass`: health certificates and passes as signed codes, keys, and why a pass is as it is.

use std::fmt::Write as _;
use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::Subcommand;
use jiff::Timestamp;
use lianfang_core::ids::PersonId;
use lianfang_hcert::certificate::SigningCertificate;
use lianfang_hcert::dcc::HealthCertificate;
use lianfang_hcert::limits::{CERTIFICATE_BYTES, TEXT_CHARACTERS};
use lianfang_hcert::reading::{StageReport, Uncompressed, Verification, read};
use lianfang_hcert::trust::{TrustList, TrustedKey};
use lianfang_service::passes::KeyShown;
use serde_json::{Value, json};

use crate::house::{self, DataDir, operator};
use crate::out::{self, Format};

#[derive(Subcommand)]
pub(crate) enum Pass {
    /// Verify an EU health certificate (HC1:…), stage by stage, or a pass of ours or a neighbour's (LF1:…); exit code 0 if it holds.
    ///
    /// Needs no store and no line. What a certificate certifies, with name and date of birth, is shown only if every stage holds.
    Verify {
        /// What the QR code of a health certificate says (HC1:…), or @ and a file that holds it.
        #[arg(
            long,
            value_name = "TEXT|@FILE",
            requires = "certificate",
            required_unless_present = "pass",
            conflicts_with = "pass"
        )]
        hcert: Option<String>,
        /// The signer's certificate (X.509): PEM, DER, or Base64 of DER.
        #[arg(long, value_name = "FILE")]
        certificate: Option<PathBuf>,
        /// What the QR code of a pass says (LF1:…), or @ and a file that holds it.
        #[arg(long, value_name = "TEXT|@FILE", requires = "trust")]
        pass: Option<String>,
        /// The trust list that passes are verified against, as `pass trust list` prints it.
        #[arg(long, value_name = "FILE")]
        trust: Option<PathBuf>,
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
    /// Issue a pass for a holder's code, as their page does: the text of its QR code.
    Issue {
        #[command(flatten)]
        data: DataDir,
        /// The code by which the holder opens the pass.
        #[arg(long)]
        code: String,
        /// json or text.
        #[arg(long, default_value = "text")]
        format: Format,
    },
    /// The keys that passes are verified against.
    #[command(subcommand)]
    Trust(Trust),
    /// Why somebody's pass is as it is: the decision, rule by rule, with the evidence.
    Explain {
        #[command(flatten)]
        data: DataDir,
        /// The holder, or somebody whose records count for them.
        #[arg(long, value_name = "ID")]
        person: PersonId,
        /// As it was at this moment (RFC 3339), by the facts recorded until then; now unless named.
        #[arg(long, value_name = "TIME")]
        at: Option<Timestamp>,
    },
    /// Assess every holder again under the policy in force, and record the answers that changed.
    Reassess {
        #[command(flatten)]
        data: DataDir,
    },
    /// Compute every assessment on record again from the ledger alone; exit code 0 if all come out the same.
    Replay {
        #[command(flatten)]
        data: DataDir,
    },
}

#[derive(Subcommand)]
pub(crate) enum Trust {
    /// Print the trust list as JSON: our own keys, and neighbours' that are trusted.
    List {
        #[command(flatten)]
        data: DataDir,
        /// Our own keys alone, for a neighbour.
        #[arg(long)]
        own: bool,
    },
    /// Trust a neighbour's keys, as their `pass trust list --own` prints them; or a signer of health certificates.
    Add {
        #[command(flatten)]
        data: DataDir,
        /// The neighbour's list, JSON.
        #[arg(
            long,
            value_name = "FILE",
            required_unless_present = "signer",
            conflicts_with = "signer"
        )]
        keys: Option<PathBuf>,
        /// The certificate of a signer of health certificates (X.509): PEM, DER, or Base64 of DER.
        #[arg(long, value_name = "FILE")]
        signer: Option<PathBuf>,
    },
    /// Trust a key no more: nothing that it signed is valid from then on.
    Revoke {
        #[command(flatten)]
        data: DataDir,
        /// The key's id.
        #[arg(long)]
        kid: String,
        /// Why; it is recorded in the ledger.
        #[arg(long)]
        reason: String,
    },
    /// List the next key of our own. What the last one signed stays valid until it expires.
    Rotate {
        #[command(flatten)]
        data: DataDir,
    },
}

pub(crate) fn pass(command: &Pass) -> anyhow::Result<ExitCode> {
    match command {
        Pass::Verify {
            hcert,
            certificate,
            pass,
            trust,
            at,
            accept_uncompressed,
            format,
        } => {
            if let (Some(pass), Some(trust)) = (pass, trust) {
                return check(
                    &text_of(pass)?,
                    trust,
                    at.unwrap_or_else(Timestamp::now),
                    *format,
                );
            }
            let hcert = hcert.as_deref().context("--hcert or --pass")?;
            let certificate = certificate.as_deref().context("--certificate")?;
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
        Pass::Issue { data, code, format } => {
            let house = house::open(&data.data_dir)?;
            let mine = house.my_pass(code, true)?;
            let pass = mine
                .pass
                .context("nobody has confirmed this code yet, or it was ended")?;
            match format {
                Format::Json => out::line(serde_json::to_string_pretty(&pass)?)?,
                Format::Text => out::line(&pass.text)?,
            }
            Ok(ExitCode::SUCCESS)
        }
        Pass::Trust(command) => trusted(command),
        Pass::Explain { data, person, at } => {
            let house = house::open(&data.data_dir)?;
            let explained = house.explain_pass_at(*person, *at)?;
            out::line(serde_json::to_string_pretty(&explained)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Pass::Reassess { data } => {
            let house = house::open(&data.data_dir)?;
            out::line(serde_json::to_string_pretty(&house.reassess_all()?)?)?;
            Ok(ExitCode::SUCCESS)
        }
        Pass::Replay { data } => {
            let house = house::open(&data.data_dir)?;
            let report = house.replay_passes()?;
            out::line(serde_json::to_string_pretty(&report)?)?;
            Ok(if report.same == report.assessments {
                ExitCode::SUCCESS
            } else {
                ExitCode::FAILURE
            })
        }
    }
}

/// Bytes of a trust list at most.
const TRUST_LIST: usize = 1024 * 1024;

fn read_list(path: &Path) -> anyhow::Result<Vec<KeyShown>> {
    let bytes = start_of(path, TRUST_LIST)?;
    serde_json::from_slice(&bytes).with_context(|| format!("{}: no trust list", path.display()))
}

/// ```json
/// { "valid": false, "reason": "expired", "pass": null }
/// { "valid": true, "reason": null, "pass": { "issuer": "330600", "colour": "green", "name": "*芳",
///   "digits": "028X", "issued_at": "…Z", "expires_at": "…Z" } }
/// ```
fn check(text: &str, trust: &Path, at: Timestamp, format: Format) -> anyhow::Result<ExitCode> {
    let keys = read_list(trust)?
        .into_iter()
        .map(|key| {
            serde_json::from_value(json!({
                "issuer": key.issuer, "kid": key.kid, "algorithm": key.algorithm,
                "public_key": key.public_key, "valid_from": key.valid_from,
                "valid_until": key.valid_until, "revoked_at": key.revoked_at,
            }))
        })
        .collect::<Result<Vec<TrustedKey>, _>>()
        .with_context(|| trust.display().to_string())?;
    let list = TrustList::new(keys)?;
    let read = lianfang_hcert::pass::Pass::from_code(text, &list, at);
    match format {
        Format::Json => {
            let pass = read.as_ref().ok().map(|pass| {
                json!({
                    "issuer": pass.issuer().as_str(),
                    "colour": pass.shown().colour.to_string(),
                    "name": pass.shown().name.as_str(),
                    "digits": pass.shown().digits.as_str(),
                    "issued_at": pass.issued_at(),
                    "expires_at": pass.expires_at(),
                })
            });
            let answer = json!({
                "valid": read.is_ok(),
                "reason": read.as_ref().err().map(lianfang_hcert::pass::Refusal::reason),
                "pass": pass,
            });
            out::line(serde_json::to_string_pretty(&answer)?)?;
        }
        Format::Text => match &read {
            Ok(pass) => out::line(format!(
                "{} {} {}, issued by {}, valid until {}",
                pass.shown().colour,
                pass.shown().name.as_str(),
                pass.shown().digits.as_str(),
                pass.issuer().as_str(),
                pass.expires_at()
            ))?,
            Err(refusal) => out::line(format!("NOT VALID: {refusal}"))?,
        },
    }
    Ok(if read.is_ok() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn trusted(command: &Trust) -> anyhow::Result<ExitCode> {
    match command {
        Trust::List { data, own } => {
            let house = house::open(&data.data_dir)?;
            let mut keys = house.pass_keys()?;
            keys.retain(|key| key.own || !own);
            out::line(serde_json::to_string_pretty(&keys)?)?;
        }
        Trust::Add { data, keys, signer } => {
            let house = house::open(&data.data_dir)?;
            if let Some(path) = keys {
                for mut key in read_list(path)? {
                    key.own = false;
                    house.trust_key(&operator(), &key)?;
                    out::line(format!("{} {}", key.issuer, key.kid))?;
                }
            }
            if let Some(path) = signer {
                let kid =
                    house.trust_signer(&operator(), &start_of(path, CERTIFICATE_BYTES)?, true)?;
                out::line(kid)?;
            }
        }
        Trust::Revoke { data, kid, reason } => {
            let house = house::open(&data.data_dir)?;
            house.revoke_key(&operator(), kid, None, reason)?;
        }
        Trust::Rotate { data } => {
            let house = house::open(&data.data_dir)?;
            let key = house.rotate_pass_key(&operator())?;
            out::line(serde_json::to_string_pretty(&key)?)?;
        }
    }
    Ok(ExitCode::SUCCESS)
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
