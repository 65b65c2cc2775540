//! The program as its users run it: the real binary, real files, real servers.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test that cannot go on has failed; clippy knows that of #[test] functions only"
)]

mod administration;
mod archive;
mod archive_stores;
mod attention;
mod audit;
mod bad_input;
mod breaking;
mod canaries;
mod clock_set_back;
mod closing;
mod clumsy_configuration;
mod cluster;
mod commands;
mod consistency;
mod contract_claims;
mod contract_engines;
mod copying;
mod corrections;
mod counts;
mod crash;
mod daemon;
mod demo;
mod earlier_version;
mod files_of_others;
mod help;
mod http;
mod http_limits;
mod import;
mod inboxes;
mod late_usage;
mod mail;
mod mail_by_hand;
mod manual;
mod master_data;
mod migrations;
mod notices;
mod oracle;
mod plausible;
mod pooler;
mod portal;
mod posting;
mod production;
mod readers;
mod rejects;
mod restoring;
mod service_labels;
mod supervision;
mod support;
mod told_as_done;
mod tools;
mod values;
mod voids;
mod worst_inputs;
mod zones;
