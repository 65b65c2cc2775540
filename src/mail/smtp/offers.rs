//! What a server says it can do.

use super::answer::Answer;

/// What the server's EHLO answer promises, as far as we use it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is an extension of its own, there or not")]
pub(super) struct Offers {
    pub size: bool,
    /// Bytes; `None` if no limit is known.
    pub largest: Option<u64>,
    pub pipelining: bool,
    pub starttls: bool,
    pub auth_plain: bool,
    pub auth_login: bool,
}

impl Offers {
    pub(super) fn read(greeting: &Answer) -> Self {
        let mut offers = Self::default();
        for line in greeting.lines() {
            // Old servers write AUTH=LOGIN.
            let line = line.to_ascii_uppercase().replace('=', " ");
            let mut words = line.split_whitespace();
            match words.next() {
                Some("SIZE") => {
                    offers.size = true;
                    // 0 means that the server has no fixed limit.
                    offers.largest = words.next().and_then(|size| size.parse().ok()).filter(|size| *size > 0);
                }
                Some("PIPELINING") => offers.pipelining = true,
                Some("STARTTLS") => offers.starttls = true,
                Some("AUTH") => {
                    for mechanism in words {
                        offers.auth_plain |= mechanism == "PLAIN";
                        offers.auth_login |= mechanism == "LOGIN";
                    }
                }
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
        Offers::read(&Answer::for_tests(greeting))
    }

    #[test]
    fn size_and_pipelining_are_read_from_the_greeting_in_any_case() {
        let read = offers("250-mail.example\r\n250-size 10240000\r\n250-PIPELINING\r\n250 8BITMIME\r\n");
        let wanted = Offers { size: true, largest: Some(10_240_000), pipelining: true, ..Offers::default() };
        assert_eq!(read, wanted);
    }

    #[test]
    fn a_size_of_nothing_or_zero_is_no_limit() {
        let unlimited = Offers { size: true, ..Offers::default() };
        assert_eq!(offers("250-a\r\n250 SIZE\r\n"), unlimited);
        assert_eq!(offers("250-a\r\n250 SIZE 0\r\n"), unlimited);
        assert_eq!(offers("250 a\r\n"), Offers::default());
    }

    #[test]
    fn ways_to_authenticate_are_read_as_old_and_new_servers_write_them() {
        let read = |line: &str| {
            let offers = offers(&format!("250-a\r\n250 {line}\r\n"));
            (offers.auth_plain, offers.auth_login)
        };
        assert_eq!(read("AUTH CRAM-MD5 PLAIN LOGIN"), (true, true));
        assert_eq!(read("auth=login"), (false, true));
        assert_eq!(read("AUTH GSSAPI"), (false, false));
    }
}
