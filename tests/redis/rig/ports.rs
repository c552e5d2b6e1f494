//! Ports nobody listens on.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the range from which systems take the ports of outgoing connections: a server that is down keeps its port.
const RANGE: std::ops::Range<u16> = 12_000..32_000;

/// A port that is free now and is given to no other caller soon. Processes begin at different places of the range.
pub(super) fn free() -> u16 {
    static NEXT: OnceLock<AtomicU16> = OnceLock::new();
    let width = RANGE.end - RANGE.start;
    let next = NEXT.get_or_init(|| {
        let place = std::process::id() * 389 % u32::from(width);
        AtomicU16::new(u16::try_from(place).unwrap())
    });
    (0..width)
        .map(|_| RANGE.start + next.fetch_add(1, Ordering::Relaxed) % width)
        .find(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, *port)).is_ok())
        .expect("a free port")
}
