//! Sealing, merging and dropping: what changes the manifest.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use crate::error::{At, VisitsError};
use crate::ids::IdsFile;
use crate::journal::{self, Journal};
use crate::load::{Remembered, batches_bytes, batches_name};
use crate::log::{Inner, lock};
use crate::manifest::{BatchesSealed, Manifest, PartSealed, Root};
use crate::row::{Order, Row};
use crate::run::{Merge, Run, due};
use crate::sealed::{self, FileSealed};
use crate::state::{Part, State, file_name, read};
use crate::visit::Tally;

/// What only sealing, merging and dropping change.
pub(crate) struct Books {
    pub(crate) manifest: Manifest,
    pub(crate) people: IdsFile,
    pub(crate) places: IdsFile,
}

/// What a seal takes over from the writer at one moment.
struct Turned {
    remembered: Remembered,
    journal: u64,
    frame: u64,
    people: usize,
    places: usize,
}

impl Inner {
    /// Writes what is in memory into sealed files, and lets go of its journals.
    pub(crate) fn seal(&self) -> Result<Root, VisitsError> {
        let mut books = lock(&self.books);
        self.seal_with(&mut books)?;
        self.merge_with(&mut books, |sizes| due(sizes.iter().copied()))?;
        Ok(books.manifest.root())
    }

    /// Makes one part of the parts of each day.
    pub(crate) fn settle(&self) -> Result<Root, VisitsError> {
        let mut books = lock(&self.books);
        self.merge_with(
            &mut books,
            |sizes| if sizes.len() > 1 { sizes.len() } else { 0 },
        )?;
        Ok(books.manifest.root())
    }

    /// Drops the days before `day`. Hands back the parts whose files are to be removed.
    pub(crate) fn drop_before(&self, day: i32) -> Result<(Root, Vec<Arc<Part>>), VisitsError> {
        let mut books = lock(&self.books);
        let books = &mut *books;
        if books.manifest.kept_from >= day {
            return Ok((books.manifest.root(), Vec::new()));
        }
        let old = |state: &State| {
            state
                .days
                .range(..day)
                .any(|(_, day)| day.unsealed().next().is_some())
        };
        let mut writer = loop {
            if old(&read(&self.state)) {
                // So that no journal holds what is dropped.
                self.seal_with(books)?;
            }
            let writer = lock(&self.writer);
            if writer.halted {
                return Err(VisitsError::Halted);
            }
            if !old(&read(&self.state)) {
                break writer;
            }
        };
        writer.remembered.retain(|_, newest| *newest >= day);
        let mut manifest = books.manifest.clone();
        manifest.kept_from = day;
        manifest.days = manifest.days.split_off(&day);
        manifest.write(&self.folder)?;
        books.manifest = manifest;
        let mut gone = Vec::new();
        self.publish(|state| {
            state.kept_from = day;
            let kept = state.days.split_off(&day);
            let dropped = std::mem::replace(&mut state.days, kept);
            gone.extend(dropped.into_values().flat_map(|day| day.parts));
        });
        Ok((books.manifest.root(), gone))
    }

    fn seal_with(&self, books: &mut Books) -> Result<(), VisitsError> {
        let Some(turned) = self.turn()? else {
            return Ok(());
        };
        let mut manifest = books.manifest.clone();
        let frozen: Vec<(i32, Vec<Arc<Run>>)> = read(&self.state)
            .days
            .iter()
            .filter(|(_, day)| !day.frozen.is_empty())
            .map(|(number, day)| (*number, day.frozen.clone()))
            .collect();
        let mut parts = Vec::with_capacity(frozen.len());
        for (day, runs) in &frozen {
            let tally = runs
                .iter()
                .fold(Tally::default(), |all, run| all.plus(run.tally));
            let rows = |order| {
                Merge::new(
                    runs.iter()
                        .map(|run| run.rows(order).iter().copied().map(Ok))
                        .collect(),
                )
            };
            let part = write_part(&self.folder, *day, manifest.new_file(), tally, rows)?;
            parts.push((*day, Arc::new(Part::open(&self.folder, *day, &part)?)));
            manifest.days.entry(*day).or_default().push(part);
        }
        let people = read(&self.names.people)
            .since(books.people.count())
            .to_vec();
        let places = read(&self.names.places)
            .since(books.places.count())
            .to_vec();
        let new = |count: usize, held: usize| count.saturating_sub(held);
        manifest.people = books
            .people
            .extend(&people[..new(turned.people, books.people.count())])?;
        manifest.places = books
            .places
            .extend(&places[..new(turned.places, books.places.count())])?;
        let before = manifest.batches.take();
        manifest.batches = write_batches(
            &self.folder,
            &turned.remembered,
            before.as_ref(),
            &mut manifest,
        )?;
        let first = std::mem::replace(&mut manifest.first_journal, turned.journal);
        manifest.first_frame = turned.frame;
        manifest.write(&self.folder)?;
        let batches = manifest.batches.clone();
        books.manifest = manifest;
        {
            let _writer = lock(&self.writer);
            self.publish(|state| {
                for (day, part) in parts {
                    let day = state.days.entry(day).or_default();
                    day.parts.push(part);
                    day.frozen.clear();
                }
            });
        }
        // A file that stays is removed when the log is opened next.
        for number in first..turned.journal {
            let _ = fs::remove_file(self.folder.join(journal::name(number)));
        }
        if let Some(before) = before.filter(|before| Some(before) != batches.as_ref()) {
            let _ = fs::remove_file(self.folder.join(batches_name(before.number)));
        }
        Ok(())
    }

    /// Begins a new journal, and freezes what the old ones hold; `None` if they hold nothing.
    fn turn(&self) -> Result<Option<Turned>, VisitsError> {
        let mut writer = lock(&self.writer);
        if writer.halted {
            return Err(VisitsError::Halted);
        }
        let none = read(&self.state)
            .days
            .values()
            .all(|day| day.unsealed().next().is_none());
        if none {
            return Ok(None);
        }
        if writer.journal.bytes > 0 {
            let (number, next) = (writer.journal.number + 1, writer.journal.next);
            writer.journal = Journal::create(&self.folder, number, next)?;
        }
        writer.unsealed = 0;
        self.publish(|state| {
            for day in state.days.values_mut() {
                day.frozen.append(&mut day.runs);
            }
        });
        Ok(Some(Turned {
            remembered: writer.remembered.clone(),
            journal: writer.journal.number,
            frame: writer.journal.next,
            people: read(&self.names.people).len(),
            places: read(&self.names.places).len(),
        }))
    }

    /// Merges, for each day, as many of its newest parts as `choose` says of their sizes.
    fn merge_with(
        &self,
        books: &mut Books,
        choose: impl Fn(&[u64]) -> usize,
    ) -> Result<(), VisitsError> {
        let days: Vec<i32> = books.manifest.days.keys().copied().collect();
        for day in days {
            loop {
                let parts = read(&self.state)
                    .days
                    .get(&day)
                    .map(|day| day.parts.clone())
                    .unwrap_or_default();
                let sizes: Vec<u64> = parts.iter().map(|part| part.tally.visits).collect();
                let newest = choose(&sizes);
                if newest == 0 {
                    break;
                }
                self.merge_parts(books, day, &parts[parts.len() - newest..])?;
            }
        }
        Ok(())
    }

    fn merge_parts(
        &self,
        books: &mut Books,
        day: i32,
        parts: &[Arc<Part>],
    ) -> Result<(), VisitsError> {
        let mut manifest = books.manifest.clone();
        let tally = parts
            .iter()
            .fold(Tally::default(), |all, part| all.plus(part.tally));
        let rows = |order| Merge::new(parts.iter().map(|part| part.file(order).rows()).collect());
        let merged = write_part(&self.folder, day, manifest.new_file(), tally, rows)?;
        let opened = Arc::new(Part::open(&self.folder, day, &merged)?);
        let listed = manifest.days.entry(day).or_default();
        listed.retain(|part| parts.iter().all(|gone| gone.number != part.number));
        listed.push(merged);
        manifest.write(&self.folder)?;
        books.manifest = manifest;
        {
            let _writer = lock(&self.writer);
            self.publish(|state| {
                let listed = &mut state.days.entry(day).or_default().parts;
                listed.retain(|part| parts.iter().all(|gone| gone.number != part.number));
                listed.push(opened);
            });
        }
        for part in parts {
            part.remove();
        }
        Ok(())
    }
}

/// Writes rows of a day in both orders, each on a thread of its own, and counts them.
fn write_part<I: Iterator<Item = Result<Row, VisitsError>>>(
    folder: &Path,
    day: i32,
    number: u64,
    tally: Tally,
    rows: impl Fn(Order) -> I + Sync,
) -> Result<PartSealed, VisitsError> {
    let write = |order| -> Result<FileSealed, VisitsError> {
        let path = folder.join(file_name(day, number, order));
        let mut count = 0;
        let rows = rows(order).inspect(|_| count += 1);
        let sealed = sealed::write(&path, order, day, rows)?;
        if count == tally.visits {
            Ok(sealed)
        } else {
            Err(VisitsError::corrupt(
                &path,
                "it holds another number of visits than were given to it",
            ))
        }
    };
    let (by_place, by_person) = std::thread::scope(|scope| {
        let by_place = scope.spawn(|| write(Order::Place));
        let by_person = write(Order::Person);
        (
            by_place.join().unwrap_or(Err(VisitsError::Halted)),
            by_person,
        )
    });
    Ok(PartSealed {
        number,
        tally,
        by_place: by_place?,
        by_person: by_person?,
    })
}

/// Writes the remembered batches anew where they changed.
fn write_batches(
    folder: &Path,
    remembered: &Remembered,
    before: Option<&BatchesSealed>,
    manifest: &mut Manifest,
) -> Result<Option<BatchesSealed>, VisitsError> {
    if remembered.is_empty() {
        return Ok(None);
    }
    let bytes = batches_bytes(remembered);
    let blake3 = blake3::hash(&bytes).to_hex().to_string();
    if let Some(before) = before.filter(|before| before.blake3 == blake3) {
        return Ok(Some(before.clone()));
    }
    let number = manifest.new_file();
    let path = folder.join(batches_name(number));
    let mut file = File::create(&path).at(&path)?;
    file.write_all(&bytes).at(&path)?;
    file.sync_data().at(&path)?;
    Ok(Some(BatchesSealed { number, blake3 }))
}
