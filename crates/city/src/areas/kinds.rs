//! Kinds of areas, with the numbers that their codes begin at.

/// A kind of area: what is put behind its name, and where its numbers begin.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    pub(super) zh: &'static str,
    pub(super) en: &'static str,
    /// The first number of the code of this kind (GB/T 2260 and the statistical codes).
    first: u64,
    /// People that such an area has, compared with others of its level.
    pub(super) weight: f64,
}

impl Kind {
    const fn new(zh: &'static str, en: &'static str, first: u64, weight: f64) -> Self {
        Self {
            zh,
            en,
            first,
            weight,
        }
    }
}

/// District, county, county-level city. District 01 is that of the city itself (市辖区).
const COUNTY: [Kind; 3] = [
    Kind::new("区", "District", 2, 1.5),
    Kind::new("县", "County", 21, 0.8),
    Kind::new("市", "City", 81, 1.1),
];
/// Subdistrict, town, township.
const TOWNSHIP: [Kind; 3] = [
    Kind::new("街道", "Subdistrict", 1, 1.6),
    Kind::new("镇", "Town", 100, 1.0),
    Kind::new("乡", "Township", 200, 0.5),
];
/// Residential community, village.
const VILLAGE: [Kind; 2] = [
    Kind::new("社区", "Community", 1, 1.4),
    Kind::new("村", "Village", 200, 0.6),
];

/// Of `n` areas, the kind and the number of each, in order of number; `shares` says how many in
/// a hundred are of each kind, and the last kind takes the rest.
fn numbered<const N: usize>(
    kinds: [Kind; N],
    shares: [usize; N],
    n: usize,
) -> impl Iterator<Item = (Kind, u64)> {
    let mut left = n;
    let counts: Vec<usize> = shares
        .iter()
        .enumerate()
        .map(|(i, share)| {
            let wanted = (n * share).div_ceil(100);
            let count = if i + 1 == N { left } else { wanted.min(left) };
            left -= count;
            count
        })
        .collect();
    kinds
        .into_iter()
        .zip(counts)
        .flat_map(|(kind, count)| (0..count as u64).map(move |i| (kind, kind.first + i)))
}

/// The counties of a city of `n`.
pub(super) fn counties(n: usize) -> impl Iterator<Item = (Kind, u64)> {
    numbered(COUNTY, [34, 48, 18], n)
}

/// The townships of a county of `n`: a district has more subdistricts.
pub(super) fn townships(county: Kind, n: usize) -> impl Iterator<Item = (Kind, u64)> {
    let shares = if county.first == COUNTY[0].first {
        [75, 25, 0]
    } else {
        [25, 45, 30]
    };
    numbered(TOWNSHIP, shares, n)
}

/// The villages of a township of `n`: a subdistrict has communities mostly.
pub(super) fn villages(township: Kind, n: usize) -> impl Iterator<Item = (Kind, u64)> {
    let shares = if township.first == TOWNSHIP[0].first {
        [85, 15]
    } else {
        [20, 80]
    };
    numbered(VILLAGE, shares, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_within_their_kind() {
        for n in 1..=50 {
            let counties: Vec<(Kind, u64)> = counties(n).collect();
            assert_eq!(counties.len(), n);
            assert!(counties.windows(2).all(|pair| pair[0].1 < pair[1].1));
            assert!(counties.iter().all(|(_, number)| *number <= 99));
        }
        for n in [1, 2, 80] {
            let towns: Vec<u64> = townships(COUNTY[1], n).map(|(_, number)| number).collect();
            assert!(towns.len() == n && towns.windows(2).all(|pair| pair[0] < pair[1]));
        }
        let kinds: Vec<&str> = villages(TOWNSHIP[0], 6).map(|(kind, _)| kind.zh).collect();
        assert_eq!(kinds, ["社区"; 6]);
    }
}
