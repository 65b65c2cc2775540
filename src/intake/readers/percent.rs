//! Percent-encoding taken off a stream.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};

/// Takes percent-encoding off. A percent sign without two hexadecimal digits behind it stands for itself.
pub(super) struct PercentDecoded<R> {
    input: R,
    /// What was read ahead after a percent sign, two bytes at most.
    ahead: VecDeque<u8>,
}

impl<R: BufRead> PercentDecoded<R> {
    pub(super) fn new(input: R) -> Self {
        Self { input, ahead: VecDeque::with_capacity(2) }
    }

    fn next_byte(&mut self) -> io::Result<Option<u8>> {
        let byte = match self.ahead.pop_front() {
            Some(byte) => byte,
            None => match self.next_of_input()? {
                Some(byte) => byte,
                None => return Ok(None),
            },
        };
        if byte != b'%' {
            return Ok(Some(byte));
        }
        while self.ahead.len() < 2
            && let Some(next) = self.next_of_input()?
        {
            self.ahead.push_back(next);
        }
        let digit = |place: usize| self.ahead.get(place).and_then(|byte| char::from(*byte).to_digit(16));
        let (Some(high), Some(low)) = (digit(0), digit(1)) else { return Ok(Some(byte)) };
        self.ahead.clear();
        Ok(u8::try_from(high << 4 | low).ok())
    }

    fn next_of_input(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.input.fill_buf() {
                Ok(chunk) => {
                    let byte = chunk.first().copied();
                    self.input.consume(usize::from(byte.is_some()));
                    return Ok(byte);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl<R: BufRead> Read for PercentDecoded<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        for (length, place) in into.iter_mut().enumerate() {
            match self.next_byte()? {
                Some(byte) => *place = byte,
                None => return Ok(length),
            }
        }
        Ok(into.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(text: &[u8], at_a_time: usize) -> Vec<u8> {
        let mut decoded = PercentDecoded::new(io::BufReader::with_capacity(3, text));
        let (mut all, mut some) = (Vec::new(), vec![0; at_a_time]);
        loop {
            match decoded.read(&mut some).unwrap() {
                0 => return all,
                length => all.extend_from_slice(&some[..length]),
            }
        }
    }

    #[test]
    fn what_is_no_encoding_stays_as_it_is_and_nothing_is_lost_between_two_reads() {
        for (text, wanted) in [
            ("%3Ccdr%3E", "<cdr>"),
            ("5 % of 100%", "5 % of 100%"),
            ("100%zz%4", "100%zz%4"),
            ("%%41%4", "%A%4"),
            ("%+4%-1% 1", "%+4%-1% 1"),
            ("%4%41", "%4A"),
            ("%%%%", "%%%%"),
            ("", ""),
        ] {
            for at_a_time in [1, 2, 3, 7, 100] {
                let read = decoded(text.as_bytes(), at_a_time);
                assert_eq!(String::from_utf8_lossy(&read), wanted, "{text}, {at_a_time} at a time");
            }
        }
        let long = "abc%41".repeat(1000);
        assert_eq!(decoded(long.as_bytes(), 256), "abcA".repeat(1000).into_bytes());
    }
}
