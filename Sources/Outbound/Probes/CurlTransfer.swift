import Alerting
import CCurl
import Foundation

/// One connection or request, and what it found.
///
/// What changes is not safe by itself: it is set before the transfer is handed to the thread, touched by the thread
/// alone until the transfer ends, and read after that.
final class CurlTransfer: Sendable {
    private let check: Check
    private let mayReach: @Sendable (IPAddress) -> Bool
    private let limit: Duration
    nonisolated(unsafe) private var handle: UnsafeMutableRawPointer?
    nonisolated(unsafe) private var headers: UnsafeMutablePointer<curl_slist>?
    nonisolated(unsafe) private var places: UnsafeMutablePointer<curl_slist>?
    nonisolated(unsafe) private var names: UnsafeMutablePointer<curl_slist>?
    /// What the host's name leads to; `nil`: libcurl looks it up.
    nonisolated(unsafe) private var named: Named?
    /// Where libcurl finds it for as long as the transfer goes on.
    nonisolated(unsafe) private let guardian = UnsafeMutablePointer<ccurl_guard>.allocate(capacity: 1)
    nonisolated(unsafe) private var body: [UInt8] = []
    nonisolated(unsafe) private var isCut = false
    nonisolated(unsafe) private var isRefused = false
    nonisolated(unsafe) private(set) var answer: CheckAnswer
    /// Of the answer that is being read, or was read last.
    nonisolated(unsafe) private var location: String?
    /// Of all heads so far.
    nonisolated(unsafe) private var headBytes = 0
    nonisolated(unsafe) var onEnd: @Sendable () -> Void = {}

    enum Check: Sendable {
        case http(HTTPCheck)
        /// A document of at most so many bytes.
        case fetch(url: String, bytes: Int)
        /// Only a connection.
        case connection(host: String, port: Int)
        case tls(TLSCheck)
        /// One line that is answered by text until the end: Gopher's form of a request is WHOIS's, too.
        case line(String, host: String, port: Int)
    }

    /// Addresses that were looked up for a host.
    struct Named: Sendable {
        var host: String
        var port: Int
        var addresses: [IPAddress]
        /// How long that took.
        var lookUp: Duration
    }

    /// Who we say that we are.
    struct Identity: Sendable {
        var userAgent: String
        /// Marks our requests, so that none of ours comes back to us as an event.
        var instance: String
        /// A file of certificates that are trusted instead of the system's.
        var authorities: String?
    }

    static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
    /// Bytes of a body that are looked at; the rest is not fetched.
    private static let usualBody = 256 * 1024
    /// Bytes of an answer's head.
    private static let mostHead = 128 * 1024
    /// Seconds for which libcurl remembers a name that only it can read: as short as it can be.
    private static let memory = 2
    private let identity: Identity
    private let bodyLimit: Int

    init(
        _ check: Check, as identity: Identity, named: Named? = nil, within limit: Duration,
        mayReach: @escaping @Sendable (IPAddress) -> Bool
    ) {
        self.check = check
        self.identity = identity
        bodyLimit = if case .fetch(_, let bytes) = check { bytes } else { Self.usualBody }
        self.named = named
        self.limit = limit
        self.mayReach = mayReach
        answer = CheckAnswer(problem: .noAnswer, total: .zero)
        guardian.initialize(to: ccurl_guard())
    }

    deinit {
        guardian.deallocate()
    }

    func end() {
        if let handle { curl_easy_cleanup(handle) }
        handle = nil
        curl_slist_free_all(headers)
        headers = nil
        curl_slist_free_all(places)
        places = nil
        curl_slist_free_all(names)
        names = nil
        onEnd()
    }

    /// - Returns: `nil` when it cannot be done at all.
    func prepare() -> UnsafeMutableRawPointer? {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        let milliseconds = max(1, Int(limit.wholeMilliseconds))
        var strings: [(CURLoption, String)] = [(CURLOPT_PROXY, "")]
        var numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FRESH_CONNECT, 1), (CURLOPT_FORBID_REUSE, 1), (CURLOPT_CERTINFO, 1),
            (CURLOPT_DNS_CACHE_TIMEOUT, Self.memory),
            (CURLOPT_TIMEOUT_MS, milliseconds), (CURLOPT_CONNECTTIMEOUT_MS, milliseconds),
        ]
        let isTrusting = if case .tls(let check) = check { check.acceptsUntrusted } else { false }
        numbers += [(CURLOPT_SSL_VERIFYPEER, isTrusting ? 0 : 1), (CURLOPT_SSL_VERIFYHOST, isTrusting ? 0 : 2)]
        if case .line = check {
            strings.append((CURLOPT_PROTOCOLS_STR, "gopher"))
        } else {
            strings.append((CURLOPT_PROTOCOLS_STR, "http,https"))
        }
        if let file = identity.authorities { strings.append((CURLOPT_CAINFO, file)) }
        say(&strings, &numbers)
        let me = Unmanaged.passUnretained(self).toOpaque()
        guardian.pointee = ccurl_guard(callback: ask, user: me)
        var results = numbers.map { ccurl_set_long(handle, $0.0, $0.1) }
        results += strings.map { ccurl_set_string(handle, $0.0, $0.1) }
        results.append(ccurl_set_write(handle, keep, me))
        results.append(ccurl_set_header(handle, read, me))
        results.append(ccurl_set_guard(handle, guardian))
        if headers != nil { results.append(ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers)) }
        if places != nil { results.append(ccurl_set_list(handle, CURLOPT_CONNECT_TO, places)) }
        if let named {
            names = Self.entries(named)
            results.append(ccurl_set_list(handle, CURLOPT_RESOLVE, names))
        }
        guard results.allSatisfy({ $0 == CURLE_OK }) else {
            answer.problem = .invalid
            return nil
        }
        return handle
    }

    /// Says that it failed, without a try.
    func abandon(_ problem: CheckAnswer.Problem, after total: Duration) {
        answer = CheckAnswer(problem: problem, total: total)
    }

    private static func entries(_ named: Named) -> UnsafeMutablePointer<curl_slist>? {
        let addresses = named.addresses.map { "\($0)" }.map(bracketed).joined(separator: ",")
        // With a plus it ends as other entries do, and is no lasting truth for all transfers.
        return curl_slist_append(nil, "+\(named.host):\(named.port):\(addresses)")
    }

    /// What is asked, and where.
    private func say(_ strings: inout [(CURLoption, String)], _ numbers: inout [(CURLoption, Int)]) {
        switch check {
        case .http(let check):
            introduce(&strings, check.url)
            strings.append((CURLOPT_CUSTOMREQUEST, check.method.rawValue.uppercased()))
            if check.method == .head { numbers.append((CURLOPT_NOBODY, 1)) }
            if !check.body.isEmpty, check.method != .get, check.method != .head {
                numbers.append((CURLOPT_POSTFIELDSIZE, check.body.utf8.count))
                strings.append((CURLOPT_COPYPOSTFIELDS, check.body))
            }
            for header in check.headers {
                headers = curl_slist_append(headers, "\(header.name): \(header.value)") ?? headers
            }
        case .fetch(let url, _):
            introduce(&strings, url)
        case .connection(let host, let port):
            strings.append((CURLOPT_URL, "http://\(Self.bracketed(host)):\(port)/"))
            numbers.append((CURLOPT_CONNECT_ONLY, 1))
        case .tls(let check):
            let name = Self.bracketed(check.name.isEmpty ? check.host : check.name)
            strings.append((CURLOPT_URL, "https://\(name):\(check.port)/"))
            numbers.append((CURLOPT_CONNECT_ONLY, 1))
            if !check.name.isEmpty {
                places = curl_slist_append(nil, "::\(Self.bracketed(check.host)):\(check.port)")
            }
        case .line(let line, let host, let port):
            strings.append((CURLOPT_URL, "gopher://\(Self.bracketed(host)):\(port)/0\(line)"))
        }
    }

    private func introduce(_ strings: inout [(CURLoption, String)], _ url: String) {
        strings += [(CURLOPT_URL, url), (CURLOPT_USERAGENT, identity.userAgent)]
        headers = curl_slist_append(headers, "X-Nightbell-Instance: \(identity.instance)") ?? headers
    }

    private static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

    /// Where the answer redirects to, as it says it; `nil` where it does not, or nobody is to go there.
    var redirect: String? {
        var status = answer.status ?? 0
        if let handle { ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status) }
        return check.followsRedirects && [301, 302, 303, 307, 308].contains(status) && location != ""
            ? location : nil
    }

    /// Reads how it went; to be called while the handle still has it.
    func finish(_ result: CURLcode) {
        guard let handle else { return }
        var status = 0
        ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        let total = (time(CURLINFO_TOTAL_TIME_T) ?? .zero) + (named?.lookUp ?? .zero)
        let problem = problem(result)
        let detail: String? =
            switch problem {
            case .notTrusted: distrust(handle)
            case .tooLarge: "the head of the answer is larger than \(Self.mostHead / 1024) KB"
            case .broken where Self.strange.contains(result): "the answer is no HTTP"
            default: nil
            }
        answer = CheckAnswer(
            problem: problem, detail: detail, total: total, phases: phases,
            status: status > 0 ? status : nil, body: body, isCut: isCut, certificate: certificate(handle))
    }

    private func certificate(_ handle: UnsafeMutableRawPointer) -> CheckAnswer.Certificate? {
        guard let text = ccurl_certificate_field(handle, "Expire date:"),
            let end = CertificateTime.read(String(cString: text))
        else { return nil }
        let issuer = ccurl_certificate_field(handle, "Issuer:").map { String(cString: $0) } ?? ""
        return CheckAnswer.Certificate(
            end: end, issuer: Limits.cut(issuer, to: 300), chain: Int(ccurl_certificate_count(handle)))
    }

    /// Why the certificate is not acceptable, by OpenSSL's number (x509_vfy.h of OpenSSL 3.0, read 2026-11-27).
    private func distrust(_ handle: UnsafeMutableRawPointer) -> String? {
        var number = 0
        ccurl_get_long(handle, CURLINFO_SSL_VERIFYRESULT, &number)
        return switch number {
        case 9: "the certificate is not valid yet"
        case 10: "the certificate has expired"
        case 18: "the certificate is signed by itself alone"
        case 19: "the chain of certificates ends in one that nobody trusts"
        case 2, 20, 21: "the chain of certificates is not whole, or its issuer is unknown"
        // libcurl leaves 1 where the chain is good and only then looks at the name.
        case 0, 1, 62, 64: "the certificate is for another name"
        default: nil
        }
    }

    private var phases: CheckAnswer.Phases {
        let (resolved, connected, encrypted, first) = (
            time(CURLINFO_NAMELOOKUP_TIME_T), time(CURLINFO_CONNECT_TIME_T), time(CURLINFO_APPCONNECT_TIME_T),
            time(CURLINFO_STARTTRANSFER_TIME_T)
        )
        func between(_ start: Duration?, _ end: Duration?) -> Duration? {
            guard let start, let end, end >= start else { return nil }
            return end - start
        }
        return CheckAnswer.Phases(
            lookUp: resolved.map { $0 + (named?.lookUp ?? .zero) }, connect: between(resolved, connected),
            encryption: between(connected, encrypted),
            firstByte: between(encrypted ?? connected, first))
    }

    /// Since the start; `nil` when that was not reached.
    private func time(_ info: CURLINFO) -> Duration? {
        var microseconds: curl_off_t = 0
        guard let handle, ccurl_get_time(handle, info, &microseconds) == CURLE_OK, microseconds > 0 else { return nil }
        return .microseconds(Int64(microseconds))
    }

    /// Once there was a connection: what came was in no form that is known.
    private static let strange: [CURLcode] = [CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY]

    private func problem(_ result: CURLcode) -> CheckAnswer.Problem? {
        switch result {
        case CURLE_OK: return nil
        case _ where headBytes > Self.mostHead: return .tooLarge
        case _ where Self.strange.contains(result) && time(CURLINFO_CONNECT_TIME_T) != nil: return .broken
        // Enough of the body was read.
        case CURLE_WRITE_ERROR where isCut: return nil
        case CURLE_COULDNT_CONNECT where isRefused: return .addressRefused
        case CURLE_COULDNT_RESOLVE_HOST: return .nameUnknown
        case CURLE_COULDNT_CONNECT: return .refused
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: return .notTrusted
        case CURLE_SSL_CONNECT_ERROR: return .handshake
        case CURLE_GOT_NOTHING: return .noAnswer
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: return .invalid
        default: return .broken
        }
    }

    fileprivate func asks(_ address: IPAddress) -> Bool {
        guard mayReach(address) else {
            isRefused = true
            return false
        }
        return true
    }

    /// One line of an answer's head; a status line begins a head.
    ///
    /// - Returns: whether there is room for more.
    fileprivate func take(line: UnsafeRawBufferPointer) -> Bool {
        headBytes += line.count
        guard headBytes <= Self.mostHead else { return false }
        let text = String(decoding: line.prefix(Limits.monitorTarget * 2), as: UTF8.self)
        if text.hasPrefix("HTTP/") { location = nil }
        if location == nil, text.lowercased().hasPrefix("location:") {
            location = text.dropFirst("location:".count).trimmingCharacters(in: .whitespacesAndNewlines)
        }
        return true
    }

    /// - Returns: whether there is room for more; what stands in a redirect is of no interest.
    fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard redirect == nil else {
            isCut = true
            return false
        }
        let room = bodyLimit - body.count
        body.append(contentsOf: bytes.prefix(room))
        isCut = bytes.count > room
        return !isCut
    }
}

/// libcurl asks whether it may connect to an address.
private func ask(
    _ user: UnsafeMutableRawPointer?, _: Int32, _ bytes: UnsafePointer<UInt8>?, _ count: Int32
) -> Int32 {
    guard let user, let bytes else { return 0 }
    let address = IPAddress(bytes: Array(UnsafeBufferPointer(start: bytes, count: Int(count))))
    return Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue().asks(address) ? 1 : 0
}

/// libcurl has read a part of the body.
private func keep(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let user else { return 0 }
    let bytes = UnsafeRawBufferPointer(start: buffer, count: size * count)
    return Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue().take(bytes) ? size * count : 0
}

/// libcurl has read a line of the head.
private func read(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let user else { return 0 }
    let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
    return Unmanaged<CurlTransfer>.fromOpaque(user).takeUnretainedValue().take(line: line) ? size * count : 0
}
