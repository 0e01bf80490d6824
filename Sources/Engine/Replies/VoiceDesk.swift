import Alerting
import Storage

/// What is said in a call, and what its keys do.
public struct VoiceDesk: Sendable {
    /// A call's next words.
    public struct Words: Equatable, Sendable {
        public var text: String
        /// Whether keys are listened for afterwards.
        public var takesKeys: Bool

        public init(text: String, takesKeys: Bool) {
            self.text = text
            self.takesKeys = takesKeys
        }
    }

    private let store: Store
    private let links: ActionLinks
    private let answers: LinkAnswers

    public init(store: Store, links: ActionLinks, answers: LinkAnswers) {
        self.store = store
        self.links = links
        self.answers = answers
    }

    /// - Throws: `Failure.notFound` for a token that was not made here.
    public func greeting(_ token: String) async throws -> Words {
        guard let id = links.message(of: token) else { throw Failure(.notFound, "There is no such call.") }
        return try await store.read { transaction in
            guard let message = try Messages.find(id, in: transaction) else {
                throw Failure(.notFound, "There is no such call.")
            }
            let record = try message.alert.flatMap { try Alerts.find($0, in: transaction) }
            return Self.words(message, record?.alert)
        }
    }

    /// 1 accepts, 2 resolves, 3 escalates, everything else is repeated.
    public func press(_ key: String, _ token: String) async throws -> Words {
        let action: LinkAnswers.Action? =
            switch key {
            case "1": .accept
            case "2": .resolve
            case "3": .escalate
            default: nil
            }
        guard let action else { return try await greeting(token) }
        if try await answers.answerDrill(token) { return Words(text: "Thank you. Goodbye.", takesKeys: false) }
        do {
            return Words(text: try await answers.perform(action, token) + " Goodbye.", takesKeys: false)
        } catch let failure as Failure where failure.code == .conflict {
            return Words(text: failure.message + " Goodbye.", takesKeys: false)
        }
    }

    static func words(_ message: MessageRecord, _ alert: Alert?) -> Words {
        if message.purpose == .drill {
            return Words(text: "Nightbell fire drill. Press 1 to answer.", takesKeys: true)
        }
        guard message.body == nil, let alert else {
            // Digits one by one: a code is to be written down.
            let text = (message.body ?? message.subject ?? "").map { $0.isNumber ? " \($0)," : String($0) }.joined()
            return Words(
                text: "Nightbell. \(Limits.cut(text, to: 600, of: .utf16))", takesKeys: message.purpose == .ask)
        }
        let summary = Limits.cut(
            alert.summary.split(whereSeparator: \.isNewline).joined(separator: " "), to: 255, of: .utf16)
        return Words(
            text: "Nightbell. \(alert.priority == .high ? "High" : "Low") priority alert. \(summary). "
                + "Press 1 to accept, 2 to resolve, 3 to escalate, 0 to hear it again.", takesKeys: true)
    }
}

/// The words in Twilio's markup.
///
/// Source: Twilio, "TwiML for Programmable Voice": Gather, Say, Pause; read 2026-11-27.
public enum TwiML {
    /// - Parameter keysGoTo: where pressed keys are posted; `nil`: none are listened for.
    public static func call(_ words: VoiceDesk.Words, keysGoTo action: String?) -> String {
        let say = "<Say language=\"en-US\">\(escaped(words.text))</Say>"
        guard words.takesKeys, let action else { return document("<Pause length=\"1\"/>\(say)") }
        // An answering machine presses nothing: it is told three times, and the alert stays as it is.
        let gather = """
            <Gather input="dtmf" numDigits="1" timeout="6" method="POST" action="\(escaped(action))">\(say)</Gather>
            """
        return document("<Pause length=\"1\"/>" + String(repeating: gather, count: 3) + "<Say>Goodbye.</Say>")
    }

    /// The answer to a message; `nil`: none is sent.
    public static func message(_ text: String?) -> String {
        document(text.map { "<Message>\(escaped($0))</Message>" } ?? "")
    }

    private static func document(_ content: String) -> String {
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response>\(content)</Response>"
    }

    /// Without control characters, which no XML may have.
    static func escaped(_ text: String) -> String {
        text.unicodeScalars.reduce(into: "") { result, scalar in
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "\n", "\t": result += " "
            case _ where scalar.value < 32 || (0xFFFE...0xFFFF).contains(scalar.value): break
            default: result.unicodeScalars.append(scalar)
            }
        }
    }
}
