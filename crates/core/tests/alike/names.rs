//! Names as common as they are, in characters, in pinyin, and from abroad.

use super::random::Random;

/// Surnames with their pinyin and share in 100 people, about: Ministry of Public Security, report on names of 2020.
#[rustfmt::skip]
const SURNAMES: [(&str, &str, f64); 52] = [
    ("王", "wang", 7.2), ("李", "li", 7.2), ("张", "zhang", 6.8), ("刘", "liu", 5.2), ("陈", "chen", 4.9), ("杨", "yang", 3.0),
    ("黄", "huang", 2.4), ("赵", "zhao", 2.1), ("吴", "wu", 2.0), ("周", "zhou", 1.9), ("徐", "xu", 1.5), ("孙", "sun", 1.4),
    ("马", "ma", 1.4), ("朱", "zhu", 1.3), ("胡", "hu", 1.3), ("郭", "guo", 1.2), ("何", "he", 1.2), ("林", "lin", 1.2),
    ("罗", "luo", 1.1), ("高", "gao", 1.1), ("郑", "zheng", 1.0), ("梁", "liang", 0.9), ("谢", "xie", 0.8), ("宋", "song", 0.8),
    ("唐", "tang", 0.7), ("许", "xu", 0.7), ("韩", "han", 0.7), ("邓", "deng", 0.7), ("冯", "feng", 0.6), ("曹", "cao", 0.6),
    ("彭", "peng", 0.6), ("曾", "zeng", 0.6), ("肖", "xiao", 0.6), ("田", "tian", 0.5), ("董", "dong", 0.5), ("潘", "pan", 0.5),
    ("袁", "yuan", 0.5), ("蔡", "cai", 0.5), ("蒋", "jiang", 0.5), ("余", "yu", 0.5), ("于", "yu", 0.4), ("杜", "du", 0.4),
    ("叶", "ye", 0.4), ("程", "cheng", 0.4), ("魏", "wei", 0.4), ("苏", "su", 0.4), ("吕", "lv", 0.4), ("丁", "ding", 0.4),
    ("任", "ren", 0.3), ("卢", "lu", 0.3), ("欧阳", "ouyang", 0.1), ("单", "shan", 0.1),
];

/// Characters of given names by sound, commoner sounds first.
#[rustfmt::skip]
const GIVEN: [&str; 78] = [
    "wei 伟炜维威薇巍玮", "fang 芳方舫", "xiu 秀修", "ying 英莹颖盈樱", "min 敏民旻", "jing 静晶京菁婧敬", "li 丽莉力立黎理礼", "qiang 强",
    "lei 磊蕾雷", "jun 军俊君钧峻骏", "yang 洋阳扬杨", "yong 勇永咏", "yan 艳燕岩妍彦琰", "jie 杰洁婕捷", "juan 娟涓", "tao 涛韬桃",
    "ming 明铭鸣", "chao 超朝", "xia 霞侠夏", "ping 平萍苹", "gang 刚钢", "gui 桂贵", "hua 华花桦", "fei 飞菲斐", "xin 鑫欣新馨昕心",
    "bo 波博柏", "bin 斌彬滨宾", "yu 宇玉雨瑜钰裕羽语", "hao 浩昊豪皓", "kai 凯楷恺", "jian 建健剑坚", "zhi 志智芝致治", "guo 国果",
    "wen 文雯闻", "hai 海", "feng 峰凤锋丰枫", "zi 子梓紫姿", "xuan 轩萱璇宣", "han 涵晗翰寒", "yi 怡奕毅义艺忆逸一", "hong 红宏洪鸿虹",
    "mei 梅美玫", "lan 兰岚蓝", "ling 玲灵凌岭", "na 娜", "ting 婷庭", "xue 雪学", "hui 慧辉惠晖卉", "jia 佳嘉家", "lin 琳林霖麟",
    "qin 琴勤芹", "yun 云芸运韵", "chun 春纯", "dong 东冬栋", "liang 亮良", "long 龙隆", "sheng 胜生盛", "xiang 祥翔香湘", "xiao 晓小笑潇霄",
    "shu 淑书树舒", "zhen 珍真振贞震", "guang 光广", "chen 晨辰琛宸", "rui 瑞睿蕊锐", "hang 航杭", "peng 鹏朋", "ran 然冉", "ze 泽则",
    "tian 天甜恬", "ying 颖影", "shan 珊山杉", "yue 月悦越玥", "ke 可科珂", "ni 妮", "xi 希曦溪熙", "mo 墨沫", "qi 琪奇琦启", "shi 诗世石",
];

/// The commonest whole names.
const COMMON: [&str; 12] = [
    "张伟", "王伟", "王芳", "李伟", "李娜", "张敏", "李静", "王静", "刘伟", "张丽", "王丽", "李强",
];

#[rustfmt::skip]
const FAMILY_ABROAD: [&str; 34] = [
    "Smith", "García", "Müller", "Nguyen", "Kim", "Lee", "Ivanov", "Diallo", "Okafor", "Hassan", "Khan", "Patel", "Singh", "Silva", "Santos",
    "Rossi", "Dubois", "Kowalski", "Yamamoto", "Tanaka", "Suzuki", "Johnson", "Williams", "Hernández", "Mohammed", "Ibrahim", "Traoré",
    "Mensah", "Popov", "Jensen", "Andersson", "Rahman", "Tran", "Schneider",
];

#[rustfmt::skip]
const GIVEN_ABROAD: [&str; 40] = [
    "John", "Maria", "Mario", "Anna", "Ahmed", "Mohamed", "Fatima", "David", "Michael", "Thi Lan", "Min Jun", "Seo Yeon", "Amadou", "Chinedu",
    "Ali", "Omar", "Priya", "Rahul", "João", "Lucas", "Giulia", "Marco", "Pierre", "Sophie", "Jan", "Katarzyna", "Hiroshi", "Yuki", "James",
    "Emily", "José", "Ana Lucía", "Ousmane", "Kwame", "Olga", "Sergei", "Lars", "Karin", "Hans Peter", "Anh Tuan",
];

/// A name that can be written in several ways.
#[derive(Debug, Clone)]
pub(crate) enum Name {
    Chinese { surname: usize, given: Vec<char> },
    Abroad { family: usize, given: usize },
}

impl Name {
    pub(crate) fn chinese(random: &mut Random) -> Self {
        if random.yes(0.03) {
            let mut common = random.one_of(&COMMON).chars();
            let first = common.next().map(String::from).unwrap();
            let surname = SURNAMES.iter().position(|(s, _, _)| *s == first).unwrap();
            return Self::Chinese {
                surname,
                given: common.collect(),
            };
        }
        let surname = random.weighted(SURNAMES.iter().map(|(_, _, share)| *share));
        let length = if random.yes(0.22) { 1 } else { 2 };
        let given = (0..length).map(|_| character(random)).collect();
        Self::Chinese { surname, given }
    }

    pub(crate) fn abroad(random: &mut Random) -> Self {
        Self::Abroad {
            family: random.below(FAMILY_ABROAD.len()),
            given: random.below(GIVEN_ABROAD.len()),
        }
    }

    /// A child's or sibling's: the same surname, often a given character in common.
    pub(crate) fn of_sibling(&self, random: &mut Random) -> Self {
        match self {
            Self::Chinese { surname, given } => loop {
                let mut other = given.clone();
                if other.len() == 1 || random.yes(0.45) {
                    other = (0..random.whole(1, 2)).map(|_| character(random)).collect();
                } else {
                    other[1] = character(random);
                }
                if other != *given {
                    return Self::Chinese {
                        surname: *surname,
                        given: other,
                    };
                }
            },
            Self::Abroad { family, given } => Self::Abroad {
                family: *family,
                given: (given + 1 + random.below(GIVEN_ABROAD.len() - 1)) % GIVEN_ABROAD.len(),
            },
        }
    }

    pub(crate) fn of_child(&self, random: &mut Random) -> Self {
        match (self, Self::chinese(random)) {
            (Self::Chinese { surname, .. }, Self::Chinese { given, .. }) => Self::Chinese {
                surname: *surname,
                given,
            },
            _ => self.of_sibling(random),
        }
    }

    /// As written on some record, with or without a slip; the pinyin where `passport` says so.
    pub(crate) fn written(&self, random: &mut Random, passport: bool) -> String {
        match self {
            Self::Chinese { surname, given } => {
                let (surname, pinyin, _) = SURNAMES[*surname];
                if passport {
                    let given: String = given.iter().map(|c| syllable(*c)).collect();
                    let name = if random.yes(0.3) {
                        format!("{given} {pinyin}").to_uppercase()
                    } else {
                        format!("{pinyin}/{given}").to_uppercase()
                    };
                    return letters_slip(&name.replace("LV", "LYU"), random, 0.04);
                }
                slip(surname, given, random)
            }
            Self::Abroad { family, given } => {
                let (family, given) = (FAMILY_ABROAD[*family], GIVEN_ABROAD[*given]);
                let short = given.split(' ').next().unwrap();
                let given = if random.yes(0.04) { short } else { given };
                let name = match random.below(4) {
                    0 => format!("{family} {given}"),
                    1 => format!("{family}, {given}").to_uppercase(),
                    2 => format!("{given} {family}").to_uppercase(),
                    _ => format!("{given} {family}"),
                };
                letters_slip(&name, random, 0.08)
            }
        }
    }
}

fn character(random: &mut Random) -> char {
    let sound = GIVEN[random.zipf(GIVEN.len())];
    let characters: Vec<char> = sound.split_once(' ').unwrap().1.chars().collect();
    characters[random.zipf(characters.len())]
}

fn group(c: char) -> &'static str {
    GIVEN.iter().find(|group| group.contains(c)).unwrap()
}

fn syllable(c: char) -> &'static str {
    group(c).split_once(' ').unwrap().0
}

/// A Chinese name with the slips of whoever writes by ear, and in haste.
fn slip(surname: &str, given: &[char], random: &mut Random) -> String {
    let mut given = given.to_vec();
    let which = random.below(given.len());
    let u = random.uniform();
    if u < 0.05 {
        let alike: Vec<char> = group(given[which])
            .chars()
            .skip_while(char::is_ascii)
            .collect();
        given[which] = random.one_of(&alike);
    } else if u < 0.057 {
        given[which] = character(random);
    } else if u < 0.07 && given.len() > 1 {
        given.remove(which);
    }
    let given: String = given.into_iter().collect();
    if random.yes(0.01) {
        format!("{given}{surname}")
    } else if random.yes(0.03) {
        format!("{surname} {given}")
    } else {
        format!("{surname}{given}")
    }
}

fn letters_slip(name: &str, random: &mut Random, p: f64) -> String {
    let mut letters: Vec<char> = name.chars().collect();
    if random.yes(p) {
        let i = random.below(letters.len() - 1);
        match random.below(4) {
            0 => letters.swap(i, i + 1),
            1 => letters.insert(i, letters[i]),
            2 => letters[i] = random.one_of(&['a', 'e', 'i', 'n', 'r', 's', 't', 'h']),
            _ => {
                letters.remove(i);
            }
        }
    }
    letters.into_iter().collect()
}
