//! From bytes in any of the encodings that Chinese offices use to UTF-8, as a stream.
//!
//! A byte order mark decides; without one, text is ASCII until a byte says otherwise, and the
//! next 64 KiB from there tell UTF-8 from GB18030. What is neither is refused with the place,
//! never guessed: a name decoded wrongly is a person not found.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, GB18030, UTF_8, UTF_16BE, UTF_16LE};

use crate::error::{FileError, What};

/// Bytes looked at to tell the encoding.
const WINDOW: usize = 64 << 10;

/// Turns a reader of any supported encoding into one of UTF-8.
pub(crate) struct Utf8Reader<R> {
    inner: R,
    /// None as long as all bytes were ASCII.
    decoder: Option<Decoder>,
    input: Vec<u8>,
    at: usize,
    /// Bytes of the source before `input[0]`.
    base: u64,
    ended: bool,
    finished: bool,
    output: Vec<u8>,
    out_at: usize,
    limit: u64,
}

impl<R: Read> Utf8Reader<R> {
    /// Looks at the first bytes for a byte order mark.
    pub(crate) fn new(inner: R, limit: u64) -> Result<Self, FileError> {
        let mut reader = Self {
            inner,
            decoder: None,
            input: Vec::with_capacity(WINDOW),
            at: 0,
            base: 0,
            ended: false,
            finished: false,
            output: Vec::new(),
            out_at: 0,
            limit,
        };
        reader.fill()?;
        let (decoder, mark) = match reader.input.as_slice() {
            [0xef, 0xbb, 0xbf, ..] => (Some(UTF_8), 3),
            [0xff, 0xfe, ..] => (Some(UTF_16LE), 2),
            [0xfe, 0xff, ..] => (Some(UTF_16BE), 2),
            _ => (None, 0),
        };
        reader.at = mark;
        reader.decoder = decoder.map(encoding_rs::Encoding::new_decoder_without_bom_handling);
        Ok(reader)
    }

    /// The encoding's name; ASCII counts as UTF-8.
    pub(crate) fn name(&self) -> &'static str {
        self.decoder
            .as_ref()
            .map_or("UTF-8", |decoder| decoder.encoding().name())
    }

    /// Moves what is left of the input to the front and reads until the window is full.
    fn fill(&mut self) -> Result<(), FileError> {
        self.input.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        let room = WINDOW - self.input.len();
        if room == 0 || self.ended {
            return Ok(());
        }
        let read = (&mut self.inner)
            .take(room as u64)
            .read_to_end(&mut self.input)
            .map_err(FileError::Read)?;
        self.ended = read < room;
        if self.base + self.input.len() as u64 > self.limit {
            return Err(FileError::TooMuch {
                what: What::Bytes,
                limit: self.limit,
            });
        }
        Ok(())
    }

    /// Produces more output; none at the end.
    fn decode(&mut self) -> Result<(), FileError> {
        self.output.clear();
        self.out_at = 0;
        self.fill()?;
        if self.decoder.is_none() {
            let first = self.input.iter().position(|b| !b.is_ascii());
            let ascii = first.unwrap_or(self.input.len());
            if ascii > 0 || first.is_none() {
                self.output.extend_from_slice(&self.input[..ascii]);
                self.at = ascii;
                return self.check_text();
            }
            let encoding = tell(&self.input, self.ended).map_err(|untold| match untold {
                Untold::NotText => FileError::NotText { offset: self.base },
                Untold::Neither(at) => FileError::Encoding {
                    offset: self.base + at as u64,
                },
                Untold::BrokenUtf8(at) => FileError::BrokenText {
                    encoding: "UTF-8",
                    offset: self.base + at as u64,
                },
            })?;
            self.decoder = Some(encoding.new_decoder_without_bom_handling());
        }
        self.decode_window()?;
        self.check_text()
    }

    fn decode_window(&mut self) -> Result<(), FileError> {
        let Some(decoder) = self.decoder.as_mut() else {
            return Ok(());
        };
        let source = &self.input[self.at..];
        let room = decoder
            .max_utf8_buffer_length_without_replacement(source.len())
            .unwrap_or(4 * WINDOW);
        self.output.resize(room, 0);
        let (result, read, written) =
            decoder.decode_to_utf8_without_replacement(source, &mut self.output, self.ended);
        self.output.truncate(written);
        self.at += read;
        match result {
            DecoderResult::InputEmpty | DecoderResult::OutputFull => Ok(()),
            DecoderResult::Malformed(bad, after) => Err(FileError::BrokenText {
                encoding: decoder.encoding().name(),
                offset: (self.base + self.at as u64)
                    .saturating_sub(u64::from(bad) + u64::from(after)),
            }),
        }
    }

    /// NUL is never text; other control characters and replacement characters may stray in, but
    /// not be one in fifty.
    fn check_text(&self) -> Result<(), FileError> {
        let control = |b: &&u8| **b < 0x20 && !matches!(**b, b'\t' | b'\n' | b'\r');
        let mut odd = self.output.iter().filter(control).count();
        let nul = odd > 0 && self.output.contains(&0);
        if self.output.contains(&0xef) {
            odd += self
                .output
                .windows(3)
                .filter(|w| *w == "\u{fffd}".as_bytes())
                .count();
        }
        if nul || (odd > 4 && odd * 50 > self.output.len()) {
            return Err(FileError::NotText { offset: self.base });
        }
        Ok(())
    }
}

impl<R: Read> Read for Utf8Reader<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        while self.out_at == self.output.len() {
            if self.finished {
                return Ok(0);
            }
            self.decode().map_err(FileError::into_io)?;
            self.finished = self.ended && self.at == self.input.len();
        }
        let count = into.len().min(self.output.len() - self.out_at);
        into[..count].copy_from_slice(&self.output[self.out_at..self.out_at + count]);
        self.out_at += count;
        Ok(count)
    }
}

enum Untold {
    Neither(usize),
    BrokenUtf8(usize),
    NotText,
}

/// Tells UTF-8 from GB18030 by a window that starts at the first byte beyond ASCII.
fn tell(window: &[u8], complete: bool) -> Result<&'static encoding_rs::Encoding, Untold> {
    let error = match std::str::from_utf8(window) {
        Ok(_) => return Ok(UTF_8),
        Err(error) if error.error_len().is_none() && !complete => return Ok(UTF_8),
        Err(error) => error,
    };
    // Chinese in GBK read as UTF-8 fails at almost every character; UTF-8 with a broken byte
    // fails once among many that are right.
    let (mut right, mut wrong) = (0, 0);
    for chunk in window.utf8_chunks() {
        right += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        wrong += usize::from(!chunk.invalid().is_empty());
    }
    if right > 4 * wrong {
        return Err(Untold::BrokenUtf8(error.valid_up_to()));
    }
    let mut decoder = GB18030.new_decoder_without_bom_handling();
    let mut text = String::with_capacity(window.len() * 3 + 16);
    let (result, read) = decoder.decode_to_string_without_replacement(window, &mut text, complete);
    if let DecoderResult::Malformed(bad, after) = result {
        return Err(Untold::Neither(
            read.saturating_sub(usize::from(bad) + usize::from(after)),
        ));
    }
    let beyond_ascii = text.chars().filter(|c| !c.is_ascii()).count();
    let odd = text
        .chars()
        .filter(|c| matches!(c, '\u{80}'..='\u{9f}' | '\u{e000}'..='\u{f8ff}' | '\u{fffd}'))
        .count();
    if odd * 10 > beyond_ascii {
        return Err(Untold::NotText);
    }
    Ok(GB18030)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<(String, &'static str), FileError> {
        let mut reader = Utf8Reader::new(bytes, 1 << 30)?;
        let mut text = String::new();
        reader
            .read_to_string(&mut text)
            .map_err(FileError::from_io)?;
        Ok((text, reader.name()))
    }

    fn utf16(text: &str, big: bool) -> Vec<u8> {
        let unit = |u: u16| {
            if big {
                u.to_be_bytes()
            } else {
                u.to_le_bytes()
            }
        };
        std::iter::once(0xfeff)
            .chain(text.encode_utf16())
            .flat_map(unit)
            .collect()
    }

    #[test]
    fn every_encoding_is_told_and_read() {
        let text = "姓名,现住址\n王小明,绍兴市嵊州市㐀路1号\n";
        let (gb, _, _) = GB18030.encode(text);
        assert_eq!(read(text.as_bytes()).unwrap(), (text.to_owned(), "UTF-8"));
        assert_eq!(read(format!("\u{feff}{text}").as_bytes()).unwrap().0, text);
        assert_eq!(read(&gb).unwrap(), (text.to_owned(), "gb18030"));
        assert_eq!(
            read(&utf16(text, false)).unwrap(),
            (text.to_owned(), "UTF-16LE")
        );
        assert_eq!(
            read(&utf16(text, true)).unwrap(),
            (text.to_owned(), "UTF-16BE")
        );
        assert_eq!(read(b"plain\n").unwrap().0, "plain\n");
        assert_eq!(read(b"").unwrap().0, "");
    }

    #[test]
    fn chinese_far_behind_ascii_is_told_there() {
        let ascii = "a,b,c\n".repeat(50_000);
        let (gb, _, _) = GB18030.encode("王小明,绍兴\n");
        let (text, name) = read(&[ascii.as_bytes(), &gb].concat()).unwrap();
        assert_eq!(name, "gb18030");
        assert!(text.ends_with("王小明,绍兴\n"));
        assert_eq!(text.len(), ascii.len() + "王小明,绍兴\n".len());
    }

    #[test]
    fn what_is_none_is_refused_with_its_place() {
        let mut broken = "姓名,王小明,李四,张三,赵六\n".repeat(9).into_bytes();
        broken[40] = 0xff;
        assert!(matches!(
            read(&broken),
            Err(FileError::BrokenText {
                encoding: "UTF-8",
                offset: 38..=40
            })
        ));
        assert!(matches!(
            read(b"name\nRen\xe9,x\n"),
            Err(FileError::Encoding { offset: 8 })
        ));
        assert!(matches!(
            read(&[0x7f, 0x45, 0x4c, 0x46, 0, 0, 1]),
            Err(FileError::NotText { .. })
        ));
        let spoilt = "姓名\u{fffd}\u{fffd}\n".repeat(20);
        assert!(matches!(
            read(spoilt.as_bytes()),
            Err(FileError::NotText { .. })
        ));
    }

    #[test]
    fn the_limit_holds() {
        let error = Utf8Reader::new(&b"0123456789"[..], 5).err().unwrap();
        assert!(matches!(
            error,
            FileError::TooMuch {
                what: What::Bytes,
                limit: 5
            }
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000)) {
            let _ = read(&bytes);
        }

        #[test]
        fn text_survives_every_encoding(text in "[ -~\n王李张绍兴嵊州㐀𠀀€]{0,400}") {
            prop_assume!(!text.is_empty());
            prop_assert_eq!(&read(text.as_bytes()).unwrap().0, &text);
            prop_assert_eq!(&read(&utf16(&text, true)).unwrap().0, &text);
        }
    }
}
