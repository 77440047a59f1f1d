//! A built city on disk.
//!
//! One file, all numbers little-endian:
//!
//! | Part | Content |
//! | --- | --- |
//! | head | [`MAGIC`], then the seed (8 bytes) |
//! | description | its length (8 bytes), then its text as TOML |
//! | people | their number (8), then 8 bytes each: group (4; all ones for none), village with the highest bit for a post (2), age × 2 + 1 for a woman (1), place in the household and, four bits higher, its size less one (1) |
//! | villages | their number + 1 (8), then the first person of each and the end (4 each) |
//! | areas | their number (8), then first person, end, first village (4 each) |
//! | members | their number (8), then persons (4 each), group by group |
//! | groups | their number + 1 (8), then where the members of each begin and the end (4 each); then, after their number (8), the place of each (4 each) |
//! | places | their number (8), then first group (4), posts (4), area (2), sector (1), health care (1) |
//! | carers | for each area their number (8), then persons of health care (4 each) |
//! | riders | for each area their number (8), then riders of public transport (4 each) |
//! | end | BLAKE3 of all before (32 bytes) |

use std::io::Write;

use lianfang_core::reopening::Sector;
use lianfang_core::words::Word;

use super::{CityDescription, Part, Person, Place, Population, PopulationError};

/// The first bytes of a built city.
pub const MAGIC: &[u8; 16] = b"lianfang city 1\n";

/// Bytes of the digest at the end.
const DIGEST: usize = 32;

impl Population {
    /// BLAKE3 of the file that [`Population::write`] writes, in hex.
    pub fn digest(&self) -> String {
        blake3::hash(&self.body()).to_hex().to_string()
    }

    /// Writes the file.
    pub fn write(&self, mut out: impl Write) -> std::io::Result<()> {
        let body = self.body();
        out.write_all(&body)?;
        out.write_all(blake3::hash(&body).as_bytes())
    }

    fn body(&self) -> Vec<u8> {
        let mut file = Vec::with_capacity(16 * self.persons.len() + 65_536);
        file.extend_from_slice(MAGIC);
        file.extend_from_slice(&self.seed.to_le_bytes());
        let text = toml::to_string(&self.description).expect("a description is a table");
        length(&mut file, text.len());
        file.extend_from_slice(text.as_bytes());
        length(&mut file, self.persons.len());
        for person in &self.persons {
            file.extend_from_slice(&person.group.to_le_bytes());
            file.extend_from_slice(&person.village.to_le_bytes());
            file.extend_from_slice(&[person.age_sex, person.house]);
        }
        numbers(&mut file, &self.villages);
        length(&mut file, self.parts.len());
        for part in &self.parts {
            for number in [part.from, part.to, part.villages_from] {
                file.extend_from_slice(&number.to_le_bytes());
            }
        }
        numbers(&mut file, &self.members);
        numbers(&mut file, &self.groups);
        numbers(&mut file, &self.group_places);
        length(&mut file, self.places.len());
        for place in &self.places {
            file.extend_from_slice(&place.first_group.to_le_bytes());
            file.extend_from_slice(&place.posts.to_le_bytes());
            file.extend_from_slice(&place.area.to_le_bytes());
            file.extend_from_slice(&[place.sector.index() as u8, u8::from(place.health_care)]);
        }
        for list in self.carers.iter().chain(&self.riders) {
            numbers(&mut file, list);
        }
        file
    }

    /// Reads a file that [`Population::write`] wrote.
    ///
    /// # Errors
    /// Another file, or one that was altered or cut short.
    pub fn read(file: &[u8]) -> Result<Self, PopulationError> {
        if !file.starts_with(MAGIC) {
            return Err(PopulationError::File("it begins otherwise"));
        }
        let end = file.len().saturating_sub(DIGEST);
        let (body, digest) = file.split_at(end.max(MAGIC.len()));
        if blake3::hash(body).as_bytes() != digest {
            return Err(PopulationError::File("it was altered or cut short"));
        }
        let mut left = Bytes(&body[MAGIC.len()..]);
        let seed = u64::from_le_bytes(left.array()?);
        let text = left.length().and_then(|n| left.take(n))?;
        let text = std::str::from_utf8(text)
            .map_err(|_| PopulationError::File("its description is no text"))?;
        let description = CityDescription::read(text)?;
        let persons = left.many(|bytes| {
            Ok(Person {
                group: u32::from_le_bytes(bytes.array()?),
                village: u16::from_le_bytes(bytes.array()?),
                age_sex: bytes.array::<1>()?[0],
                house: bytes.array::<1>()?[0],
            })
        })?;
        let number = |bytes: &mut Bytes<'_>| Ok(u32::from_le_bytes(bytes.array()?));
        let villages = left.many(number)?;
        let parts = left.many(|bytes| {
            Ok(Part {
                from: number(bytes)?,
                to: number(bytes)?,
                villages_from: number(bytes)?,
            })
        })?;
        let members = left.many(number)?;
        let groups = left.many(number)?;
        let group_places = left.many(number)?;
        let places = left.many(|bytes| {
            Ok(Place {
                first_group: number(bytes)?,
                posts: number(bytes)?,
                area: u16::from_le_bytes(bytes.array()?),
                sector: *Sector::ALL
                    .get(usize::from(bytes.array::<1>()?[0]))
                    .ok_or(PopulationError::File("a sector is unknown"))?,
                health_care: bytes.array::<1>()?[0] != 0,
            })
        })?;
        let mut by_area = || {
            parts
                .iter()
                .map(|_| left.many(number))
                .collect::<Result<Vec<_>, _>>()
        };
        let (carers, riders) = (by_area()?, by_area()?);
        Ok(Self {
            description,
            seed,
            persons,
            villages,
            parts,
            members,
            groups,
            group_places,
            places,
            carers,
            riders,
        })
    }
}

fn length(file: &mut Vec<u8>, n: usize) {
    file.extend_from_slice(&(n as u64).to_le_bytes());
}

fn numbers(file: &mut Vec<u8>, list: &[u32]) {
    length(file, list.len());
    for number in list {
        file.extend_from_slice(&number.to_le_bytes());
    }
}

/// What is left to read.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], PopulationError> {
        let cut = PopulationError::File("it ends too early");
        let (taken, left) = self.0.split_at_checked(n).ok_or(cut)?;
        self.0 = left;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], PopulationError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    fn length(&mut self) -> Result<usize, PopulationError> {
        let n = u64::from_le_bytes(self.array()?);
        // No entry is shorter than a byte.
        usize::try_from(n)
            .ok()
            .filter(|n| *n <= self.0.len())
            .ok_or(PopulationError::File("a length is too great"))
    }

    fn many<T>(
        &mut self,
        one: impl Fn(&mut Self) -> Result<T, PopulationError>,
    ) -> Result<Vec<T>, PopulationError> {
        let n = self.length()?;
        let mut list = Vec::with_capacity(n);
        for _ in 0..n {
            list.push(one(self)?);
        }
        Ok(list)
    }
}
