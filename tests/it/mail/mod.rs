//! Mail from the frozen statement to the server's mailbox, and what the ledger says about it.

mod bounces;
mod bounces_from_strangers;
mod composing;
mod elsewhere;
pub mod fault_server;
mod faults;
mod files;
mod fixture;
mod killed;
mod odd_answers;
mod orders;
mod postfix;
mod postfix_server;
#[cfg(feature = "dkim")]
mod signing;
