import Alerting

/// Follows redirects one request at a time, so that each name on the way is looked up and judged as the first one is.
///
/// The times of all requests are added up; the body, the status and the certificate are those of the last.
struct RedirectWalk: Sendable {
    typealias Request = @Sendable (_ check: CurlTransfer.Check, _ limit: Duration) async -> CurlTransfer

    /// `host:port` of this very server, which may not be gone to.
    let ownPlaces: Set<String>
    let request: Request

    init(ownPlaces: Set<String>, _ request: @escaping Request) {
        self.ownPlaces = ownPlaces
        self.request = request
    }

    func run(_ check: CurlTransfer.Check, within limit: Duration) async -> FetchedDocument {
        var (check, seen): (CurlTransfer.Check, Set<String>) = (check, [])
        var walked = CheckAnswer(total: .zero)
        var place = check.url.flatMap { CurlURL($0) }
        if let place { seen.insert(check.mark(place)) }
        var hop = 0
        while true {
            let transfer = await request(check, max(limit - walked.total, .milliseconds(1)))
            var answer = transfer.answer
            (answer.total, answer.phases) = (answer.total + walked.total, answer.phases.added(to: walked.phases))
            func end(_ problem: CheckAnswer.Problem, _ detail: String) -> FetchedDocument {
                answer.problem = problem
                answer.detail = Limits.cut(detail, to: Limits.summary)
                return FetchedDocument(answer: answer, url: place?.text ?? "")
            }
            if let problem = answer.problem {
                guard hop > 0, let place else { return FetchedDocument(answer: answer, url: place?.text ?? "") }
                return end(problem, "redirected to \(place.words): \(answer.detail ?? problem.words)")
            }
            guard let location = transfer.redirect, let here = place, let status = answer.status else {
                return FetchedDocument(answer: answer, url: place?.text ?? "")
            }
            guard hop < Limits.monitorRedirects else {
                return end(.tooManyRedirects, CheckAnswer.Problem.tooManyRedirects.words)
            }
            if let scheme = Self.scheme(location), !["http", "https"].contains(scheme) {
                return end(.invalid, "it redirects to \(Limits.cut(scheme, to: 40)):, which is not followed")
            }
            guard let there = Self.next(location, from: here), !there.host.isEmpty else {
                return end(.invalid, "it redirects to what cannot be read")
            }
            guard !ownPlaces.contains("\(there.host):\(there.port)") else {
                return end(.ourselves, "it redirects to this server itself, which cannot report its own outage")
            }
            check = check.redirected(to: there, by: status, isSamePlace: there.isSamePlace(as: here))
            guard seen.insert(check.mark(there)).inserted else {
                return end(.tooManyRedirects, "it redirects in a circle, to \(there.words) again")
            }
            guard answer.total < limit else {
                return end(.timedOut, "redirected to \(there.words): \(CheckAnswer.Problem.timedOut.words)")
            }
            (place, walked, hop) = (there, answer, hop + 1)
        }
    }

    /// What stands before a first colon that no slash, question mark or hash precedes, in lower case; `nil`: it is
    /// relative (RFC 3986, section 4.2).
    private static func scheme(_ location: String) -> String? {
        guard let mark = location.firstIndex(where: { ":/?#".contains($0) }), location[mark] == ":" else { return nil }
        return location[..<mark].lowercased()
    }

    /// Where a `Location` leads; who has shown a user there stays the same at the same place.
    private static func next(_ location: String, from here: CurlURL) -> CurlURL? {
        guard let there = CurlURL(location, relativeTo: here.text) else { return nil }
        guard here.hasUser, !there.hasUser, there.isSamePlace(as: here) else { return there }
        return there.credited(as: here) ?? there
    }
}

extension CurlTransfer.Check {
    var url: String? {
        switch self {
        case .http(let check): check.url
        case .fetch(let url, _): url
        case .connection, .tls, .line: nil
        }
    }

    var followsRedirects: Bool {
        switch self {
        case .http(let check): check.followsRedirects
        case .fetch: true
        case .connection, .tls, .line: false
        }
    }

    /// What is asked where; twice the same is a circle, as nothing is remembered in between.
    fileprivate func mark(_ place: CurlURL) -> String {
        if case .http(let check) = self { return "\(check.method.rawValue) \(place.text)" }
        return place.text
    }

    /// What is asked next (RFC 9110, section 15.4): 307 and 308 keep the method and the body; by 301 and 302 a POST
    /// becomes a GET, as browsers have it, by 303 all but HEAD. At another place nobody is told what was meant for
    /// the first one.
    fileprivate func redirected(to place: CurlURL, by status: Int, isSamePlace: Bool) -> CurlTransfer.Check {
        switch self {
        case .http(var check):
            check.url = place.text
            let isTurned = status == 303 && check.method != .head || status < 303 && check.method == .post
            if isTurned {
                check.method = .get
                check.body = ""
                check.headers.removeAll { $0.name.lowercased().hasPrefix("content-") }
            }
            if !isSamePlace {
                check.headers.removeAll { !["accept", "accept-language"].contains($0.name.lowercased()) }
            }
            return .http(check)
        case .fetch(_, let bytes): return .fetch(url: place.text, bytes: bytes)
        case .connection, .tls, .line: return self
        }
    }
}

extension CheckAnswer.Phases {
    fileprivate func added(to other: CheckAnswer.Phases) -> CheckAnswer.Phases {
        func sum(_ part: (CheckAnswer.Phases) -> Duration?) -> Duration? {
            guard let mine = part(self) else { return part(other) }
            return mine + (part(other) ?? .zero)
        }
        return .init(
            lookUp: sum(\.lookUp), connect: sum(\.connect), encryption: sum(\.encryption), firstByte: sum(\.firstByte))
    }
}
