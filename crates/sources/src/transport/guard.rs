//! Which addresses may be contacted: a name that somebody gave can still point into the house.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Whether an address belongs to the open internet: not this machine, not the local network, not the cloud's own
/// services behind link-local addresses.
pub(super) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => public_v4(v4),
        IpAddr::V6(v6) => public_v6(v6),
    }
}

/// Whether a host surely lies in the house, told by its name alone: where somebody else looks names up.
pub(super) fn is_inside(host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return !is_public(address);
    }
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    // `127.1` and `0x7f000001` are addresses for some, and nobody's name.
    let last = host.rsplit('.').next().unwrap_or_default();
    let number = last.starts_with("0x") || last.bytes().all(|b| b.is_ascii_digit());
    number || host == "localhost" || host.ends_with(".localhost")
}

fn public_v4(a: Ipv4Addr) -> bool {
    let [first, second, third, _] = a.octets();
    let shared = first == 100 && (64..128).contains(&second);
    let benchmark = first == 198 && (second == 18 || second == 19);
    let protocol = first == 192 && second == 0 && third == 0;
    !(a.is_private()
        || a.is_loopback()
        || a.is_link_local()
        || a.is_documentation()
        || a.is_multicast()
        || first == 0
        || first >= 240
        || shared
        || benchmark
        || protocol)
}

fn public_v6(a: Ipv6Addr) -> bool {
    // An IPv4 address in IPv6's clothes (mapped, NAT64, 6to4) is judged by what it is.
    let s = a.segments();
    let [.., w, x, y, z] = a.octets();
    let inner = match s {
        [0, 0, 0, 0, 0, 0xffff | 0, _, _] if !a.is_loopback() && !a.is_unspecified() => {
            Some(Ipv4Addr::new(w, x, y, z))
        }
        [0x64, 0xff9b, 0, 0, 0, 0, _, _] => Some(Ipv4Addr::new(w, x, y, z)),
        [0x2002, high, low, ..] => {
            let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
            Some(Ipv4Addr::new(a, b, c, d))
        }
        _ => None,
    };
    if let Some(inner) = inner {
        return public_v4(inner);
    }
    // What is handed out to the world is 2000::/3, less the documentation's.
    s[0] & 0xe000 == 0x2000 && !(s[0] == 0x2001 && s[1] == 0xdb8) && !(s[0] == 0x2001 && s[1] < 0x200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_house_is_not_the_world() {
        for inside in [
            "127.0.0.1",
            "10.1.2.3",
            "192.168.0.1",
            "172.16.0.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fd00::1",
            "::ffff:10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "2002:7f00:1::",
            "::127.0.0.1",
            "ff02::1",
            "198.18.0.1",
            "240.0.0.1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for inside in
            ["127.0.0.1", "::1", "127.1", "2130706433", "0x7f.1", "LOCALHOST", "a.localhost.", "10.0.0.1", ""]
        {
            assert!(is_inside(inside), "{inside}");
        }
        for open in ["github.com", "140.82.121.4", "localhost.example.org", "a1.example"] {
            assert!(!is_inside(open), "{open}");
        }
        for outside in ["140.82.121.4", "2606:50c0:8000::153", "::ffff:140.82.121.4", "1.1.1.1"] {
            assert!(is_public(outside.parse().unwrap()), "{outside}");
        }
    }
}
