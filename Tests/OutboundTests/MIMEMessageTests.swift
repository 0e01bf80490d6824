import Alerting
import Engine
import Foundation
import Outbound
import Testing

struct MIMEMessageTests {
    private func mail(_ message: OutgoingMessage, name: String? = "Nightbell") throws -> MIMEMessage {
        try MIMEMessage(message, identity: try Mails.identity(name: name), at: Mails.FixedClock().now)
    }

    @Test func `given a plain message, when it is read back, then every header and part is there once`() async throws {
        let message = Mails.message()

        let parsed = try await Mails.parsed(try mail(message).bytes)

        #expect(parsed.defects == [])
        #expect(parsed.all("From") == ["Nightbell <oncall@example.com>"])
        #expect(parsed.all("To") == ["alice@example.com"])
        #expect(parsed.all("Subject") == ["Shop is down"])
        #expect(parsed.all("Date") == ["Mon, 23 Nov 2026 07:30:35 +0000"])
        #expect(parsed.all("Message-ID") == ["<alert-12.instance-1@example.com>"])
        #expect(parsed.all("In-Reply-To") == [])
        #expect(parsed.all("Auto-Submitted") == ["auto-generated"])
        #expect(parsed.all("X-Auto-Response-Suppress") == ["All"])
        #expect(parsed.all("X-Nightbell-Instance") == ["instance-1"])
        #expect(parsed.all("X-Nightbell-Message") == ["7"])
        #expect(parsed.text == "The shop is down.\n")
        #expect(parsed.html == "<p>The shop is down.</p>\n")
    }

    @Test func `given a later message of a thread, when it is repeated, then it refers to the first and keeps its id`()
        throws
    {
        let first = try mail(Mails.message(startsThread: false))
        let second = try mail(Mails.message(attempt: 2, startsThread: false))

        let text = String(decoding: first.bytes, as: UTF8.self)
        #expect(first.messageID == "message-7.instance-1@example.com")
        #expect(second.messageID == first.messageID)
        #expect(text.contains("\r\nIn-Reply-To: <alert-12.instance-1@example.com>\r\n"))
        #expect(text.contains("\r\nReferences: <alert-12.instance-1@example.com>\r\n"))
    }

    @Test func `given a message of no thread, when it is composed, then it refers to nothing`() throws {
        let composed = try mail(Mails.message(thread: nil, startsThread: true))

        #expect(composed.messageID == "message-7.instance-1@example.com")
        #expect(!String(decoding: composed.bytes, as: UTF8.self).contains("References"))
    }

    static let subjects = [
        "Störung: der Laden ist zu", "🔥🔥🔥 ショップが落ちています " + String(repeating: "長い件名", count: 40),
        String(repeating: "word ", count: 40) + "end", String(repeating: "x", count: 300),
        "=?UTF-8?B?SGVsbG8=?= as text",
        "👨‍👩‍👧‍👦👩🏽‍🚒" + String(repeating: "👨‍👩‍👧‍👦", count: 12), "a" + String(repeating: "\u{301}", count: 200),
        "", "tab\tand  two blanks", String(repeating: "x", count: 67), String(repeating: "x", count: 68),
    ]

    @Test(arguments: subjects)
    func `given any subject, when it is read back, then it is the same and no line is too long`(
        subject: String
    ) async throws {
        let composed = try mail(Mails.message(subject: subject))

        let parsed = try await Mails.parsed(composed.bytes)
        #expect(parsed.all("Subject") == [subject.replacing("\t", with: " ")])
        #expect(parsed.defects == [])
        #expect(isWellFormed(composed))
    }

    @Test(arguments: ["\r\n", "\n", "\r", "\u{0}", "\r\n\r\n", "\u{85}", "\u{2028}"])
    func `given a line end in subject or name, when it is read back, then no header was added`(
        lineEnd: String
    ) async throws {
        let evil = "Shop\(lineEnd)Bcc: carol@example.com"

        let composed = try mail(Mails.message(subject: evil), name: evil)

        let parsed = try await Mails.parsed(composed.bytes)
        #expect(parsed.all("Bcc") == [])
        #expect(parsed.headers.count == 11)
        #expect(parsed.from[1] == "oncall@example.com")
    }

    @Test(arguments: [
        "Nightbell", "Alice \"the boss\" O'Neil, on\\call", "Nächtliche Glocke", "<carol@example.com>",
        String(repeating: "Langer Näme ", count: 20) + "Ende", "=?UTF-8?Q?x?=", "🔔",
    ])
    func `given any display name, when it is read back, then it is the same`(name: String) async throws {
        let composed = try mail(Mails.message(), name: name)

        let parsed = try await Mails.parsed(composed.bytes)
        #expect(parsed.from == [name, "oncall@example.com"])
        #expect(isWellFormed(composed))
    }

    static let texts = [
        "", "\n", "no line end", "one\r\ntwo\rthree\nfour\n", ".\n..\n.leading\n", "From here\nFrom there\n",
        "trailing blank \ntrailing tab\t\n", "=3D = =\n", "--=_nightbell_7\n--=_nightbell_7--\n",
        String(repeating: "x", count: 10_000), String(repeating: "ü", count: 5000), "🔥 \u{0} \u{7f} ünïcödé\n",
        (70...80).map { String(repeating: "y", count: $0) + "\n" }.joined(),
        (22...28).map { String(repeating: "=", count: $0) + "\n" }.joined(),
    ]

    @Test(arguments: texts)
    func `given any text, when it is read back, then it is the same and no line is too long`(
        text: String
    ) async throws {
        let composed = try mail(Mails.message(text: text, html: text))

        let parsed = try await Mails.parsed(composed.bytes)
        var expected = text.replacing("\r\n", with: "\n").replacing("\r", with: "\n")
        if !expected.isEmpty, !expected.hasSuffix("\n") { expected += "\n" }
        #expect(parsed.text.map(normalized) == normalized(expected))
        #expect(parsed.html.map(normalized) == normalized(expected))
        #expect(parsed.defects == [])
        #expect(isWellFormed(composed))
    }

    @Test func `given a message without HTML, when it is composed, then it has one part`() async throws {
        let composed = try mail(Mails.message(html: nil))

        let parsed = try await Mails.parsed(composed.bytes)
        #expect(parsed.text == "The shop is down.\n")
        #expect(parsed.html == nil)
    }

    @Test(arguments: [
        "", "alice", "@example.com", "alice@", "alice@@example.com", "alice@example.com\r\nRCPT TO:<bob@example.com>",
        "<alice@example.com>", "alice@example.com>", "alice@exa mple.com", "alice\u{0}@example.com",
        "älice@example.com",
        "alice@-example.com", "alice@example..com", "alice@example.com,bob@example.com", "\"a b\"@example.com",
        String(repeating: "a", count: 65) + "@example.com", "a@" + String(repeating: "a.", count: 130) + "com",
    ])
    func `given what is no address, when a mail is composed, then it is refused without repeating it`(
        address: String
    ) throws {
        let failure = #expect(throws: Failure.self) { try mail(Mails.message(to: address)) }

        #expect(failure?.code == .invalid)
        #expect(address.isEmpty || failure?.message.contains(address) == false)
    }

    @Test(arguments: ["alice@example.com", "a.b+tag@sub.example.co", "o'neil@localhost", "x_1@[192.0.2.1]"])
    func `given an address, when it is checked, then it passes`(address: String) {
        #expect(Mailbox.whyInvalid(address) == nil)
    }

    @Test func `given a sender's setting with and without a name, when it is read, then both are understood`() throws {
        #expect(try Mailbox("oncall@example.com") == Mailbox(address: "oncall@example.com"))
        #expect(try Mailbox(" Night <oncall@example.com> ") == Mailbox(name: "Night", address: "oncall@example.com"))
        #expect(try Mailbox(#""A \"B\"" <a@example.com>"#) == Mailbox(name: "A \"B\"", address: "a@example.com"))
        #expect(throws: Failure.self) { try Mailbox("Night <oncall@example.com") }
    }

    /// Python yields an empty body as nothing or as a line end, depending on its version.
    private func normalized(_ text: String) -> String { text == "\n" ? "" : text }

    private func isWellFormed(_ mail: MIMEMessage) -> Bool {
        let text = String(decoding: mail.bytes, as: UTF8.self)
        let lines = mail.bytes.split(separator: 10, omittingEmptySubsequences: false).dropLast()
        return mail.bytes.allSatisfy { $0 < 127 } && lines.allSatisfy { $0.count <= 77 && $0.last == 13 }
            && !text.replacing("\r\n", with: "").contains { $0 == "\r" || $0 == "\n" }
    }
}
