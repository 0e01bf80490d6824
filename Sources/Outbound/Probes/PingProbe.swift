import Alerting
import Foundation

/// One echo request by ICMP, on a thread that waits for its answer.
///
/// Linux lets programs without rights do this by a datagram socket when their group is in `net.ipv4.ping_group_range`;
/// otherwise a raw socket is tried, which needs `CAP_NET_RAW`.
enum PingProbe {
    static func run(
        _ address: IPAddress, within limit: Duration, on threads: OperationQueue
    ) async -> CheckAnswer {
        await withCheckedContinuation { continuation in
            threads.addOperation { continuation.resume(returning: ping(address, within: limit)) }
        }
    }

    private static func ping(_ address: IPAddress, within limit: Duration) -> CheckAnswer {
        let isSix = address.bytes.count == 16
        let (family, proto) = isSix ? (AF_INET6, Int32(IPPROTO_ICMPV6)) : (AF_INET, Int32(IPPROTO_ICMP))
        var isRaw = false
        var file = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), proto)
        if file < 0 {
            file = socket(family, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue), proto)
            isRaw = true
        }
        guard file >= 0 else { return CheckAnswer(problem: .notPermitted, total: .zero) }
        defer { close(file) }
        let mark = UInt16.random(in: 1 ... .max)
        let start = ContinuousClock.now
        guard send(echo(mark, isSix: isSix), to: address, on: file) else {
            let problem: CheckAnswer.Problem = errno == EACCES || errno == EPERM ? .notPermitted : .unreachable
            return CheckAnswer(problem: problem, total: .zero)
        }
        let deadline = start + limit
        var buffer = [UInt8](repeating: 0, count: 2048)
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return CheckAnswer(problem: .timedOut, total: ContinuousClock.now - start) }
            var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(max(1, left.wholeMilliseconds))) > 0 else { continue }
            let count = recv(file, &buffer, buffer.count, 0)
            guard count > 0 else { return CheckAnswer(problem: .unreachable, total: ContinuousClock.now - start) }
            if isAnswer(buffer[..<count], mark, isSix: isSix, isRaw: isRaw) {
                let total = ContinuousClock.now - start
                return CheckAnswer(total: total, phases: CheckAnswer.Phases(firstByte: total))
            }
        }
    }

    private static func send(_ packet: [UInt8], to address: IPAddress, on file: Int32) -> Bool {
        if address.bytes.count == 16 {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
            return send(packet, to: &place, on: file)
        }
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        withUnsafeMutableBytes(of: &place.sin_addr) { $0.copyBytes(from: address.bytes) }
        return send(packet, to: &place, on: file)
    }

    private static func send<Place>(_ packet: [UInt8], to place: inout Place, on file: Int32) -> Bool {
        let size = socklen_t(MemoryLayout<Place>.size)
        return withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(file, packet, packet.count, 0, $0, size) == packet.count
            }
        }
    }

    /// With `mark` as its number and in its data; the kernel sets its own identifier on datagram sockets.
    static func echo(_ mark: UInt16, isSix: Bool) -> [UInt8] {
        let (high, low) = (UInt8(mark >> 8), UInt8(truncatingIfNeeded: mark))
        var packet: [UInt8] = [isSix ? 128 : 8, 0, 0, 0, high, low, high, low]
        packet += Array("nightbell-echo--".utf8)
        // The kernel fills in the sum of ICMPv6.
        if !isSix {
            let sum = checksum(packet)
            (packet[2], packet[3]) = (UInt8(sum >> 8), UInt8(truncatingIfNeeded: sum))
        }
        return packet
    }

    static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for index in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[index]) << 8 | (index + 1 < bytes.count ? UInt32(bytes[index + 1]) : 0)
        }
        while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(sum)
    }

    /// Whether it is the answer to our request; a raw IPv4 socket shows the IP header, too.
    static func isAnswer(_ packet: ArraySlice<UInt8>, _ mark: UInt16, isSix: Bool, isRaw: Bool) -> Bool {
        var packet = packet
        if isRaw, !isSix, let first = packet.first { packet = packet.dropFirst(Int(first & 0xF) * 4) }
        guard packet.count >= 8 else { return false }
        let bytes = Array(packet.prefix(8))
        let number = UInt16(bytes[6]) << 8 | UInt16(bytes[7])
        return bytes[0] == (isSix ? 129 : 0) && number == mark
    }
}
