//! A small house to test the store in.
#![allow(unreachable_pub, reason = "shared between test files")]
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each test file uses a part of it, and a test may fail"
)]

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use lianfang_core::areas::AreaCode;
use lianfang_core::cases::{CaseDetails, CaseRecord, Classification};
use lianfang_core::facts::{Body, CaseFact, Draft, HouseFounded};
use lianfang_core::ids::{AccountId, CaseId, FactId};
use lianfang_core::time::UtcOffset;
use lianfang_store::{Clock, Store};

pub fn moment() -> Timestamp {
    "2020-02-09T00:00:00Z".parse().unwrap()
}

pub fn clock() -> Clock {
    Arc::new(moment)
}

pub fn area(code: &str) -> AreaCode {
    code.parse().unwrap()
}

pub fn create(folder: &Path) -> Store {
    let house = HouseFounded {
        root: area("330600"),
        utc_offset: UtcOffset::CHINA,
    };
    Store::create(folder, house, clock()).unwrap()
}

pub fn case_body(n: u128, day: Date) -> CaseFact {
    let mut details = CaseDetails::new(Classification::Confirmed);
    details.reported = Some(day);
    details.onset = Some(day.yesterday().unwrap());
    CaseFact {
        record: CaseRecord {
            case: CaseId::from_parts(1, n),
            details,
        },
        published: Some(day),
        reason: None,
    }
}

pub fn draft(n: u128, area_code: &str, body: Body) -> Draft {
    Draft {
        id: FactId::from_parts(1_581_206_400_000, n),
        area: area(area_code),
        actor: AccountId::from_bytes([7; 16]),
        device: "test".into(),
        happened_at: moment(),
        body,
    }
}

/// Case `n`, reported in one of four villages of two counties.
pub fn case_draft(n: u128) -> Draft {
    let villages = [
        "330683001001",
        "330683001002",
        "330682002001",
        "330682002002",
    ];
    let day = Date::constant(2020, 1, 20)
        .checked_add(jiff::Span::new().days((n % 20) as i64))
        .unwrap();
    draft(
        n,
        villages[(n % 4) as usize],
        Body::CaseReported(case_body(n, day)),
    )
}
