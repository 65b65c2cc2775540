//! What handlers get: a request of staff with who it is from, which `dispatch` has settled.

use std::sync::Arc;
use std::time::Duration;

use axum::http::HeaderMap;
use serde::de::DeserializeOwned;

use crate::domain::{AccountNumber, EmailAddress, Period};
use crate::jobs::{Actor, Context};
use crate::portal::respond::{self, Refusal};
use crate::portal::routes::Parameters;
use crate::portal::shared::Shared;
use crate::portal::visit::{Answer, form_of};
use crate::render::{StaffFrame, StaffView};
use crate::store::{NewAuditEntry, StaffMember, Tx};

/// How long a page waits to write.
const PATIENCE: Duration = Duration::from_secs(4);

/// What handlers get.
pub(super) struct StaffVisit {
    pub(super) shared: Arc<Shared>,
    pub(super) context: Context,
    pub(super) parameters: Parameters,
    pub(super) query: String,
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    /// The network by which limits count the client.
    pub(super) network: std::net::IpAddr,
    /// Who is signed in.
    pub(super) member: Option<StaffMember>,
    /// Why the database cannot be asked, if so: who is signed in was known from before.
    pub(super) away: Option<String>,
    pub(super) body: Vec<u8>,
}

/// What was opened, for the audit.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Opened<'a> {
    pub(super) account: Option<&'a AccountNumber>,
    pub(super) period: Option<Period>,
    pub(super) revision: Option<u32>,
    /// Which page or file; holds no name and no address.
    pub(super) what: &'a str,
}

/// Whether `portal.staff` names this address.
pub(super) fn is_named(context: &Context, address: &EmailAddress) -> bool {
    context.settings.portal.staff.iter().any(|named| named.identity() == address.identity())
}

impl StaffVisit {
    /// Who is signed in.
    pub(super) fn member(&self) -> Result<&StaffMember, Refusal> {
        self.member.as_ref().ok_or(Refusal::SignInFirst)
    }

    /// The form that was sent.
    pub(super) fn form<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        form_of(&self.body)
    }

    /// The query string; what cannot be read in it was not asked for.
    pub(super) fn query<T: DeserializeOwned + Default>(&self) -> T {
        serde_urlencoded::from_str(&self.query).unwrap_or_default()
    }

    pub(super) fn page<V: StaffView>(&self, view: &V) -> Answer {
        let signed_in = self.member.as_ref().map(|member| member.address().to_string());
        Ok(respond::html(self.context.renderer.staff_page(&StaffFrame { signed_in, path: self.path.clone() }, view)?))
    }

    /// Writes an audit entry about customer data before it is shown: if it cannot be written, nothing is shown.
    pub(super) async fn note(&self, opened: Opened<'_>) -> Result<(), Refusal> {
        let actor = Actor::Staff { address: self.member()?.address().clone() }.to_string();
        let Opened { account, period, revision, what } = opened;
        let entry = NewAuditEntry {
            at: self.context.clock.now(),
            actor: &actor,
            action: "opened",
            account,
            period,
            revision,
            detail: Some(what),
        };
        // Committed without waiting for the disk, at each click: it outlives the process, and a loss of power, or of
        // the database server, only with what is written next.
        let mut tx = Self::begun(self.context.store.write_soon_within(PATIENCE).await?)?;
        tx.reports().audit(&entry).await?;
        Ok(tx.commit_async().await?)
    }

    /// A transaction that writes, for a person who waits for an answer.
    pub(super) async fn write(&self) -> Result<Tx, Refusal> {
        Self::begun(self.context.store.write_within(PATIENCE).await?)
    }

    fn begun(begun: Option<Tx>) -> Result<Tx, Refusal> {
        begun.ok_or_else(|| Refusal::Away(format!("nothing could be written within {} s", PATIENCE.as_secs())))
    }
}
