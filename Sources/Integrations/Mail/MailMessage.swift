public import Alerting

/// A mail, taken apart: what its header says in plain words, and the text that a person would read.
///
/// Source: RFC 5322, 2045-2047, 2183, 2231, 3464, 3676 and 3834, and what senders make of them. Nothing that arrives is
/// refused here: a mail that breaks the rules is read as far as it can be.
public struct MailMessage: Equatable, Sendable {
    /// As it is shown, such as `Shop <alerts@example.com>`; empty when it does not say.
    public let from: String
    /// In lower case and without the name; empty when there is none.
    public let fromAddress: String
    public let subject: String
    /// Plain text with single line feeds.
    public let text: String
    /// The names, or else the types, of what is no text.
    public let attachments: [String]
    /// Without angle brackets; `nil`: none.
    public let messageID: String?
    /// What it answers, without angle brackets.
    public let inReplyTo: String?
    public let sentAt: Timestamp?
    /// Why no person and no monitor wrote it; `nil`: one may have.
    public let automatic: Automatic?
    /// How many servers passed it on.
    public let hops: Int
    /// The header, decoded, with names in lower case; of several fields of a name the first.
    public let fields: [String: String]

    public enum Automatic: String, Equatable, Sendable, CaseIterable {
        /// A report about another mail: it could not be delivered, or it was read.
        case report
        /// An absence note and the like.
        case reply
        /// A page or a notice of Nightbell's own.
        case page
    }

    public init(_ bytes: [UInt8]) {
        let header = MailHeader(bytes[...])
        let body = MailBody(header, bytes[header.bodyStart...])
        from = EncodedWords.decoded(header["from"] ?? header["sender"] ?? "").line(limit: 500)
        fromAddress = Self.address(in: header["from"] ?? header["sender"] ?? "")
        subject = EncodedWords.decoded(header["subject"] ?? "").line(limit: 2000)
        text = body.text.paragraphs(limit: Limits.details)
        attachments = body.attachments
        messageID = Self.identifier(header["message-id"])
        inReplyTo = Self.identifier(header["in-reply-to"])
        sentAt = header["date"].flatMap(MailDate.read)
        hops = header.count(of: "received")
        automatic = Self.automatic(header)
        fields = Dictionary(
            header.fields.prefix(100).map { ($0.name, EncodedWords.decoded($0.value).line(limit: 1000)) }
        ) { first, _ in first }
    }

    /// Monitors say `auto-generated`, which is no reason; `X-Auto-Response-Suppress` asks others not to answer.
    private static func automatic(_ header: MailHeader) -> Automatic? {
        if header["x-nightbell-message"] != nil || header["x-nightbell-instance"] != nil { return .page }
        let type = MailParameters(header["content-type"] ?? "")
        if type.value == "multipart/report" || type.value.hasPrefix("message/delivery-status")
            || type.value.hasPrefix("message/disposition-notification")
            || MailParameters(header["return-path"] ?? "x").value == "<>" || header["x-failed-recipients"] != nil
        {
            return .report
        }
        // A comment may follow: `auto-replied (vacation)` (RFC 3834, section 5).
        let submitted = MailParameters(header["auto-submitted"] ?? "").value.prefix { !" (".contains($0) }
        let isReply =
            submitted == "auto-replied" || header["x-autoreply"] != nil || header["x-autorespond"] != nil
            || header["x-autoreply-from"] != nil || header["precedence"]?.lowercased() == "auto_reply"
            || header["x-auto-reply-from"] != nil
        return isReply ? .reply : nil
    }

    /// `alerts@example.com` in `Shop <alerts@example.com>`; the last one in angle brackets counts.
    static func address(in text: String) -> String {
        var address = Substring(text)
        if let open = text.lastIndex(of: "<"), let close = text[open...].firstIndex(of: ">") {
            address = text[text.index(after: open)..<close]
        }
        let trimmed = address.trimmed.lowercased()
        return trimmed.contains("@") && trimmed.utf8.count <= 320 ? trimmed : ""
    }

    private static func identifier(_ text: String?) -> String? {
        guard let text, let open = text.firstIndex(of: "<"), let close = text[open...].firstIndex(of: ">") else {
            return text?.nonEmpty.map { Limits.cut($0, to: Limits.alertKey) }
        }
        return String(text[text.index(after: open)..<close]).nonEmpty
    }
}

/// The dates of RFC 5322, such as `Thu, 1 Jan 2026 10:00:00 +0100 (CET)`.
enum MailDate {
    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]
    private static let zones = ["est": -5, "edt": -4, "cst": -6, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7]

    /// `nil` for what is no date, and for a time that cannot be.
    static func read(_ text: String) -> Timestamp? {
        var words = text.prefix(100).split { $0 == " " || $0 == "\t" || $0 == "," }.map { $0.lowercased() }
        if let first = words.first, first.first?.isLetter == true { words.removeFirst() }
        guard words.count >= 4, let day = Int(words[0]), (1...31).contains(day),
            let month = months.firstIndex(of: String(words[1].prefix(3))), let year = Int(words[2]),
            let zone = zone(words.count > 4 ? words[4] : "+0000")
        else { return nil }
        let clock = words[3].split(separator: ":")
        guard clock.count >= 2, clock.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy(\.isNumber) }) else {
            return nil
        }
        let seconds = clock.count > 2 ? String(clock[2]) : "00"
        let full = year < 50 ? year + 2000 : year < 1000 ? year + 1900 : year
        return ToolTime.read(
            "\(full)-\(two(month + 1))-\(two(day))T\(clock[0]):\(clock[1]):\(seconds == "60" ? "59" : seconds)\(zone)")
    }

    private static func zone(_ word: String) -> String? {
        if let hours = zones[word] { return (hours < 0 ? "-" : "+") + two(abs(hours)) + ":00" }
        guard word.utf8.count == 5, let sign = word.first, sign == "+" || sign == "-",
            word.dropFirst().allSatisfy(\.isNumber)
        else { return ["gmt", "ut", "utc", "z"].contains(word) ? "+00:00" : nil }
        return "\(sign)\(word.dropFirst().prefix(2)):\(word.suffix(2))"
    }

    private static func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
