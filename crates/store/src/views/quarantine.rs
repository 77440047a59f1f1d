//! Quarantine: sites, orders, checks, samples, as they stand.
//!
//! | table | what it holds |
//! | --- | --- |
//! | `view_sites`, `view_beds` | sites with their rooms; which order has which bed now |
//! | `view_orders` | orders as they stand, those that ended as well |
//! | `view_order_tests`, `view_samples` | days on which a sample is due; samples with results |
//! | `view_order_changes` | extensions and early ends, proposed and decided |
//! | `view_checks` | daily checks, each |
//! | `view_absences` | when somebody was not where they should be |
//! | `view_needs` | what people under an order asked for, each with its matter |
//!
//! A round reads all who are under watch in an area by
//! `watched_in(connection, within, today) -> Vec<Watched>`: one query for the orders and one for
//! today's checks.

mod changes;
mod checks;
mod due;
mod folds;
mod meetings;
mod numbers;
mod orders;
mod samples;
mod sites;
mod watched;

use lianfang_core::text::Text;

use super::FoldError;

pub use changes::{Absence, ChangeRow, NeedRow, absences, change, changes, needs};
pub(super) use checks::checked;
pub use checks::{CheckRow, checks_of, checks_on};
pub use due::{Lacking, lacking_check, overdue};
pub(super) use folds::{absent, back, decided, ended, made, moved, needed, present, proposed};
pub use meetings::{AtSite, at_site_between, of_new_cases, orders_of_person, positive_unreported};
pub use numbers::{Slot, WatchNumbers, numbers};
pub use orders::{
    Due, OrderCursor, OrderFilter, OrderRow, count, list, live_of, of_entrant, order,
};
pub use samples::{SampleRow, sample, samples_of, tests_of};
pub(super) use samples::{resulted, sampled};
pub(super) use sites::defined;
pub use sites::{BedTaken, SiteRow, party_waiting, site, sites, staying, taken_beds};
pub use watched::{Watched, watched_in};

pub(crate) const SCHEMA: &str = "
CREATE TABLE view_sites (
  site BLOB PRIMARY KEY,
  area INTEGER NOT NULL,
  name TEXT NOT NULL,
  name_en TEXT,
  takes INTEGER NOT NULL,
  rooms TEXT NOT NULL,
  beds INTEGER NOT NULL,
  open INTEGER NOT NULL,
  seq INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_sites_area ON view_sites (area);
CREATE TABLE view_beds (
  site BLOB NOT NULL,
  room TEXT NOT NULL,
  bed INTEGER NOT NULL,
  order_id BLOB NOT NULL,
  PRIMARY KEY (site, room, bed)
) WITHOUT ROWID;
CREATE TABLE view_orders (
  id INTEGER PRIMARY KEY,
  order_id BLOB NOT NULL UNIQUE,
  entrant BLOB,
  person BLOB NOT NULL,
  area INTEGER NOT NULL,
  watch INTEGER NOT NULL,
  basis INTEGER,
  since INTEGER NOT NULL,
  until INTEGER NOT NULL,
  computed INTEGER NOT NULL,
  made_at INTEGER NOT NULL,
  made_by BLOB NOT NULL,
  rule TEXT NOT NULL,
  pack TEXT NOT NULL,
  evidence TEXT NOT NULL,
  site BLOB,
  room TEXT,
  bed INTEGER,
  next_test INTEGER,
  awaited INTEGER NOT NULL,
  result INTEGER,
  absent_since INTEGER,
  absent_how INTEGER,
  ended_at INTEGER,
  ended_on INTEGER,
  ended_by BLOB,
  how INTEGER,
  end_reason TEXT,
  seq INTEGER NOT NULL
);
CREATE INDEX view_orders_live ON view_orders (area, until) WHERE ended_at IS NULL;
CREATE INDEX view_orders_area ON view_orders (area, id);
CREATE INDEX view_orders_person ON view_orders (person);
CREATE INDEX view_orders_entrant ON view_orders (entrant) WHERE entrant IS NOT NULL;
CREATE INDEX view_orders_site ON view_orders (site) WHERE ended_at IS NULL;
CREATE INDEX view_orders_stays ON view_orders (site, made_at, ended_at, until) WHERE site IS NOT NULL;
CREATE TABLE view_order_tests (
  order_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  PRIMARY KEY (order_id, day)
) WITHOUT ROWID;
CREATE INDEX view_order_tests_day ON view_order_tests (day);
CREATE TABLE view_order_changes (
  change BLOB PRIMARY KEY,
  order_id BLOB NOT NULL,
  kind INTEGER NOT NULL,
  until INTEGER NOT NULL,
  reason TEXT NOT NULL,
  pack TEXT NOT NULL,
  proposed_by BLOB NOT NULL,
  proposed_at INTEGER NOT NULL,
  approved INTEGER,
  decided_by BLOB,
  decided_at INTEGER,
  note TEXT
) WITHOUT ROWID;
CREATE INDEX view_order_changes_order ON view_order_changes (order_id);
CREATE TABLE view_checks (
  order_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  slot INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  temperature INTEGER,
  symptoms INTEGER NOT NULL,
  made_by INTEGER NOT NULL,
  abnormal INTEGER NOT NULL,
  actor BLOB NOT NULL,
  PRIMARY KEY (order_id, day, slot, seq)
) WITHOUT ROWID;
CREATE TABLE view_samples (
  sample BLOB PRIMARY KEY,
  order_id BLOB NOT NULL,
  day INTEGER NOT NULL,
  taken_at INTEGER NOT NULL,
  taken_by BLOB NOT NULL,
  result INTEGER,
  result_at INTEGER,
  result_by BLOB
) WITHOUT ROWID;
CREATE INDEX view_samples_order ON view_samples (order_id, taken_at);
CREATE INDEX view_samples_day ON view_samples (day);
CREATE TABLE view_absences (
  order_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  since INTEGER NOT NULL,
  how INTEGER NOT NULL,
  ended_at INTEGER,
  PRIMARY KEY (order_id, seq)
) WITHOUT ROWID;
CREATE INDEX view_absences_since ON view_absences (since);
CREATE TABLE view_needs (
  matter BLOB PRIMARY KEY,
  order_id BLOB NOT NULL,
  need INTEGER NOT NULL,
  at INTEGER NOT NULL,
  actor BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX view_needs_order ON view_needs (order_id, at);
";

/// A fact that does not fit, with the reason for whoever brings it.
fn unfit(en: impl Into<String>, zh: impl Into<String>) -> FoldError {
    FoldError::Unfit(Text::new(en, zh))
}
