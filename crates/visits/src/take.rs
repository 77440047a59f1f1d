//! Taking batches: into the journal, synced, then into runs that readers see.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use crate::batch::{Batch, MOST_VISITS, Receipt};
use crate::error::VisitsError;
use crate::ids::Ids;
use crate::journal::{Frame, FrameBatch, FrameRow};
use crate::log::{Inner, Writer};
use crate::row::Row;
use crate::run::{Run, due};
use crate::state::{State, read};
use crate::visit::{End, MIDNIGHT, Minute, Tally, Visit};

impl Inner {
    /// Takes batches, those that are new, in as few frames as hold them.
    pub(crate) fn take(
        &self,
        writer: &mut Writer,
        batches: &[Batch],
    ) -> Result<Vec<Receipt>, VisitsError> {
        let mut receipts = Vec::with_capacity(batches.len());
        let kept_from = read(&self.state).kept_from;
        if batches
            .iter()
            .any(|batch| batch.days.keys().any(|day| *day < kept_from))
        {
            return Err(VisitsError::NotKept);
        }
        let mut group: Vec<&Batch> = Vec::new();
        let mut seen = HashSet::new();
        let mut visits = 0;
        for batch in batches {
            let repeated = batch.remembered
                && (writer.remembered.contains_key(&batch.digest) || !seen.insert(batch.digest));
            receipts.push(batch.receipt(repeated));
            if repeated || batch.is_empty() {
                continue;
            }
            if visits + batch.len() > MOST_VISITS && !group.is_empty() {
                self.commit(writer, &group)?;
                group.clear();
                visits = 0;
            }
            group.push(batch);
            visits += batch.len();
        }
        self.commit(writer, &group)?;
        Ok(receipts)
    }

    /// Writes batches as one frame, syncs it, and shows them.
    fn commit(&self, writer: &mut Writer, batches: &[&Batch]) -> Result<(), VisitsError> {
        if writer.halted {
            return Err(VisitsError::Halted);
        }
        if batches.is_empty() {
            return Ok(());
        }
        // Whatever fails from here on may leave ids, or half a frame, that no frame accounts for.
        writer.halted = true;
        let frame = self.frame(batches)?;
        let days = std::thread::scope(|scope| {
            let runs = || self.runs(batches, &frame.rows);
            if frame.rows.len() < WORTH_A_THREAD {
                writer.journal.append(&frame).map(|()| runs())
            } else {
                let runs = scope.spawn(runs);
                let written = writer.journal.append(&frame);
                let runs = runs.join().map_err(|_| VisitsError::Halted);
                written.and(runs)
            }
        })?;
        for batch in batches.iter().filter(|batch| batch.remembered) {
            writer.remembered.insert(batch.digest, batch.newest());
        }
        writer.unsealed += frame.rows.len() as u64;
        self.publish(|state| {
            for (day, run) in days {
                let runs = &mut state.days.entry(day).or_default().runs;
                runs.push(Arc::new(run));
                while let newest @ 1.. = due(runs.iter().map(|run| run.len() as u64)) {
                    let alike = runs.split_off(runs.len() - newest);
                    let alike: Vec<&Run> = alike.iter().map(AsRef::as_ref).collect();
                    runs.push(Arc::new(Run::merged(&alike)));
                }
            }
        });
        writer.halted = false;
        Ok(())
    }

    /// Shows readers a changed state. The caller holds the writer.
    pub(crate) fn publish(&self, change: impl FnOnce(&mut State)) {
        let mut state = State::clone(&read(&self.state));
        change(&mut state);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(state);
    }

    fn frame(&self, batches: &[&Batch]) -> Result<Frame, VisitsError> {
        let before = (
            read(&self.names.people).len(),
            read(&self.names.places).len(),
        );
        let mut frame = Frame {
            people_before: before.0 as u32,
            places_before: before.1 as u32,
            ..Frame::default()
        };
        frame
            .rows
            .reserve(batches.iter().map(|batch| batch.len()).sum());
        for batch in batches {
            frame.batches.push(FrameBatch {
                digest: batch.digest,
                remembered: batch.remembered,
                visits: batch.len() as u32,
            });
            for chunk in batch.visits.chunks(AT_ONCE) {
                let people = numbers(&self.names.people, chunk, |visit| visit.person.to_bytes())?;
                let places = numbers(&self.names.places, chunk, |visit| {
                    visit.place.0.to_be_bytes()
                })?;
                let rows = chunk.iter().zip(people).zip(places);
                frame
                    .rows
                    .extend(rows.map(|((visit, person), place)| FrameRow {
                        person,
                        place,
                        from: visit.from.0,
                        end: visit.end().0,
                    }));
            }
        }
        frame.people = read(&self.names.people).since(before.0).to_vec();
        frame.places = read(&self.names.places).since(before.1).to_vec();
        Ok(frame)
    }

    /// A run for each day of some batches.
    fn runs(&self, batches: &[&Batch], rows: &[FrameRow]) -> Vec<(i32, Run)> {
        let mut tallies: BTreeMap<i32, Tally> = BTreeMap::new();
        for (day, tally) in batches.iter().flat_map(|batch| &batch.days) {
            let all = tallies.entry(*day).or_default();
            *all = all.plus(*tally);
        }
        let mut days: BTreeMap<i32, Vec<Row>> = tallies
            .iter()
            .map(|(day, tally)| (*day, Vec::with_capacity(tally.visits as usize)))
            .collect();
        for row in rows {
            let local = Minute(row.from).local(self.settings.offset);
            let row = Row::new(
                row.place,
                local.rem_euclid(MIDNIGHT) as u16,
                row.person,
                End(row.end),
            );
            days.entry(local.div_euclid(MIDNIGHT))
                .or_default()
                .push(row);
        }
        days.into_iter()
            .map(|(day, rows)| {
                (
                    day,
                    Run::new(rows, tallies.get(&day).copied().unwrap_or_default()),
                )
            })
            .collect()
    }
}

/// Visits whose ids are looked up under one hold of the lock, so that readers wait shortly.
const AT_ONCE: usize = 4_096;
/// Visits from which on sorting them beside the write is worth a thread.
const WORTH_A_THREAD: usize = 50_000;

/// The numbers of ids, new ones for those that have none.
fn numbers<const N: usize>(
    ids: &RwLock<Ids<N>>,
    visits: &[Visit],
    id: impl Fn(&Visit) -> [u8; N],
) -> Result<Vec<u32>, VisitsError> {
    let known: Option<Vec<u32>> = {
        let ids = read(ids);
        visits.iter().map(|visit| ids.number(id(visit))).collect()
    };
    if let Some(numbers) = known {
        return Ok(numbers);
    }
    let mut ids = ids.write().unwrap_or_else(PoisonError::into_inner);
    visits.iter().map(|visit| ids.give(id(visit))).collect()
}
