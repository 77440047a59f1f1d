//! Made-up place names, in Chinese and in pinyin.

use crate::chance::Chance;

/// A name in Chinese with its pinyin, without what kind of place it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlaceName {
    pub(super) zh: String,
    pub(super) en: String,
}

/// Names of the first counties; further ones are put together from syllables.
const COUNTIES: [(&str, &str); 8] = [
    ("锦澜", "Jinlan"),
    ("澄湖", "Chenghu"),
    ("鹿汀", "Luting"),
    ("云岫", "Yunxiu"),
    ("柏川", "Baichuan"),
    ("棠溪", "Tangxi"),
    ("砚河", "Yanhe"),
    ("霁山", "Jishan"),
];

const FIRST: [(&str, &str); 24] = [
    ("清", "Qing"),
    ("石", "Shi"),
    ("白", "Bai"),
    ("青", "Qing"),
    ("长", "Chang"),
    ("东", "Dong"),
    ("南", "Nan"),
    ("西", "Xi"),
    ("北", "Bei"),
    ("新", "Xin"),
    ("古", "Gu"),
    ("金", "Jin"),
    ("银", "Yin"),
    ("玉", "Yu"),
    ("龙", "Long"),
    ("凤", "Feng"),
    ("松", "Song"),
    ("竹", "Zhu"),
    ("梅", "Mei"),
    ("兰", "Lan"),
    ("荷", "He"),
    ("月", "Yue"),
    ("星", "Xing"),
    ("和", "He"),
];

const SECOND: [(&str, &str); 20] = [
    ("溪", "xi"),
    ("桥", "qiao"),
    ("塘", "tang"),
    ("岭", "ling"),
    ("坪", "ping"),
    ("湾", "wan"),
    ("浦", "pu"),
    ("港", "gang"),
    ("泉", "quan"),
    ("洲", "zhou"),
    ("林", "lin"),
    ("田", "tian"),
    ("丰", "feng"),
    ("华", "hua"),
    ("明", "ming"),
    ("园", "yuan"),
    ("庄", "zhuang"),
    ("坝", "ba"),
    ("桂", "gui"),
    ("陵", "ling"),
];

/// Most names that one [`names`] can give.
pub(super) const MOST: usize = FIRST.len() * SECOND.len();

/// `n` different names, at most [`MOST`].
pub(super) fn names(chance: &mut Chance, n: usize) -> Vec<PlaceName> {
    let mut all: Vec<PlaceName> = FIRST
        .iter()
        .flat_map(|first| {
            SECOND.iter().map(move |second| PlaceName {
                zh: format!("{}{}", first.0, second.0),
                en: format!("{}{}", first.1, second.1),
            })
        })
        .collect();
    chance.shuffle(&mut all);
    all.truncate(n);
    all
}

/// `n` different names of counties.
pub(super) fn county_names(chance: &mut Chance, n: usize) -> Vec<PlaceName> {
    let own = COUNTIES.iter().map(|(zh, en)| PlaceName {
        zh: (*zh).to_owned(),
        en: (*en).to_owned(),
    });
    own.chain(names(chance, n)).take(n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chance::Purpose;
    use std::collections::BTreeSet;

    #[test]
    fn names_differ() {
        let mut chance = Chance::new(1, Purpose::Areas);
        let zh: BTreeSet<String> = names(&mut chance, MOST).into_iter().map(|n| n.zh).collect();
        assert_eq!(zh.len(), MOST);
        let counties = county_names(&mut chance, 50);
        let zh: BTreeSet<&str> = counties.iter().map(|n| n.zh.as_str()).collect();
        assert_eq!(zh.len(), 50);
    }
}
