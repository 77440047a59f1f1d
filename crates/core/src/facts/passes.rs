//! Facts of passes: asked for, confirmed, assessed; daily reports, certificates from elsewhere, keys.

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::entry::Symptom;
use crate::ids::{PassCodeId, PersonId};
use crate::passes::{CertificateKind, Colour, PassFor};
use crate::quarantine::CheckedBy;

body! {
    /// Somebody asks for a pass. Until it is confirmed, its code opens nothing.
    PassAsked {
        /// The code's id.
        code: PassCodeId,
        /// The person, in the vault.
        person: PersonId,
        /// Who asks.
        by: PassFor,
        /// The code of whoever looks after this person.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        guardian: Option<PassCodeId>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// Somebody saw who it is: the code opens this person's pass.
    PassConfirmed {
        /// The code's id.
        code: PassCodeId,
        /// The holder: everything on record of this person counts.
        person: PersonId,
        /// Others in the vault with the same document: what is on record of them counts too.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<PersonId>,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A code opens nothing any more: the phone is lost, or it was not this person's.
    PassCodeEnded {
        /// The code's id.
        code: PassCodeId,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// The policy's answer to what is on record of a holder, where it is another than before.
    PassAssessed {
        /// The holder.
        person: PersonId,
        /// The colour.
        colour: Colour,
        /// The rule.
        rule: String,
        /// Since which day, by the evidence's own days.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        since: Option<Date>,
        /// The first day on which it will hold no more, if nothing new happens.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Date>,
        /// The pack and its version.
        pack: String,
        /// The day it was asked for.
        on: Date,
        /// What was known, by field: all that says something.
        evidence: serde_json::Map<String, serde_json::Value>,
    }
}
body! {
    /// A daily health report of a holder.
    HealthReported {
        /// The holder.
        person: PersonId,
        /// The day.
        day: Date,
        /// Temperature in tenths of a degree Celsius.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        temperature: Option<u16>,
        /// Symptoms.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        symptoms: Vec<Symptom>,
        /// Who wrote it down.
        by: CheckedBy,
        /// Whether the policy in force takes it for abnormal.
        abnormal: bool,
        /// Keyed digest of what was sent, so that the same id with other content is refused.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        said: String,
    }
}
body! {
    /// A health certificate from elsewhere was verified and counts for a holder.
    CertificateTaken {
        /// The holder.
        person: PersonId,
        /// What it certifies.
        kind: CertificateKind,
        /// The day of the dose, the sample or the first positive test.
        day: Date,
        /// Whether the series of doses is complete, the test negative; always for recovery.
        complete: bool,
        /// The country that issued it.
        issuer: String,
        /// The signer's key, in hex.
        signer: String,
        /// Keyed digest of the certificate's own id, so that it is taken once.
        certificate: String,
    }
}
body! {
    /// A key that passes are verified against, our own or a neighbour's.
    PassKeyListed {
        /// Whose passes it signs.
        issuer: String,
        /// Its id, in hex.
        kid: String,
        /// ES256 or EdDSA.
        algorithm: String,
        /// The key, in base64url without padding.
        public_key: String,
        /// First moment at which it signs.
        valid_from: Timestamp,
        /// First moment at which it signs no more.
        valid_until: Timestamp,
        /// Our own keys are numbered; it is derived from the number.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<u32>,
    }
}
body! {
    /// Nothing that a key signed is valid any more.
    PassKeyRevoked {
        /// Its id, in hex.
        kid: String,
        /// From when.
        at: Timestamp,
        /// Why.
        reason: String,
    }
}
body! {
    /// The certificate of a signer of health certificates is trusted.
    SignerTrusted {
        /// Its key's id, in hex.
        kid: String,
        /// The certificate (X.509), DER in base64.
        certificate: String,
        /// Whether it still is.
        trusted: bool,
    }
}
