//! What each level of agreement says: its probability among records of one person (m), of two strangers, and of two of a family
//! who travel together (u).
//!
//! m: after error rates of registers written by hand, where about one field in ten differs (Winkler 2006, Overview of Record
//! Linkage, US Census Bureau RRS2006/02; Christen 2012, Data Matching, ch. 5). u of strangers: chance agreement, from how
//! common names are (Ministry of Public Security, report on names of 2020: the commonest, 张伟, some 2 in 10,000), from days
//! of birth over eighty years, and from the fact that strangers compared arrive within three days. u of family: supposed
//! from how families travel, and set on synthetic entrants. None is estimated from a real register; orders of magnitude matter.

/// A level at which a field compares.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Level {
    one: f64,
    stranger: f64,
    family: f64,
    agrees: bool,
}

const fn agreeing(one: f64, stranger: f64, family: f64) -> Level {
    Level {
        one,
        stranger,
        family,
        agrees: true,
    }
}

const fn differing(one: f64, stranger: f64, family: f64) -> Level {
    Level {
        one,
        stranger,
        family,
        agrees: false,
    }
}

impl Level {
    /// A slip in the number; families hold passports with numbers in a row.
    pub(super) const DOCUMENT_ONE_EDIT: Self = agreeing(0.03, 1e-6, 0.01);

    /// Three characters or more, or Latin letters.
    pub(super) const NAME_SAME: Self = agreeing(0.86, 2e-5, 5e-5);
    /// Two characters: the commonest are borne by 2 in 10,000.
    pub(super) const NAME_SAME_SHORT: Self = agreeing(0.86, 2e-4, 2e-4);
    /// Family and given name exchanged.
    pub(super) const NAME_TURNED: Self = agreeing(0.02, 1e-4, 1e-4);
    /// Each character sounds the same: seldom so of siblings, and few of a family are siblings.
    pub(super) const NAME_SOUND: Self = agreeing(0.05, 2e-4, 5e-4);
    /// The same, with two characters.
    pub(super) const NAME_SOUND_SHORT: Self = agreeing(0.05, 2e-3, 5e-4);
    /// One of three or more characters is another: siblings share one by custom.
    pub(super) const NAME_ONE_OFF: Self = agreeing(0.01, 1.5e-3, 0.1);
    /// A character or a part is missing.
    pub(super) const NAME_PART: Self = agreeing(0.03, 1.5e-3, 5e-4);
    /// One or two Latin letters differ: Maria and Mario are siblings.
    pub(super) const NAME_SPELT: Self = agreeing(0.08, 1e-4, 1e-3);
    /// The Latin name is the Chinese one in pinyin, which many names share.
    pub(super) const NAME_PINYIN: Self = agreeing(0.9, 3e-4, 3e-3);
    /// The same with a letter wrong.
    pub(super) const NAME_PINYIN_SPELT: Self = agreeing(0.05, 3e-3, 0.01);
    /// The Latin name is not that pinyin; it may be in another language.
    pub(super) const NAME_NOT_PINYIN: Self = differing(0.05, 1.0, 1.0);
    /// Only the surname, or a part.
    pub(super) const NAME_SURNAME: Self = differing(0.004, 0.06, 0.35);
    /// Nothing.
    pub(super) const NAME_DIFFERENT: Self = differing(0.004, 0.94, 0.55);

    /// Strangers: 1 in 30,000 days, and some dates are commoner. Family: twins, about one pair in a hundred.
    pub(super) const BORN_SAME: Self = agreeing(0.93, 1e-4, 0.012);
    /// One digit or day and month exchanged.
    pub(super) const BORN_NEAR: Self = agreeing(0.05, 2e-3, 0.02);
    /// Another date.
    pub(super) const BORN_DIFFERENT: Self = differing(0.02, 1.0, 0.97);

    /// Strangers: the phone of a foreman or a hotel, noted for many.
    pub(super) const PHONE_SAME: Self = agreeing(0.85, 2e-5, 0.6);
    /// One digit wrong or two exchanged; of a family's phone as of one's own.
    pub(super) const PHONE_NEAR: Self = agreeing(0.05, 2e-4, 0.03);
    /// Another: people have two, or give a relative's.
    pub(super) const PHONE_DIFFERENT: Self = differing(0.1, 1.0, 0.4);

    /// Couples differ more often than strangers.
    pub(super) const SEX_SAME: Self = agreeing(0.99, 0.5, 0.4);
    /// Noted wrong.
    pub(super) const SEX_DIFFERENT: Self = differing(0.01, 0.5, 0.6);

    /// Within hours.
    pub(super) const ARRIVAL_SAME: Self = agreeing(0.7, 0.1, 0.7);
    /// Within a day: found by the community on the next.
    pub(super) const ARRIVAL_NEXT: Self = agreeing(0.2, 0.25, 0.2);
    /// Within the days in which records are compared.
    pub(super) const ARRIVAL_NEAR: Self = differing(0.1, 0.65, 0.1);
    /// Another arrival.
    pub(super) const ARRIVAL_FAR: Self = differing(0.005, 1.0, 0.005);

    /// The same vehicle by its plate: few are aboard.
    pub(super) const PLATE_SAME: Self = agreeing(0.92, 1e-3, 0.92);
    /// The same flight, train or coach.
    pub(super) const NUMBER_SAME: Self = agreeing(0.92, 0.02, 0.92);
    /// Another: a leg before, or a misprint.
    pub(super) const NUMBER_DIFFERENT: Self = differing(0.08, 0.98, 0.08);
    /// On the same train or flight; families are noted together.
    pub(super) const SEAT_SAME: Self = agreeing(0.92, 3e-3, 5e-3);
    /// On a journey whose number is not known of both.
    pub(super) const SEAT_SAME_ALONE: Self = agreeing(0.9, 0.02, 0.02);
    /// Another.
    pub(super) const SEAT_DIFFERENT: Self = differing(0.08, 1.0, 1.0);
    /// The same origin; counted where the journey's number is not known of both.
    pub(super) const FROM_SAME: Self = agreeing(0.9, 0.1, 0.9);
    /// Another.
    pub(super) const FROM_DIFFERENT: Self = differing(0.1, 0.9, 0.1);

    /// Whether the level speaks for one person.
    pub(super) fn agrees(self) -> bool {
        self.agrees
    }
}

/// Bits for one person, against each of the two others.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Score {
    pub(super) stranger: f64,
    pub(super) family: f64,
}

impl Score {
    pub(super) fn add(self, level: Option<Level>) -> Self {
        let Some(level) = level else {
            return self;
        };
        Self {
            stranger: self.stranger + (level.one / level.stranger).log2(),
            family: self.family + (level.one / level.family).log2(),
        }
    }
}
