import Alerting
import Engine

/// One conversation with a mail server that hands us a mail, as a value: lines go in, answers and wishes come out.
///
/// Source: RFC 5321, 1870 (SIZE), 2920 (PIPELINING), 3463 (enhanced codes), 6152 (8BITMIME), 6531 (SMTPUTF8).
struct SMTPDialog: Sendable {
    enum Action: Equatable, Sendable {
        case say(SMTPReply)
        /// Somebody has to say whether this recipient is known; `answered` comes next.
        case ask(recipient: String, sender: String)
        /// The mail comes next.
        case collect(SMTPReply)
        case end(SMTPReply)
    }

    private let hostname: String
    private var hasGreeted = false
    /// `nil`: no mail was announced; empty: a report about another mail.
    private(set) var sender: String?
    private(set) var recipients: [String] = []
    private var mistakes = 0
    private var mails = 0

    private static let mostMistakes = 10

    init(hostname: String) {
        self.hostname = hostname
    }

    var greeting: SMTPReply { SMTPReply(220, "\(hostname) ESMTP Nightbell") }

    mutating func command(_ line: String) -> Action {
        let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = words.count > 1 ? String(words[1]) : ""
        switch words[0].uppercased() {
        case "EHLO": return hello(rest, isExtended: true)
        case "HELO": return hello(rest, isExtended: false)
        case "MAIL": return counted(mail(rest))
        case "RCPT": return recipient(rest)
        case "DATA": return data(rest)
        case "RSET":
            reset()
            return .say(SMTPReply(250, "2.0.0 OK"))
        case "NOOP": return .say(SMTPReply(250, "2.0.0 OK"))
        case "QUIT": return .end(SMTPReply(221, "2.0.0 Bye"))
        case "VRFY": return .say(SMTPReply(252, "2.5.0 Send the mail and see"))
        case "HELP": return .say(SMTPReply(214, "2.0.0 This server takes mails for alert sources"))
        case "AUTH", "STARTTLS", "EXPN", "BDAT", "ETRN", "TURN":
            return counted(SMTPReply(502, "5.5.1 Not offered here"))
        default: return counted(SMTPReply(500, "5.5.2 Unknown command"))
        }
    }

    /// What is said to a recipient that was asked about.
    mutating func answered(_ recipient: String, _ answer: MailAnswer) -> Action {
        switch answer {
        case .taken:
            if !recipients.contains(recipient) { recipients.append(recipient) }
            return .say(SMTPReply(250, "2.1.5 OK"))
        case .unknown: return counted(SMTPReply(550, "5.1.1 There is no such address here"))
        case .refused(let reason): return counted(SMTPReply(550, "5.7.1 \(reason)"))
        case .later(let reason): return .say(SMTPReply(451, "4.3.0 \(reason)"))
        }
    }

    /// What is said after a mail, by what each of its recipients answered. One that must come again comes again to all:
    /// whoever has it already knows it by its Message-ID.
    mutating func delivered(_ answers: [MailAnswer]) -> Action {
        reset()
        var refusal = SMTPReply(550, "5.1.1 There is no such address here")
        for case .later(let reason) in answers { return .say(SMTPReply(451, "4.3.0 \(reason)")) }
        if answers.contains(.taken) { return .say(SMTPReply(250, "2.0.0 The mail is taken")) }
        for case .refused(let reason) in answers { refusal = SMTPReply(554, "5.7.1 \(reason)") }
        return counted(refusal)
    }

    /// The mail was larger than is let in.
    mutating func tooLarge() -> Action {
        reset()
        return counted(Self.oversize)
    }

    /// A line went on for too long.
    static let endlessLine = SMTPReply(500, "5.5.2 Line too long")
    private static let oversize = SMTPReply(552, "5.3.4 A mail may have \(Limits.mail) bytes")

    private mutating func hello(_ name: String, isExtended: Bool) -> Action {
        guard !name.trimmed.isEmpty else { return counted(SMTPReply(501, "5.5.4 Say who you are")) }
        reset()
        hasGreeted = true
        guard isExtended else { return .say(SMTPReply(250, hostname)) }
        return .say(
            SMTPReply(
                250, hostname, "SIZE \(Limits.mail)", "8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES"))
    }

    private mutating func mail(_ text: String) -> SMTPReply {
        guard hasGreeted else { return SMTPReply(503, "5.5.1 Say EHLO first") }
        guard sender == nil else { return SMTPReply(503, "5.5.1 A mail is under way") }
        guard mails < Limits.mailsPerConnection else { return SMTPReply(421, "4.7.0 Enough for one connection") }
        guard let path = SMTPPath(text, after: "FROM:") else { return SMTPReply(501, "5.5.4 MAIL FROM:<address>") }
        if let size = path.parameters["SIZE"].flatMap({ Int($0) }), size > Limits.mail { return Self.oversize }
        if let unknown = path.parameters.keys.first(where: { !["SIZE", "BODY", "SMTPUTF8", "AUTH"].contains($0) }) {
            return SMTPReply(555, "5.5.4 \(unknown) is not offered here")
        }
        sender = path.address
        mails += 1
        return SMTPReply(250, "2.1.0 OK")
    }

    private mutating func recipient(_ text: String) -> Action {
        guard let sender else { return counted(SMTPReply(503, "5.5.1 Say MAIL first")) }
        guard let path = SMTPPath(text, after: "TO:"), !path.address.isEmpty else {
            return counted(SMTPReply(501, "5.5.4 RCPT TO:<address>"))
        }
        guard recipients.count < Limits.mailRecipients else {
            return .say(SMTPReply(452, "4.5.3 Too many recipients; send the rest in another mail"))
        }
        return .ask(recipient: path.address.lowercased(), sender: sender)
    }

    private mutating func data(_ text: String) -> Action {
        guard sender != nil else { return counted(SMTPReply(503, "5.5.1 Say MAIL first")) }
        guard !recipients.isEmpty else { return counted(SMTPReply(554, "5.5.1 No valid recipients")) }
        guard text.trimmed.isEmpty else { return counted(SMTPReply(501, "5.5.4 DATA has no arguments")) }
        return .collect(SMTPReply(354, "End with a line that is a single point"))
    }

    private mutating func reset() {
        sender = nil
        recipients = []
    }

    /// A client that makes one mistake after the other is let go.
    private mutating func counted(_ reply: SMTPReply) -> Action {
        if reply.isFault { mistakes += 1 }
        if reply.code == 421 { return .end(reply) }
        return mistakes >= Self.mostMistakes ? .end(SMTPReply(421, "4.7.0 Too many mistakes")) : .say(reply)
    }
}

/// The address and the parameters of `MAIL FROM:<a@b> SIZE=100`.
struct SMTPPath: Equatable, Sendable {
    /// Empty for `<>`.
    let address: String
    /// By name in upper case.
    let parameters: [String: String]

    init?(_ text: String, after keyword: String) {
        guard text.utf8.count <= 1500, text.uppercased().hasPrefix(keyword) else { return nil }
        let rest = text.dropFirst(keyword.count).drop { $0 == " " }
        let path: Substring
        var tail: Substring
        if rest.hasPrefix("<") {
            guard let close = rest.firstIndex(of: ">") else { return nil }
            path = rest[rest.index(after: rest.startIndex)..<close]
            tail = rest[rest.index(after: close)...]
        } else {
            path = rest.prefix { $0 != " " }
            tail = rest[path.endIndex...]
            guard !path.isEmpty else { return nil }
        }
        // `@relay.example:alice@example.com`: the way that it was to take long ago.
        var address = path
        if path.hasPrefix("@"), let colon = path.firstIndex(of: ":") { address = path[path.index(after: colon)...] }
        guard address.utf8.count <= 320, !address.contains(where: { $0 == " " || $0 == "<" || $0.isNewline }) else {
            return nil
        }
        self.address = String(address)
        var parameters: [String: String] = [:]
        tail = tail.drop { $0 == " " }
        for word in tail.split(separator: " ").prefix(20) {
            let pair = word.split(separator: "=", maxSplits: 1)
            parameters[pair[0].uppercased()] = pair.count > 1 ? String(pair[1]) : ""
        }
        self.parameters = parameters
    }
}

extension String {
    fileprivate var trimmed: Substring {
        var rest = Substring(self)
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return rest
    }
}
