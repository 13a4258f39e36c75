//! Judges addresses: which ones a plugin's request may connect to.
//!
//! Only addresses that IANA's special-purpose registries leave as globally reachable unicast are open. Everything else
//! needs a network of the rule's `address`; what belongs to this machine or to its link stays closed in any case. An
//! IPv6 address that carries an IPv4 address is judged by both.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use ipnet::{IpNet, Ipv4Net, Ipv6Net};

/// The kinds of addresses, from open to closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AddressClass {
    /// Globally reachable unicast.
    Global,
    /// Reserved for a purpose, private or unassigned: open only if the rule's `address` holds it.
    Special,
    /// On this machine, on its link, of no single machine, or the metadata of a cloud: never open.
    Closed,
}

use AddressClass::{Closed, Global, Special};

/// IPv4 networks that are not global, and those that are closed. The first one that holds an address counts.
const IPV4: [(Ipv4Net, AddressClass); 20] = [
    (v4([0, 0, 0, 0], 8), Closed), // this network; Linux takes 0.0.0.0 for this machine
    (v4([10, 0, 0, 0], 8), Special),
    (v4([100, 100, 100, 200], 32), Closed), // the metadata of Alibaba's cloud
    (v4([100, 64, 0, 0], 10), Special),     // shared by customers of a carrier
    (v4([127, 0, 0, 0], 8), Closed),
    (v4([169, 254, 0, 0], 16), Closed), // link-local, with the metadata of clouds
    (v4([168, 63, 129, 16], 32), Closed), // services of Azure for one machine
    (v4([172, 16, 0, 0], 12), Special),
    (v4([192, 0, 0, 0], 24), Special), // protocol assignments; the two global ones are no web servers
    (v4([192, 0, 2, 0], 24), Special), // documentation
    (v4([192, 31, 196, 0], 24), Special), // AS112: a sink for stray look-ups
    (v4([192, 52, 193, 0], 24), Special), // automatic multicast tunnelling
    (v4([192, 88, 99, 0], 24), Special), // relays of 6to4
    (v4([192, 168, 0, 0], 16), Special),
    (v4([192, 175, 48, 0], 24), Special), // AS112
    (v4([198, 18, 0, 0], 15), Special),   // benchmarks
    (v4([198, 51, 100, 0], 24), Special), // documentation
    (v4([203, 0, 113, 0], 24), Special),  // documentation
    (v4([224, 0, 0, 0], 4), Closed),      // multicast
    (v4([240, 0, 0, 0], 4), Special),     // reserved; the broadcast address is judged by itself
];

/// IPv6 networks that are not global although they are within 2000::/3, and those that are closed.
const IPV6: [(Ipv6Net, AddressClass); 14] = [
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 127), Closed), // unspecified, and loopback
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), Closed), // NAT64 whose prefix, and so whose IPv4 address, is not known
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), Closed),    // link-local
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), Closed),     // multicast
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0], 32), Closed), // services of AWS for one machine, its metadata among them
    (v6([0xfd00, 0xc1, 0, 0, 0, 0, 0xa9fe, 0xa9fe], 128), Closed), // the metadata of Oracle's cloud
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0], 32), Closed),  // the metadata of Google's cloud
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), Special),    // protocol assignments: Teredo, benchmarks, ORCHID
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), Special), // documentation
    (v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16), Special),    // 6to4
    (v6([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48), Special), // AS112
    (v6([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16), Special),    // returned by the 6bone
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), Special),    // documentation
    (v6([0x5f00, 0, 0, 0, 0, 0, 0, 0], 16), Special),    // identifiers of segment routing
];

/// The only part of IPv6 that IANA assigns as global unicast.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

/// Returns the class of an address: for an IPv6 address with IPv4 addresses in it, the most closed of all.
pub fn class(address: IpAddr) -> AddressClass {
    match address {
        IpAddr::V4(address) => class_v4(address),
        IpAddr::V6(address) => {
            // Something global in a form that is not remains special.
            let carried = embedded(address).into_iter().map(class_v4).max();
            own_class_v6(address).max(carried.unwrap_or(Global))
        }
    }
}

/// Tells whether a request may connect to an address.
///
/// Global addresses are open. Others are open if a network of `allowed` holds them and, if an IPv4 address is embedded
/// in them, that one is global or in such a network, too. Addresses of this machine, of its link, of many machines
/// and of a cloud's metadata are closed, whatever `allowed` holds; but a port of `loopback_ports` is open at the
/// loopback addresses 127.0.0.0/8 and ::1.
pub fn may_connect(to: SocketAddr, allowed: &[IpNet], loopback_ports: &[u16]) -> bool {
    let address = to.ip();
    match class(address) {
        Global => true,
        Special => is_allowed(address, allowed),
        Closed => address.is_loopback() && loopback_ports.contains(&to.port()),
    }
}

fn is_allowed(address: IpAddr, allowed: &[IpNet]) -> bool {
    let holds = |address: IpAddr| allowed.iter().any(|network| network.contains(&address));
    let carried = match address {
        IpAddr::V4(_) => Vec::new(),
        IpAddr::V6(address) => embedded(address),
    };
    holds(address) && carried.into_iter().all(|address| class_v4(address) == Global || holds(address.into()))
}

fn class_v4(address: Ipv4Addr) -> AddressClass {
    if address.is_broadcast() {
        return Closed;
    }
    let found = IPV4.iter().find(|(network, _)| network.contains(&address));
    found.map_or(Global, |(_, class)| *class)
}

/// Returns the class of an IPv6 address without a look into it.
fn own_class_v6(address: Ipv6Addr) -> AddressClass {
    let found = IPV6.iter().find(|(network, _)| network.contains(&address));
    match found {
        Some((_, class)) => *class,
        None if GLOBAL_UNICAST.contains(&address) => Global,
        None => Special,
    }
}

/// Returns the IPv4 addresses that an IPv6 address carries.
fn embedded(address: Ipv6Addr) -> Vec<Ipv4Addr> {
    let bits = u128::from(address);
    let last = Ipv4Addr::from(bits as u32);
    match address.segments() {
        // Compatible, mapped, and translated; then the prefix of NAT64.
        [0, 0, 0, 0, 0, 0, ..] | [0, 0, 0, 0, 0, 0xffff, ..] | [0, 0, 0, 0, 0xffff, 0, ..] => vec![last],
        [0x64, 0xff9b, 0, 0, 0, 0, ..] => vec![last],
        // 6to4.
        [0x2002, ..] => vec![Ipv4Addr::from((bits >> 80) as u32)],
        // Teredo: the server, and the client with all its bits turned over.
        [0x2001, 0, ..] => vec![Ipv4Addr::from((bits >> 64) as u32), Ipv4Addr::from(!(bits as u32))],
        // ISATAP, under any prefix.
        [_, _, _, _, 0 | 0x200, 0x5efe, ..] => vec![last],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn judged(address: &str) -> AddressClass {
        class(address.parse().unwrap())
    }

    #[test]
    fn every_row_of_the_registries_has_its_class_at_both_ends_and_not_beyond() {
        let rows = [
            ("0.0.0.0", "0.255.255.255", Closed, "1.0.0.0"),
            ("10.0.0.0", "10.255.255.255", Special, "11.0.0.0"),
            ("100.64.0.0", "100.127.255.255", Special, "100.128.0.0"),
            ("127.0.0.0", "127.255.255.255", Closed, "128.0.0.0"),
            ("169.254.0.0", "169.254.255.255", Closed, "169.255.0.0"),
            ("172.16.0.0", "172.31.255.255", Special, "172.32.0.0"),
            ("192.0.0.0", "192.0.0.255", Special, "192.0.1.0"),
            ("192.0.2.0", "192.0.2.255", Special, "192.0.3.0"),
            ("192.31.196.0", "192.31.196.255", Special, "192.31.197.0"),
            ("192.52.193.0", "192.52.193.255", Special, "192.52.194.0"),
            ("192.88.99.0", "192.88.99.255", Special, "192.88.100.0"),
            ("192.168.0.0", "192.168.255.255", Special, "192.169.0.0"),
            ("192.175.48.0", "192.175.48.255", Special, "192.175.49.0"),
            ("198.18.0.0", "198.19.255.255", Special, "198.20.0.0"),
            ("198.51.100.0", "198.51.100.255", Special, "198.51.101.0"),
            ("203.0.113.0", "203.0.113.255", Special, "203.0.114.0"),
            ("2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Special, "2001:200::"),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Special, "2001:db9::"),
            ("2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", Special, "2620:4f:8001::"),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Special, "3fff:1000::"),
        ];
        for (first, last, expected, beyond) in rows {
            // A Teredo address without an IPv4 address in it carries 0.0.0.0.
            assert!(judged(first) >= expected && judged(last) >= expected, "{first} {last}");
            assert!(judged(first) == expected || first.contains("2001::"), "{first}");
            assert_eq!(judged(beyond), Global, "{beyond}");
        }
    }

    /// Addresses of this machine or its link, multicast and metadata, in every form.
    const CLOSED_FORMS: &str = "255.255.255.255 224.0.0.1 239.255.255.255 :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 \
        ::ffff:169.254.169.254 ::ffff:0.0.0.0 ::ffff:0:127.0.0.1 64:ff9b::7f00:1 64:ff9b:1::1 64:ff9b:1:7f00:0:1:: \
        64:ff9b::a9fe:a9fe 2002:7f00:1:: 2002:a9fe:a9fe::1 2001:0:7f00:1:: 2001:0:808:808::80ff:fffe \
        2606:4700::5efe:7f00:1 2606:4700::200:5efe:7f00:1 fe80::1 febf::1 ff02::1 fd00:ec2::254 fd00:ec2::23 \
        fd20:ce::254 fd00:c1::a9fe:a9fe 100.100.100.200 168.63.129.16 ::ffff:168.63.129.16 64:ff9b::6464:64c8";

    /// Addresses that a grant may open.
    const SPECIAL_FORMS: &str = "240.0.0.1 255.255.255.254 ::8.8.8.8 ::ffff:8.8.8.8 ::ffff:10.0.0.1 \
        64:ff9b::808:808 64:ff9b::a00:1 2002:808:808::1 2001:0:808:808::f7f7:f7f7 2001:2::1 2001:10::1 2001:20::1 \
        100::1 100:0:0:1::1 fc00::1 fd12::1 fec0::1 5f00::1 4000::1 ::2:0:0:1 1fff::1 e000::1 \
        100.100.100.199 100.100.100.201 fd00:c1::1";

    const GLOBAL_FORMS: &str = "8.8.8.8 1.1.1.1 100.63.255.255 2606:4700::1111 2a00:1450::1 2400:cb00::1 \
        168.63.129.15 168.63.129.17";

    #[test]
    fn special_and_closed_forms_are_told_apart() {
        for (forms, expected) in [(CLOSED_FORMS, Closed), (SPECIAL_FORMS, Special), (GLOBAL_FORMS, Global)] {
            for address in forms.split(' ') {
                assert_eq!(judged(address), expected, "{address}");
            }
        }
    }

    fn may(address: &str, port: u16, allowed: &[&str], loopback_ports: &[u16]) -> bool {
        let allowed: Vec<IpNet> = allowed.iter().map(|network| network.parse().unwrap()).collect();
        may_connect(SocketAddr::new(address.parse().unwrap(), port), &allowed, loopback_ports)
    }

    #[test]
    fn a_network_that_is_allowed_opens_special_addresses_alone() {
        assert!(may("10.1.2.3", 443, &["10.0.0.0/8"], &[]) && !may("10.1.2.3", 443, &["10.0.0.0/16"], &[]));
        assert!(may("fd12::1", 443, &["fc00::/7"], &[]) && may("fd12::1", 443, &["::/0"], &[]));
        for address in ["127.0.0.1", "169.254.169.254", "0.0.0.0", "255.255.255.255", "224.0.0.1"] {
            assert!(!may(address, 443, &["0.0.0.0/0", "127.0.0.0/8", "169.254.0.0/16"], &[]), "{address}");
        }
        for address in ["100.100.100.200", "168.63.129.16", "fd00:c1::a9fe:a9fe"] {
            assert!(!may(address, 443, &["100.64.0.0/10", "168.63.129.0/24", "fd00::/8"], &[]), "{address}");
        }
        assert!(may("100.100.100.199", 443, &["100.64.0.0/10"], &[]), "the rest of a network opens");
        for address in ["::1", "::", "fe80::1", "fd00:ec2::254", "::ffff:127.0.0.1", "64:ff9b::a9fe:a9fe"] {
            assert!(!may(address, 443, &["::/0", "0.0.0.0/0", "::ffff:0:0/96"], &[]), "{address}");
        }
    }

    #[test]
    fn an_ipv4_address_inside_needs_a_network_of_its_own() {
        assert!(!may("::ffff:10.0.0.1", 443, &["10.0.0.0/8"], &[]));
        assert!(!may("::ffff:10.0.0.1", 443, &["::ffff:0:0/96"], &[]));
        assert!(may("::ffff:10.0.0.1", 443, &["::ffff:0:0/96", "10.0.0.0/8"], &[]));
        assert!(may("64:ff9b::808:808", 443, &["64:ff9b::/96"], &[]));
    }

    #[test]
    fn a_port_of_developers_opens_loopback_alone() {
        for address in ["127.0.0.1", "127.9.9.9", "::1"] {
            assert!(may(address, 9000, &[], &[9000]), "{address}");
            assert!(
                !may(address, 9001, &[], &[9000]) && !may(address, 9001, &["0.0.0.0/0", "::/0"], &[9000])
            );
        }
        for address in
            ["169.254.169.254", "10.0.0.1", "0.0.0.0", "::ffff:127.0.0.1", "fe80::1", "fd00:ec2::254"]
        {
            assert!(!may(address, 9000, &[], &[9000]), "{address}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_std_calls_special_is_global(bits: u32) {
            let address = Ipv4Addr::from(bits);
            let is_special = address.is_private() || address.is_loopback() || address.is_link_local()
                || address.is_broadcast() || address.is_documentation() || address.is_multicast()
                || address.is_unspecified();
            prop_assert!(!is_special || class(address.into()) != Global);
        }

        #[test]
        fn networks_that_std_knows_are_judged_as_std_judges_them(tail: u32) {
            for network in ["10.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.168.0.0/16",
                "192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4"] {
                let network: Ipv4Net = network.parse().unwrap();
                let address = u32::from(network.network()) | (tail & u32::from(network.hostmask()));
                let address = Ipv4Addr::from(address);
                let expected = if address.is_loopback() || address.is_link_local() || address.is_multicast() {
                    Closed
                } else {
                    Special
                };
                prop_assert_eq!(class(address.into()), expected);
            }
        }

        #[test]
        fn ipv6_is_global_only_within_its_unicast_part(bits: u128) {
            let address = Ipv6Addr::from(bits);
            let is_global = class(address.into()) == Global;
            prop_assert!(!is_global || bits >> 125 == 1);
            let is_special = address.is_loopback() || address.is_unspecified() || address.is_multicast()
                || address.is_unique_local() || address.is_unicast_link_local();
            prop_assert!(!is_special || !is_global);
        }

        #[test]
        fn an_ipv4_address_stays_as_closed_as_it_is_in_every_ipv6_form(bits: u32, rest: u64) {
            let (v4, low) = (u128::from(bits), u128::from(rest));
            let forms = [
                v4,
                0xffff << 32 | v4,
                0xffff << 48 | v4,
                0x0064_ff9b << 96 | v4,
                0x2002 << 112 | v4 << 80 | low,
                0x2001_0000 << 96 | v4 << 64 | low,
                0x2001_0000 << 96 | 0x0808_0808 << 64 | u128::from(!bits),
                0x2606_4700 << 96 | 0x0000_5efe << 32 | v4,
            ];
            for form in forms {
                let address = Ipv6Addr::from(form);
                prop_assert!(class(address.into()) >= class(Ipv4Addr::from(bits).into()), "{}", address);
                let to = SocketAddr::new(address.into(), 443);
                let everywhere: [IpNet; 2] = ["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()];
                prop_assert!(class_v4(Ipv4Addr::from(bits)) != Closed || !may_connect(to, &everywhere, &[443]));
            }
        }
    }
}
