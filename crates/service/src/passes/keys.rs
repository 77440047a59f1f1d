//! Keys: our own, which sign passes and are rotated by number; a neighbour's, whose passes count; signers of certificates.

use std::sync::{Arc, Mutex};

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use jiff::{SignedDuration, Span, Timestamp};
use lianfang_core::access::Right;
use lianfang_core::facts::{Body, PassKeyListed, PassKeyRevoked, SignerTrusted};
use lianfang_core::text::{Text, bounded};
use lianfang_hcert::certificate::SigningCertificate;
use lianfang_hcert::keys::{Algorithm, PublicKey, SigningKey};
use lianfang_hcert::pass::Issuer;
use lianfang_hcert::trust::{TrustList, TrustedKey};
use lianfang_store::views::passes::{self as view, PassKeyRow};
use serde::{Deserialize, Serialize};

use crate::{Actor, House, Refusal, locked};

/// What is kept at hand of keys, until a fact changes them.
#[derive(Default)]
pub(crate) struct KeptKeys(Mutex<Option<Kept>>);

#[derive(Clone)]
struct Kept {
    mark: u32,
    trust: Arc<TrustList>,
    own: Option<Arc<OwnKey>>,
}

/// Our key in use.
pub(super) struct OwnKey {
    pub(super) key: SigningKey,
    valid_from: Timestamp,
    valid_until: Timestamp,
}

/// A key on the trust list, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyShown {
    /// Whose passes it signs.
    pub issuer: String,
    /// Its id, in hex.
    pub kid: String,
    /// ES256 or EdDSA.
    pub algorithm: String,
    /// The key, in base64url without padding: for ES256 a point, uncompressed.
    pub public_key: String,
    /// First moment at which it signs.
    #[schema(value_type = String, format = DateTime)]
    pub valid_from: Timestamp,
    /// First moment at which it signs no more.
    #[schema(value_type = String, format = DateTime)]
    pub valid_until: Timestamp,
    /// From when on nothing that it signed is valid.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub revoked_at: Option<Timestamp>,
    /// Whether it is our own.
    #[serde(default)]
    pub own: bool,
}

/// A neighbour's key to be trusted, as the neighbour's own list shows it.
pub type NewPassKey = KeyShown;

/// A signer of health certificates, as shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SignerShown {
    /// Its key's id, in hex.
    pub kid: String,
    /// Whether it is trusted.
    pub trusted: bool,
    /// Since when that is so.
    pub since: String,
    /// Last moment of the certificate's validity.
    pub not_after: Option<String>,
}

fn algorithm(word: &str) -> Option<Algorithm> {
    [Algorithm::Es256, Algorithm::EdDsa]
        .into_iter()
        .find(|known| known.to_string() == word)
}

fn trusted(row: &PassKeyRow) -> Option<TrustedKey> {
    let bytes = Base64UrlUnpadded::decode_vec(&row.public_key).ok()?;
    Some(TrustedKey {
        issuer: row.issuer.parse().ok()?,
        public_key: PublicKey::from_bytes(algorithm(&row.algorithm)?, &bytes).ok()?,
        valid_from: row.valid_from,
        valid_until: row.valid_until,
        revoked_at: row.revoked_at,
    })
}

fn whole_second(moment: Timestamp) -> Timestamp {
    Timestamp::from_second(moment.as_second()).unwrap_or(moment)
}

impl House {
    /// Who issues our passes.
    pub(super) fn pass_issuer(&self) -> Issuer {
        self.store
            .root()
            .to_string()
            .parse()
            .expect("an area's code has the form of an issuer")
    }

    fn kept_keys(&self) -> Result<Kept, Refusal> {
        let mark = self.store.marks().keys();
        if let Some(kept) = &*locked(&self.keys.0)
            && kept.mark == mark
        {
            return Ok(kept.clone());
        }
        let rows = self.store.read(|c| Ok(view::pass_keys(c)?))?;
        let own = rows
            .iter()
            .filter(|row| row.revoked_at.is_none())
            .filter_map(|row| Some((row.number?, row)))
            .max_by_key(|(number, _)| *number)
            .and_then(|(number, row)| {
                let key = SigningKey::es256(&self.store.pass_secret(number)).ok()?;
                // A ledger with other keys than it was written with signs nothing.
                (key.public_key().key_id().to_string() == row.kid).then(|| {
                    Arc::new(OwnKey {
                        key,
                        valid_from: row.valid_from,
                        valid_until: row.valid_until,
                    })
                })
            });
        let trust = TrustList::new(rows.iter().filter_map(trusted).collect())
            .map_err(|error| Refusal::Pack(error.to_string()))?;
        let kept = Kept {
            mark,
            trust: Arc::new(trust),
            own,
        };
        *locked(&self.keys.0) = Some(kept.clone());
        Ok(kept)
    }

    /// The keys that passes are verified against.
    pub(super) fn trust(&self) -> Result<Arc<TrustList>, Refusal> {
        Ok(self.kept_keys()?.trust)
    }

    /// The key that signs now; a new one takes over before the last day of the one before.
    pub(super) fn signing_key(&self) -> Result<Arc<OwnKey>, Refusal> {
        let now = self.now();
        let policy = self.policy()?;
        let hours = policy.passes()?.valid_hours;
        let margin = SignedDuration::from_hours(i64::from(hours));
        let usable = |own: &OwnKey| own.valid_from <= now && now + margin < own.valid_until;
        if let Some(own) = self.kept_keys()?.own.filter(|own| usable(own)) {
            return Ok(own);
        }
        self.rotate_pass_key(&Actor::house("passes"))?;
        self.kept_keys()?
            .own
            .ok_or_else(|| Refusal::Pack("no key signs passes".into()))
    }

    /// Lists the next key of our own. Passes that the last one signed stay valid until they expire.
    pub fn rotate_pass_key(&self, actor: &Actor) -> Result<KeyShown, Refusal> {
        actor.require(Right::ApprovePolicy, self.store.root())?;
        let days = self.policy()?.passes()?.key_days;
        let now = whole_second(self.now());
        let last = self
            .today()
            .checked_add(Span::new().days(i64::from(days)))
            .map_err(|error| Refusal::Pack(error.to_string()))?;
        let rows = self.store.read(|c| Ok(view::pass_keys(c)?))?;
        let mut number = rows.iter().filter_map(|row| row.number).max().unwrap_or(0) + 1;
        // One secret in 2^128 is no key of the curve: the next number's is.
        let key = loop {
            match SigningKey::es256(&self.store.pass_secret(number)) {
                Ok(key) => break key,
                Err(_) => number += 1,
            }
        };
        let public = key.public_key();
        let listed = PassKeyListed {
            issuer: self.pass_issuer().as_str().to_owned(),
            kid: public.key_id().to_string(),
            algorithm: public.algorithm().to_string(),
            public_key: Base64UrlUnpadded::encode_string(&public.to_bytes()),
            valid_from: now,
            valid_until: self.store.utc_offset().start_of(last),
            number: Some(number),
        };
        let shown = KeyShown {
            issuer: listed.issuer.clone(),
            kid: listed.kid.clone(),
            algorithm: listed.algorithm.clone(),
            public_key: listed.public_key.clone(),
            valid_from: listed.valid_from,
            valid_until: listed.valid_until,
            revoked_at: None,
            own: true,
        };
        self.append(actor, [(self.store.root(), Body::PassKeyListed(listed))])?;
        Ok(shown)
    }

    /// The trust list: what a gate needs to verify passes without a line. Public.
    pub fn pass_keys(&self) -> Result<Vec<KeyShown>, Refusal> {
        if self.policy()?.passes().is_ok() {
            self.signing_key()?;
        }
        let rows = self.store.read(|c| Ok(view::pass_keys(c)?))?;
        Ok(rows
            .into_iter()
            .map(|row| KeyShown {
                own: row.number.is_some(),
                issuer: row.issuer,
                kid: row.kid,
                algorithm: row.algorithm,
                public_key: row.public_key,
                valid_from: row.valid_from,
                valid_until: row.valid_until,
                revoked_at: row.revoked_at,
            })
            .collect())
    }

    /// Trusts a neighbour's key.
    pub fn trust_key(&self, actor: &Actor, new: &NewPassKey) -> Result<(), Refusal> {
        actor.require(Right::ApprovePolicy, self.store.root())?;
        let row = PassKeyRow {
            kid: new.kid.clone(),
            issuer: new.issuer.clone(),
            algorithm: new.algorithm.clone(),
            public_key: new.public_key.clone(),
            valid_from: new.valid_from,
            valid_until: new.valid_until,
            number: None,
            revoked_at: None,
        };
        let key = trusted(&row).ok_or_else(|| {
            Refusal::invalid(
                "public_key",
                "A key has an issuer, the algorithm ES256 or EdDSA, and its bytes in base64url without padding, as the neighbour's list shows it.",
                "请按对方公布的密钥清单填写：签发方、算法（ES256或EdDSA）和base64url编码的公钥。",
            )
        })?;
        if key.issuer == self.pass_issuer() {
            return Err(Refusal::invalid(
                "issuer",
                "This is ourselves: our own keys are listed by rotating them.",
                "签发方为本地；本地密钥通过轮换登记。",
            ));
        }
        if key.public_key.key_id().to_string() != new.kid || new.valid_until <= new.valid_from {
            return Err(Refusal::invalid(
                "kid",
                "The id is not this key's, or its use ends before it begins.",
                "密钥编号与公钥不符，或有效期颠倒。",
            ));
        }
        let body = Body::PassKeyListed(PassKeyListed {
            issuer: row.issuer,
            kid: row.kid,
            algorithm: row.algorithm,
            public_key: row.public_key,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            number: None,
        });
        self.append(actor, [(self.store.root(), body)])?;
        match new.revoked_at {
            Some(at) => self.revoke_key(actor, &new.kid, Some(at), "as its issuer says"),
            None => Ok(()),
        }
    }

    /// Trusts a key no more: whatever it signed is refused from then on.
    pub fn revoke_key(
        &self,
        actor: &Actor,
        kid: &str,
        at: Option<Timestamp>,
        reason: &str,
    ) -> Result<(), Refusal> {
        actor.require(Right::ApprovePolicy, self.store.root())?;
        let reason = bounded(reason, 3, 200).map_err(|_| {
            Refusal::invalid(
                "reason",
                "Say why in 3 to 200 characters.",
                "请用3至200个字符说明理由。",
            )
        })?;
        let now = self.now();
        let body = Body::PassKeyRevoked(PassKeyRevoked {
            kid: kid.to_owned(),
            at: at.unwrap_or(now).min(now),
            reason,
        });
        self.append(actor, [(self.store.root(), body)])
    }

    /// Trusts a signer of health certificates, or no longer.
    pub fn trust_signer(
        &self,
        actor: &Actor,
        certificate: &[u8],
        trust: bool,
    ) -> Result<String, Refusal> {
        actor.require(Right::ApprovePolicy, self.store.root())?;
        let read = SigningCertificate::parse(certificate).map_err(|error| {
            Refusal::invalid(
                "certificate",
                error.to_string(),
                "请提供X.509证书（PEM、DER或DER的Base64）。",
            )
        })?;
        let kid = read.key_id().to_string();
        let body = Body::SignerTrusted(SignerTrusted {
            kid: kid.clone(),
            certificate: Base64::encode_string(certificate),
            trusted: trust,
        });
        self.append(actor, [(self.store.root(), body)])?;
        Ok(kid)
    }

    /// Signers of health certificates. Public.
    pub fn signers(&self) -> Result<Vec<SignerShown>, Refusal> {
        let offset = self.store.utc_offset();
        let rows = self.store.read(|c| Ok(view::signers(c)?))?;
        Ok(rows
            .into_iter()
            .map(|row| SignerShown {
                not_after: read_signer(&row.certificate)
                    .map(|certificate| offset.rfc3339(certificate.not_after())),
                kid: row.kid,
                trusted: row.trusted,
                since: offset.rfc3339(row.at),
            })
            .collect())
    }

    /// The trusted signer with a key's id.
    pub(super) fn signer(&self, kid: &str) -> Result<Option<SigningCertificate>, Refusal> {
        let rows = self.store.read(|c| Ok(view::signers(c)?))?;
        Ok(rows
            .iter()
            .find(|row| row.trusted && row.kid == kid)
            .and_then(|row| read_signer(&row.certificate)))
    }
}

fn read_signer(stored: &str) -> Option<SigningCertificate> {
    let bytes = Base64::decode_vec(stored).ok()?;
    SigningCertificate::parse(&bytes).ok()
}

/// No such key, in words.
pub(super) fn no_key() -> Text {
    Text::new(
        "The key that signed this pass is not on our trust list.",
        "签发密钥不在互认清单中。",
    )
}
