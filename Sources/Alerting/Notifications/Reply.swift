/// What somebody wrote back to a message, in a few words.
public enum Reply: Equatable, Sendable {
    public enum Action: String, Sendable, CaseIterable { case accept, resolve, escalate }

    /// - code: of the message that is meant, 1 to 99; `nil`: the last one.
    case act(Action, code: Int?)
    /// All pending alerts that the writer was told of.
    case actOnAll(Action)
    /// Nothing more is to be sent there.
    case stop
    case start
    case nonsense

    /// Reads `1a`, `ack 1`, `'1r'`, `2 a`, `resolve`; quotes, blanks, capitals and full stops are forgiven.
    ///
    /// - Parameter text: only the first line with anything in it counts: what follows may be a quotation.
    public init(_ text: String) {
        let line = text.prefix(500).split(whereSeparator: \.isNewline).first { line in
            line.contains { $0.isLetter || $0.isNumber }
        }
        self = Self.read(Self.words(line ?? ""))
    }

    private static func read(_ words: [String]) -> Reply {
        switch words.count {
        case 1:
            if Self.stops.contains(words[0]) { return .stop }
            if Self.starts.contains(words[0]) { return .start }
            return actions[words[0]].map { .act($0, code: nil) } ?? .nonsense
        case 2:
            let (left, right) = (words[0], words[1])
            if let action = actions[left] {
                if right == "all" { return .actOnAll(action) }
                return code(right).map { .act(action, code: $0) } ?? .nonsense
            }
            guard let action = actions[right] else { return .nonsense }
            if left == "all" { return .actOnAll(action) }
            return code(left).map { .act(action, code: $0) } ?? .nonsense
        default: return .nonsense
        }
    }

    private static let actions: [String: Action] = [
        "a": .accept, "ack": .accept, "accept": .accept, "acknowledge": .accept, "accepted": .accept, "r": .resolve,
        "res": .resolve, "resolve": .resolve, "resolved": .resolve, "close": .resolve, "e": .escalate,
        "esc": .escalate, "escalate": .escalate,
    ]
    /// Twilio's own words for an opt-out and a return, so that both sides agree.
    ///
    /// Source: Twilio, "Support for opt-out keywords", read 2026-11-27.
    private static let stops: Set<String> = ["stop", "stopall", "unsubscribe", "cancel", "end", "quit"]
    private static let starts: Set<String> = ["start", "unstop"]

    private static func code(_ word: String) -> Int? {
        guard word.count <= 2, word.utf8.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(word).flatMap { (1...99).contains($0) ? $0 : nil }
    }

    /// In lower case; letters and digits that touch are two words.
    private static func words(_ line: Substring) -> [String] {
        var words: [String] = []
        var last: Character?
        for character in line.lowercased() {
            defer { last = character }
            guard character.isLetter || character.isNumber else { continue }
            if let last, !words.isEmpty, last.isLetter == character.isLetter, last.isNumber == character.isNumber {
                words[words.count - 1].append(character)
            } else {
                words.append(String(character))
            }
        }
        return words
    }
}
