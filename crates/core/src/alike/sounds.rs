//! How Chinese characters sound: Mandarin syllables without tones, as the crate `pinyin` knows them.

use pinyin::{ToPinyin, ToPinyinMulti};

/// Readings of a character, the usual one first, without tones and with `v` for ü; none where it is
/// no Chinese character.
pub(super) fn readings(c: char) -> Vec<String> {
    let plain = |syllable: pinyin::Pinyin| syllable.plain().replace('ü', "v");
    let mut readings: Vec<String> = c.to_pinyin().map(plain).into_iter().collect();
    if let Some(all) = c.to_pinyin_multi() {
        for syllable in all {
            let syllable = plain(syllable);
            if !readings.contains(&syllable) {
                readings.push(syllable);
            }
        }
    }
    readings
}

/// Whether two characters sound the same to somebody who writes down what is said.
pub(super) fn sound_alike(a: char, b: char) -> bool {
    a == b
        || readings(a)
            .iter()
            .any(|a| readings(b).iter().any(|b| heard(a) == heard(b)))
}

/// Initial and rest of a syllable as many speakers merge them: zh/z, ch/c, sh/s, -ng/-n.
fn heard(syllable: &str) -> (u8, &str) {
    let (initial, rest) = syllable.split_at(1);
    let rest = match initial {
        "z" | "c" | "s" => rest.strip_prefix('h').unwrap_or(rest),
        _ => rest,
    };
    (
        initial.as_bytes()[0],
        rest.strip_suffix('g').unwrap_or(rest),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn homophones_sound_alike() {
        for (a, b) in [
            ('晓', '小'),
            ('伟', '炜'),
            ('章', '张'),
            ('珍', '真'),
            ('林', '凌'),
            ('申', '森'),
        ] {
            assert!(sound_alike(a, b), "{a} {b}");
        }
        for (a, b) in [('王', '黄'), ('轩', '涵'), ('伟', '芳'), ('吕', '路')] {
            assert!(!sound_alike(a, b), "{a} {b}");
        }
        assert_eq!(readings('吕'), ["lv"]);
        assert!(readings('单').contains(&"shan".to_owned()));
        assert!(readings('A').is_empty());
    }
}
