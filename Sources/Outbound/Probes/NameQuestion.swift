import Alerting
import Foundation

/// What this system says of looking names up: its own names, and whom to ask for others.
struct NameSources: Sendable {
    struct Server: Hashable, Sendable {
        var address: IPAddress
        var port: UInt16 = 53
    }

    var servers: [Server] = []
    /// Put behind short names, in this order.
    var domains: [String] = []
    /// Names with so many dots are asked for as they are first.
    var dots = 1
    /// Names of this system's own, in small letters.
    var own: [String: [IPAddress]] = [:]

    /// Reads `/etc/resolv.conf` and `/etc/hosts`; a file that is not there says nothing.
    static func system() -> NameSources {
        func text(_ path: String) -> String {
            // A file that is not there says nothing.
            (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        }
        return NameSources(resolver: text("/etc/resolv.conf"), hosts: text("/etc/hosts"))
    }

    init(servers: [Server]) { self.servers = servers }

    /// Reads both forms (resolv.conf(5) and hosts(5)); lines that cannot be read say nothing.
    init(resolver: String, hosts: String) {
        for line in resolver.split(separator: "\n") {
            let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
            switch words.first {
            case "nameserver":
                // A link's own address has its name behind a percent sign; it cannot be asked without.
                if words.count > 1, !words[1].contains("%"), let address = IPAddress(words[1]) {
                    servers.append(Server(address: address))
                }
            case "search", "domain": domains = Array(words.dropFirst().prefix(6))
            case "options":
                for word in words where word.hasPrefix("ndots:") { dots = Int(word.dropFirst(6)) ?? dots }
            default: break
            }
        }
        servers = Array(servers.prefix(3))
        for line in hosts.split(separator: "\n") {
            let words = line.prefix { $0 != "#" }.split(whereSeparator: \.isWhitespace)
            guard let first = words.first, let address = IPAddress(first) else { continue }
            for name in words.dropFirst() where own[name.lowercased()]?.contains(address) != true {
                own[name.lowercased(), default: []].append(address)
            }
        }
    }

    /// The names to ask for, one after the other.
    func names(of host: String) -> [String] {
        guard !host.hasSuffix(".") else { return [String(host.dropLast())] }
        let more = domains.map { "\(host).\($0)" }
        return host.count(where: { $0 == "." }) >= dots ? [host] + more : more + [host]
    }
}

/// Asks name servers for the addresses of one name, A and AAAA side by side; blocks for as long as that takes.
enum NameQuestion {
    enum Answer: Equatable, Sendable {
        /// At least one, and for how many seconds they are good.
        case addresses([IPAddress], seconds: UInt32)
        case unknown
        /// No server answered.
        case silence
    }

    /// Of each server, each time; every server is asked twice.
    private static let patience = Duration.milliseconds(1500)
    /// For the other kind of address, once one is here.
    private static let more = Duration.milliseconds(300)

    static func ask(_ name: String, _ servers: [NameSources.Server]) -> Answer {
        for _ in 0..<2 {
            for server in servers {
                if let answer = ask(name, server) { return answer }
            }
        }
        return .silence
    }

    private static func ask(_ name: String, _ server: NameSources.Server) -> Answer? {
        let four = UInt16.random(in: 0 ... .max)
        let six = four ^ UInt16.random(in: 1 ... .max)
        guard let first = DNSMessage.question(name, .a, id: four), let other = DNSMessage.question(name, .aaaa, id: six)
        else { return .unknown }
        let family = server.address.bytes.count == 16 ? AF_INET6 : AF_INET
        let file = socket(family, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard file >= 0 else { return nil }
        defer { close(file) }
        guard DNSProbe.connect(file, to: server.address, port: server.port),
            send(file, first, first.count, 0) == first.count, send(file, other, other.count, 0) == other.count
        else { return nil }
        return receive(file, four, six)
    }

    private static func receive(_ file: Int32, _ four: UInt16, _ six: UInt16) -> Answer? {
        var deadline = ContinuousClock.now + patience
        var found: [DNSCheck.RecordType: [IPAddress]] = [:]
        var seconds: UInt32?
        var buffer = [UInt8](repeating: 0, count: 4096)
        while found.count < 2 {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { break }
            var waiting = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, Int32(max(1, left.wholeMilliseconds))) > 0 else { continue }
            let count = recv(file, &buffer, buffer.count, 0)
            guard count > 1 else { break }
            let isFour = UInt16(buffer[0]) << 8 | UInt16(buffer[1]) == four
            let type: DNSCheck.RecordType = isFour ? .a : .aaaa
            guard let answer = DNSMessage.timed(Array(buffer[..<count]), id: isFour ? four : six, type) else {
                continue
            }
            switch answer.answer {
            case .records(let records):
                found[type] = records.compactMap { IPAddress($0) }
                if !records.isEmpty { seconds = min(seconds ?? .max, answer.seconds ?? 0) }
                deadline = min(deadline, .now + more)
            case .nameUnknown: return .unknown
            case .refused: return nil
            }
        }
        guard !found.isEmpty else { return nil }
        let addresses = (found[.aaaa] ?? []) + (found[.a] ?? [])
        return addresses.isEmpty ? .unknown : .addresses(addresses, seconds: seconds ?? 0)
    }
}
