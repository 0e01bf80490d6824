import Alerting
import CCurl
import Dispatch
import Synchronization

/// Runs an actor on a thread of its own, so that blocking there stops nobody else.
final class BlockingExecutor: SerialExecutor {
    private let queue: DispatchQueue

    init(label: String) {
        queue = DispatchQueue(label: label)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}

/// When the mails under way are to be broken off; shared by all connections.
final class SMTPClosing: Sendable {
    private let deadline = Mutex<ContinuousClock.Instant?>(nil)

    var isOver: Bool { deadline.withLock { $0.map { $0 <= .now } ?? false } }

    func begin(grace: Duration) {
        deadline.withLock { $0 = .now + grace }
    }
}

/// One libcurl handle, which keeps its connection between mails, and the thread it blocks.
actor SMTPConnection {
    private nonisolated let executor = BlockingExecutor(label: "nightbell.smtp")
    private let settings: SMTPSettings
    private let closing: SMTPClosing
    private let handle: UnsafeMutableRawPointer

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// `nil` when libcurl cannot start.
    init?(_ settings: SMTPSettings, closing: SMTPClosing) {
        guard Self.isReady, let handle = curl_easy_init() else { return nil }
        self.settings = settings
        self.closing = closing
        self.handle = handle
    }

    // On the thread: it says QUIT and may wait for the answer.
    isolated deinit {
        curl_easy_cleanup(handle)
    }

    /// Hands one mail over, blocking this connection's thread.
    func send(_ message: MIMEMessage) -> DeliveryOutcome {
        let start = ContinuousClock.now
        let first = perform(message, within: settings.totalLimit, isFresh: false)
        // The server may have closed the connection since the last mail, or say so now (421): it has seen nothing yet.
        let isStale = first.wasReused && !first.transcript.sawGoAhead && [0, 421].contains(first.transcript.code)
        let isFinal = [CURLE_OK, CURLE_OPERATION_TIMEDOUT, CURLE_ABORTED_BY_CALLBACK].contains(first.result)
        guard isStale, !isFinal else { return first.outcome }
        let rest = settings.totalLimit - (ContinuousClock.now - start)
        return perform(message, within: max(rest, .seconds(1)), isFresh: true).outcome
    }

    /// Made once, before the first handle, as libcurl asks.
    private static let isReady = curl_global_init(Int(CURL_GLOBAL_ALL)) == CURLE_OK

    private struct Attempt {
        var result: CURLcode
        var transcript: SMTPTranscript
        var wasSent: Bool
        var wasReused: Bool

        var outcome: DeliveryOutcome { transcript.outcome(result, wasSent: wasSent) }
    }

    private func perform(_ message: MIMEMessage, within limit: Duration, isFresh: Bool) -> Attempt {
        // Keeps the connection.
        curl_easy_reset(handle)
        let exchange = Exchange(message.bytes, closing)
        let recipients = curl_slist_append(nil, "<\(message.recipient)>")
        defer { curl_slist_free_all(recipients) }
        let user = Unmanaged.passRetained(exchange)
        defer { user.release() }
        let problem = configure(
            message, recipients: recipients, exchange: user.toOpaque(), within: limit, isFresh: isFresh)
        let result = problem ?? curl_easy_perform(handle)
        var connects = 0
        ccurl_get_long(handle, CURLINFO_NUM_CONNECTS, &connects)
        return Attempt(
            result: result, transcript: exchange.transcript, wasSent: exchange.offset == exchange.bytes.count,
            wasReused: connects == 0)
    }

    /// The first option that libcurl does not take, as its result.
    private func configure(
        _ message: MIMEMessage, recipients: UnsafeMutablePointer<curl_slist>?, exchange: UnsafeMutableRawPointer,
        within limit: Duration, isFresh: Bool
    ) -> CURLcode? {
        let name = settings.greeting ?? message.sender.split(separator: "@").last.map(String.init) ?? "localhost"
        var strings: [(CURLoption, String)] = [
            (CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            (CURLOPT_URL, "\(settings)/\(name)"),
            (CURLOPT_PROXY, ""),
            (CURLOPT_MAIL_FROM, "<\(message.sender)>"),
        ]
        if let user = settings.user { strings.append((CURLOPT_USERNAME, user)) }
        if let password = settings.password { strings.append((CURLOPT_PASSWORD, password)) }
        if let file = settings.certificateFile { strings.append((CURLOPT_CAINFO, file)) }
        let connectLimit = min(settings.connectLimit, limit)
        let numbers: [(CURLoption, Int)] = [
            (CURLOPT_UPLOAD, 1), (CURLOPT_NOSIGNAL, 1), (CURLOPT_FRESH_CONNECT, isFresh ? 1 : 0),
            (CURLOPT_CONNECTTIMEOUT_MS, Int(connectLimit.wholeMilliseconds)),
            (CURLOPT_TIMEOUT_MS, Int(limit.wholeMilliseconds)),
            (CURLOPT_INFILESIZE, message.bytes.count),
            (CURLOPT_USE_SSL, usesEncryption), (CURLOPT_SSL_VERIFYPEER, 1), (CURLOPT_SSL_VERIFYHOST, 2),
            (CURLOPT_TCP_KEEPALIVE, 1),
        ]
        var results = strings.map { ccurl_set_string(handle, $0.0, $0.1) }
        results += numbers.map { ccurl_set_long(handle, $0.0, $0.1) }
        results.append(ccurl_set_list(handle, CURLOPT_MAIL_RCPT, recipients))
        results.append(ccurl_set_read(handle, supply, exchange))
        results.append(ccurl_set_header(handle, listen, exchange))
        results.append(ccurl_set_progress(handle, watch, exchange))
        return results.first { $0 != CURLE_OK }
    }

    private var usesEncryption: Int {
        switch settings.encryption {
        case .implicit, .required: Int(CURLUSESSL_ALL.rawValue)
        case .offered: Int(CURLUSESSL_TRY.rawValue)
        case .never: Int(CURLUSESSL_NONE.rawValue)
        }
    }
}

/// What one mail's callbacks share: the bytes still to be sent and the server's replies.
private final class Exchange {
    let bytes: [UInt8]
    var offset = 0
    var transcript = SMTPTranscript()
    let closing: SMTPClosing

    init(_ bytes: [UInt8], _ closing: SMTPClosing) {
        self.bytes = bytes
        self.closing = closing
    }
}

/// libcurl asks for the next bytes of the message.
private func supply(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let user else { return 0 }
    let exchange = Unmanaged<Exchange>.fromOpaque(user).takeUnretainedValue()
    let length = min(size * count, exchange.bytes.count - exchange.offset)
    exchange.bytes.withUnsafeBytes { source in
        guard length > 0, let base = source.baseAddress else { return }
        UnsafeMutableRawPointer(buffer).copyMemory(from: base + exchange.offset, byteCount: length)
    }
    exchange.offset += length
    return length
}

/// libcurl has read a line of the server's.
private func listen(
    _ buffer: UnsafeMutablePointer<CChar>?, _ size: Int, _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int {
    guard let buffer, let user else { return 0 }
    let line = UnsafeRawBufferPointer(start: buffer, count: size * count)
    Unmanaged<Exchange>.fromOpaque(user).takeUnretainedValue().transcript.take(String(decoding: line, as: UTF8.self))
    return size * count
}

/// libcurl asks, at least once a second, whether to go on.
private func watch(
    _ user: UnsafeMutableRawPointer?, _: curl_off_t, _: curl_off_t, _: curl_off_t, _: curl_off_t
) -> Int32 {
    guard let user else { return 0 }
    return Unmanaged<Exchange>.fromOpaque(user).takeUnretainedValue().closing.isOver ? 1 : 0
}
