//! Which messages are due for a statement, to whom, and what is in one.

use std::collections::HashSet;
use std::time::Duration;

use crate::archive::{ArchiveError, LONGEST_LINK};
use crate::digest::{DigestKey, Sha256};
use crate::domain::{EmailAddress, FileName, Format, Mailbox, RoomNumber, Statement};
use crate::jobs::deliver::statement_cache::PublishedStatement;
use crate::jobs::{Context, JobError, Settings};
use crate::mail::{Attachment, EmailBody, EmailContent, Message, Signer, message_id};
use crate::render::{Attached, Renderer};
use crate::store::{DueDelivery, NewDelivery};

/// Hexadecimal digits of a message's id that its file carries: enough among one room's messages of a month.
pub(crate) const FILE_DIGITS: usize = 12;

/// How long a link in a message works: as long as the stores sign one for.
const LINK_LASTS: Duration = LONGEST_LINK;

/// Account owners get the account's statement, a cardholder each room of theirs that was used.
pub(crate) fn deliveries_of(statement: &Statement, settings: &Settings, key: &DigestKey) -> Vec<NewDelivery> {
    let id = statement.id();
    let has_statement = |room: &RoomNumber| {
        let listed = statement.rooms.binary_search_by(|known| known.number.cmp(room));
        listed.is_ok_and(|index| statement.rooms[index].is_active() || settings.empty_rooms)
    };
    let mut known = HashSet::new();
    let mut deliveries = Vec::new();
    for addressee in &statement.addressees {
        let room = addressee.room.as_ref();
        if room.is_some_and(|room| !has_statement(room)) {
            continue;
        }
        for (position, recipient) in addressee.addresses.iter().enumerate() {
            if known.insert((room, recipient.ascii())) {
                deliveries.push(NewDelivery {
                    room: room.cloned(),
                    recipient: recipient.clone(),
                    // The name belongs to the first address; no one else is greeted by it.
                    recipient_name: addressee.name.clone().filter(|_| position == 0),
                    message_id: message_id(key, &settings.mail.from, &id, room, recipient, 0),
                    resend: 0,
                });
            }
        }
    }
    deliveries
}

/// The message of one delivery, from the frozen statement and the files in the archive.
///
/// `largest` is the server's limit in bytes. Files that are too large are not attached, and the text says so.
pub(crate) async fn compose(
    context: &Context,
    published: &PublishedStatement,
    delivery: &DueDelivery,
    largest: Option<u64>,
    signer: Option<&Signer>,
) -> Result<Message, JobError> {
    let room = delivery.room.as_ref();
    let files = files_of(published, room);
    let fits = files.iter().map(|(_, _, size)| size).sum::<u64>() <= context.settings.mail.max_attachment;
    if fits && !files.is_empty() {
        let mut own = Vec::new();
        let attachments = attachments(context, published, room, &files, &mut own).await?;
        let message = write_message(context, published, delivery, (&Attached::Files, attachments), signer).await?;
        if largest.is_none_or(|largest| message.bytes.len() as u64 <= largest) {
            return Ok(message);
        }
    }
    let elsewhere = elsewhere(context, published, &files).await?;
    write_message(context, published, delivery, (&elsewhere, &[]), signer).await
}

/// How the recipient of a message without attachments gets the workbook, or the first file: by a link if the archive
/// has links.
async fn elsewhere(
    context: &Context,
    published: &PublishedStatement,
    files: &[StatementFile],
) -> Result<Attached, JobError> {
    let Some((name, ..)) = files.first().filter(|_| context.archive.has_links()) else {
        return Ok(Attached::OnRequest);
    };
    let url = context.archive.link(&published.manifest.folder().key(name), LINK_LASTS).await?;
    let expires = context.clock.now() + LINK_LASTS;
    Ok(Attached::Link { url: url.to_string(), expires })
}

/// Where a message really goes.
fn address_of(delivery: &DueDelivery, settings: &Settings) -> EmailAddress {
    settings.mail.redirect_to.as_ref().unwrap_or(&delivery.recipient).clone()
}

/// Why `mail.only` holds this delivery, if it does.
pub(crate) fn kept_back(delivery: &DueDelivery, settings: &Settings) -> Option<String> {
    (!is_listed(&address_of(delivery, settings), settings)).then(|| {
        "mail.only does not list the recipient's domain: list it, then \"statementd mail release\"".to_owned()
    })
}

/// Whether `mail.only` lets messages to this address out.
pub(crate) fn is_listed(address: &EmailAddress, settings: &Settings) -> bool {
    let only = &settings.mail.only;
    let goes_to = address.ascii_domain();
    only.is_empty() || only.iter().any(|listed| listed.ascii() == goes_to)
}

/// (name in the statement's folder, its format, bytes) of what is attached.
type StatementFile = (String, Format, u64);

fn files_of(published: &PublishedStatement, room: Option<&RoomNumber>) -> Vec<StatementFile> {
    let file = |format: Format| {
        let name = FileName::of(room, format).to_string();
        let entry = published.manifest.files.iter().find(|entry| entry.name == name)?;
        Some((name, format, entry.size))
    };
    Format::ALL.into_iter().filter_map(file).collect()
}

/// What a file of a statement is called in mail.
fn media_type(format: Format) -> &'static str {
    match format {
        Format::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        Format::Html => "text/html; charset=utf-8",
    }
}

/// `own` is set for files that only this message brings.
async fn attachments<'a>(
    context: &Context,
    published: &'a PublishedStatement,
    room: Option<&RoomNumber>,
    files: &[StatementFile],
    own: &'a mut Vec<Attachment>,
) -> Result<&'a [Attachment], JobError> {
    let read = || read_files(context, published, room, files);
    if room.is_none() {
        return Ok(published.account_files.get_or_try_init(read).await?);
    }
    *own = read().await?;
    Ok(own)
}

/// Only files that are still as they were published are sent.
async fn read_files(
    context: &Context,
    published: &PublishedStatement,
    room: Option<&RoomNumber>,
    files: &[StatementFile],
) -> Result<Vec<Attachment>, JobError> {
    let folder = published.manifest.folder();
    let mut attachments = Vec::new();
    for (name, format, _) in files {
        let key = folder.key(name);
        let promised = published.manifest.files.iter().find(|entry| entry.name == *name);
        let Some(promised) = promised else { return Err(ArchiveError::ReadBackDiffers { key }.into()) };
        let bytes = context.archive.get(&key, promised.size).await?.unwrap_or_default();
        if promised.sha256 != Sha256::of(&bytes) {
            return Err(ArchiveError::ReadBackDiffers { key }.into());
        }
        let name = Renderer::attachment_name(&published.statement, room, *format);
        attachments.push(Attachment::new(name, media_type(*format), &bytes));
    }
    Ok(attachments)
}

async fn write_message(
    context: &Context,
    published: &PublishedStatement,
    delivery: &DueDelivery,
    (attached, attachments): (&Attached, &[Attachment]),
    signer: Option<&Signer>,
) -> Result<Message, JobError> {
    let rules = &context.settings.mail;
    let (statement, room) = (&published.statement, delivery.room.as_ref());
    let own;
    let write = || write_body(context, statement, delivery, attached);
    let is_shared = room.is_none() && delivery.recipient_name.is_none() && *attached == Attached::Files;
    let (subject, body) = if is_shared {
        published.account_body.get_or_try_init(async || write()).await?
    } else {
        own = write()?;
        &own
    };
    let subject = match rules.redirect_to {
        Some(_) => format!("[{}] {subject}", delivery.recipient),
        None => subject.clone(),
    };
    let to = Mailbox { name: delivery.recipient_name.clone(), address: address_of(delivery, &context.settings) };
    let email = EmailContent {
        message_id: &delivery.message_id,
        // Of the first attempt, so that it is the same whenever the message is sent again.
        date: delivery.trying_since,
        from: &rules.from,
        reply_to: rules.reply_to.as_ref(),
        to: &to,
        language: statement.account.locale.as_str(),
        subject: &subject,
        body,
        attachments,
    };
    Ok(email.compose(file_stem(statement, room, &delivery.message_id), signer)?)
}

/// Subject and body.
fn write_body(
    context: &Context,
    statement: &Statement,
    delivery: &DueDelivery,
    attached: &Attached,
) -> Result<(String, EmailBody), JobError> {
    let body =
        context.renderer.mail(statement, delivery.room.as_ref(), delivery.recipient_name.as_ref(), attached)?;
    Ok((body.subject, EmailBody::new(&body.text, &body.html)))
}

/// For example `2009-05-602127-332703-0123456789ab`: in order of months, one name per message, no address.
fn file_stem(statement: &Statement, room: Option<&RoomNumber>, message_id: &str) -> String {
    let room = room.map(|room| format!("-{room}")).unwrap_or_default();
    let digits: String = message_id.chars().take(FILE_DIGITS).collect();
    format!("{}-{}{room}-{digits}", statement.period.id, statement.account.number)
}
