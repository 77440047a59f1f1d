//! No changed byte of any file gives a wrong answer: it is refused when the log is opened, or when
//! the block is read, or it is the end of the newest journal, which is cut and said so.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{DAY, Town, batch, case, open, span, visit};
use lianfang_visits::{Limits, PlaceId, Snapshot, Trace, Visit, Visitors, VisitsError, verify};

/// Two sealed days in three parts, remembered batches, and a journal of three frames.
fn filled() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let log = open(folder.path());
    let some = |n: u32, count: u32| -> Vec<Visit> {
        (0..count)
            .map(|k| {
                visit(
                    u64::from((n + k) % 9),
                    u64::from(k % 3),
                    (n * 700 + k * 13) % (2 * DAY),
                    (k % 2 == 0).then_some(k % 70),
                )
            })
            .collect()
    };
    log.append(&[batch(&some(1, 700))]).unwrap();
    log.seal().unwrap();
    log.append(&[batch(&some(2, 30))]).unwrap();
    log.seal().unwrap();
    for n in 3..6 {
        log.append(&[batch(&some(n, 12))]).unwrap();
    }
    folder
}

/// Answers that read every block of every file.
type Answers = (Trace, Vec<Visitors>, Vec<Vec<Visit>>);

fn answers(snapshot: &Snapshot) -> Result<Answers, VisitsError> {
    let cases: Vec<_> = (0..9).map(|who| case(who, 0, 4 * DAY)).collect();
    let all = span(0, 4 * DAY);
    Ok((
        snapshot.trace(&cases, &Town, Limits::default())?,
        (0..3)
            .map(|place| snapshot.visitors(PlaceId(place), all, &Town, usize::MAX))
            .collect::<Result<_, _>>()?,
        (0..9)
            .map(|who| snapshot.visits_of(common::person(who), all))
            .collect::<Result<_, _>>()?,
    ))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| !path.ends_with("LOCK"));
    files.sort();
    files
}

#[test]
fn a_changed_byte_is_never_believed() {
    let folder = filled();
    let whole = answers(&Snapshot::open(folder.path()).unwrap()).unwrap();
    let names: Vec<String> = files(folder.path())
        .iter()
        .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    for kind in [
        "MANIFEST",
        "people.ids",
        "places.ids",
        "batches-",
        "day-",
        "journal-",
    ] {
        assert!(
            names.iter().any(|name| name.starts_with(kind)),
            "{kind}: {names:?}"
        );
    }
    for path in files(folder.path()) {
        let bytes = fs::read(&path).unwrap();
        let journal = path
            .file_name()
            .unwrap()
            .to_string_lossy()
            .starts_with("journal");
        for at in (0..bytes.len()).step_by(1 + bytes.len() / 800) {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            fs::write(&path, &changed).unwrap();
            let answer = Snapshot::open(folder.path()).and_then(|snapshot| answers(&snapshot));
            match answer {
                Err(VisitsError::Corrupt { .. }) => {}
                Err(other) => panic!("{}: byte {at}: {other}", path.display()),
                // The last frame does not hold: it was never acknowledged, for all that can be known.
                Ok(_) if journal => {
                    assert!(at > bytes.len() / 2, "{at}");
                    if at % 8 > 0 {
                        continue;
                    }
                    let copy = copied(folder.path());
                    assert!(
                        open(copy.path()).opened().cut > 0,
                        "byte {at} of the journal is cut and not said so"
                    );
                }
                Ok(answer) => assert!(
                    answer == whole
                        && verify(folder.path()).is_ok_and(|report| !report.problems.is_empty()),
                    "{}: byte {at}",
                    path.display()
                ),
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
    assert!(answers(&Snapshot::open(folder.path()).unwrap()).unwrap() == whole);
}

fn copied(folder: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for path in files(folder) {
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    copy
}

#[test]
fn a_file_that_is_short_or_gone_is_refused() {
    let folder = filled();
    for path in files(folder.path()) {
        let bytes = fs::read(&path).unwrap();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        fs::remove_file(&path).unwrap();
        assert!(Snapshot::open(folder.path()).is_err(), "{name} is gone");
        if !name.starts_with("journal") {
            for length in (0..bytes.len()).step_by(97) {
                fs::write(&path, &bytes[..length]).unwrap();
                assert!(
                    Snapshot::open(folder.path()).is_err(),
                    "{name} of {length} bytes"
                );
            }
        }
        fs::write(&path, &bytes).unwrap();
    }
}

#[test]
fn a_part_in_the_place_of_another_is_refused_and_a_forged_one_is_found_by_the_audit() {
    let folder = filled();
    let by_place: Vec<_> = files(folder.path())
        .into_iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "place"))
        .collect();
    let before = fs::read(&by_place[0]).unwrap();
    fs::copy(&by_place[1], &by_place[0]).unwrap();
    assert!(matches!(
        Snapshot::open(folder.path()),
        Err(VisitsError::Corrupt { .. })
    ));
    fs::write(&by_place[0], &before).unwrap();
    // Altered with all its checksums mended: the log opens, and the audit finds it.
    let mut forged = before.clone();
    let end = forged.len() - 36;
    let index = u64::from_le_bytes(forged[end + 16..end + 24].try_into().unwrap()) as usize;
    forged[20] ^= 0x40;
    let next = u64::from_le_bytes(
        forged[index + 26 + 8..index + 26 + 16]
            .try_into()
            .unwrap_or([0; 8]),
    ) as usize;
    let block = if next > 0 && next < index {
        next
    } else {
        index
    };
    let crc = crc32fast::hash(&forged[..block]);
    forged[index + 16..index + 20].copy_from_slice(&crc.to_le_bytes());
    let crc = crc32fast::hash(&forged[index..end]);
    forged[end + 28..end + 32].copy_from_slice(&crc.to_le_bytes());
    let crc = crc32fast::hash(&forged[end..end + 32]);
    forged[end + 32..].copy_from_slice(&crc.to_le_bytes());
    fs::write(&by_place[0], &forged).unwrap();
    assert!(Snapshot::open(folder.path()).is_ok());
    let problems = verify(folder.path()).unwrap().problems;
    assert!(!problems.is_empty() && problems.iter().all(|problem| problem.day.is_some()));
}
