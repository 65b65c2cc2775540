//! A cache of what the pages of one list have in common, valid as long as the month has not changed.

use std::sync::{Arc, Mutex, PoisonError, Weak};

use crate::domain::{CodesNow, RoomNumber, Statement};
use crate::jobs::Month;
use crate::render::{Arrangement, ListQuery, Renderer};

/// Lists kept, and rows of all of them: four bytes each.
const LISTS_KEPT: usize = 200;
const ROWS_KEPT: usize = 2_000_000;

/// Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct ListCache {
    /// The newest last.
    kept: Arc<Mutex<Vec<CachedList>>>,
}

type CachedList = (ListName, Arc<Arrangement>);

/// A list: of what, by which words, and which part of it.
pub(super) struct ListName {
    statement: Weak<Statement>,
    codes: Weak<CodesNow>,
    renderer: Weak<Renderer>,
    /// `None` means the account's list of rooms, of which `visible` may be seen.
    room: Option<RoomNumber>,
    visible: Option<Vec<RoomNumber>>,
    query: ListQuery,
}

impl ListName {
    pub(super) fn new(
        month: &Month,
        renderer: &Arc<Renderer>,
        (room, visible): (Option<&RoomNumber>, Option<&[RoomNumber]>),
        query: &ListQuery,
    ) -> Self {
        Self {
            statement: Arc::downgrade(&month.statement),
            codes: Arc::downgrade(&month.codes),
            renderer: Arc::downgrade(renderer),
            room: room.cloned(),
            visible: visible.map(<[RoomNumber]>::to_vec),
            query: query.of_all_pages(),
        }
    }

    fn is(&self, other: &Self) -> bool {
        self.statement.ptr_eq(&other.statement)
            && self.codes.ptr_eq(&other.codes)
            && self.renderer.ptr_eq(&other.renderer)
            && (&self.room, &self.visible, &self.query) == (&other.room, &other.visible, &other.query)
    }

    /// Whether anyone can still ask for it.
    fn is_alive(&self) -> bool {
        self.statement.strong_count() > 0 && self.codes.strong_count() > 0 && self.renderer.strong_count() > 0
    }
}

impl ListCache {
    pub(super) fn get(&self, name: &ListName) -> Option<Arc<Arrangement>> {
        // Nothing panics while it holds the lock; if something did, the list is still whole.
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().rev().find(|(known, _)| known.is(name)).map(|(_, arrangement)| Arc::clone(arrangement))
    }

    pub(super) fn keep(&self, name: ListName, arrangement: Arc<Arrangement>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|(known, _)| known.is_alive() && !known.is(&name));
        kept.push((name, arrangement));
        let mut rows: usize = kept.iter().map(|(_, arrangement)| arrangement.size()).sum();
        while kept.len() > LISTS_KEPT || (rows > ROWS_KEPT && kept.len() > 1) {
            rows -= kept.remove(0).1.size();
        }
    }
}
