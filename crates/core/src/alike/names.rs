//! How two names compare.

use strsim::{jaro_winkler, osa_distance};

use super::fields::half_width;
use super::sounds::{readings, sound_alike};
use super::weights::Level;

/// More parts of a Latin name than this are not put in every order.
const MOST_PARTS: usize = 4;
/// Shorter names may have one letter wrong, longer ones two.
const LONG: usize = 12;
/// Too short for a letter to be wrong.
const SHORT: usize = 4;
/// Names below this are not alike, whatever the edits.
const LEAST_JARO_WINKLER: f64 = 0.85;

/// How two names compare, from most alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameLevel {
    Same,
    SameShort,
    Turned,
    Sound,
    SoundShort,
    OneOff,
    Part,
    Spelt,
    Pinyin,
    PinyinSpelt,
    NotPinyin,
    Surname,
    Different,
}

impl NameLevel {
    pub(super) fn level(self) -> Level {
        match self {
            Self::Same => Level::NAME_SAME,
            Self::SameShort => Level::NAME_SAME_SHORT,
            Self::Turned => Level::NAME_TURNED,
            Self::Sound => Level::NAME_SOUND,
            Self::SoundShort => Level::NAME_SOUND_SHORT,
            Self::OneOff => Level::NAME_ONE_OFF,
            Self::Part => Level::NAME_PART,
            Self::Spelt => Level::NAME_SPELT,
            Self::Pinyin => Level::NAME_PINYIN,
            Self::PinyinSpelt => Level::NAME_PINYIN_SPELT,
            Self::NotPinyin => Level::NAME_NOT_PINYIN,
            Self::Surname => Level::NAME_SURNAME,
            Self::Different => Level::NAME_DIFFERENT,
        }
    }

    pub(super) fn agrees(self) -> bool {
        self.level().agrees()
    }

    /// Two characters, which many share.
    pub(super) fn is_short(self) -> bool {
        matches!(self, Self::SameShort | Self::SoundShort | Self::Turned)
    }

    /// The whole name, letter by letter.
    pub(super) fn is_whole(self) -> bool {
        matches!(self, Self::Same | Self::SameShort)
    }
}

/// None where a name is missing or has no letter.
pub(super) fn compare(a: Option<&str>, b: Option<&str>) -> Option<NameLevel> {
    match (Name::read(a?)?, Name::read(b?)?) {
        (Name::Chinese(a), Name::Chinese(b)) => Some(chinese(&a, &b)),
        (Name::Latin(a), Name::Latin(b)) => Some(latin(&a, &b)),
        (Name::Chinese(chinese), Name::Latin(latin))
        | (Name::Latin(latin), Name::Chinese(chinese)) => pinyin(&chinese, &latin),
    }
}

/// A name by its script, without case, accents and points.
enum Name {
    Chinese(Vec<char>),
    /// Or any other alphabet, in parts.
    Latin(Vec<String>),
}

impl Name {
    fn read(text: &str) -> Option<Self> {
        let letters: String = half_width(text)
            .flat_map(char::to_lowercase)
            .map(|c| if c.is_alphabetic() { c } else { ' ' })
            .collect();
        let chinese: Vec<char> = letters.chars().filter(|c| is_chinese(*c)).collect();
        if !chinese.is_empty() {
            return Some(Self::Chinese(chinese));
        }
        let parts: Vec<String> = letters.split_whitespace().map(without_accents).collect();
        (!parts.is_empty()).then_some(Self::Latin(parts))
    }
}

fn is_chinese(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Letters of European alphabets as passports print them (ICAO 9303-3, §6), shortened to the letter itself.
fn without_accents(part: &str) -> String {
    let mut plain = String::with_capacity(part.len());
    for c in part.chars() {
        let letter = match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
            'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
            'ď' | 'đ' | 'ð' => "d",
            'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
            'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
            'ĥ' | 'ħ' => "h",
            'ì' | 'í' | 'î' | 'ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
            'ĵ' => "j",
            'ķ' => "k",
            'ĺ' | 'ļ' | 'ľ' | 'ŀ' | 'ł' => "l",
            'ñ' | 'ń' | 'ņ' | 'ň' => "n",
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ŏ' | 'ő' | 'ơ' => "o",
            'ŕ' | 'ŗ' | 'ř' => "r",
            'ś' | 'ŝ' | 'ş' | 'š' | 'ș' => "s",
            'ţ' | 'ť' | 'ŧ' | 'ț' => "t",
            'ù' | 'ú' | 'û' | 'ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' | 'ư' | 'ǖ' | 'ǘ' | 'ǚ'
            | 'ǜ' => "u",
            'ŵ' => "w",
            'ý' | 'ÿ' | 'ŷ' => "y",
            'ź' | 'ż' | 'ž' => "z",
            'æ' => "ae",
            'œ' => "oe",
            'ß' => "ss",
            'þ' => "th",
            other => {
                plain.push(other);
                continue;
            }
        };
        plain.push_str(letter);
    }
    plain
}

fn chinese(a: &[char], b: &[char]) -> NameLevel {
    let short = a.len() < 3;
    if a == b {
        return if short {
            NameLevel::SameShort
        } else {
            NameLevel::Same
        };
    }
    if a.len() == b.len() {
        let turned =
            |n: usize| n < a.len() && a[n..] == b[..b.len() - n] && a[..n] == b[b.len() - n..];
        if a.len() > 1 && (1..a.len()).any(turned) {
            return NameLevel::Turned;
        }
        if a.iter().zip(b).all(|(a, b)| sound_alike(*a, *b)) {
            return if short {
                NameLevel::SoundShort
            } else {
                NameLevel::Sound
            };
        }
        let wrong = a.iter().zip(b).filter(|(a, b)| a != b).count();
        if wrong == 1 && !short {
            return NameLevel::OneOff;
        }
    } else {
        let (short, long) = if a.len() < b.len() { (a, b) } else { (b, a) };
        if short.len() > 1 && short.len() + 1 == long.len() && is_within(short, long) {
            return NameLevel::Part;
        }
    }
    if a[0] == b[0] {
        NameLevel::Surname
    } else {
        NameLevel::Different
    }
}

/// Whether the characters of `short` stand in `long` in their order.
fn is_within(short: &[char], long: &[char]) -> bool {
    let mut rest = long.iter();
    short.iter().all(|c| rest.any(|other| other == c))
}

fn latin(a: &[String], b: &[String]) -> NameLevel {
    let (own, others) = (orders(a), orders(b));
    let pairs = own.iter().flat_map(|a| others.iter().map(move |b| (a, b)));
    let (wrong, one, other) = pairs
        .map(|(a, b)| (osa_distance(a, b), a, b))
        .min_by_key(|(wrong, _, _)| *wrong)
        .expect("a name has a part, and so an order");
    if wrong == 0 {
        return NameLevel::Same;
    }
    let length = one.chars().count().min(other.chars().count());
    let allowed = match length {
        0..SHORT => 0,
        SHORT..LONG => 1,
        _ => 2,
    };
    if wrong <= allowed && jaro_winkler(one, other) >= LEAST_JARO_WINKLER {
        return NameLevel::Spelt;
    }
    let (few, many) = if a.len() < b.len() { (a, b) } else { (b, a) };
    let found = few
        .iter()
        .filter(|part| many.iter().any(|other| same_part(part, other)))
        .count();
    if few.len() > 1 && few.len() < many.len() && found == few.len() {
        NameLevel::Part
    } else if found > 0 {
        NameLevel::Surname
    } else {
        NameLevel::Different
    }
}

/// The same part, or one with a letter wrong.
fn same_part(a: &str, b: &str) -> bool {
    a == b || (a.chars().count().min(b.chars().count()) > SHORT && osa_distance(a, b) == 1)
}

/// The parts in every order, written together; in the order given only where there are many.
fn orders(parts: &[String]) -> Vec<String> {
    if parts.len() > MOST_PARTS {
        return vec![parts.concat()];
    }
    let mut orders = vec![(String::new(), parts.iter().collect::<Vec<_>>())];
    for _ in 0..parts.len() {
        orders = orders
            .into_iter()
            .flat_map(|(head, rest)| {
                (0..rest.len()).map(move |i| {
                    let mut rest = rest.clone();
                    let next = rest.remove(i);
                    (format!("{head}{next}"), rest)
                })
            })
            .collect();
    }
    orders.into_iter().map(|(order, _)| order).collect()
}

/// None where a character's sound is not known.
fn pinyin(chinese: &[char], latin: &[String]) -> Option<NameLevel> {
    let (surname, given) = chinese.split_first()?;
    let given: Option<String> = given
        .iter()
        .map(|c| readings(*c).into_iter().next())
        .collect();
    let given = given?;
    // ü is printed as YU since 2012, before as V or U (GA/T 1145).
    let latin = latin
        .iter()
        .map(|part| part.replace("lyu", "lv").replace("nyu", "nv"))
        .collect::<Vec<_>>();
    let orders = orders(&latin);
    let wrong = readings(*surname)
        .iter()
        .flat_map(|surname| [format!("{surname}{given}"), format!("{given}{surname}")])
        .flat_map(|spelt| {
            orders
                .iter()
                .map(move |order| osa_distance(&spelt, order))
                .collect::<Vec<_>>()
        })
        .min()?;
    Some(match wrong {
        0 => NameLevel::Pinyin,
        1 => NameLevel::PinyinSpelt,
        _ => NameLevel::NotPinyin,
    })
}
