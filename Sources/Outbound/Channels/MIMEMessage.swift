public import Alerting
public import Engine

/// Who we are in the mails that we send.
public struct MailIdentity: Equatable, Sendable {
    public var from: Mailbox
    /// Names this installation, so that mails of ours that come back are known; letters, digits, `-` and `_`.
    public var instance: String
    /// Where answers to our mails are taken in; `nil`: nowhere.
    public var replyDomain: String?

    public init(from: Mailbox, instance: String, replyDomain: String? = nil) {
        self.from = from
        self.instance = MIMEMessage.token(instance)
        self.replyDomain = replyDomain
    }
}

/// A mail of RFC 5322 with a text and an HTML part, ready for SMTP or a file.
///
/// It says that a machine wrote it (`Auto-Submitted`, RFC 3834; `X-Auto-Response-Suppress`, Exchange), so that no
/// absence note answers it. It does not say `Precedence: bulk`: relays queue such mail last and filters file it away,
/// which a page must not suffer.
public struct MIMEMessage: Equatable, Sendable {
    public let sender: String
    public let recipient: String
    /// Without angle brackets.
    public let messageID: String
    /// CRLF line ends, ASCII only.
    public let bytes: [UInt8]

    /// Characters of a subject; more is cut.
    static let subjectLimit = 500
    /// Bytes of the text and of the HTML each.
    static let partLimit = 4 * 1024 * 1024

    /// - Throws: `invalid` when the address cannot be one or a part is too long.
    public init(_ message: OutgoingMessage, identity: MailIdentity, at now: Timestamp) throws(Failure) {
        let to = try Mailbox(address: message.address)
        guard message.text.utf8.count <= Self.partLimit, (message.html?.utf8.count ?? 0) <= Self.partLimit else {
            throw Failure(.invalid, "The mail is larger than 4 MiB.")
        }
        sender = identity.from.address
        recipient = to.address
        let place = "\(identity.instance)@\(identity.from.domain)"
        let root = message.thread.map { "\(Self.token($0)).\(place)" }
        messageID =
            if let root, message.startsThread { root } else { "message-\(message.id).\(place)" }
        var header = HeaderEncoding.field("From", mailbox: identity.from)
        header += HeaderEncoding.field("To", mailbox: to)
        if let domain = identity.replyDomain, let token = message.token, message.acceptLink != nil {
            header += "Reply-To: <\(ReplyMail.prefix)\(token)@\(domain)>\r\n"
        }
        header += HeaderEncoding.field("Subject", text: Limits.cut(message.subject, to: Self.subjectLimit))
        header += "Date: \(WireTime.text(now, zone: "+0000"))\r\n"
        header += "Message-ID: <\(messageID)>\r\n"
        if let root, !message.startsThread {
            header += "In-Reply-To: <\(root)>\r\nReferences: <\(root)>\r\n"
        }
        header += "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n"
        header += "X-Nightbell-Instance: \(identity.instance)\r\nX-Nightbell-Message: \(message.id)\r\n"
        header += "MIME-Version: 1.0\r\n"
        bytes = Array(header.utf8) + Self.body(text: message.text, html: message.html, id: message.id)
    }

    private static func body(text: String, html: String?, id: OutgoingMessage.ID) -> [UInt8] {
        guard let html else { return part("plain", text) }
        // Quoted-printable never yields `=_`, so this line occurs in no part.
        let boundary = "=_nightbell_\(id)"
        var result = Array("Content-Type: multipart/alternative; boundary=\"\(boundary)\"\r\n\r\n".utf8)
        for (kind, content) in [("plain", text), ("html", html)] {
            // The line end before the next boundary is the boundary's, not the part's.
            result += Array("--\(boundary)\r\n".utf8) + part(kind, content) + [13, 10]
        }
        return result + Array("--\(boundary)--\r\n".utf8)
    }

    private static func part(_ kind: String, _ content: String) -> [UInt8] {
        let header = "Content-Type: text/\(kind); charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
        return Array(header.utf8) + QuotedPrintable.encode(content)
    }

    /// `text` with everything that a Message-ID could not bear as `-`, at most 64 characters.
    static func token(_ text: String) -> String {
        let bytes = text.utf8.prefix(64).map { byte in
            Mailbox.isAlphanumeric(byte) || byte == UInt8(ascii: "_") ? byte : UInt8(ascii: "-")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
