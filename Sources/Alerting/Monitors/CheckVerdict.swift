/// Whether a check passed, and in a few words why not.
public struct CheckVerdict: Equatable, Sendable {
    /// `nil`: it passed.
    public var reason: String?

    public var isPassing: Bool { reason == nil }

    static let passed = CheckVerdict(reason: nil)

    static func failed(_ reason: String) -> CheckVerdict {
        CheckVerdict(reason: Limits.cut(reason, to: Limits.summary))
    }
}

extension MonitorSubject {
    /// Judges what a check found that ended at `now`.
    public func verdict(on answer: CheckAnswer, at now: Timestamp) -> CheckVerdict {
        if let problem = answer.problem { return .failed(answer.detail ?? problem.words) }
        switch self {
        case .http(let check): return check.verdict(on: answer, at: now)
        case .tcp, .ping, .journey, .heartbeat: return .passed
        case .dns(let check): return check.verdict(on: answer)
        case .tls(let check): return check.verdict(on: answer, at: now)
        case .domain(let check):
            guard let end = answer.domainEnd else { return .failed("nobody says when the domain ends") }
            return EndRule.verdict(end, of: "domain", days: check.days, at: now)
        case .page(let check): return check.verdict(on: answer)
        case .sitemap(let check): return check.verdict(on: answer)
        }
    }
}

enum EndRule {
    /// - Parameter thing: what ends, such as `certificate`.
    static func verdict(_ end: Timestamp, of thing: String, days: Int, at now: Timestamp) -> CheckVerdict {
        let left = (end - now).wholeMilliseconds / 86_400_000
        guard end > now else { return .failed("the \(thing) ended on \(end.iso8601.prefix(10))") }
        guard left >= Int64(days) else {
            return .failed("the \(thing) ends in \(left) days, on \(end.iso8601.prefix(10))")
        }
        return .passed
    }
}

extension TLSCheck {
    func verdict(on answer: CheckAnswer, at now: Timestamp) -> CheckVerdict {
        guard let certificate = answer.certificate else { return .failed("there is no certificate") }
        if !issuer.isEmpty, !TextSearch(issuer, ignoresCase: true).isContained(in: certificate.issuer) {
            return .failed("the certificate is from “\(Limits.cut(certificate.issuer, to: 100))”")
        }
        return EndRule.verdict(certificate.end, of: "certificate", days: days, at: now)
    }
}

extension PageCheck {
    func verdict(on answer: CheckAnswer) -> CheckVerdict {
        if let status = answer.status, !(200...399).contains(status) { return .failed("the status is \(status)") }
        if let slowest, answer.total > slowest {
            return .failed("it took \(answer.total.wholeMilliseconds) ms, more than \(slowest.wholeMilliseconds) ms")
        }
        guard let parts = answer.parts else { return .passed }
        if let most = mostKilobytes, parts.bytes > most * 1024 {
            return .failed("the page has \((parts.bytes + 1023) / 1024) KB, more than \(most) KB")
        }
        guard parts.broken.count > brokenParts else { return .passed }
        let words = parts.broken.prefix(3).joined(separator: ", ")
        return .failed("\(parts.broken.count) of \(parts.count) parts did not load: \(words)")
    }
}

extension SitemapCheck {
    func verdict(on answer: CheckAnswer) -> CheckVerdict {
        if let status = answer.status, !(200...399).contains(status) { return .failed("the status is \(status)") }
        guard let parts = answer.parts, parts.count > 0 else { return .failed("there is no page in the sitemap") }
        guard parts.broken.count > brokenPages else { return .passed }
        let words = parts.broken.prefix(3).joined(separator: ", ")
        return .failed("\(parts.broken.count) of \(parts.count) pages fail: \(words)")
    }
}

extension HTTPCheck {
    func verdict(on answer: CheckAnswer, at now: Timestamp) -> CheckVerdict {
        guard let status = answer.status else { return .failed(CheckAnswer.Problem.noAnswer.words) }
        guard usualCodes.contains(where: { $0.contains(status) }) else { return .failed("the status is \(status)") }
        if let slowest, answer.total > slowest {
            return .failed("it took \(answer.total.wholeMilliseconds) ms, more than \(slowest.wholeMilliseconds) ms")
        }
        if let words = phaseProblem(answer) ?? textProblem(answer) ?? jsonProblem(answer) { return .failed(words) }
        guard let certificateDays, let certificate = answer.certificate else { return .passed }
        return EndRule.verdict(certificate.end, of: "certificate", days: certificateDays, at: now)
    }

    private func phaseProblem(_ answer: CheckAnswer) -> String? {
        let parts: [(String, Duration?, Duration?)] = [
            ("the name look-up", answer.phases.lookUp, slowestPhases.lookUp),
            ("the connection", answer.phases.connect, slowestPhases.connect),
            ("the encryption", answer.phases.encryption, slowestPhases.encryption),
            ("the first byte", answer.phases.firstByte, slowestPhases.firstByte),
        ]
        for case (let name, let took?, let most?) in parts where took > most {
            return "\(name) took \(took.wholeMilliseconds) ms, more than \(most.wholeMilliseconds) ms"
        }
        return nil
    }

    private func textProblem(_ answer: CheckAnswer) -> String? {
        guard !contains.isEmpty || !lacks.isEmpty else { return nil }
        let text = String(decoding: answer.body, as: UTF8.self)
        if !contains.isEmpty, !TextSearch(contains, ignoresCase: false).isContained(in: text) {
            let part = answer.isCut ? "the first \(answer.body.count) bytes of the answer" : "the answer"
            return "\(part) did not have “\(Limits.cut(contains, to: 60))”"
        }
        if !lacks.isEmpty, TextSearch(lacks, ignoresCase: false).isContained(in: text) {
            return "the answer had “\(Limits.cut(lacks, to: 60))”"
        }
        return nil
    }

    private func jsonProblem(_ answer: CheckAnswer) -> String? {
        guard !jsonPath.isEmpty else { return nil }
        // Whatever is wrong with it, it is no JSON that could be looked into.
        guard let value = try? JSONValue.parse(answer.body) else { return "the answer is no JSON" }
        let found = Self.path(jsonPath).flatMap { value.value(at: $0) }
        let text = found?.scalarText ?? (found == nil || found == .null ? "" : found?.text ?? "")
        if jsonValue.isEmpty {
            let isSomething = !text.isEmpty && found != .bool(false)
            return isSomething ? nil : "\(jsonPath) is \(text.isEmpty ? "nothing" : text)"
        }
        guard text != jsonValue else { return nil }
        return "\(jsonPath) is \(text.isEmpty ? "nothing" : "“\(Limits.cut(text, to: 60))”")"
    }

    /// `$.checks[0].state`, `checks.0.state`.
    static func path(_ text: String) -> ValuePath? {
        var steps: [ValuePath.Step] = []
        let plain = text.hasPrefix("$") ? text.dropFirst() : text[...]
        for part in plain.split(whereSeparator: { ".[]".contains($0) }) {
            steps.append(Int(part).map { .index($0) } ?? .member(String(part)))
        }
        return steps.isEmpty ? nil : ValuePath(steps)
    }
}

extension DNSCheck {
    func verdict(on answer: CheckAnswer) -> CheckVerdict {
        let kind = type.rawValue.uppercased()
        guard !answer.records.isEmpty else { return .failed("there is no \(kind) record") }
        guard !records.isEmpty else { return .passed }
        let found = Set(answer.records.map(Self.folded))
        guard found == Set(records.map(Self.folded)) else {
            return .failed("the \(kind) records are \(answer.records.sorted().joined(separator: ", "))")
        }
        return .passed
    }

    /// Names count without case and without the root's dot.
    private static func folded(_ record: String) -> String {
        let text = record.lowercased()
        return text.hasSuffix(".") ? String(text.dropLast()) : text
    }
}
