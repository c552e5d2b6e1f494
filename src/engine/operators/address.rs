//! `IN_CIDR` and the strategy `remoteAddress`: is an address in one of the ranges?

use std::net::{IpAddr, Ipv4Addr};

use ipnet::IpNet;

/// Ranges of addresses, sorted and without overlaps, so that a long list costs a binary search.
#[derive(PartialEq, Debug, Default)]
pub(in crate::engine) struct Addresses {
    v4: Box<[Span]>,
    v6: Box<[Span]>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
struct Span {
    first: u128,
    last: u128,
}

impl Addresses {
    /// Entries that are neither an address nor a range are skipped.
    pub(in crate::engine) fn new<'t>(entries: impl Iterator<Item = &'t str>) -> Self {
        let (mut v4, mut v6) = (Vec::new(), Vec::new());
        for net in entries.filter_map(parse) {
            match net {
                IpNet::V4(net) => v4.push(Span {
                    first: u32::from(net.network()).into(),
                    last: u32::from(net.broadcast()).into(),
                }),
                IpNet::V6(net) => v6.push(Span {
                    first: net.network().into(),
                    last: net.broadcast().into(),
                }),
            }
        }
        Self {
            v4: join(v4),
            v6: join(v6),
        }
    }

    pub(in crate::engine) fn contain(&self, text: &str) -> bool {
        match text.parse() {
            Ok(IpAddr::V4(address)) => covers(&self.v4, u32::from(address).into()),
            Ok(IpAddr::V6(address)) => covers(&self.v6, address.into()),
            Err(_) => false,
        }
    }
}

fn join(mut spans: Vec<Span>) -> Box<[Span]> {
    spans.sort_unstable();
    spans.dedup_by(|next, kept| {
        let overlap = next.first <= kept.last;
        if overlap {
            kept.last = kept.last.max(next.last);
        }
        overlap
    });
    spans.into()
}

fn covers(spans: &[Span], address: u128) -> bool {
    let after = spans.partition_point(|span| span.first <= address);
    spans
        .get(..after)
        .and_then(<[Span]>::last)
        .is_some_and(|span| address <= span.last)
}

/// An address, or an address with a prefix length or (IPv4) a netmask. Bits behind the prefix may be set.
fn parse(entry: &str) -> Option<IpNet> {
    let Some((address, prefix)) = entry.split_once('/') else {
        return entry.parse::<IpAddr>().ok().map(IpNet::from);
    };
    let address: IpAddr = address.parse().ok()?;
    if address.is_ipv4()
        && let Ok(mask) = prefix.parse::<Ipv4Addr>()
    {
        return IpNet::with_netmask(address, mask.into()).ok();
    }
    IpNet::new(address, prefix.parse().ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(entries: &[&str]) -> Addresses {
        Addresses::new(entries.iter().copied())
    }

    #[test]
    fn overlapping_ranges_are_joined() {
        let ranges = addresses(&[
            "10.0.0.0/8",
            "10.1.0.0/16",
            "10.255.255.255",
            "11.0.0.1",
            "::1",
        ]);
        assert_eq!((ranges.v4.len(), ranges.v6.len()), (2, 1));
        for inside in [
            "10.0.0.0",
            "10.255.255.255",
            "11.0.0.1",
            "::1",
            "0:0:0:0:0:0:0:1",
        ] {
            assert!(ranges.contain(inside), "{inside}");
        }
        for outside in [
            "9.255.255.255",
            "11.0.0.0",
            "11.0.0.2",
            "::",
            "::2",
            "::ffff:10.0.0.1",
            "10.0.0.1:80",
        ] {
            assert!(!ranges.contain(outside), "{outside}");
        }
    }

    #[test]
    fn bad_entries_are_skipped() {
        let ranges = addresses(&[
            "no",
            "1.2.3.4/33",
            "1.2.3.4/",
            "/8",
            "1.2.3.4/8/8",
            "",
            "5.6.7.8",
        ]);
        assert!(ranges.contain("5.6.7.8"));
        assert!(!ranges.contain("1.2.3.4"));
    }

    #[test]
    fn whole_internets_and_netmasks_work() {
        assert!(addresses(&["0.0.0.0/0"]).contain("255.255.255.255"));
        assert!(addresses(&["::/0"]).contain("ffff::1"));
        assert!(addresses(&["10.1.2.3/255.255.0.0"]).contain("10.1.9.9"));
        assert!(!addresses(&["10.1.2.3/255.0.255.0"]).contain("10.1.2.3"));
    }
}
