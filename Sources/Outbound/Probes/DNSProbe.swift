import Alerting
import Foundation

/// Asks one name server by UDP, twice at most, on a thread that waits for its answer.
enum DNSProbe {
    static func run(
        _ check: DNSCheck, server: IPAddress, port: UInt16 = 53, within limit: Duration, on threads: OperationQueue
    ) async -> CheckAnswer {
        await withCheckedContinuation { continuation in
            threads.addOperation { continuation.resume(returning: ask(check, server, port, within: limit)) }
        }
    }

    /// The first name server of the system.
    static func systemServer() -> IPAddress? {
        // A system without the file has none.
        guard let text = try? String(contentsOfFile: "/etc/resolv.conf", encoding: .utf8) else { return nil }
        for line in text.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace)
            if words.count >= 2, words[0] == "nameserver", let address = IPAddress(words[1]) { return address }
        }
        return nil
    }

    private static func ask(
        _ check: DNSCheck, _ server: IPAddress, _ port: UInt16, within limit: Duration
    ) -> CheckAnswer {
        let id = UInt16.random(in: 0 ... .max)
        guard let question = DNSMessage.question(check.name, check.type, id: id) else {
            return CheckAnswer(problem: .invalid, total: .zero)
        }
        let file = socket(
            server.bytes.count == 16 ? AF_INET6 : AF_INET, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return CheckAnswer(problem: .notPermitted, total: .zero) }
        defer { close(file) }
        let start = ContinuousClock.now
        guard connect(file, to: server, port: port) else { return CheckAnswer(problem: .unreachable, total: .zero) }
        var buffer = [UInt8](repeating: 0, count: 4096)
        for attempt in 1...2 {
            guard Glibc.send(file, question, question.count, 0) == question.count else { break }
            let deadline = start + limit / 2 * attempt
            while deadline > ContinuousClock.now {
                let left = deadline - ContinuousClock.now
                var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
                guard poll(&waiting, 1, Int32(max(1, left.wholeMilliseconds))) > 0 else { continue }
                let count = recv(file, &buffer, buffer.count, 0)
                guard count > 0 else { return CheckAnswer(problem: .refused, total: ContinuousClock.now - start) }
                guard let answer = DNSMessage.answer(Array(buffer[..<count]), id: id, check.type) else { continue }
                return result(answer, total: ContinuousClock.now - start)
            }
        }
        return CheckAnswer(problem: .timedOut, total: ContinuousClock.now - start)
    }

    private static func result(_ answer: DNSMessage.Answer, total: Duration) -> CheckAnswer {
        let phases = CheckAnswer.Phases(firstByte: total)
        return switch answer {
        case .records(let records): CheckAnswer(total: total, phases: phases, records: records)
        case .nameUnknown: CheckAnswer(problem: .nameUnknown, total: total, phases: phases)
        case .refused: CheckAnswer(problem: .refused, total: total, phases: phases)
        }
    }

    static func connect(_ file: Int32, to address: IPAddress, port: UInt16) -> Bool {
        if address.bytes.count == 16 {
            var place = sockaddr_in6()
            (place.sin6_family, place.sin6_port) = (sa_family_t(AF_INET6), port.bigEndian)
            withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
            return connect(file, &place)
        }
        var place = sockaddr_in()
        (place.sin_family, place.sin_port) = (sa_family_t(AF_INET), port.bigEndian)
        withUnsafeMutableBytes(of: &place.sin_addr) { $0.copyBytes(from: address.bytes) }
        return connect(file, &place)
    }

    private static func connect<Place>(_ file: Int32, _ place: inout Place) -> Bool {
        let size = socklen_t(MemoryLayout<Place>.size)
        return withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.connect(file, $0, size) == 0 }
        }
    }
}
