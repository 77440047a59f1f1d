//! What the tests share: the demo's city and outbreak.

use jiff::civil::{Date, date};
use lianfang_city::areas::{City, Description, city};
use lianfang_city::outbreak::{Outbreak, outbreak};

pub(crate) const FIRST: Date = date(2020, 1, 6);
pub(crate) const LAST: Date = date(2020, 2, 20);

pub(crate) fn demo_city() -> City {
    city(&Description::default()).unwrap()
}

pub(crate) fn demo(seed: u64) -> (City, Outbreak) {
    let city = demo_city();
    let outbreak = outbreak(&city, seed, FIRST, LAST, 900).unwrap();
    (city, outbreak)
}
