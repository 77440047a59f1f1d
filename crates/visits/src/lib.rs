//! The visit log: who was where, found by place and by person, traced, and dropped day by day.
//!
//! A [`Visit`] says that a person was at a place from a minute on, and until when if that is known.
//! Visits come in a [`Batch`], which is looked at row by row ([`Bounds`]) before it is taken. Once
//! [`VisitLog::append`] returns, they are durable. A [`Snapshot`] answers: where somebody was, who
//! was at a place, who [met](Snapshot::trace) the cases, and who met [those](Snapshot::second_order).
//! This crate reads no clock. Times, bounds, usual stays and weights are handed in.
//!
//! # What counts as one
//!
//! - Visits of one person to one place from one minute on are one visit: with the latest end that
//!   is known, else with none. So a check-out may be sent as the whole visit again, and whatever is
//!   sent twice counts once.
//! - Visits of one person to one place that overlap or touch are one [`Stay`].
//! - A visit holds its first minute and not its last; one that ends in the minute in which it began
//!   holds that minute. Where no end is known, it holds the usual stay of the place.
//! - A meeting is a longest run of minutes in which both were at one place.
//!
//! # How it is kept
//!
//! A folder, with one writer (`LOCK`) and any number of readers:
//!
//! | File | What it holds |
//! | --- | --- |
//! | `MANIFEST` | which files are the log, with the BLAKE3 digest of each sealed one; replaced as a whole |
//! | `people.ids`, `places.ids` | the ids that the numbers 0, 1, 2… stand for: 16 and 8 bytes each |
//! | `journal-N` | frames since the last seal: a batch or several, with checksums, one sync each |
//! | `day-D-N.place`, `day-D-N.person` | sealed visits of a day (its number since 1970), in both orders |
//! | `batches-N` | digests of batches that were taken, so that none is taken twice |
//!
//! **Taking.** Ids become numbers of 32 bits. The batches of a call are one frame in the journal. After
//! the sync its visits are sorted into a *run* in memory, in both orders, and shown. Eight runs of like
//! size become one.
//!
//! **Sealing.** A new journal begins; the runs before it are written into a *part* for each day, in the
//! background; the manifest then names the parts, and the old journal goes. Eight parts of a day and of
//! like size become one, and [`VisitLog::settle`] makes one of all. So a late visit for a day that
//! is sealed is a small part of that day until it is merged.
//!
//! **A sealed file** is blocks of 128 rows, then the index, then the footer. A row is the number of what
//! the file is ordered by (major), the minute of the day, the number of the other (minor), and the
//! end: 0 is unknown, n + 1 is "after n minutes". In a block, the gaps from major and minute to those
//! of the row before, and the ends, are in Rice codes; minors have the width that the block needs. The
//! index has for each block (26 bytes): major × 2048 + minute of its first row (8), its place in the
//! file (8), its CRC-32 (4), its rows (2), the latest minute in which a visit of it begins (2), the
//! latest known end (2), so that a question reads only blocks that may hold visits of its minutes. The
//! index is in memory. The footer (36 bytes) has the magic `LFVISIT1`, the order (4), the length of the
//! index (4), its place (8), the day (4), the CRC-32 of the index (4) and of the footer (4). Numbers
//! are little-endian.
//!
//! **Days** begin at local midnight; a visit belongs to the day on which it begins. A question looks at
//! earlier days too where a part's latest end reaches into its time.
//!
//! **Dropping** a day takes it out of the manifest and removes its files. The ids of its people stay
//! in `people.ids`; they are random and name nobody once the vault has forgotten them.
//!
//! # What holds after a crash, and what damage does
//!
//! A frame is written only after the frame before is synced. So at the end of the newest journal there
//! may be half a frame, of a call that was never answered: it is cut, and [`Opened`] says so. Damage
//! anywhere else is an error that names the file. Each block is checked each time it is read, each
//! index and each file of ids when the log is opened; [`verify`] reads every byte. A write that
//! fails halts the writer: what the disk holds is known only after the log is opened again.
//!
//! # What an audit can prove
//!
//! The ledger records the [`Receipt`] of each batch: its digest, and for each day a [`Tally`], the
//! number of visits and the sum of a 64-bit mark of each. After each seal, merge and drop it records
//! the [`Root`], the digest of the manifest. [`verify`] counts every visit anew, in both orders and
//! from ids.
//!
//! - The newest root in the ledger is that of the manifest, and each file has the digest that the
//!   manifest names: nothing that is sealed was altered since, not even by somebody who mends
//!   checksums.
//! - The sum of the batches' tallies of a day is the tally of that day: sealing and merging lost,
//!   doubled and changed nothing. A mark is no cryptographic hash. Between taking and sealing, this
//!   shows mistakes, and not a forger who runs the program's own code on the folder.
//! - Whoever has a batch can compute its digest and look each visit up.
//!
//! A batch that is taken twice in spite of all ([`Batch::passing`]) has two receipts, so the sums hold.

mod batch;
mod bits;
mod block;
mod copy;
mod error;
mod ids;
mod journal;
mod load;
mod log;
mod manifest;
mod row;
mod run;
mod seal;
mod sealed;
mod snapshot;
mod state;
mod take;
mod trace;
mod verify;
mod visit;

pub use batch::{Batch, Bounds, DayTally, Digest, MOST_VISITS, Receipt, Refusal, Refused};
pub use copy::{Copied, copy};
pub use error::VisitsError;
pub use log::{Opened, Settings, VisitLog};
pub use manifest::Root;
pub use snapshot::{Places, Snapshot, Stay, Visitors};
pub use trace::{Case, Contact, Limits, Meeting, Trace};
pub use verify::{Problem, Report, verify};
pub use visit::{LONGEST_STAY, Minute, PlaceId, Span, Tally, Visit};
