//! Common names, put together at random.

use lianfang_core::people::Sex;

use crate::chance::Chance;

/// The thirty most common surnames with their share in 100 people, about: Ministry of Public
/// Security, report on names of 2020.
#[rustfmt::skip]
const SURNAMES: [(&str, f64); 30] = [
    ("王", 7.2), ("李", 7.2), ("张", 6.8), ("刘", 5.2), ("陈", 4.9), ("杨", 3.0), ("黄", 2.4),
    ("赵", 2.1), ("吴", 2.0), ("周", 1.9), ("徐", 1.5), ("孙", 1.4), ("马", 1.4), ("朱", 1.3),
    ("胡", 1.3), ("郭", 1.2), ("何", 1.2), ("林", 1.2), ("罗", 1.1), ("高", 1.1), ("郑", 1.0),
    ("梁", 0.9), ("谢", 0.8), ("宋", 0.8), ("唐", 0.7), ("许", 0.7), ("韩", 0.7), ("邓", 0.7),
    ("冯", 0.6), ("曹", 0.6),
];

#[rustfmt::skip]
const FEMALE: [&str; 30] = [
    "芳", "娟", "敏", "静", "丽", "艳", "霞", "燕", "秀", "英", "兰", "玉", "萍", "红", "玲",
    "梅", "琳", "婷", "雪", "慧", "莹", "欣", "怡", "佳", "雅", "洁", "琴", "云", "莉", "娜",
];

#[rustfmt::skip]
const MALE: [&str; 30] = [
    "伟", "强", "磊", "军", "勇", "杰", "涛", "超", "明", "刚", "平", "辉", "鹏", "华", "飞",
    "鑫", "波", "斌", "宇", "浩", "凯", "健", "俊", "帆", "志", "国", "建", "文", "海", "峰",
];

/// A surname.
pub(super) fn surname(chance: &mut Chance) -> &'static str {
    SURNAMES[chance.weighted(&SURNAMES.map(|(_, share)| share))].0
}

/// A full name of two or three characters.
pub(super) fn full_name(chance: &mut Chance, surname: &str, sex: Sex) -> String {
    let given = if sex == Sex::Male { &MALE } else { &FEMALE };
    let mut name = String::with_capacity(9);
    name.push_str(surname);
    name.push_str(chance.one_of(given));
    if chance.yes(0.75) {
        name.push_str(chance.one_of(given));
    }
    name
}
