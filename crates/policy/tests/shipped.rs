//! The packs that ship.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use lianfang_policy::{Pack, shipped_ids};

#[test]
fn the_shipped_packs_are_whole() {
    for id in shipped_ids() {
        match Pack::shipped(id) {
            Ok(pack) => assert_eq!(pack.id, id),
            Err(error) => panic!("{id}:\n{error}"),
        }
    }
}

/// The names of all that stands in a table, also in tables within it.
fn names(value: &toml::Value, before: &str, found: &mut Vec<String>) {
    match value.as_table() {
        Some(table) => table.iter().for_each(|(name, within)| {
            let name = if before.is_empty() {
                name.clone()
            } else {
                format!("{before}.{name}")
            };
            names(within, &name, found);
        }),
        None => found.push(before.to_owned()),
    }
}

/// Whatever the file sets is shown, and compared when a new version is proposed.
#[test]
fn every_setting_is_shown() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    for id in shipped_ids() {
        let text = std::fs::read_to_string(format!("{folder}/{id}.toml")).unwrap();
        let file: toml::Table = text.parse().unwrap();
        let mut written = Vec::new();
        names(&file["settings"], "", &mut written);
        let pack = Pack::shipped(id).unwrap();
        let mut shown: Vec<String> = pack
            .settings()
            .into_iter()
            .map(|setting| setting.id)
            .collect();
        written.sort();
        shown.sort();
        assert_eq!(written, shown, "{id}");
    }
}
