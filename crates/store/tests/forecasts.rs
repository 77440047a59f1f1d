//! Forecasts in the view: as they were made, one of each, the same after a rebuild.
#![allow(clippy::unwrap_used, reason = "a test may fail")]

mod common;

use common::{area, clock, create, draft, moment};
use jiff::civil::{Date, date};
use lianfang_core::facts::{Body, ForecastMade};
use lianfang_core::forecasts::{Model, Target};
use lianfang_core::time::UtcOffset;
use lianfang_core::words::Word;
use lianfang_store::views::forecasts::{ForecastRow, made_as_of, within};
use lianfang_store::{Batch, Store, StoreError};
use proptest::prelude::*;
use std::collections::btree_map::Entry;

const COUNTY: &str = "330683";

fn made(model: Model, as_of: Date, thousandths: Vec<Vec<u64>>) -> ForecastMade {
    ForecastMade {
        target: Target::NewCases,
        model,
        as_of,
        last: as_of,
        pack: "covid19-cn-2020".into(),
        version: "1".into(),
        read: "00".into(),
        added: 0,
        city: None,
        thousandths,
    }
}

fn append(store: &Store, n: u128, code: &str, made: ForecastMade) -> Result<(), StoreError> {
    let body = Body::ForecastMade(made);
    store.append(Batch::of([draft(n, code, body)])).map(|_| ())
}

fn rows(store: &Store, code: &str) -> Vec<ForecastRow> {
    let of = area(code);
    store
        .read(|c| within(c, (of, of.last()), Target::NewCases, date(2020, 2, 9)))
        .unwrap()
}

/// Quantiles of some days, ascending.
fn quantiles() -> impl Strategy<Value = Vec<Vec<u64>>> {
    let day = prop::collection::vec(0..2_000_000_000_u64, 23).prop_map(|mut values| {
        values.sort_unstable();
        values
    });
    prop::collection::vec(day, 1..15)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn what_was_made_is_read_as_it_was_made(
        all in prop::collection::vec((0..4_usize, 0..5_i64, any::<bool>(), quantiles()), 1..12)
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = create(folder.path());
        let mut expected = std::collections::BTreeMap::new();
        for (n, (model, day, city, thousandths)) in (1..).zip(all) {
            let model = Model::ALL[model];
            let as_of = date(2020, 2, 1).checked_add(jiff::Span::new().days(day)).unwrap();
            let code = if city { "330600" } else { COUNTY };
            let answer = append(&store, n, code, made(model, as_of, thousandths.clone()));
            let key = (area(code), as_of, model);
            if let Entry::Vacant(first) = expected.entry(key) {
                answer.unwrap();
                first.insert(thousandths);
            } else {
                prop_assert!(matches!(answer, Err(StoreError::Fold(_))), "{answer:?}");
            }
        }
        let before = rows(&store, "330600");
        prop_assert_eq!(before.len(), expected.len());
        for row in &before {
            let thousandths = &expected[&(row.area, row.as_of, row.model)];
            prop_assert_eq!(row.made, UtcOffset::CHINA.day_of(moment()));
            prop_assert_eq!(row.days.len(), thousandths.len());
            for (values, whole) in row.days.iter().flatten().zip(thousandths.iter().flatten()) {
                prop_assert!((values * 1_000.0 - *whole as f64).abs() < 1e-3);
            }
        }
        let first = date(2020, 2, 1);
        let of_day = store.read(|c| made_as_of(c, Target::NewCases, first)).unwrap();
        let all_of_day = expected.keys().filter(|(_, as_of, _)| *as_of == first).count();
        prop_assert_eq!(of_day.len(), all_of_day);
        store.rebuild().unwrap();
        prop_assert_eq!(rows(&store, "330600"), before);
    }
}

#[test]
fn what_is_no_distribution_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = create(folder.path());
    let day = date(2020, 2, 1);
    let falling: Vec<u64> = (0..23).rev().collect();
    for wrong in [
        vec![falling],
        vec![vec![1; 22]],
        vec![vec![1; 23], Vec::new()],
    ] {
        let refused = append(&store, 1, COUNTY, made(Model::Renewal, day, wrong)).unwrap_err();
        assert!(refused.to_string().contains("23 ascending"), "{refused}");
    }
    assert!(rows(&store, COUNTY).is_empty());
    // Of another area it is another forecast; nothing of it shows before it was recorded.
    for (n, code) in [(2, COUNTY), (3, "330602")] {
        append(
            &store,
            n,
            code,
            made(Model::Renewal, day, vec![vec![5; 23]]),
        )
        .unwrap();
    }
    assert_eq!(rows(&store, "330600").len(), 2);
    let of = area("330600");
    let before = store
        .read(|c| within(c, (of, of.last()), Target::NewCases, date(2020, 2, 8)))
        .unwrap();
    assert!(before.is_empty());
    drop(store);
    assert_eq!(
        rows(&Store::open(folder.path(), clock()).unwrap(), COUNTY).len(),
        1
    );
}
