import Alerting
import CCurl

/// What the mail server said while one mail was handed over, and what follows from it.
struct SMTPTranscript: Equatable, Sendable {
    /// The last reply's code; 0 before the first.
    private(set) var code = 0
    /// The last reply's text, the lines joined.
    private(set) var text = ""
    /// The server asked for the message (354).
    private(set) var sawGoAhead = false
    private var isContinued = false

    /// Takes one line such as `250-SIZE` or `550 5.1.1 no such mailbox`.
    mutating func take(_ line: String) {
        let digits = line.prefix(3)
        guard digits.utf8.count == 3, let value = Int(digits), (200...599).contains(value) else { return }
        // The answer to our QUIT, which follows a refusal and says nothing about the mail.
        guard value != 221 else { return }
        let rest = line.dropFirst(4).prefix(300)
        text = isContinued && value == code && text.utf8.count < 600 ? text + " " + rest : String(rest)
        isContinued = line.dropFirst(3).hasPrefix("-")
        code = value
        if value == 354 { sawGoAhead = true }
    }

    /// - Parameter wasSent: all of the message was handed to the connection.
    func outcome(_ result: CURLcode, wasSent: Bool) -> DeliveryOutcome {
        if result == CURLE_OK { return .delivered(receipt: description) }
        switch code {
        // The connection failed after the server's word, which is what counts.
        case 200...299 where sawGoAhead: return .delivered(receipt: description)
        // Refused before we were let in: the relay's settings or ours, not this message.
        case 500...599 where result == CURLE_LOGIN_DENIED || [530, 534, 535, 538].contains(code):
            return .retry(after: nil, reason: "The mail server refuses our login: \(description)")
        case 500...599 where [CURLE_REMOTE_ACCESS_DENIED, CURLE_USE_SSL_FAILED].contains(result):
            return .retry(after: nil, reason: "The mail server refuses us: \(description)")
        case 500...599 where !sawGoAhead && result == CURLE_WEIRD_SERVER_REPLY:
            return .retry(after: nil, reason: "The mail server refuses us: \(description)")
        case 500...599: return .rejected(reason: description)
        case 400...499: return .retry(after: nil, reason: description)
        default:
            let words = Self.words(result)
            guard sawGoAhead, wasSent else { return .retry(after: nil, reason: words) }
            return .unknown(reason: "The mail server took the message and did not answer: \(words)")
        }
    }

    /// `smtp 550 5.1.1 no such mailbox`, addresses left out, at most 200 characters.
    var description: String {
        let words = text.split(whereSeparator: \.isWhitespace).map { word in
            word.contains("@") || word.contains("<") ? "…" : String(word)
        }
        let printable = words.joined(separator: " ").unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }
        return Limits.cut("smtp \(code) \(String(String.UnicodeScalarView(printable)))", to: 200)
    }

    /// libcurl's constant text for a result: it names no host, address or credential.
    static func words(_ result: CURLcode) -> String {
        switch result {
        case CURLE_ABORTED_BY_CALLBACK: "The server was shut down meanwhile."
        case CURLE_OPERATION_TIMEDOUT: "The mail server did not answer in time."
        case CURLE_COULDNT_RESOLVE_HOST: "The mail server's name is unknown."
        case CURLE_COULDNT_CONNECT: "The mail server cannot be reached."
        case CURLE_PEER_FAILED_VERIFICATION:
            "The mail server's certificate is not trusted; the URL's option ca-file names one to trust."
        case CURLE_USE_SSL_FAILED: "The mail server does not offer the encryption that is required."
        case CURLE_LOGIN_DENIED: "The mail server offers no login that we can do."
        default: "The connection to the mail server failed (\(String(cString: curl_easy_strerror(result))))."
        }
    }
}
