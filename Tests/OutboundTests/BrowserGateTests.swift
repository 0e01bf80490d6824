import Alerting
import Foundation
import TestSupport
import Testing

@testable import Outbound

struct BrowserGateTests {
    /// Begins a connection and does not wait for it.
    private static func knock(at port: Int) -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = connect(descriptor, address, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        return descriptor
    }

    /// Whether the other end has closed a connection, however long that takes.
    private static func isClosed(_ descriptor: Int32) -> Bool {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        poll(&waiting, 1, 10_000)
        var byte: UInt8 = 0
        let count = read(descriptor, &byte, 1)
        return count == 0 || count < 0 && errno != EAGAIN
    }

    /// The port of this end.
    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_in()
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                _ = getsockname(descriptor, address, &length)
            }
        }
        return Int(UInt16(bigEndian: address.sin_port))
    }

    @Test func `given more connections than fit on a page of the kernel's list, then the user of each is found`()
        async throws
    {
        let server = try await WebServer { _ in .close }
        let descriptors = (0..<100).map { _ in Self.knock(at: server.port) }
        defer { for descriptor in descriptors { close(descriptor) } }

        let users = descriptors.map { BrowserGate.user(from: Self.port(of: $0), to: server.port) }

        // The list may leave one out while others come and go.
        #expect(users.count { $0 == "\(geteuid())" } >= 90, "\(users)")
        #expect(BrowserGate.user(from: 1, to: server.port) == nil)
        try await server.stop()
    }

    @Test func `given connections that come while a gate closes, then they are closed and nothing else happens`()
        async throws
    {
        for _ in 0..<20 {
            let descriptors = try await BrowserGate.open(
                NameCache(), mayReach: { _ in true }, { port in (0..<8).map { _ in Self.knock(at: port) } })
            for descriptor in descriptors {
                #expect(Self.isClosed(descriptor))
                close(descriptor)
            }
        }
    }
}
