//! Scans: a pass shown at a place, answered with its holder's colour, and written to the visit log before it is answered.
//!
//! A code that this house issued is found by its digest: it is the very text that was signed, so its signature need not be
//! verified again. Any other code is verified against the trust list. The colour answered is today's, not the one in the code.
//!
//! A scan that a gate made without a line is sent later, with its moment: whether the pass was valid, or an old copy, is judged
//! as of then. A place is named by the code on its sign, a checkpoint by its id.
//!
//! What is accepted waits in one line; whoever empties it writes all that waits with one sync, and then answers each. Under
//! overload the house gives way in this order, and says so in [`ScanLoad`]:
//!
//! 1. `calm`: everything.
//! 2. `busy`, more than [`BUSY`] in hand: no reasons in words; every answer is still right and written down.
//! 3. `full`, [`FULL`] in hand: new scans are refused at once, before they are read. Gates verify without a line, keep their
//!    scans, and send them later as a batch. What was accepted is written and answered.
//!
//! In hand is a scan from the moment it is let in until it is answered, so that a server whose processors are the bottleneck
//! notices as well as one whose disk is.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use lianfang_core::access::Right;
use lianfang_core::areas::AreaCode;
use lianfang_core::entry::OriginRisk;
use lianfang_core::ids::{PassCodeId, PersonId};
use lianfang_core::passes::Colour;
use lianfang_core::places::PlaceId;
use lianfang_core::text::Text;
use lianfang_hcert::limits::PASS_TEXT_CHARACTERS;
use lianfang_hcert::pass::Refusal as Refused;
use lianfang_store::digest_of;
use lianfang_store::views::{passes as view, places};
use lianfang_visits::{Batch, Bounds, Minute, Visit};
use serde::{Deserialize, Serialize};

use super::assess::decide;
use super::issue::{said, why};
use crate::field::taking::CLOCK_DRIFT;
use crate::places::code_of;
use crate::policy::Policy;
use crate::visits::why as why_no_visit;
use crate::{Actor, House, Refusal, locked};

/// Scans in hand from which on answers are short.
const BUSY: usize = 1_000;
/// Scans in hand from which on new ones are refused: a tenth of a second's work of two processors.
const FULL: usize = 3_000;
/// Scans of one batch.
pub const MOST_SCANS: usize = 10_000;
/// Codes kept at hand in one shard.
const KEPT: usize = 1 << 14;
/// Shards of what is kept at hand.
const SHARDS: usize = 64;
/// How long a place is believed to be as it was.
const PLACE_FRESH: Duration = Duration::from_secs(5);

lianfang_core::words! {
    /// What a scan comes to.
    ScanResult {
        /// The pass holds.
        Valid = "valid", "valid", "有效";
        /// A neighbour's pass holds; the pack says what it counts for.
        Neighbour = "neighbour", "a neighbour's, valid", "互认地区有效码";
        /// An older copy: a newer pass was issued since.
        Replayed = "replayed", "an old copy", "旧码截图";
        /// It expired.
        Expired = "expired", "expired", "已过期";
        /// It is forged, altered, of nobody we trust, or no pass at all.
        Refused = "refused", "refused", "拒绝";
        /// The pass holds, the visit is not accepted.
        NoVisit = "no_visit", "visit not accepted", "到访未收录";
    }
}

lianfang_core::words! {
    /// How much waits to be written.
    ScanLoad {
        /// Little.
        Calm = "calm", "calm", "正常";
        /// Much: answers are short.
        Busy = "busy", "busy", "繁忙";
        /// Too much: new scans are refused; verify without a line and send them later.
        Full = "full", "full", "过载";
    }
}

/// A pass shown at a place.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scan {
    /// What the QR code says.
    pub code: String,
    /// The code on the place's sign, or a checkpoint's id.
    pub place: String,
    /// When, where it is sent later; a phone's clock may be ten minutes wrong.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub at: Option<Timestamp>,
}

/// What a scan comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScanAnswer {
    /// What it comes to.
    pub result: ScanResult,
    /// A word for programs, of why a code is refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<&'static str>,
    /// The holder's colour now; of a neighbour's pass the one that it says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub colour: Option<Colour>,
    /// Why, for people; left out under load.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
    /// Whether the visit is written down.
    pub taken: bool,
}

/// What the scans of a batch come to, in the same order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ScansAnswer {
    /// How many visits were written down.
    pub taken: usize,
    /// Each.
    pub answers: Vec<ScanAnswer>,
}

/// What is known of an issued code, until its marks change.
#[derive(Clone, Copy)]
struct KeptCode {
    code: PassCodeId,
    code_mark: u32,
    holder: PersonId,
    issued_at: Timestamp,
    expires_at: Timestamp,
    /// Since when it is an old copy.
    superseded_at: Option<Timestamp>,
}

/// A holder's colour, until the mark changes, on a day under a policy.
#[derive(Clone, Copy)]
struct KeptColour {
    mark: u32,
    on: Date,
    policy: lianfang_core::ids::PolicyId,
    colour: Colour,
}

type PlaceKept = (Instant, Option<(PlaceId, AreaCode)>);

/// A scan that waits to be written.
pub(crate) struct Waiting {
    visit: Visit,
    done: Box<dyn FnOnce(bool) + Send>,
}

/// What is kept at hand to answer scans, and the line of those to be written.
pub(crate) struct Desk {
    codes: Vec<Mutex<HashMap<[u8; 16], KeptCode>>>,
    colours: Vec<Mutex<HashMap<PersonId, KeptColour>>>,
    places: Mutex<HashMap<String, PlaceKept>>,
    line: Mutex<Vec<Waiting>>,
    waiting: AtomicUsize,
    in_hand: Arc<AtomicUsize>,
    writing: AtomicBool,
}

impl Default for Desk {
    fn default() -> Self {
        Self {
            codes: (0..SHARDS).map(|_| Mutex::default()).collect(),
            colours: (0..SHARDS).map(|_| Mutex::default()).collect(),
            places: Mutex::default(),
            line: Mutex::default(),
            waiting: AtomicUsize::new(0),
            in_hand: Arc::default(),
            writing: AtomicBool::new(false),
        }
    }
}

/// A scan that was let in and is not answered yet.
pub struct ScanInHand(Arc<AtomicUsize>);

impl Drop for ScanInHand {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What a scan comes to before it is written: the answer, and the visit if there is one.
pub(crate) struct Judged {
    pub(crate) answer: ScanAnswer,
    visit: Option<Visit>,
}

/// What holds for all scans of a moment.
struct Now {
    at: Timestamp,
    today: Date,
    policy: Arc<Policy>,
    bounds: Bounds,
    words: bool,
}

impl Now {
    /// When a scan was made: now, unless it says. A phone's clock that runs ahead is believed to mean now.
    fn moment(&self, said: Option<Timestamp>) -> Timestamp {
        let drift = SignedDuration::ZERO..=CLOCK_DRIFT;
        match said {
            Some(at) if !drift.contains(&at.duration_since(self.at)) => at,
            _ => self.at,
        }
    }
}

fn refused(result: ScanResult, reason: &'static str, why: Option<Text>) -> ScanAnswer {
    ScanAnswer {
        result,
        reason: Some(reason),
        colour: None,
        why,
        taken: false,
    }
}

impl House {
    /// From when on scans are taken that a gate sends late: they may be as old as any entry of the field.
    pub(crate) fn late_from(&self, now: Timestamp) -> Timestamp {
        let oldest = self.policy().and_then(|policy| policy.oldest_entry());
        now - oldest.unwrap_or_default()
    }

    /// How much is in hand.
    pub fn scan_load(&self) -> ScanLoad {
        match self.desk.in_hand.load(Ordering::Relaxed) {
            scans if scans >= FULL => ScanLoad::Full,
            scans if scans > BUSY => ScanLoad::Busy,
            _ => ScanLoad::Calm,
        }
    }

    /// Lets a scan in, until what is returned is dropped; none while too many are in hand.
    pub fn let_scan_in(&self) -> Option<ScanInHand> {
        let in_hand = ScanInHand(Arc::clone(&self.desk.in_hand));
        (in_hand.0.fetch_add(1, Ordering::Relaxed) < FULL).then_some(in_hand)
    }

    fn scanning_now(&self) -> Result<Now, Refusal> {
        let policy = self.policy()?;
        policy.passes()?;
        let at = self.now();
        Ok(Now {
            at,
            today: self.store.utc_offset().day_of(at),
            bounds: self.visit_bounds(&policy)?,
            policy,
            words: self.scan_load() == ScanLoad::Calm,
        })
    }

    fn scan_place(&self, actor: &Actor, text: &str) -> Result<Result<PlaceId, Text>, Refusal> {
        let kept = locked(&self.desk.places).get(text).copied();
        let found = match kept {
            Some((since, found)) if since.elapsed() < PLACE_FRESH => found,
            _ => {
                let found = match (self.place_of_gate(text)?, code_of(text)) {
                    (Some(gate), _) => Some(gate),
                    (None, Ok(code)) => self
                        .store
                        .read(|c| Ok(places::place(c, PlaceId::of(&code))?))?
                        .filter(|row| row.code == code)
                        .map(|row| (row.place, row.area)),
                    (None, Err(_)) => None,
                };
                let mut kept = locked(&self.desk.places);
                if kept.len() >= KEPT {
                    kept.clear();
                }
                if text.len() <= lianfang_core::places::PlaceCode::LONGEST {
                    kept.insert(text.to_owned(), (Instant::now(), found));
                }
                found
            }
        };
        Ok(found
            .filter(|(_, area)| actor.may(Right::KeepGate, *area))
            .map(|(place, _)| place)
            .ok_or_else(|| {
                Text::new(
                    "No place of your areas has this code. Register it first.",
                    "辖区内没有此场所码，请先登记场所。",
                )
            }))
    }

    /// An issued code, kept at hand or from the store.
    fn issued(&self, digest: [u8; 16]) -> Result<Option<KeptCode>, Refusal> {
        let shard = &self.desk.codes[usize::from(digest[0]) % SHARDS];
        let kept = locked(shard).get(&digest).copied();
        if let Some(kept) = kept
            && kept.code_mark == self.store.marks().code(kept.code)
        {
            return Ok(Some(kept));
        }
        // The mark is read before the store: what changes in between shows.
        let Some(first) = self.store.issued_pass(digest)? else {
            return Ok(None);
        };
        let code_mark = self.store.marks().code(first.code);
        let Some(issued) = self.store.issued_pass(digest)? else {
            return Ok(None);
        };
        // A code that is no longer on record never counted.
        let ended_at = self
            .store
            .read(|c| Ok(view::code(c, issued.code)?))?
            .map_or(Some(Timestamp::MIN), |row| row.ended_at);
        let kept = KeptCode {
            code: issued.code,
            code_mark,
            holder: issued.holder,
            issued_at: issued.issued_at,
            expires_at: issued.expires_at,
            superseded_at: issued.superseded_at.into_iter().chain(ended_at).min(),
        };
        let mut shard = locked(shard);
        if shard.len() >= KEPT {
            shard.clear();
        }
        shard.insert(digest, kept);
        Ok(Some(kept))
    }

    /// A holder's colour now, kept at hand or computed.
    fn colour_now(&self, holder: PersonId, now: &Now) -> Result<Option<Colour>, Refusal> {
        let shard = &self.desk.colours[usize::from(holder.to_bytes()[15]) % SHARDS];
        let mark = self.store.marks().holder(holder);
        let kept = locked(shard).get(&holder).copied();
        if let Some(kept) = kept
            && kept.mark == mark
            && kept.on == now.today
            && kept.policy == now.policy.id
        {
            return Ok(Some(kept.colour));
        }
        let Some(row) = self.store.read(|c| Ok(view::pass(c, holder)?))? else {
            return Ok(None);
        };
        let area_risk: OriginRisk = self.risk_of_residence(&now.policy, row.area)?;
        let Some((decision, _)) = decide(&now.policy.pack, &row.record, now.today, area_risk)
        else {
            return Ok(None);
        };
        let mut shard = locked(shard);
        if shard.len() >= KEPT {
            shard.clear();
        }
        shard.insert(
            holder,
            KeptColour {
                mark,
                on: now.today,
                policy: now.policy.id,
                colour: decision.outcome,
            },
        );
        Ok(Some(decision.outcome))
    }

    fn judge(
        &self,
        now: &Now,
        code: &str,
        place: &Result<PlaceId, Text>,
        at: Option<Timestamp>,
    ) -> Result<Judged, Refusal> {
        let words = |text: Text| now.words.then_some(text);
        let answer = |answer| Judged {
            answer,
            visit: None,
        };
        let code = code.trim();
        if code.len() > PASS_TEXT_CHARACTERS {
            let long = Text::new("This is no pass.", "不是健康码。");
            return Ok(answer(refused(
                ScanResult::Refused,
                "oversized",
                words(long),
            )));
        }
        let at = now.moment(at);
        let Some(issued) = self.issued(digest_of(code))? else {
            return Ok(match self.verify_pass(code)? {
                Ok(pass) if pass.issuer() == &self.pass_issuer() => answer(refused(
                    // Our signature, and no such pass: its record went when it expired, or the store is not the one it
                    // was issued by.
                    ScanResult::Refused,
                    "not_on_record",
                    words(Text::new(
                        "Our signature, and no such pass on record: ask for the page to be opened again.",
                        "签名属实但无此码记录，请重新打开页面刷新。",
                    )),
                )),
                Ok(pass) => answer(ScanAnswer {
                    result: ScanResult::Neighbour,
                    reason: None,
                    colour: Some(said(pass.shown().colour)),
                    why: None,
                    taken: false,
                }),
                Err(error) => {
                    let result = match error {
                        Refused::Expired => ScanResult::Expired,
                        _ => ScanResult::Refused,
                    };
                    answer(refused(result, error.reason(), words(why(&error))))
                }
            });
        };
        if at + CLOCK_DRIFT < issued.issued_at {
            let early = Refused::NotYetValid;
            let text = words(why(&early));
            return Ok(answer(refused(ScanResult::Refused, early.reason(), text)));
        }
        if at >= issued.expires_at {
            let text = Text::new(
                "Expired: ask for the page to be opened again.",
                "已过期，请重新打开页面刷新。",
            );
            return Ok(answer(refused(ScanResult::Expired, "expired", words(text))));
        }
        if issued.superseded_at.is_some_and(|since| since <= at) {
            let text = Text::new(
                "An old copy: a newer pass was issued, or its code ended. Ask for the page itself.",
                "旧码或截图：已签发新码或原码已停用，请出示实时页面。",
            );
            return Ok(answer(refused(
                ScanResult::Replayed,
                "replayed",
                words(text),
            )));
        }
        let Some(colour) = self.colour_now(issued.holder, now)? else {
            let text = Text::new("No pass is held any more.", "已不再持有健康码。");
            return Ok(answer(refused(ScanResult::Refused, "ended", words(text))));
        };
        let place = match place {
            Ok(place) => *place,
            Err(text) => {
                let mut said = refused(ScanResult::NoVisit, "place", words(text.clone()));
                said.colour = Some(colour);
                return Ok(answer(said));
            }
        };
        let visit = Minute::of(at).map(|from| Visit {
            person: issued.holder,
            place,
            from,
            until: None,
        });
        let checked = visit.map(|visit| now.bounds.check(&visit).map(|()| visit));
        match checked {
            Some(Ok(visit)) => Ok(Judged {
                answer: ScanAnswer {
                    result: ScanResult::Valid,
                    reason: None,
                    colour: Some(colour),
                    why: None,
                    taken: true,
                },
                visit: Some(visit),
            }),
            other => {
                let text = match other {
                    Some(Err(refusal)) => why_no_visit(refusal).1,
                    _ => Text::new("No such time.", "时间无效。"),
                };
                let mut said = refused(ScanResult::NoVisit, "at", words(text));
                said.colour = Some(colour);
                Ok(answer(said))
            }
        }
    }

    /// Judges a scan, and hands its visit to the line. `done` is told whether it was written; it is not called where the answer
    /// says that nothing is taken.
    pub fn begin_scan(
        &self,
        actor: &Actor,
        scan: &Scan,
        done: impl FnOnce(bool) + Send + 'static,
    ) -> Result<ScanAnswer, Refusal> {
        if !actor.in_any(Right::KeepGate) {
            return Err(Refusal::Forbidden);
        }
        let now = self.scanning_now()?;
        let place = self.scan_place(actor, &scan.place)?;
        let judged = self.judge(&now, &scan.code, &place, scan.at)?;
        if let Some(visit) = judged.visit {
            self.desk.waiting.fetch_add(1, Ordering::Relaxed);
            locked(&self.desk.line).push(Waiting {
                visit,
                done: Box::new(done),
            });
        }
        Ok(judged.answer)
    }

    /// Whether the caller is the one to empty the line: nobody does, and something waits.
    pub fn claim_scans(&self) -> bool {
        self.desk.waiting.load(Ordering::Acquire) > 0
            && !self.desk.writing.swap(true, Ordering::AcqRel)
    }

    /// Empties the line: whoever [claimed](Self::claim_scans) it calls this on a thread that may wait for the disk.
    pub fn write_scans(&self) {
        loop {
            loop {
                let some = std::mem::take(&mut *locked(&self.desk.line));
                if some.is_empty() {
                    break;
                }
                let written = self.write_line(&some);
                if let Err(error) = &written {
                    tracing::error!(%error, "scans could not be written");
                }
                self.desk.waiting.fetch_sub(some.len(), Ordering::Relaxed);
                for waiting in some {
                    (waiting.done)(written.is_ok());
                }
            }
            self.desk.writing.store(false, Ordering::Release);
            // Something may have come between the last look and now.
            if !self.claim_scans() {
                return;
            }
        }
    }

    fn write_line(&self, some: &[Waiting]) -> Result<(), Refusal> {
        let policy = self.policy()?;
        let bounds = self.visit_bounds(&policy)?;
        let mut visits = some.iter().map(|waiting| waiting.visit);
        let (batch, _) = Batch::checked(&mut visits, &bounds, |_| true);
        self.take_visits(&Actor::house("scans"), self.store.root(), batch)?;
        Ok(())
    }

    /// One scan, written down when this returns.
    pub fn scan(&self, actor: &Actor, scan: &Scan) -> Result<ScanAnswer, Refusal> {
        let answers = self.scan_batch(actor, std::slice::from_ref(scan))?;
        answers
            .answers
            .into_iter()
            .next()
            .ok_or(Refusal::NotFound("scan"))
    }

    /// Many scans, each judged for itself, written down with one sync when this returns.
    pub fn scan_batch(&self, actor: &Actor, scans: &[Scan]) -> Result<ScansAnswer, Refusal> {
        let area = actor.area_of(Right::KeepGate).ok_or(Refusal::Forbidden)?;
        let area = if area == AreaCode::COUNTRY {
            self.store.root()
        } else {
            area
        };
        if scans.len() > MOST_SCANS {
            return Err(Refusal::invalid(
                "scans",
                format!("Send at most {MOST_SCANS} at a time."),
                format!("每次最多{MOST_SCANS}条。"),
            ));
        }
        let now = self.scanning_now()?;
        let mut place: Option<(&str, Result<PlaceId, Text>)> = None;
        let mut answers = Vec::with_capacity(scans.len());
        let mut visits = Vec::with_capacity(scans.len());
        for scan in scans {
            let here = match &place {
                Some((text, found)) if *text == scan.place => found,
                _ => {
                    let found = self.scan_place(actor, &scan.place)?;
                    &place.insert((&scan.place, found)).1
                }
            };
            let judged = self.judge(&now, &scan.code, here, scan.at)?;
            visits.extend(judged.visit);
            answers.push(judged.answer);
        }
        let taken = visits.len();
        if taken > 0 {
            let (batch, _) = Batch::checked(&mut visits.into_iter(), &now.bounds, |_| true);
            self.take_visits(actor, area, batch)?;
        }
        Ok(ScansAnswer { taken, answers })
    }
}
