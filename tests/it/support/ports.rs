//! Ports for servers that have to be told theirs before they start.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::atomic::{AtomicU32, Ordering};

/// Below the ports that the kernel hands out by itself: one of those could go to another program between the moment it
/// was found free and the start of the server it is for.
const FIRST: u16 = 12_000;
const COUNT: u32 = 20_000;

/// A port of this machine on which nothing listens, and which no other test of this process gets.
pub fn free_port() -> u16 {
    static TAKEN: AtomicU32 = AtomicU32::new(0);
    // Test runs at the same time begin at different places.
    let start = std::process::id().wrapping_mul(7_919) % COUNT;
    loop {
        let taken = TAKEN.fetch_add(1, Ordering::Relaxed);
        assert!(taken < COUNT, "no port is free");
        let port = FIRST + u16::try_from((start + taken) % COUNT).unwrap();
        if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
            return port;
        }
    }
}
