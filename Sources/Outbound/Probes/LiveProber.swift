public import Alerting
public import Engine
import Foundation

/// Checks targets over the network, and never those that only we can reach unless the operator allows it.
public final class LiveProber: Prober {
    public struct Settings: Sendable {
        /// Ours, for the `User-Agent`.
        public var version: String
        /// Marks our requests as ours.
        public var instance: String
        public var allowsPrivateAddresses: Bool
        /// Where registries say when domains end, such as `https://rdap.org/`.
        public var rdapURL = "https://rdap.org/"
        /// Asked who knows a domain when RDAP does not; `host` or `host:port`.
        public var whoisServer = "whois.iana.org"
        /// `host:port` of this very server.
        public var ownPlaces: Set<String> = []
        /// The path of Chromium; `nil`: there is none.
        public var browser: String?
        /// Who is asked for names; `nil`: as the system does.
        var names: NameSources?
        /// A file of certificates that are trusted instead of the system's; `nil`: the system's.
        var authorities: String?

        public init(version: String, instance: String = "", allowsPrivateAddresses: Bool) {
            self.version = version
            self.instance = instance
            self.allowsPrivateAddresses = allowsPrivateAddresses
            browser = Self.installedBrowser
        }

        /// The first of the usual places that has one.
        public static let installedBrowser: String? = {
            let places: [String] = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
            return places.first { FileManager.default.isExecutableFile(atPath: $0) }
        }()
    }

    private let settings: Settings
    private let transfers = CurlTransfers()
    private let names: NameCache
    /// For checks that wait in a call of the system's.
    private let threads = OperationQueue()
    private let browsers = OperationQueue()
    private let domains: DomainProbe

    public init(_ settings: Settings) {
        self.settings = settings
        names = NameCache(settings.names)
        threads.maxConcurrentOperationCount = 64
        // Each is some hundred megabytes.
        browsers.maxConcurrentOperationCount = 2
        domains = DomainProbe(rdapURL: settings.rdapURL, whoisServer: settings.whoisServer)
    }

    public convenience init(version: String, allowsPrivateAddresses: Bool) {
        self.init(Settings(version: version, allowsPrivateAddresses: allowsPrivateAddresses))
    }

    /// Ends what is under way and takes no more.
    public func close() {
        transfers.close()
    }

    public func check(_ subject: MonitorSubject, within limit: Duration) async -> CheckAnswer {
        if isOurs(subject) { return CheckAnswer(problem: .ourselves, total: .zero) }
        switch subject {
        case .http(let check): return await walk(.http(check), within: limit).answer
        case .tcp(let host, let port): return await transfer(.connection(host: host, port: port), within: limit).answer
        case .tls(let check): return await transfer(.tls(check), within: limit).answer
        case .ping(let host): return await ping(host, within: limit)
        case .dns(let check): return await ask(check, within: limit)
        case .domain(let check):
            return await domains.run(check, within: limit) { await self.walk($0, within: $1).answer }
        case .page(let check) where !check.usesBrowser: return await PageProbe(fetch: fetch).run(check, within: limit)
        case .page(let check): return await browse(JourneyCheck(url: check.url), isPage: true, within: limit)
        case .journey(let check): return await browse(check, isPage: false, within: limit)
        case .sitemap(let check): return await SitemapProbe(fetch: fetch).run(check, within: limit)
        case .heartbeat: return CheckAnswer(problem: .invalid, total: .zero)
        }
    }

    /// Whether it leads to this very server, by the name or address that it is known by.
    private func isOurs(_ subject: MonitorSubject) -> Bool {
        switch subject {
        case .http, .page, .sitemap, .journey:
            let url = subject.target.lowercased()
            let usual = url.hasPrefix("https://") ? 443 : 80
            guard let parts = URLComponents(string: url), let host = parts.host else { return false }
            return settings.ownPlaces.contains("\(host):\(parts.port ?? usual)")
        case .tcp(let host, let port): return settings.ownPlaces.contains("\(host.lowercased()):\(port)")
        case .tls(let check): return settings.ownPlaces.contains("\(check.host.lowercased()):\(check.port)")
        case .ping, .dns, .domain, .heartbeat: return false
        }
    }

    private func transfer(_ check: CurlTransfer.Check, within limit: Duration) async -> CurlTransfer {
        let identity = CurlTransfer.Identity(
            userAgent: "Nightbell-Monitor/\(settings.version)", instance: settings.instance,
            authorities: settings.authorities)
        let start = ContinuousClock.now
        var named: CurlTransfer.Named?
        var problem: CheckAnswer.Problem?
        if let place = check.place {
            switch await names.addresses(of: place.host, within: limit) {
            case .success(let found):
                named = .init(
                    host: place.host, port: place.port, addresses: found, lookUp: ContinuousClock.now - start)
            case .failure(let why): problem = why.ofCheck
            }
        }
        let taken = ContinuousClock.now - start
        let transfer = CurlTransfer(
            check, as: identity, named: named, within: max(limit - taken, .milliseconds(1)), mayReach: mayReach)
        if let problem {
            transfer.abandon(problem, after: taken)
        } else {
            await transfers.run(transfer)
        }
        return transfer
    }

    /// A request, and those that it is redirected to.
    private func walk(_ check: CurlTransfer.Check, within limit: Duration) async -> FetchedDocument {
        await RedirectWalk(ownPlaces: settings.ownPlaces) { await self.transfer($0, within: $1) }
            .run(check, within: limit)
    }

    private func fetch(_ url: String, _ bytes: Int, _ limit: Duration) async -> FetchedDocument {
        guard limit > .zero else {
            return FetchedDocument(answer: CheckAnswer(problem: .timedOut, total: .zero), url: url)
        }
        return await walk(.fetch(url: url, bytes: bytes), within: limit)
    }

    private func ping(_ host: String, within limit: Duration) async -> CheckAnswer {
        let start = ContinuousClock.now
        switch await address(of: host, within: limit) {
        case .success(let address):
            let lookUp = ContinuousClock.now - start
            var answer = await PingProbe.run(address, within: limit, on: threads)
            answer.phases.lookUp = lookUp
            return answer
        case .failure(let problem): return CheckAnswer(problem: problem, total: ContinuousClock.now - start)
        }
    }

    private func ask(_ check: DNSCheck, within limit: Duration) async -> CheckAnswer {
        guard !check.server.isEmpty else {
            guard let server = DNSProbe.systemServer() else { return CheckAnswer(problem: .unreachable, total: .zero) }
            return await DNSProbe.run(check, server: server, within: limit, on: threads)
        }
        let parts = check.server.split(separator: ":")
        let (host, port) =
            parts.count == 2 ? (String(parts[0]), UInt16(parts[1]) ?? 53) : (check.server, UInt16(53))
        switch await address(of: host, within: limit) {
        case .success(let server):
            return await DNSProbe.run(check, server: server, port: port, within: limit, on: threads)
        case .failure(let problem): return CheckAnswer(problem: problem, total: .zero)
        }
    }

    private func browse(_ journey: JourneyCheck, isPage: Bool, within limit: Duration) async -> CheckAnswer {
        guard let path = settings.browser else {
            return CheckAnswer(
                problem: .missing, detail: "Chromium is not installed on this server", total: .zero)
        }
        do {
            return try await BrowserGate.open(names, mayReach: mayReach) { [browsers, names, mayReach] gate in
                await withCheckedContinuation { continuation in
                    browsers.addOperation {
                        let probe = BrowserProbe(
                            browser: path, limit: limit, gate: gate, names: names, mayReach: mayReach)
                        continuation.resume(returning: probe.run(journey, isPage: isPage))
                    }
                }
            }
        } catch {
            return CheckAnswer(problem: .missing, detail: "no port is free for the browser", total: .zero)
        }
    }

    private func address(
        of host: String, within limit: Duration
    ) async -> Result<IPAddress, CheckAnswer.Problem> {
        switch await names.addresses(of: host, within: limit) {
        case .success(let found):
            guard found.allSatisfy(mayReach), let first = found.first else { return .failure(.addressRefused) }
            return .success(first)
        case .failure(let why): return .failure(why.ofCheck)
        }
    }

    private var mayReach: @Sendable (IPAddress) -> Bool {
        let allows = settings.allowsPrivateAddresses
        return { AddressGuard.mayReach($0, allowsPrivateAddresses: allows) }
    }
}

extension Resolver.Problem {
    fileprivate var ofCheck: CheckAnswer.Problem {
        switch self {
        case .unknown: .nameUnknown
        case .timedOut, .busy: .timedOut
        }
    }
}

extension GuardedHTTPClient: WebhookCaller {
    public func call(_ call: WebhookCall) async -> WebhookAnswer {
        let request = GuardedRequest(
            method: call.method, url: call.url, headers: call.headers.map { ($0.name, $0.value) }, body: call.body)
        switch await send(request) {
        case .success(let answer):
            return .answered(status: answer.status, body: String(decoding: answer.body, as: UTF8.self))
        case .failure(let failure): return .failed(reason: failure.reason)
        }
    }
}
