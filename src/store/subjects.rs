//! The queries of the store by subject: a transaction is borrowed by a view that has the queries of one subject, as
//! in `tx.deliveries().list(&filter)`.
//!
//! A view's methods are in the folder or file of the same name. All views are declared in this one file, since those
//! folders call one another, and each of their files would import the others.

use crate::store::Tx;

macro_rules! subjects {
    ($($(#[$doc:meta])* $accessor:ident: $View:ident,)+) => {
        $(
            $(#[$doc])*
            pub struct $View<'t> {
                pub(super) tx: &'t mut Tx,
            }
        )+

        impl Tx {
            $(
                $(#[$doc])*
                pub fn $accessor(&mut self) -> $View<'_> {
                    $View { tx: self }
                }
            )+
        }
    };
}

subjects! {
    /// Accounts, the terms and zones that their months had, and when they end.
    accounts: Accounts,
    /// Rooms and whose they were when.
    rooms: Rooms,
    /// Tariffs, what they call their services, and access numbers.
    tariffs: Tariffs,
    /// All master data together: what an import is checked against, and lists.
    master: Master,
    /// Imports legs, and reads conferences in the order of their statement.
    usage: Usage,
    /// Legs that are taken out, and put back.
    voids: Voids,
    /// Usage and callers that are past their retention.
    erasure: Erasure,
    /// Files and streams that usage comes from.
    intake: Intake,
    /// Rows that were not taken, until they are settled.
    rejects: Rejects,
    /// Statements: what is stored of each revision, and whether it is published.
    statements: Statements,
    /// Months that close: what is due, closed, parked and carried.
    closings: Closings,
    /// Statements that are made anew on request.
    reruns: Reruns,
    /// Statements that leave the archive at the end of their retention, or are held.
    retention: Retention,
    /// Months of the archive, and whether their index is up to date.
    archive_months: ArchiveMonths,
    /// How far each message to a recipient came.
    deliveries: Deliveries,
    /// Messages that came back.
    bounces: Bounces,
    /// Messages to the operator.
    notices: Notices,
    /// Who works on what: workers, claims, locks, daemons.
    work: Work,
    /// What people read and checks recompute across subjects.
    reports: Reports,
    /// Billing codes: of whole accounts, of single conferences, and what they change.
    codes: Codes,
    /// What customers may see on the online pages.
    portal: Portal,
    /// Customers of the online pages: passwords and second factors.
    portal_people: PortalPeople,
    /// Sessions, browsers and links of customers.
    portal_sessions: PortalSessions,
    /// Mail about passwords.
    portal_mail: PortalMailQueue,
    /// What staff search and read on the online pages.
    staff: Staff,
    /// Staff of the online pages: passwords and second factors.
    staff_people: StaffPeople,
    /// Sessions, browsers and links of staff.
    staff_sessions: StaffSessions,
    /// Whole tables, for the copy of a database.
    tables: Tables,
}
