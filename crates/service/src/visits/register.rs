//! How places count: what each is by the register, and what that means by the pack.

use std::collections::HashMap;
use std::sync::Arc;

use lianfang_core::places::{PlaceId, PlaceKind};
use lianfang_core::words::Word;
use lianfang_policy::VisitsSettings;
use lianfang_store::views::places as view;
use lianfang_visits::Places;

use crate::{House, Refusal, locked};

/// What each place is. Kept at hand until a place is defined.
#[derive(Clone, Default)]
pub(crate) struct Register {
    newest: u64,
    kinds: HashMap<PlaceId, PlaceKind>,
}

/// What a kind of place means by a pack, for as long as a question takes.
pub(crate) struct Counted {
    register: Arc<Register>,
    rules: Vec<(u16, f64)>,
}

impl Counted {
    pub(crate) fn kind(&self, place: PlaceId) -> PlaceKind {
        self.register
            .kinds
            .get(&place)
            .copied()
            .unwrap_or(PlaceKind::Other)
    }
}

impl Places for Counted {
    fn usual_stay(&self, place: PlaceId) -> u16 {
        self.rules[self.kind(place).index()].0
    }

    fn weight(&self, place: PlaceId) -> f64 {
        self.rules[self.kind(place).index()].1
    }
}

impl House {
    /// How places count under the settings of a pack.
    pub(crate) fn counted(&self, settings: &VisitsSettings) -> Result<Counted, Refusal> {
        let mut kept = locked(&self.visits.register);
        let newest = self.store.read(|c| Ok(view::newest(c)?))?;
        if kept.newest != newest {
            let changed = self
                .store
                .read(|c| Ok(view::kinds_after(c, kept.newest)?))?;
            let register = Arc::make_mut(&mut *kept);
            register.kinds.extend(changed);
            register.newest = newest;
        }
        Ok(Counted {
            register: Arc::clone(&kept),
            rules: PlaceKind::ALL
                .iter()
                .map(|kind| {
                    let rule = settings.place(*kind);
                    (rule.usual_stay_minutes, rule.weight)
                })
                .collect(),
        })
    }
}
