//! Cells that a spreadsheet program would run as a formula.
//!
//! On the way in they are data like any other. On the way out a quotation mark is put before
//! them, as OWASP advises; on reading, one is taken off again, so that our own files read back
//! to the same text.

/// First characters that make a spreadsheet program run a cell, with their full-width forms.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// `text` as it may be written to a CSV file.
pub(crate) fn protect(text: &str) -> std::borrow::Cow<'_, str> {
    if text.trim_start_matches('\'').starts_with(FORMULA) {
        format!("'{text}").into()
    } else {
        text.into()
    }
}

/// Takes off what [`protect`] put on.
pub(crate) fn unprotect(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if rest.trim_start_matches('\'').starts_with(FORMULA) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_protected_and_names_are_not() {
        assert_eq!(protect("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!(protect("王小明"), "王小明");
        assert_eq!(unprotect("'tis"), "'tis");
        assert_eq!(unprotect("'+8613800138000"), "+8613800138000");
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(text in "['=+@a\\t-]{0,6}") {
            let written = protect(&text).into_owned();
            prop_assert!(!written.starts_with(FORMULA));
            prop_assert_eq!(unprotect(&written), text);
        }
    }
}
