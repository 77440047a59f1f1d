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

/// Whatever the file sets is shown, and compared when a new version is proposed.
#[test]
fn every_setting_is_shown() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies");
    for id in shipped_ids() {
        let text = std::fs::read_to_string(format!("{folder}/{id}.toml")).unwrap();
        let file: toml::Table = text.parse().unwrap();
        let mut written: Vec<String> = file["settings"]
            .as_table()
            .unwrap()
            .iter()
            .flat_map(|(section, fields)| {
                let fields = fields.as_table().unwrap().keys();
                fields.map(move |field| format!("{section}.{field}"))
            })
            .collect();
        let pack = Pack::shipped(id).unwrap();
        let mut shown: Vec<String> = pack
            .settings()
            .into_iter()
            .map(|setting| setting.id.to_owned())
            .collect();
        written.sort();
        shown.sort();
        assert_eq!(written, shown, "{id}");
    }
}
