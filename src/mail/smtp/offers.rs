//! What a server says it can do.

use lettre::transport::smtp::response::Response;

/// What the server's EHLO answer promises, as far as we use it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Offers {
    pub size: bool,
    /// Bytes; None: no limit is known.
    pub largest: Option<u64>,
    pub pipelining: bool,
}

impl Offers {
    pub(super) fn read(greeting: &Response) -> Self {
        let mut offers = Self::default();
        for line in greeting.message() {
            let mut words = line.split_whitespace();
            match words.next().map(str::to_ascii_uppercase).as_deref() {
                Some("SIZE") => {
                    offers.size = true;
                    // 0 means that the server has no fixed limit.
                    offers.largest = words.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
                }
                Some("PIPELINING") => offers.pipelining = true,
                _ => {}
            }
        }
        offers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offers(greeting: &str) -> Offers {
        Offers::read(&greeting.parse().unwrap())
    }

    #[test]
    fn size_and_pipelining_are_read_from_the_greeting_in_any_case() {
        let read = offers("250-mail.example\r\n250-size 10240000\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
        assert_eq!(read, Offers { size: true, largest: Some(10_240_000), pipelining: true });
    }

    #[test]
    fn a_size_of_nothing_or_zero_is_no_limit() {
        assert_eq!(offers("250-a\r\n250 SIZE\r\n"), Offers { size: true, largest: None, pipelining: false });
        assert_eq!(offers("250-a\r\n250 SIZE 0\r\n"), Offers { size: true, largest: None, pipelining: false });
        assert_eq!(offers("250 a\r\n"), Offers::default());
    }
}
