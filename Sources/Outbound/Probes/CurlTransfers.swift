import Alerting
import CCurl
import Foundation
import Synchronization

/// Runs many checks at a time on one thread, by libcurl: connections, encryption and HTTP with the time of each part.
final class CurlTransfers: Sendable {
    private struct State {
        var waiting: [CurlTransfer] = []
        var isClosed = false
        var hasThread = false
    }

    /// Not safe by itself: used by the thread alone, but for `curl_multi_wakeup`, which may be called from anywhere.
    nonisolated(unsafe) private let multi: UnsafeMutableRawPointer?
    private let state = Mutex(State())

    init() {
        multi = CurlTransfer.isReady ? curl_multi_init() : nil
    }

    /// Ends what is under way and takes no more.
    func close() {
        state.withLock { $0.isClosed = true }
        wake()
    }

    /// Returns when the transfer is over.
    func run(_ transfer: CurlTransfer) async {
        guard multi != nil else { return }
        await withCheckedContinuation { continuation in
            transfer.onEnd = { continuation.resume() }
            let (isTaken, mustStart) = state.withLock { state in
                guard !state.isClosed else { return (false, false) }
                state.waiting.append(transfer)
                defer { state.hasThread = true }
                return (true, !state.hasThread)
            }
            guard isTaken else { return transfer.end() }
            if mustStart {
                let thread = Thread { self.work() }
                thread.name = "nightbell.probes"
                thread.start()
            }
            wake()
        }
    }

    private func wake() {
        if let multi { curl_multi_wakeup(multi) }
    }

    private func work() {
        guard let multi else { return }
        var running: [UnsafeMutableRawPointer: CurlTransfer] = [:]
        while true {
            let (new, isClosed) = state.withLock { state in
                defer { state.waiting = [] }
                return (state.waiting, state.isClosed)
            }
            for transfer in new {
                guard let handle = transfer.prepare(), curl_multi_add_handle(multi, handle) == CURLM_OK else {
                    transfer.end()
                    continue
                }
                running[handle] = transfer
            }
            if isClosed {
                for (handle, transfer) in running {
                    curl_multi_remove_handle(multi, handle)
                    transfer.end()
                }
                curl_multi_cleanup(multi)
                return
            }
            var count: Int32 = 0
            curl_multi_perform(multi, &count)
            var result = CURLE_OK
            while let handle = ccurl_next_done(multi, &result) {
                curl_multi_remove_handle(multi, handle)
                let transfer = running.removeValue(forKey: handle)
                transfer?.finish(result)
                transfer?.end()
            }
            // Woken by whoever brings work.
            if state.withLock({ $0.waiting.isEmpty }) { curl_multi_poll(multi, nil, 0, 1000, nil) }
        }
    }
}

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
    /// Where libcurl finds it for as long as the transfer goes on.
    nonisolated(unsafe) private let guardian = UnsafeMutablePointer<ccurl_guard>.allocate(capacity: 1)
    nonisolated(unsafe) private var body: [UInt8] = []
    nonisolated(unsafe) private var isCut = false
    nonisolated(unsafe) private var isRefused = false
    nonisolated(unsafe) private(set) var answer: CheckAnswer
    nonisolated(unsafe) var onEnd: @Sendable () -> Void = {}

    enum Check: Sendable {
        case http(HTTPCheck, userAgent: String)
        /// Only a connection; encrypted when `isEncrypted`.
        case connection(host: String, port: Int, isEncrypted: Bool)
    }

    static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK
    /// Bytes of a body that are looked at; the rest is not fetched.
    private static let bodyLimit = 256 * 1024

    init(_ check: Check, within limit: Duration, mayReach: @escaping @Sendable (IPAddress) -> Bool) {
        self.check = check
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
        onEnd()
    }

    /// - Returns: `nil` when it cannot be done at all.
    func prepare() -> UnsafeMutableRawPointer? {
        guard let handle = curl_easy_init() else { return nil }
        self.handle = handle
        var strings: [(CURLoption, String)] = [
            (CURLOPT_PROXY, ""), (CURLOPT_PROTOCOLS_STR, "http,https"), (CURLOPT_REDIR_PROTOCOLS_STR, "http,https"),
        ]
        var numbers: [(CURLoption, Int)] = [
            (CURLOPT_NOSIGNAL, 1), (CURLOPT_FRESH_CONNECT, 1), (CURLOPT_FORBID_REUSE, 1), (CURLOPT_CERTINFO, 1),
            (CURLOPT_TIMEOUT_MS, Int(limit.wholeMilliseconds)), (CURLOPT_SSL_VERIFYPEER, 1),
            (CURLOPT_CONNECTTIMEOUT_MS, Int(limit.wholeMilliseconds)), (CURLOPT_SSL_VERIFYHOST, 2),
        ]
        switch check {
        case .http(let check, let userAgent):
            strings += [(CURLOPT_URL, check.url), (CURLOPT_USERAGENT, userAgent)]
            strings.append((CURLOPT_CUSTOMREQUEST, check.method.rawValue.uppercased()))
            numbers += [(CURLOPT_FOLLOWLOCATION, check.followsRedirects ? 1 : 0), (CURLOPT_MAXREDIRS, 10)]
            if check.method == .head { numbers.append((CURLOPT_NOBODY, 1)) }
            if !check.body.isEmpty, check.method != .get, check.method != .head {
                numbers.append((CURLOPT_POSTFIELDSIZE, check.body.utf8.count))
                strings.append((CURLOPT_COPYPOSTFIELDS, check.body))
            }
            for header in check.headers {
                headers = curl_slist_append(headers, "\(header.name): \(header.value)") ?? headers
            }
        case .connection(let host, let port, let isEncrypted):
            let name = host.contains(":") ? "[\(host)]" : host
            strings.append((CURLOPT_URL, "\(isEncrypted ? "https" : "http")://\(name):\(port)/"))
            numbers.append((CURLOPT_CONNECT_ONLY, 1))
        }
        let me = Unmanaged.passUnretained(self).toOpaque()
        guardian.pointee = ccurl_guard(callback: ask, user: me)
        var results = numbers.map { ccurl_set_long(handle, $0.0, $0.1) }
        results += strings.map { ccurl_set_string(handle, $0.0, $0.1) }
        results.append(ccurl_set_write(handle, keep, me))
        results.append(ccurl_set_guard(handle, guardian))
        if headers != nil { results.append(ccurl_set_list(handle, CURLOPT_HTTPHEADER, headers)) }
        guard results.allSatisfy({ $0 == CURLE_OK }) else {
            answer.problem = .invalid
            return nil
        }
        return handle
    }

    /// Reads how it went; to be called while the handle still has it.
    func finish(_ result: CURLcode) {
        guard let handle else { return }
        var status = 0
        ccurl_get_long(handle, CURLINFO_RESPONSE_CODE, &status)
        let total = time(CURLINFO_TOTAL_TIME_T) ?? .zero
        answer = CheckAnswer(
            problem: problem(result), total: total, phases: phases, status: status > 0 ? status : nil, body: body,
            isCut: isCut,
            certificateEnd: ccurl_certificate_end(handle).flatMap { CertificateTime.read(String(cString: $0)) })
    }

    private var phases: CheckAnswer.Phases {
        let (named, connected, encrypted, first) = (
            time(CURLINFO_NAMELOOKUP_TIME_T), time(CURLINFO_CONNECT_TIME_T), time(CURLINFO_APPCONNECT_TIME_T),
            time(CURLINFO_STARTTRANSFER_TIME_T)
        )
        func between(_ start: Duration?, _ end: Duration?) -> Duration? {
            guard let start, let end, end >= start else { return nil }
            return end - start
        }
        return CheckAnswer.Phases(
            lookUp: named, connect: between(named, connected), encryption: between(connected, encrypted),
            firstByte: between(encrypted ?? connected, first))
    }

    /// Since the start; `nil` when that was not reached.
    private func time(_ info: CURLINFO) -> Duration? {
        var microseconds: curl_off_t = 0
        guard let handle, ccurl_get_time(handle, info, &microseconds) == CURLE_OK, microseconds > 0 else { return nil }
        return .microseconds(Int64(microseconds))
    }

    private func problem(_ result: CURLcode) -> CheckAnswer.Problem? {
        switch result {
        case CURLE_OK: return nil
        // Enough of the body was read.
        case CURLE_WRITE_ERROR where isCut: return nil
        case CURLE_COULDNT_CONNECT where isRefused: return .addressRefused
        case CURLE_COULDNT_RESOLVE_HOST: return .nameUnknown
        case CURLE_COULDNT_CONNECT: return .refused
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE: return .notTrusted
        case CURLE_SSL_CONNECT_ERROR: return .handshake
        case CURLE_TOO_MANY_REDIRECTS: return .tooManyRedirects
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

    /// - Returns: whether there is room for more.
    fileprivate func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
        let room = Self.bodyLimit - body.count
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

/// The times of certificates as libcurl tells them.
enum CertificateTime {
    private static let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]

    /// `Jan  1 10:00:00 2027 GMT` (OpenSSL) or `2027-01-01 10:00:00 GMT` (others).
    static func read(_ text: String) -> Timestamp? {
        let parts = text.split(separator: " ").map(String.init)
        if parts.count >= 2, let time = Timestamp(iso8601: "\(parts[0])T\(parts[1])Z") { return time }
        guard parts.count >= 4, let month = months.firstIndex(of: parts[0].lowercased()), let day = Int(parts[1]) else {
            return nil
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return Timestamp(iso8601: "\(parts[3])-\(two(month + 1))-\(two(day))T\(parts[2])Z")
    }
}
