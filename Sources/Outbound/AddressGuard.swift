/// Tells the addresses that a request given by a user may reach from those that only we could.
///
/// Source: IANA special-purpose address registries for IPv4 and IPv6, read 2026-11-23.
public enum AddressGuard {
    public enum Scope: String, Sendable {
        /// The only one that is not internal.
        case global
        case loopback, linkLocal
        /// RFC 1918 and unique local addresses.
        case privateUse
        /// Carriers' own networks (100.64.0.0/10).
        case shared
        case multicast, unspecified
        case documentation
        /// Everything else that no host on the Internet has.
        case reserved
        /// Where clouds hand credentials to whoever asks.
        case metadata
    }

    /// Whether only hosts on our side of the Internet can be meant.
    public static func isInternal(_ address: IPAddress) -> Bool {
        scope(of: address) != .global
    }

    /// - Parameter allowsPrivateAddresses: lets internal addresses pass, but never those of cloud metadata.
    public static func mayReach(_ address: IPAddress, allowsPrivateAddresses: Bool) -> Bool {
        switch scope(of: address) {
        case .global: true
        case .metadata: false
        case .loopback, .linkLocal, .privateUse, .shared, .multicast, .unspecified, .documentation, .reserved:
            allowsPrivateAddresses
        }
    }

    /// An IPv6 address that carries an IPv4 address (mapped, translated, 6to4) has that one's scope.
    public static func scope(of address: IPAddress) -> Scope {
        if metadata.contains(address) { return .metadata }
        if address.bytes.count == 4 { return ranges4.first { $0.contains(address) }?.scope ?? .global }
        for (range, offset) in carriers where range.contains(address) {
            return scope(of: IPAddress(bytes: Array(address.bytes[offset..<offset + 4])))
        }
        // Beyond 2000::/3 nothing is global, whatever it is called.
        return ranges6.first { $0.contains(address) }?.scope
            ?? (address.bytes[0] & 0b1110_0000 == 0b0010_0000 ? .global : .reserved)
    }

    private struct Range: Sendable {
        var prefix: [UInt8]
        var bits: Int
        var scope: Scope

        /// - Parameter text: such as `10.0.0.0/8`.
        init(_ text: String, _ scope: Scope = .reserved) {
            let parts = text.split(separator: "/")
            guard parts.count == 2, let address = IPAddress(parts[0]), let bits = Int(parts[1]) else {
                preconditionFailure("\(text) is no address range")
            }
            (prefix, self.bits, self.scope) = (address.bytes, bits, scope)
        }

        func contains(_ address: IPAddress) -> Bool {
            guard address.bytes.count == prefix.count else { return false }
            let whole = bits / 8
            guard address.bytes.prefix(whole).elementsEqual(prefix.prefix(whole)) else { return false }
            let rest = bits % 8
            return rest == 0 || (address.bytes[whole] ^ prefix[whole]) >> (8 - rest) == 0
        }
    }

    private static let metadata = ["169.254.169.254", "169.254.170.2", "100.100.100.200", "fd00:ec2::254"]
        .compactMap { IPAddress($0) }

    private static let ranges4 = [
        Range("0.0.0.0/8", .unspecified), Range("10.0.0.0/8", .privateUse), Range("100.64.0.0/10", .shared),
        Range("127.0.0.0/8", .loopback), Range("169.254.0.0/16", .linkLocal), Range("172.16.0.0/12", .privateUse),
        Range("192.0.0.0/24"), Range("192.0.2.0/24", .documentation), Range("192.88.99.0/24"),
        Range("192.168.0.0/16", .privateUse), Range("198.18.0.0/15"), Range("198.51.100.0/24", .documentation),
        Range("203.0.113.0/24", .documentation), Range("224.0.0.0/4", .multicast), Range("240.0.0.0/4"),
    ]

    private static let ranges6 = [
        Range("::/128", .unspecified), Range("::1/128", .loopback), Range("fe80::/10", .linkLocal),
        Range("fec0::/10", .privateUse), Range("fc00::/7", .privateUse), Range("ff00::/8", .multicast),
        Range("2001:db8::/32", .documentation), Range("3fff::/20", .documentation),
        // Teredo, ORCHID, benchmarks and other protocols of the IETF.
        Range("2001::/23"),
    ]

    /// Where an IPv4 address sits within an IPv6 one.
    private static let carriers = [
        (Range("::ffff:0:0/96"), 12), (Range("::ffff:0:0:0/96"), 12), (Range("64:ff9b::/96"), 12),
        (Range("2002::/16"), 2),
    ]
}
