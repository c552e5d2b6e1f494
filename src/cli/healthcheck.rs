//! `burgee healthcheck`: a request without any library, for containers without a shell.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, TcpStream, ToSocketAddrs};
use std::time::Duration;

use anyhow::{Context, bail};
use clap::ArgMatches;

use crate::config::Settings;

const PATIENCE: Duration = Duration::from_secs(5);

pub(super) fn run(
    options: &ArgMatches,
    environment: &BTreeMap<String, String>,
) -> anyhow::Result<()> {
    let url = match options.get_one::<String>("url") {
        Some(url) => url.trim_end_matches('/').to_owned(),
        None => own_address(&Settings::read(options, environment)?),
    };
    let status = ask(&url).with_context(|| format!("{url} does not answer"))?;
    if status != 200 {
        bail!("{url} is not ready: it answers {status}");
    }
    Ok(())
}

/// Where a server of these settings listens, as seen from this machine.
pub(super) fn own_address(settings: &Settings) -> String {
    let network = &settings.network;
    let host = match network.host {
        IpAddr::V4(host) if host.is_unspecified() => IpAddr::from(Ipv4Addr::LOCALHOST),
        IpAddr::V6(host) if host.is_unspecified() => IpAddr::from(Ipv6Addr::LOCALHOST),
        host => host,
    };
    let address = std::net::SocketAddr::new(host, network.port);
    format!("http://{address}{}", network.base_path)
}

fn ask(url: &str) -> anyhow::Result<u16> {
    let rest = url
        .strip_prefix("http://")
        .context("the address has to begin with http://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let address = authority
        .to_socket_addrs()
        .or_else(|_| format!("{authority}:80").to_socket_addrs())?
        .next()
        .context("the name has no address")?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let prefix = if path.is_empty() {
        String::new()
    } else {
        format!("/{path}")
    };
    write!(
        stream,
        "GET {prefix}/ready HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    )?;
    let mut head = [0; 12];
    stream.read_exact(&mut head)?;
    std::str::from_utf8(&head)
        .ok()
        .and_then(|head| head.strip_prefix("HTTP/1.1 "))
        .and_then(|status| status.parse().ok())
        .context("that is not an HTTP server")
}
