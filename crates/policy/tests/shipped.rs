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
