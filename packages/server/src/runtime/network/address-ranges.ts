export interface AddressRange {
  cidr: string;
  /** What IANA's registry calls it. */
  name: string;
}

/**
 * IANA's IPv4 Special-Purpose Address Registry, whole: webhooks have no business with its globally
 * reachable entries either; and multicast. The first that holds an address names the refusal.
 */
export const BLOCKED_IPV4: readonly AddressRange[] = [
  { cidr: "0.0.0.0/8", name: "This network" },
  { cidr: "10.0.0.0/8", name: "Private-Use" },
  { cidr: "100.64.0.0/10", name: "Shared Address Space" },
  { cidr: "127.0.0.0/8", name: "Loopback" },
  { cidr: "169.254.0.0/16", name: "Link Local" },
  { cidr: "172.16.0.0/12", name: "Private-Use" },
  { cidr: "192.0.0.0/24", name: "IETF Protocol Assignments" },
  { cidr: "192.0.2.0/24", name: "Documentation (TEST-NET-1)" },
  { cidr: "192.31.196.0/24", name: "AS112-v4" },
  { cidr: "192.52.193.0/24", name: "AMT" },
  { cidr: "192.88.99.0/24", name: "Deprecated (6to4 Relay Anycast)" },
  { cidr: "192.168.0.0/16", name: "Private-Use" },
  { cidr: "192.175.48.0/24", name: "Direct Delegation AS112 Service" },
  { cidr: "198.18.0.0/15", name: "Benchmarking" },
  { cidr: "198.51.100.0/24", name: "Documentation (TEST-NET-2)" },
  { cidr: "203.0.113.0/24", name: "Documentation (TEST-NET-3)" },
  { cidr: "224.0.0.0/4", name: "Multicast" },
  { cidr: "255.255.255.255/32", name: "Limited Broadcast" },
  { cidr: "240.0.0.0/4", name: "Reserved" },
];

/** NAT64: an IPv4 address in an IPv6 coat; it takes the verdict of what it carries. */
export const NAT64_PREFIX = "64:ff9b::/96";

/** IANA's globally reachable parts of 2001::/23, which is blocked otherwise. */
export const GLOBAL_IN_IETF_ASSIGNMENTS: readonly string[] = [
  "2001:1::1/128",
  "2001:1::2/128",
  "2001:1::3/128",
  "2001:3::/32",
  "2001:4:112::/48",
  "2001:20::/28",
  "2001:30::/28",
];

/** The last three are what lies outside 2000::/3, the only part that is global unicast today. */
export const BLOCKED_IPV6: readonly AddressRange[] = [
  { cidr: "::/128", name: "Unspecified Address" },
  { cidr: "::1/128", name: "Loopback Address" },
  { cidr: "::ffff:0:0/96", name: "IPv4-mapped Address" },
  { cidr: "64:ff9b:1::/48", name: "IPv4-IPv6 Translation" },
  { cidr: "::/8", name: "Reserved by IETF" },
  { cidr: "100::/64", name: "Discard-Only Address Block" },
  { cidr: "2001::/32", name: "TEREDO" },
  { cidr: "2001:2::/48", name: "Benchmarking" },
  { cidr: "2001:10::/28", name: "Deprecated (previously ORCHID)" },
  { cidr: "2001::/23", name: "IETF Protocol Assignments" },
  { cidr: "2001:db8::/32", name: "Documentation" },
  { cidr: "2002::/16", name: "6to4" },
  { cidr: "3fff::/20", name: "Documentation" },
  { cidr: "5f00::/16", name: "Segment Routing (SRv6) SIDs" },
  { cidr: "fc00::/7", name: "Unique-Local" },
  { cidr: "fe80::/10", name: "Link-Local Unicast" },
  { cidr: "fec0::/10", name: "Deprecated (Site-Local Unicast)" },
  { cidr: "ff00::/8", name: "Multicast" },
  { cidr: "::/3", name: "Reserved by IETF" },
  { cidr: "4000::/2", name: "Reserved by IETF" },
  { cidr: "8000::/1", name: "Reserved by IETF" },
];

/**
 * Where clouds hand out a machine's credentials. No setting opens these: whoever is annoyed enough
 * to allow 0.0.0.0/0 must not give the machine away with it. One of them (Azure) is not private.
 */
export const METADATA_ADDRESSES: readonly string[] = [
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "fd00:ec2::254",
  "fd00:ec2::23",
  "fd20:ce::254",
];
