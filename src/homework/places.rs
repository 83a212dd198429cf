//! Lines and columns.

/// After this many bytes the letters before them are counted once and for all.
const STRIDE: usize = 256;

/// The lines and columns of a text, found in a time that does not depend on its length.
#[derive(Clone, Debug)]
pub struct Places<'a> {
    text: &'a str,
    /// Where lines begin.
    lines: Vec<usize>,
    /// How many letters stand before each multiple of the stride.
    letters: Vec<usize>,
}

impl<'a> Places<'a> {
    /// The places of a text.
    pub fn new(text: &'a str) -> Self {
        let (mut lines, mut letters, mut count) = (vec![0], Vec::new(), 0);
        for (at, letter) in text.char_indices() {
            while letters.len() * STRIDE <= at {
                letters.push(count);
            }
            count += 1;
            if letter == '\n' {
                lines.push(at + 1);
            }
        }
        Places { text, lines, letters }
    }

    /// The line and the column of a byte, both from 1; columns count letters.
    ///
    /// ```
    /// let places = convprove::homework::Places::new("a\nδ = b");
    /// assert_eq!(places.of(4), (2, 2));
    /// ```
    pub fn of(&self, byte: usize) -> (usize, usize) {
        let mut at = byte.min(self.text.len());
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let line = self.lines.partition_point(|start| *start <= at);
        let start = line.checked_sub(1).and_then(|line| self.lines.get(line)).copied().unwrap_or(0);
        (line, self.letters_before(at) - self.letters_before(start) + 1)
    }

    fn letters_before(&self, at: usize) -> usize {
        let Some(known) = (at / STRIDE).min(self.letters.len().saturating_sub(1)).checked_sub(0) else { return 0 };
        let mut from = known * STRIDE;
        let counted = self.letters.get(known).copied().unwrap_or(0);
        while from < at && !self.text.is_char_boundary(from) {
            from += 1;
        }
        counted + self.text.get(from..at).map_or(0, |part| part.chars().count())
    }
}
