import Foundation
import Synchronization

/// A real mail server on a free port of 127.0.0.1 that takes, refuses or hangs as told.
///
/// A recipient whose local part is a mode's name, such as `reject@example.com`, is treated by that mode alone.
public final class MailSink: Sendable {
    public enum Mode: String, Sendable, CaseIterable {
        case accept
        /// 550 to the recipient.
        case reject
        /// 554 after the message.
        case rejectData = "reject-data"
        /// 451 to a recipient's first attempt.
        case greylist
        /// 452 to the recipient, always.
        case busy
        /// For all recipients only.
        case hangAtEHLO = "hang-ehlo"
        /// Takes the message and says nothing.
        case hangAfterData = "hang-data"
        /// Takes the message and closes the connection.
        case dropAfterData = "drop-data"
        /// Takes the message, tells the test, and never answers.
        case takeAndHang = "take-hang"
        case slow
    }

    public enum Encryption: String, Sendable {
        case none, implicit
        case startTLS = "starttls"
    }

    public struct Mail: Decodable, Equatable, Sendable {
        public var peer: String
        /// Numbers the connection, from 1.
        public var session: Int
        public var helo: String
        /// The envelope's.
        public var from: String
        /// The envelope's.
        public var to: [String]
        /// As transmitted, with CRLF.
        public var data: String
        public var tls: Bool
        public var user: String?
        /// Decoded, as are `text` and `html` (lines end in LF) and the values of `headers`.
        public var subject: String
        public var text: String?
        public var html: String?
        /// Pairs of name and value in order.
        public var headers: [[String]]
        public var receivedAtMilliseconds: Int64

        enum CodingKeys: String, CodingKey {
            case peer, session, helo, from, to, data, tls, user, subject, text, html, headers
            case receivedAtMilliseconds = "received_at_ms"
        }

        /// The first header of this name, whatever its case.
        public func header(_ name: String) -> String? {
            headers.first { $0[0].caseInsensitiveCompare(name) == .orderedSame }?[1]
        }
    }

    public let port: Int
    /// The certificate to trust, when the connection is encrypted.
    public let certificate: String?
    private let child: ChildProcess
    private let commands = Mutex(0)

    private struct Greeting: Decodable {
        var port: Int
        var ca: String?
    }

    /// - Parameters:
    ///   - requiresEncryption: mails before STARTTLS are refused.
    ///   - user: when given, mails before a login with `password` are refused.
    public static func start(
        encryption: Encryption = .none, requiresEncryption: Bool = false, user: String? = nil, password: String = ""
    ) async throws -> MailSink {
        var arguments = [TestTools.script("mail_sink.py"), "--tls", encryption.rawValue]
        if requiresEncryption { arguments.append("--require-tls") }
        if let user { arguments += ["--user", user, "--password", password] }
        let child = try ChildProcess(try TestTools.python(), arguments)
        let first = try await child.waitForLines(1)[0]
        let greeting = try JSONDecoder().decode(Greeting.self, from: Data(first.utf8))
        return MailSink(child: child, port: greeting.port, certificate: greeting.ca)
    }

    private init(child: ChildProcess, port: Int, certificate: String?) {
        self.child = child
        self.port = port
        self.certificate = certificate
    }

    deinit {
        guard let certificate else { return }
        // The program is killed and cannot do it; one folder that stays behind harms nobody.
        try? FileManager.default.removeItem(at: URL(fileURLWithPath: certificate).deletingLastPathComponent())
    }

    /// `smtp://127.0.0.1:PORT`.
    public var url: String { "smtp://127.0.0.1:\(port)" }

    /// How every mail from now on is treated.
    public func set(_ mode: Mode) async throws {
        try await command(#"{"do": "mode", "mode": "\#(mode.rawValue)"}"#)
    }

    /// Closes all connections, as servers do with idle ones.
    public func dropConnections() async throws {
        try await command(#"{"do": "drop"}"#)
    }

    /// All mails taken so far, once there are at least `count`.
    public func waitForMail(count: Int, timeout: Duration = .seconds(30)) async throws -> [Mail] {
        let lines = try await child.waitForLines(count + 1, within: timeout)
        let decoder = JSONDecoder()
        return try lines.dropFirst().map { try decoder.decode(Mail.self, from: Data($0.utf8)) }
    }

    /// All mails taken so far.
    public func mails() async throws -> [Mail] {
        try await waitForMail(count: 0)
    }

    /// Returns once a client waits for an answer that will not come.
    public func waitUntilHanging() async throws {
        try await child.waitForLine(containing: "hanging", on: .error)
    }

    public func stop() async {
        await child.stop()
    }

    private func command(_ text: String) async throws {
        let number = try commands.withLock { count in
            try child.write(text)
            count += 1
            return count
        }
        try await child.waitForLine(containing: "done \(number)", on: .error, from: number - 1)
    }
}
