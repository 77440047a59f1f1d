//! Which rule does how much: each table of a pack and each of its rules switched off, one at a time.

use lianfang_policy::{Pack, Table};

use super::{Arm, Compared, Switch, WhatIf, WhatIfError, switches};

/// Something switched off, and what that gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchedOff {
    /// What is switched off.
    pub switch: Switch,
    /// Its place among all that was compared; why not, where it could not be switched off.
    pub tried: Result<usize, String>,
}

impl WhatIf<'_> {
    /// Switches off each table and each rule of the first pack compared, one at a time, and puts what comes of it behind
    /// what was compared. Rules that decided nothing in any run are not run again.
    ///
    /// # Errors
    /// As for [`WhatIf::run`].
    pub fn ablate(
        &self,
        pack: &Pack,
        compared: &mut Compared,
        go_on: &(dyn Fn(u64, u64) -> bool + Sync),
    ) -> Result<Vec<SwitchedOff>, WhatIfError> {
        let before = compared.labels.len();
        let mut without: Vec<(String, Pack)> = Vec::new();
        let mut all = Vec::new();
        for switch in switches(pack) {
            let tried = if decided_nothing(&switch, pack, compared) {
                Err("it decided nothing under these seeds".into())
            } else {
                match switch.off(pack) {
                    Err(error) => Err(error.to_string()),
                    Ok(pack) => {
                        without.push((format!("without {switch}"), pack));
                        Ok(before + without.len() - 1)
                    }
                }
            };
            all.push(SwitchedOff { switch, tried });
        }
        if !without.is_empty() {
            let arms: Vec<Arm<'_>> = without
                .iter()
                .map(|(label, pack)| Arm::of(label, pack))
                .collect();
            let more = self.run(&arms, go_on)?;
            compared.labels.extend(more.labels);
            compared.runs.extend(more.runs);
        }
        Ok(all)
    }
}

fn decided_nothing(switch: &Switch, pack: &Pack, compared: &Compared) -> bool {
    let decided = |table: Table, rule: usize| compared.decided(0, table, rule);
    match switch {
        Switch::Table(table) => {
            let rules = pack.rules(*table).in_order();
            !(0..rules.len()).any(|rule| decided(*table, rule))
        }
        Switch::Rule(table, id) => {
            let rules = pack.rules(*table).in_order();
            let place = rules.iter().position(|rule| rule.id == *id);
            !place.is_some_and(|rule| decided(*table, rule))
        }
    }
}
