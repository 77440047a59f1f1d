//! The three kinds of entry.

use ciborium::Value;
use serde::Serialize;

use super::SchemaError;
use super::fields::Fields;

/// `v`: one vaccination.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Vaccination {
    /// `tg`: disease or agent targeted, SNOMED CT.
    #[serde(rename = "tg")]
    pub disease_agent_targeted: String,
    /// `vp`: vaccine or prophylaxis.
    #[serde(rename = "vp")]
    pub vaccine_prophylaxis: String,
    /// `mp`: medicinal product.
    #[serde(rename = "mp")]
    pub medicinal_product: String,
    /// `ma`: holder of the marketing authorisation, or manufacturer.
    #[serde(rename = "ma")]
    pub marketing_authorisation_holder: String,
    /// `dn`: number of this dose.
    #[serde(rename = "dn")]
    pub dose_number: u32,
    /// `sd`: doses of the series.
    #[serde(rename = "sd")]
    pub total_doses: u32,
    /// `dt`: day of the vaccination.
    #[serde(rename = "dt")]
    pub date: String,
    /// `co`: country of the vaccination.
    #[serde(rename = "co")]
    pub country: String,
    /// `is`: issuer of the certificate.
    #[serde(rename = "is")]
    pub issuer: String,
    /// `ci`: unique certificate identifier (UVCI).
    #[serde(rename = "ci")]
    pub certificate_id: String,
}

/// `t`: one test.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Test {
    /// `tg`: disease or agent targeted, SNOMED CT.
    #[serde(rename = "tg")]
    pub disease_agent_targeted: String,
    /// `tt`: type of test, LOINC.
    #[serde(rename = "tt")]
    pub test_type: String,
    /// `nm`: name of a nucleic acid amplification test.
    #[serde(rename = "nm", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `ma`: name and manufacturer of a rapid antigen test.
    #[serde(rename = "ma", skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// `sc`: when the sample was taken.
    #[serde(rename = "sc")]
    pub sample_collected_at: String,
    /// `tr`: result, SNOMED CT.
    #[serde(rename = "tr")]
    pub result: String,
    /// `tc`: testing centre; optional from 1.3.1, for rapid tests.
    #[serde(rename = "tc", skip_serializing_if = "Option::is_none")]
    pub testing_centre: Option<String>,
    /// `co`: country of the test.
    #[serde(rename = "co")]
    pub country: String,
    /// `is`: issuer of the certificate.
    #[serde(rename = "is")]
    pub issuer: String,
    /// `ci`: unique certificate identifier (UVCI).
    #[serde(rename = "ci")]
    pub certificate_id: String,
}

/// `r`: one recovery.
#[derive(Clone, PartialEq, Eq, Serialize)]
pub struct Recovery {
    /// `tg`: disease or agent targeted, SNOMED CT.
    #[serde(rename = "tg")]
    pub disease_agent_targeted: String,
    /// `fr`: day of the first positive test.
    #[serde(rename = "fr")]
    pub first_positive: String,
    /// `co`: country of the test.
    #[serde(rename = "co")]
    pub country: String,
    /// `is`: issuer of the certificate.
    #[serde(rename = "is")]
    pub issuer: String,
    /// `df`: first day of validity.
    #[serde(rename = "df")]
    pub valid_from: String,
    /// `du`: last day of validity.
    #[serde(rename = "du")]
    pub valid_until: String,
    /// `ci`: unique certificate identifier (UVCI).
    #[serde(rename = "ci")]
    pub certificate_id: String,
}

impl Vaccination {
    pub(super) fn from_value(value: &Value) -> Result<Self, SchemaError> {
        let fields = Fields::of("v[0]", value)?;
        Ok(Self {
            disease_agent_targeted: fields.text("v.tg")?,
            vaccine_prophylaxis: fields.text("v.vp")?,
            medicinal_product: fields.text("v.mp")?,
            marketing_authorisation_holder: fields.text("v.ma")?,
            dose_number: fields.doses("v.dn")?,
            total_doses: fields.doses("v.sd")?,
            date: fields.date("v.dt")?,
            country: fields.country("v.co")?,
            issuer: fields.text("v.is")?,
            certificate_id: fields.text("v.ci")?,
        })
    }
}

impl Test {
    pub(super) fn from_value(value: &Value) -> Result<Self, SchemaError> {
        let fields = Fields::of("t[0]", value)?;
        Ok(Self {
            disease_agent_targeted: fields.text("t.tg")?,
            test_type: fields.text("t.tt")?,
            name: fields.optional("t.nm")?,
            manufacturer: fields.optional("t.ma")?,
            sample_collected_at: fields.date_time("t.sc")?,
            result: fields.text("t.tr")?,
            testing_centre: fields.optional("t.tc")?,
            country: fields.country("t.co")?,
            issuer: fields.text("t.is")?,
            certificate_id: fields.text("t.ci")?,
        })
    }
}

impl Recovery {
    pub(super) fn from_value(value: &Value) -> Result<Self, SchemaError> {
        let fields = Fields::of("r[0]", value)?;
        Ok(Self {
            disease_agent_targeted: fields.text("r.tg")?,
            first_positive: fields.date("r.fr")?,
            country: fields.country("r.co")?,
            issuer: fields.text("r.is")?,
            valid_from: fields.date("r.df")?,
            valid_until: fields.date("r.du")?,
            certificate_id: fields.text("r.ci")?,
        })
    }
}
