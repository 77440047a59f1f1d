//! What the city puts out: posts that are filled, along supply links.
//!
//! A sector's output is bounded by its hands and by its supplies: x = min(l, 1 - Σ b (1 - x')), where l is the share of
//! its posts that are filled, x' the output of those who supply it, and b the share of output that is lost when
//! nothing comes from there. That is Leontief's production with inputs that bind in part, without stocks (in the
//! manner of Pichler A et al. J Econ Dyn Control 2022;144:104527). Of all outputs that fit, the greatest is taken. The
//! city's output is the mean over posts, each weighed by its worth. How worth and links stand: see `[economy]` of a
//! description.

use lianfang_core::reopening::Sector;
use lianfang_core::words::Word;

use crate::population::Population;

/// How many sectors there are.
pub(crate) const SECTORS: usize = Sector::ALL.len();
/// Output is in parts of this.
pub const WHOLE: u64 = 1_000;
/// Outputs that move by less than this have come to rest.
const REST: f64 = 1e-9;
/// Times that shortages are passed on at most; each round passes them one link farther.
const ROUNDS: usize = 200;

/// Posts and links of a city.
#[derive(Debug, Clone)]
pub(crate) struct Economy {
    posts: [f64; SECTORS],
    worth: [f64; SECTORS],
    /// To whom, from whom, and the share that is lost.
    links: Vec<(usize, usize, f64)>,
}

impl Economy {
    pub(crate) fn of(city: &Population) -> Self {
        let mut posts = [0.0; SECTORS];
        for place in &city.places {
            posts[place.sector.index()] += f64::from(place.posts);
        }
        let mut worth = [1.0; SECTORS];
        let mut links = Vec::new();
        if let Some(economy) = &city.description().economy {
            for one in &economy.worth {
                worth[one.sector.index()] = one.worth;
            }
            // Supplies of a sector that the city has not come from elsewhere.
            links = economy
                .supply
                .iter()
                .filter(|link| posts[link.from.index()] > 0.0)
                .map(|link| (link.to.index(), link.from.index(), link.percent / 100.0))
                .collect();
        }
        Self {
            posts,
            worth,
            links,
        }
    }

    /// The city's output in parts of [`WHOLE`], where so many posts are filled in each sector.
    pub(crate) fn output(&self, filled: &[u64; SECTORS]) -> u64 {
        let hands: [f64; SECTORS] = std::array::from_fn(|sector| {
            if self.posts[sector] > 0.0 {
                filled[sector] as f64 / self.posts[sector]
            } else {
                1.0
            }
        });
        let output = self.along_links(hands);
        let (mut made, mut all) = (0.0, 0.0);
        for (sector, output) in output.iter().enumerate() {
            let weight = self.posts[sector] * self.worth[sector];
            made += weight * output;
            all += weight;
        }
        if all > 0.0 {
            (made / all * WHOLE as f64).round() as u64
        } else {
            WHOLE
        }
    }

    fn along_links(&self, hands: [f64; SECTORS]) -> [f64; SECTORS] {
        let mut output = hands;
        for _ in 0..ROUNDS {
            let mut supplied = [1.0; SECTORS];
            for (to, from, lost) in &self.links {
                supplied[*to] -= lost * (1.0 - output[*from]);
            }
            let next: [f64; SECTORS] =
                std::array::from_fn(|sector| hands[sector].min(supplied[sector]).max(0.0));
            let moved = output
                .iter()
                .zip(&next)
                .fold(0.0_f64, |most, (a, b)| most.max((a - b).abs()));
            output = next;
            if moved < REST {
                break;
            }
        }
        output
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn economy(links: Vec<(Sector, Sector, f64)>) -> Economy {
        let mut posts = [0.0; SECTORS];
        posts[Sector::KeyChain.index()] = 100.0;
        posts[Sector::Industry.index()] = 100.0;
        posts[Sector::Retail.index()] = 200.0;
        Economy {
            posts,
            worth: [1.0; SECTORS],
            links: links
                .into_iter()
                .map(|(to, from, lost)| (to.index(), from.index(), lost))
                .collect(),
        }
    }

    fn filled(key_chain: u64, industry: u64, retail: u64) -> [u64; SECTORS] {
        let mut filled = [0; SECTORS];
        filled[Sector::KeyChain.index()] = key_chain;
        filled[Sector::Industry.index()] = industry;
        filled[Sector::Retail.index()] = retail;
        filled
    }

    #[test]
    fn shortages_are_passed_on_by_hand() {
        let chain = vec![
            (Sector::Industry, Sector::KeyChain, 0.5),
            (Sector::Retail, Sector::Industry, 0.4),
        ];
        // Without links: 300 of 400 posts.
        assert_eq!(economy(Vec::new()).output(&filled(0, 100, 200)), 750);
        // Industry falls to 0.5, retail to 1 - 0.4 × 0.5 = 0.8: (0 + 50 + 160) / 400.
        assert_eq!(economy(chain.clone()).output(&filled(0, 100, 200)), 525);
        // Hands bind where they are fewer than what supplies allow: 0.3, then retail at 1 - 0.4 × 0.7.
        assert_eq!(economy(chain).output(&filled(100, 30, 200)), 685);
    }

    #[test]
    fn a_circle_comes_to_rest() {
        let circle = economy(vec![
            (Sector::Industry, Sector::KeyChain, 0.5),
            (Sector::KeyChain, Sector::Industry, 0.5),
        ]);
        assert_eq!(circle.output(&filled(100, 100, 200)), WHOLE);
        // x = 1 - (1 - y) / 2 and y = 0.6: x = 0.8, and y stays at its hands.
        assert_eq!(circle.output(&filled(100, 60, 200)), 850);
    }

    #[test]
    fn worth_weighs_posts() {
        let mut one = economy(Vec::new());
        one.worth[Sector::Retail.index()] = 3.0;
        // 100 and 100 of 800.
        assert_eq!(one.output(&filled(100, 100, 0)), 250);
    }
}
