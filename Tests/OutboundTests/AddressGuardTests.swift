import Outbound
import Testing

struct AddressGuardTests {
    static let rows: [(String, AddressGuard.Scope)] = [
        ("8.8.8.8", .global), ("1.1.1.1", .global), ("9.255.255.255", .global), ("11.0.0.0", .global),
        ("0.0.0.0", .unspecified), ("0.1.2.3", .unspecified), ("10.0.0.0", .privateUse),
        ("10.255.255.255", .privateUse),
        ("100.63.255.255", .global), ("100.64.0.0", .shared), ("100.127.255.255", .shared), ("100.128.0.0", .global),
        ("127.0.0.1", .loopback), ("127.255.255.255", .loopback), ("128.0.0.0", .global),
        ("169.253.255.255", .global), ("169.254.0.1", .linkLocal), ("169.254.169.254", .metadata),
        ("169.254.170.2", .metadata), ("100.100.100.200", .metadata), ("172.15.255.255", .global),
        ("172.16.0.0", .privateUse), ("172.31.255.255", .privateUse), ("172.32.0.0", .global),
        ("192.0.0.8", .reserved), ("192.0.2.1", .documentation), ("192.88.99.1", .reserved),
        ("192.168.0.0", .privateUse), ("192.168.255.255", .privateUse), ("192.169.0.0", .global),
        ("198.17.255.255", .global), ("198.18.0.0", .reserved), ("198.19.255.255", .reserved),
        ("198.51.100.1", .documentation), ("203.0.113.1", .documentation), ("223.255.255.255", .global),
        ("224.0.0.1", .multicast), ("239.255.255.255", .multicast), ("240.0.0.1", .reserved),
        ("255.255.255.255", .reserved),
        // Other spellings of 127.0.0.1, 10.0.0.1 and 169.254.169.254.
        ("127.1", .loopback), ("127.0.1", .loopback), ("0x7f.1", .loopback), ("0X7F000001", .loopback),
        ("2130706433", .loopback), ("017700000001", .loopback), ("0177.0.0.01", .loopback), ("0", .unspecified),
        ("012.0.0.1", .privateUse), ("0xA.1", .privateUse), ("2852039166", .metadata), ("0xa9fea9fe", .metadata),
        // IPv6.
        ("2606:4700:4700::1111", .global), ("2a00:1450::1", .global), ("::", .unspecified), ("::1", .loopback),
        ("[::1]", .loopback), ("::1%lo", .loopback), ("0:0:0:0:0:0:0:1", .loopback), ("fe80::1", .linkLocal),
        ("fe80::1%eth0", .linkLocal), ("febf::1", .linkLocal), ("fec0::1", .privateUse), ("fc00::1", .privateUse),
        ("fdff::1", .privateUse), ("fd00:ec2::254", .metadata), ("ff02::1", .multicast),
        ("2001:db8::1", .documentation),
        ("3fff::1", .documentation), ("3fff:1000::1", .global), ("2001::1", .reserved), ("2001:1ff::1", .reserved),
        ("2001:200::1", .global), ("100::1", .reserved), ("4000::1", .reserved), ("5f00::1", .reserved),
        // IPv4 within IPv6: mapped, translated, NAT64, its local prefix, compatible, 6to4.
        ("::ffff:127.0.0.1", .loopback), ("::ffff:7f00:1", .loopback), ("::ffff:8.8.8.8", .global),
        ("::ffff:169.254.169.254", .metadata), ("::ffff:0:10.0.0.1", .privateUse), ("64:ff9b::10.0.0.1", .privateUse),
        ("64:ff9b::8.8.8.8", .global), ("64:ff9b:1::8.8.8.8", .reserved), ("::127.0.0.1", .reserved),
        ("2002:7f00:1::", .loopback), ("2002:a00:1::", .privateUse), ("2002:808:808::", .global),
    ]

    @Test(arguments: rows)
    func `given an address in any spelling, when it is judged, then its scope is known`(
        text: String, scope: AddressGuard.Scope
    ) throws {
        let address = try #require(IPAddress(text))

        #expect(AddressGuard.scope(of: address) == scope)
        #expect(AddressGuard.isInternal(address) == (scope != .global))
        #expect(AddressGuard.mayReach(address, allowsPrivateAddresses: false) == (scope == .global))
        #expect(AddressGuard.mayReach(address, allowsPrivateAddresses: true) == (scope != .metadata))
    }

    @Test(arguments: [
        "", ".", "1.2.3.4.5", "256.0.0.1", "1.2.3.256", "1.2.65536", "4294967296", "0x100000000", "1..2", "08.0.0.1",
        "+1.2.3.4", "-1", "1.2.3.4 ", "example.com", "::g", ":::", "1::2::3", "99999999999999999999999",
    ])
    func `given what is no address, when it is read, then it is none`(text: String) {
        #expect(IPAddress(text) == nil)
    }

    @Test(arguments: [("0x7f.1", "127.0.0.1"), ("2001:DB8:0:0::1", "2001:db8::1")])
    func `given an odd spelling, when it is printed, then it is the usual one`(text: String, usual: String) {
        #expect(IPAddress(text)?.description == usual)
    }
}
