//! Facts of visits: places, and what the visit log holds.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::places::{PlaceCode, PlaceId, PlaceKind};

/// What a day's visits in the log come to: how many, and the wrapping sum of a 64-bit mark of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DayVisits {
    /// The day, by the ledger's clock.
    pub day: Date,
    /// How many.
    pub visits: u64,
    /// The sum of their marks.
    pub sum: u64,
}

crate::words! {
    /// How the visit log came to what it is.
    SealedHow {
        /// What was in memory and journal was sealed.
        Sealed = "sealed", "sealed", "已封存";
        /// The parts of each day were made one.
        Settled = "settled", "made one part a day", "已归并";
        /// Found so when the log was opened: the process before ended between seal and fact.
        Found = "found", "found when opened", "打开时发现";
    }
}

body! {
    /// A place in the fact's area, as it stands now.
    PlaceDefined {
        /// The place.
        place: PlaceId,
        /// The code on its sign.
        code: PlaceCode,
        /// Its name.
        name: String,
        /// Its English name.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        name_en: Option<String>,
        /// What it is.
        kind: PlaceKind,
    }
}
body! {
    /// A batch of visits is durable in the visit log.
    VisitsTaken {
        /// BLAKE3 of the batch, in hex.
        digest: String,
        /// How many visits.
        visits: u64,
        /// How many of each day.
        days: Vec<DayVisits>,
    }
}
body! {
    /// The visit log's sealed files, by the digest of the manifest that names them all.
    VisitsSealed {
        /// Counts up with each seal, merge and drop.
        generation: u64,
        /// BLAKE3 of the manifest, in hex.
        blake3: String,
        /// How it came to that.
        how: SealedHow,
    }
}
body! {
    /// Days of the visit log were dropped.
    VisitsDropped {
        /// The first day that is kept.
        kept_from: Date,
        /// The manifest's count after that.
        generation: u64,
        /// BLAKE3 of the manifest after that, in hex.
        blake3: String,
    }
}
body! {
    /// Somebody asked who was at a place.
    PlaceLooked {
        /// The place.
        place: PlaceId,
        /// Why.
        reason: String,
    }
}
