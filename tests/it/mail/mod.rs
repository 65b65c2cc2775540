//! Mail from the frozen statement to the server's mailbox, and what the ledger says about it.

mod composing;
