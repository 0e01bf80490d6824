import Alerting
import Engine
import Foundation
import Outbound
import TestSupport

/// The mails of these tests: from Nightbell to Alice about alert 12.
enum Mails {
    struct FixedClock: Clock {
        var now = Timestamp(milliseconds: 1_795_419_035_123)
    }

    static func identity(name: String? = "Nightbell") throws -> MailIdentity {
        MailIdentity(from: try Mailbox(name: name, address: "oncall@example.com"), instance: "instance-1")
    }

    static func message(
        id: Int64 = 7, attempt: Int = 1, to address: String = "alice@example.com", subject: String = "Shop is down",
        text: String = "The shop is down.\n", html: String? = "<p>The shop is down.</p>\n",
        thread: String? = "alert-12",
        startsThread: Bool = true
    ) -> OutgoingMessage {
        OutgoingMessage(
            id: .init(id), attempt: attempt, address: address, subject: subject, text: text, html: html,
            thread: thread, startsThread: startsThread)
    }

    static func sender(_ sink: MailSink, options: String = "", within limit: Duration? = nil) throws -> EmailSender {
        try sender(url: sink.url + options, within: limit)
    }

    static func sender(url: String, within limit: Duration? = nil) throws -> EmailSender {
        var settings = try SMTPSettings(url: url)
        if let limit {
            settings.totalLimit = limit
            settings.connectLimit = max(settings.connectLimit, limit)
        }
        return EmailSender(settings: settings, identity: try identity(), clock: FixedClock())
    }

    /// A mail as Python's email package reads it.
    struct Parsed: Decodable {
        var headers: [[String]]
        var text: String?
        var html: String?
        var from: [String]
        var defects: [String]

        func all(_ name: String) -> [String] {
            headers.filter { $0[0].lowercased() == name.lowercased() }.map { $0[1] }
        }
    }

    static func parsed(_ bytes: [UInt8]) async throws -> Parsed {
        let script = """
            import email, email.header, email.policy, email.utils, json, sys
            data = sys.stdin.buffer.read()
            mail = email.message_from_bytes(data, policy=email.policy.default)
            # The default policy keeps the blanks between encoded words of a name; the older reader does not.
            name, address = email.utils.parseaddr(email.message_from_bytes(data)["from"])
            name = str(email.header.make_header(email.header.decode_header(name)))
            def part(kind):
                body = mail.get_body((kind,))
                return body.get_content().replace("\\r\\n", "\\n") if body else None
            defects = [d for p in mail.walk() for d in list(p.defects) + [d for h in p.values() for d in h.defects]]
            print(json.dumps({
                "headers": [[name, str(value)] for name, value in mail.items()],
                "text": part("plain"), "html": part("html"), "defects": [repr(d) for d in defects],
                "from": [name, address],
            }))
            """
        let result = try await ChildProcess.run(try TestTools.python(), ["-c", script], input: Data(bytes))
        return try JSONDecoder().decode(Parsed.self, from: Data((result.output + result.error).joined().utf8))
    }
}
