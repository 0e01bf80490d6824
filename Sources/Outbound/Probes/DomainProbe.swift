import Alerting
import Foundation
import Synchronization

/// Asks when the registration of a domain ends: by RDAP (RFC 9083), else by WHOIS (RFC 3912).
///
/// Registries count who asks too often, so that an answer is remembered for some hours.
final class DomainProbe: Sendable {
    typealias Transfer = @Sendable (_ check: CurlTransfer.Check, _ limit: Duration) async -> CheckAnswer

    private struct Known {
        var end: Timestamp
        var at: ContinuousClock.Instant
    }

    private let rdapURL: String
    private let whoisServer: String
    private let known = Mutex<[String: Known]>([:])
    /// RDAP is not asked before, because it said that we ask too often.
    private let rest = Mutex<ContinuousClock.Instant?>(nil)
    private static let memory = Duration.hours(6)
    /// After a 429, whose time to wait is seldom said (RFC 7480, section 5.5).
    private static let pause = Duration.minutes(10)
    private static let mostKnown = 10_000

    init(rdapURL: String, whoisServer: String) {
        self.rdapURL = rdapURL.hasSuffix("/") ? rdapURL : rdapURL + "/"
        self.whoisServer = whoisServer
    }

    func run(_ check: DomainCheck, within limit: Duration, _ transfer: Transfer) async -> CheckAnswer {
        let name = check.name.lowercased()
        let start = ContinuousClock.now
        if let known = known.withLock({ $0[name] }), start - known.at < Self.memory {
            return CheckAnswer(total: .zero, domainEnd: known.end)
        }
        var last = CheckAnswer(problem: .noAnswer, total: .zero)
        let mayAsk = rest.withLock { $0 ?? start } <= start
        if !mayAsk { last.status = 429 }
        // A host may have been meant: the domain is what is left without its first labels.
        for name in Self.candidates(name) where mayAsk && last.status != 429 {
            let left = limit - (ContinuousClock.now - start)
            guard left > .zero else { break }
            last = await transfer(.fetch(url: "\(rdapURL)domain/\(name)", bytes: 512 * 1024), left)
            if last.status == 200, let end = Self.end(rdap: last.body) {
                return remember(check.name, end, since: start)
            }
            if last.status == 429 { rest.withLock { $0 = .now + Self.pause } }
        }
        var whoisWhy = ""
        for name in Self.candidates(name) {
            let left = limit - (ContinuousClock.now - start)
            guard left > .zero else { break }
            switch await whois(name, within: left, transfer) {
            case .end(let end): return remember(check.name, end, since: start)
            case .circle: whoisWhy = " (its servers refer to each other)"
            case .nothing: continue
            }
        }
        let total = ContinuousClock.now - start
        let isResting = last.status == 429
        let why = isResting ? "it is asked too often" : last.problem?.words ?? "status \(last.status ?? 0)"
        return CheckAnswer(
            problem: last.problem ?? .noAnswer,
            detail: "neither RDAP (\(why)) nor WHOIS\(whoisWhy) says when the domain ends", total: total)
    }

    private func remember(_ name: String, _ end: Timestamp, since start: ContinuousClock.Instant) -> CheckAnswer {
        known.withLock { known in
            if known.count >= Self.mostKnown { known.removeAll() }
            known[name.lowercased()] = Known(end: end, at: .now)
        }
        return CheckAnswer(total: ContinuousClock.now - start, domainEnd: end)
    }

    /// The name and what is left of it without its first one and two labels; two labels at least.
    static func candidates(_ name: String) -> [String] {
        let labels = name.split(separator: ".")
        return (0..<3).compactMap { count in
            labels.count - count >= 2 ? labels.dropFirst(count).joined(separator: ".") : nil
        }
    }

    /// The `expiration` among an answer's events.
    static func end(rdap body: [UInt8]) -> Timestamp? {
        // What is no JSON says nothing.
        guard let answer = try? JSONValue.parse(body) else { return nil }
        let event = (answer["events"]?.array ?? []).first { $0["eventAction"]?.string == "expiration" }
        return event?["eventDate"]?.string.flatMap { Timestamp(iso8601: $0) ?? day($0) }
    }

    private enum Word {
        case end(Timestamp)
        /// They referred to one that was asked before, or to more than are asked.
        case circle
        case nothing
    }

    private func whois(_ name: String, within limit: Duration, _ transfer: Transfer) async -> Word {
        var (server, seen): (String, Set<String>) = (whoisServer, [])
        let start = ContinuousClock.now
        // The registry's server, and the registrar's that it may name.
        while seen.count < 3, seen.insert(server).inserted {
            let left = limit - (ContinuousClock.now - start)
            guard left > .zero else { return .nothing }
            let parts = server.split(separator: ":")
            let port = parts.count > 1 ? Int(parts[1]) ?? 43 : 43
            let answer = await transfer(.line(name, host: parts.first.map(String.init) ?? server, port: port), left)
            let text = String(decoding: answer.body, as: UTF8.self)
            if let end = Self.end(whois: text) { return .end(end) }
            guard let next = Self.field(Self.referrals, in: text) else { return .nothing }
            server = next.lowercased().replacingOccurrences(of: "whois://", with: "")
        }
        return .circle
    }

    private static let referrals = ["refer", "whois", "registrar whois server"]
    private static let endFields = [
        "registry expiry date", "registrar registration expiration date", "expiry date", "expiration date",
        "expiration time", "expires", "expires on", "expire", "paid-till", "renewal date", "valid until",
    ]

    static func end(whois text: String) -> Timestamp? {
        field(endFields, in: text).flatMap { Timestamp(iso8601: $0) ?? day($0) }
    }

    /// The value of the first line that begins with one of the names and a colon.
    private static func field(_ names: [String], in text: String) -> String? {
        for line in text.split(whereSeparator: \.isNewline).prefix(2000) {
            guard let colon = line.firstIndex(of: ":") else { continue }
            let name = line[..<colon].trimmingCharacters(in: .whitespaces).lowercased()
            let value = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
            if names.contains(name), !value.isEmpty { return value }
        }
        return nil
    }

    /// The midnight of a day that is written as `2027-01-31…`, `2027.01.31` or `31.01.2027`.
    private static func day(_ text: String) -> Timestamp? {
        let numbers = text.prefix(10).split(whereSeparator: { "-./".contains($0) }).map { Int($0) }
        guard numbers.count == 3, let first = numbers[0], let second = numbers[1], let third = numbers[2] else {
            return nil
        }
        let (year, day) = first > 31 ? (first, third) : (third, first)
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return Timestamp(iso8601: "\(year)-\(two(second))-\(two(day))T00:00:00Z")
    }
}
