//! What Redis can do on this machine, as its own benchmark says.

use std::process::Command;

use crate::rig::RedisServer;

/// Commands per second of `redis-benchmark` with these options and this command.
pub(crate) fn per_second(server: &RedisServer, options: &[&str], command: &[&str]) -> f64 {
    let output = Command::new("redis-benchmark")
        .args(["-p", &server.port().to_string(), "-q"])
        .args(options)
        .args(command)
        .output()
        .expect("redis-benchmark is installed (the recipes of make do it)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let before = text.rsplit(" requests per second").nth(1);
    before
        .and_then(|text| text.rsplit([' ', ':']).next())
        .and_then(|number| number.parse().ok())
        .unwrap_or_else(|| panic!("{text}"))
}
