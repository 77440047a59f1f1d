//! Where a file comes from: a path, bytes already at hand, or any reader.

use std::fs::File;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use crate::error::FileError;

/// A file to be read once.
pub struct Source {
    name: String,
    reader: Box<dyn Read + Send>,
    /// Where the file is, if it has a place: to be read in another order than from its beginning.
    path: Option<PathBuf>,
}

impl Source {
    /// Opens the file at `path`.
    pub fn path(path: &Path) -> Result<Self, FileError> {
        let file = File::open(path).map_err(FileError::Read)?;
        Ok(Self {
            path: Some(path.to_owned()),
            ..Self::reader(&path.to_string_lossy(), file)
        })
    }

    /// Bytes at hand, under the name their sender gave them.
    pub fn bytes(name: &str, bytes: Vec<u8>) -> Self {
        Self::reader(name, Cursor::new(bytes))
    }

    /// Any reader.
    pub fn reader(name: &str, reader: impl Read + Send + 'static) -> Self {
        Self {
            name: base_name(name),
            reader: Box::new(reader),
            path: None,
        }
    }

    /// The file's name without folders, at most 200 characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where the file is, if it has a place.
    pub(crate) fn take_path(&mut self) -> Option<PathBuf> {
        self.path.take()
    }

    pub(crate) fn into_reader(self) -> Box<dyn Read + Send> {
        self.reader
    }
}

fn base_name(name: &str) -> String {
    name.rsplit(['/', '\\'])
        .next()
        .unwrap_or_default()
        .chars()
        .filter(|c| !c.is_control())
        .take(200)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_base_name_is_kept() {
        for (given, kept) in [
            ("/home/wang/病例.csv", "病例.csv"),
            (r"C:\Users\wang\cases.xlsx", "cases.xlsx"),
            ("cases\r\n.csv", "cases.csv"),
        ] {
            assert_eq!(Source::bytes(given, Vec::new()).name(), kept);
        }
    }
}
