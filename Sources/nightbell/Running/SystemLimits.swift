import Alerting
import Foundation

/// How many files and connections the process may have open.
enum FileLimit {
    /// Raises the soft limit as far as the hard one allows.
    ///
    /// - Returns: the limit that holds from now on.
    static func raised() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, 65_536)
        if limit.rlim_cur < wanted {
            limit.rlim_cur = wanted
            // Refused: the old limit holds, which is read again below.
            _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
            getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return Int(clamping: limit.rlim_cur)
    }
}

extension ListenAddress {
    /// With a port that is free just now in place of 0; the address itself otherwise.
    ///
    /// The address has to be known before anything listens, because links are made of it.
    func withPort() throws(Failure) -> ListenAddress {
        guard port == 0 else { return self }
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "0", &hints, &found) == 0, let first = found else {
            throw Failure(.invalid, "Cannot listen on \(host): there is no such address.")
        }
        defer { freeaddrinfo(found) }
        let descriptor = socket(first.pointee.ai_family, first.pointee.ai_socktype, 0)
        defer { close(descriptor) }
        var bound = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let isBound = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, first.pointee.ai_addr, first.pointee.ai_addrlen) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        guard isBound else {
            throw Failure(.unavailable, "Cannot listen on \(host): \(String(cString: strerror(errno))).")
        }
        // The port is at the same place in both families' addresses.
        let free = withUnsafeBytes(of: &bound) { $0.load(fromByteOffset: 2, as: UInt16.self).bigEndian }
        return ListenAddress(host: host, port: Int(free))
    }
}
