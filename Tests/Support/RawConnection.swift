import Foundation

/// A connection on which a test may misbehave: send half of a request, or nothing at all.
public final class RawConnection: Sendable {
    public struct Broken: Error, CustomStringConvertible {
        public var description: String
    }

    private let descriptor: Int32

    /// Connects to a server on this machine.
    public init(port: Int) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else { throw Broken(description: "not connected: \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    public func write(_ text: String) throws {
        let bytes = Array(text.utf8)
        let count = send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        guard count == bytes.count else {
            throw Broken(description: "not written: \(String(cString: strerror(errno)))")
        }
    }
}
