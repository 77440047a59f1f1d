//! Who may do what, where: roles bound to areas, and the rights that each role carries.
//!
//! An officer sees the subtree of the area the role is bound to and nothing beside it. There is
//! no right to set a pass's colour, a risk level or a rate: none exists to be granted.

use serde::{Deserialize, Serialize};

use crate::areas::AreaCode;
use crate::cases::coded;
use crate::people::UnknownWord;
use std::str::FromStr;

coded! {
    /// A role somebody holds in an area.
    Role {
        /// Commands the response.
        Commander = "commander",
        /// Investigates and analyses.
        Epidemiologist = "epidemiologist",
        /// Officer of a county, township or community.
        AreaOfficer = "area_officer",
        /// Looks after one grid's households.
        GridWorker = "grid_worker",
        /// Works at a checkpoint.
        CheckpointStaff = "checkpoint_staff",
        /// Works at a quarantine site.
        SiteStaff = "site_staff",
        /// Inspects in the field.
        Inspector = "inspector",
        /// Speaks for an enterprise.
        EnterpriseContact = "enterprise_contact",
        /// A citizen.
        Citizen = "citizen",
        /// Audits.
        Auditor = "auditor",
        /// Runs the accounts; sees no cases.
        Administrator = "administrator",
    } accepted "commander, epidemiologist, area_officer, grid_worker, checkpoint_staff, site_staff, inspector, enterprise_contact, citizen, auditor, administrator"
}

coded! {
    /// Something a role may do within its area.
    Right {
        /// Read the morning page.
        ReadBrief = "read_brief",
        /// Read the line list, personal data masked.
        ReadCases = "read_cases",
        /// Look at a person's data, with a reason, recorded.
        LookAtPerson = "look_at_person",
        /// Report and correct cases and daily numbers.
        ReportCase = "report_case",
        /// Import files.
        Import = "import",
        /// Read matters.
        ReadMatters = "read_matters",
        /// Open matters, confirm or return what others did.
        OpenMatter = "open_matter",
        /// Work on matters one owns.
        ActOnMatter = "act_on_matter",
        /// Check people at a checkpoint, record arrivals, send people on, take records for one.
        KeepGate = "keep_gate",
        /// Read lists of arrivals, hand-overs, orders and households, personal data masked.
        ReadField = "read_field",
        /// Receive people, look after those under watch, go from door to door.
        WatchOver = "watch_over",
        /// Put people under watch as the policy says, place, release them.
        OrderQuarantine = "order_quarantine",
        /// Decide on a change of an order that another proposed.
        DecideChange = "decide_change",
        /// Set up checkpoints, shifts and quarantine sites.
        SetUpField = "set_up_field",
        /// Propose a version of the policy pack.
        ProposePolicy = "propose_policy",
        /// Approve or decline a version that another proposed.
        ApprovePolicy = "approve_policy",
        /// Open accounts, bind roles to areas.
        ManageAccounts = "manage_accounts",
        /// Read the ledger and verify it.
        ReadAudit = "read_audit",
        /// Sign a checkpoint of the ledger.
        CheckpointLedger = "checkpoint_ledger",
        /// Take lists out as files.
        Export = "export",
    } accepted "a right's name, as in the operator's guide"
}

impl Role {
    /// The rights this role carries in its area.
    pub fn rights(self) -> &'static [Right] {
        use Right::{
            ActOnMatter, ApprovePolicy, CheckpointLedger, DecideChange, Export, Import, KeepGate,
            LookAtPerson, ManageAccounts, OpenMatter, OrderQuarantine, ProposePolicy, ReadAudit,
            ReadBrief, ReadCases, ReadField, ReadMatters, ReportCase, SetUpField, WatchOver,
        };
        match self {
            Self::Commander => &[
                ReadBrief,
                ReadCases,
                ReadMatters,
                OpenMatter,
                ActOnMatter,
                ReadField,
                DecideChange,
                SetUpField,
                ProposePolicy,
                ApprovePolicy,
                Export,
            ],
            Self::Epidemiologist => &[
                ReadBrief,
                ReadCases,
                LookAtPerson,
                ReportCase,
                Import,
                ReadMatters,
                OpenMatter,
                ActOnMatter,
                ReadField,
                OrderQuarantine,
                DecideChange,
                ProposePolicy,
                Export,
            ],
            Self::AreaOfficer => &[
                ReadBrief,
                ReadCases,
                LookAtPerson,
                ReportCase,
                Import,
                ReadMatters,
                OpenMatter,
                ActOnMatter,
                KeepGate,
                ReadField,
                WatchOver,
                OrderQuarantine,
                DecideChange,
                SetUpField,
                Export,
            ],
            Self::GridWorker => &[
                ReadBrief,
                ReadMatters,
                ActOnMatter,
                KeepGate,
                ReadField,
                WatchOver,
                OrderQuarantine,
            ],
            Self::CheckpointStaff => &[ReadMatters, ActOnMatter, KeepGate, ReadField],
            Self::SiteStaff => &[
                ReadMatters,
                ActOnMatter,
                ReadField,
                WatchOver,
                OrderQuarantine,
            ],
            Self::EnterpriseContact => &[ReadMatters, ActOnMatter],
            Self::Inspector => &[ReadBrief, ReadMatters, OpenMatter, ActOnMatter, ReadField],
            Self::Citizen => &[],
            Self::Auditor => &[ReadBrief, ReadMatters, ReadAudit, CheckpointLedger],
            Self::Administrator => &[ManageAccounts],
        }
    }
}

/// A role bound to an area.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// The role.
    pub role: Role,
    /// The area whose subtree it covers.
    pub area: AreaCode,
}

impl Grant {
    /// Whether this grant gives `right` in `area`.
    pub fn allows(&self, right: Right, area: AreaCode) -> bool {
        self.area.contains(area) && self.role.rights().contains(&right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rights_end_at_the_areas_border() {
        let grant = Grant {
            role: Role::AreaOfficer,
            area: "330683".parse().unwrap(),
        };
        assert!(grant.allows(Right::ReadCases, "330683001".parse().unwrap()));
        assert!(!grant.allows(Right::ReadCases, "330682".parse().unwrap()));
        assert!(!grant.allows(Right::ReadCases, "330600".parse().unwrap()));
        assert!(!grant.allows(Right::ManageAccounts, "330683".parse().unwrap()));
    }

    #[test]
    fn who_runs_the_accounts_sees_no_person() {
        let rights = Role::Administrator.rights();
        assert!(!rights.contains(&Right::LookAtPerson) && !rights.contains(&Right::ReadCases));
    }

    #[test]
    fn words_read_back() {
        for role in Role::ALL {
            assert_eq!(role.word().parse::<Role>().unwrap(), *role);
        }
        for right in Right::ALL {
            assert_eq!(right.word().parse::<Right>().unwrap(), *right);
        }
    }
}
