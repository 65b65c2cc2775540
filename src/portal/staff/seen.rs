//! Which members of staff were seen lately: while the database is away no session can be read, and that is when staff
//! look at the home page.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::store::StaffMember;

/// A session that held so lately is taken to hold.
const LATELY: Duration = Duration::from_mins(15);

/// By the digest of the session's token.
#[derive(Default)]
pub(super) struct SeenMembers(Mutex<HashMap<String, (Instant, StaffMember)>>);

impl SeenMembers {
    /// Whose session this was a moment ago; `None` if it is not valid.
    pub(super) fn note(&self, token_sha256: &str, member: Option<&StaffMember>) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.retain(|_, (at, _)| at.elapsed() < LATELY);
        match member {
            Some(member) => drop(seen.insert(token_sha256.to_owned(), (Instant::now(), member.clone()))),
            None => drop(seen.remove(token_sha256)),
        }
    }

    pub(super) fn last(&self, token_sha256: &str) -> Option<StaffMember> {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seen.get(token_sha256).filter(|(at, _)| at.elapsed() < LATELY).map(|(_, member)| member.clone())
    }
}
