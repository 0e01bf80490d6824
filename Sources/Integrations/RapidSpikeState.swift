/// What a monitor's state word means.
enum MonitorState: Equatable {
    case failing, degraded, passing, ignored
}

/// The words for a monitor's states, in any case; blanks, hyphens and underscores in them are alike.
struct StateWords {
    private var states = Self.known
    /// The owner's words: they count in free text wherever they stand.
    private var owned: Set<String> = []

    /// State words of RapidSpike's API (`passing`, `failing`, `all_passing`, `has_failing`, `pending`) and of its kind.
    private static let known: [String: MonitorState] = [
        "passing": .passing, "passed": .passing, "pass": .passing, "up": .passing, "ok": .passing,
        "resolved": .passing, "recovered": .passing, "all_passing": .passing,
        "failing": .failing, "failed": .failing, "fail": .failing, "down": .failing, "error": .failing,
        "critical": .failing, "has_failing": .failing,
        "warning": .degraded, "degraded": .degraded,
        "paused": .ignored, "pending": .ignored,
    ]

    /// Words of everyday language: in a sentence they mean a state only where a state is named ("is up", "OK: …").
    private static let everyday: Set<String> = ["up", "ok", "pass", "pending"]

    init(_ mapping: PayloadMapping?) {
        guard let mapping else { return }
        add(mapping.ignoredWords, .ignored)
        add(mapping.lowPriorityWords, .degraded)
        add(mapping.passingWords, .passing)
        add(mapping.failingWords, .failing)
    }

    private mutating func add(_ words: [String], _ state: MonitorState) {
        for word in words {
            states[Self.normalized(word)] = state
            owned.insert(Self.normalized(word))
        }
    }

    /// The state when `value` is one known word.
    func state(of value: String) -> MonitorState? {
        guard value.utf8.count <= 400 else { return nil }
        return states[Self.normalized(value)]
    }

    static func normalized(_ word: String) -> String {
        if word.allBytes({ $0 < 0x80 }), let text = asciiNormalized(word) { return text }
        let parts = word.lowercased().split { $0.isWhitespace || $0 == "_" || $0 == "-" }
        return parts.isEmpty ? word.trimmed : parts.joined(separator: "_")
    }

    /// The same for a text of ASCII alone, byte by byte; `nil` when nothing is left.
    private static func asciiNormalized(_ word: String) -> String? {
        let text = String(unsafeUninitializedCapacity: word.utf8.count) { buffer in
            var count = 0
            var isGap = false
            for byte in word.utf8 {
                switch byte {
                case 0x09...0x0D, 0x20, UInt8(ascii: "_"), UInt8(ascii: "-"): isGap = true
                default:
                    if isGap, count > 0 {
                        buffer[count] = UInt8(ascii: "_")
                        count += 1
                    }
                    isGap = false
                    buffer[count] = byte.folded
                    count += 1
                }
            }
            return count
        }
        return text.isEmpty ? nil : text
    }
}

extension StateWords {
    /// The state that a sentence names, without what it says of the past; `labels` are names that stand in it and
    /// may look like states ("Error page").
    ///
    /// A failing word wins over a passing one unless the sentence tells of a change: the word after "to" or "now".
    func state(inSentence sentence: String, labels: [String] = []) -> MonitorState? {
        var tokens = SentenceToken.tokens(of: sentence)
        for label in labels { remove(label, from: &tokens) }
        if let state = ownedPhrase(in: tokens) { return state }
        let mentions = tokens.indices.compactMap { mention(at: $0, in: tokens) }
        if let last = mentions.last(where: { $0.place == .afterChange }) {
            let isContradicted = mentions.contains { $0.index > last.index && $0.state == .failing }
            return isContradicted ? .failing : last.state
        }
        let named = mentions.filter { $0.place == .named }
        return Self.worst(named) ?? Self.worst(mentions)
    }

    private struct Mention {
        enum Place { case afterChange, named, anywhere }
        var index: Int
        var state: MonitorState
        var place: Place
    }

    private static func worst(_ mentions: [Mention]) -> MonitorState? {
        for state in [MonitorState.failing, .degraded, .passing, .ignored]
        where mentions.contains(where: { $0.state == state }) {
            return state
        }
        return nil
    }

    /// A phrase of several words can only come from the mapping.
    private func ownedPhrase(in tokens: [SentenceToken]) -> MonitorState? {
        let phrases = owned.filter { $0.contains("_") }.sorted()
        guard !phrases.isEmpty else { return nil }
        let line = "_" + tokens.map(\.word).joined(separator: "_") + "_"
        let found = phrases.filter { line.contains("_" + $0 + "_") }.compactMap { states[$0] }
        return [MonitorState.failing, .degraded, .passing, .ignored].first { found.contains($0) }
    }

    private func mention(at index: Int, in tokens: [SentenceToken]) -> Mention? {
        let token = tokens[index]
        guard var state = states[token.word] else { return nil }
        let before = index > 0 ? tokens[index - 1].word : ""
        let twoBefore = index > 1 ? tokens[index - 2].word : ""
        let isPast = Self.past.contains(before) || (before == "been" && twoBefore == "had")
        if isPast { return nil }
        if before == "not" || before == "stopped" || (before == "t" && twoBefore.hasSuffix("n"))
            || (before == "longer" && twoBefore == "no")
        {
            switch state {
            case .passing: return Mention(index: index, state: .failing, place: .named)
            case .failing, .degraded: state = .passing
            case .ignored: return nil
            }
            return Mention(index: index, state: state, place: .named)
        }
        // "failing to pass step 3" tells of no change, "to passing" does.
        let isBaseVerb = token.word == "pass" || token.word == "fail"
        if Self.changes.contains(before), !(before == "to" && isBaseVerb) {
            return Mention(index: index, state: state, place: .afterChange)
        }
        if Self.names.contains(before) || token.isSetApart || tokens.count == 1 {
            return Mention(index: index, state: state, place: .named)
        }
        let isVague = Self.everyday.contains(token.word) && !owned.contains(token.word)
        return isVague ? nil : Mention(index: index, state: state, place: .anywhere)
    }

    private static let past: Set<String> = [
        "was", "were", "from", "after", "previously", "previous", "formerly", "earlier",
    ]
    private static let changes: Set<String> = ["to", "now", "back", "again", "became", "becomes"]
    private static let names: Set<String> = ["is", "are", "has", "currently", "still", "status", "state"]

    /// A label of one word that is itself a state stays: taking it out could take the state out.
    private func remove(_ label: String, from tokens: inout [SentenceToken]) {
        let words = SentenceToken.tokens(of: label).map(\.word)
        guard !words.isEmpty, words.count <= 20, words.count > 1 || states[words[0]] == nil else { return }
        var kept: [SentenceToken] = []
        var index = 0
        while index < tokens.count {
            if tokens[index...].prefix(words.count).map(\.word) == words {
                index += words.count
            } else {
                kept.append(tokens[index])
                index += 1
            }
        }
        if !kept.isEmpty { tokens = kept }
    }
}

/// One word of a sentence, in lower case; arrows are read as "to".
private struct SentenceToken {
    var word: String
    /// Whether brackets stand around it or a colon after it: "[OK] Shop", "UP: Shop".
    var isSetApart = false

    /// Of a long text only the beginning is looked at.
    static func tokens(of text: String) -> [SentenceToken] {
        var tokens: [SentenceToken] = []
        var word = ""
        var previous: Character = " "
        for character in text.prefix(2000) {
            if character.isLetter || character.isNumber || character == "_" {
                word.append(character)
            } else {
                if !word.isEmpty {
                    tokens.append(SentenceToken(word: word.lowercased(), isSetApart: ":])|".contains(character)))
                    word = ""
                }
                if character == "→" || (character == ">" && (previous == "-" || previous == "=")) {
                    tokens.append(SentenceToken(word: "to"))
                }
            }
            previous = character
        }
        if !word.isEmpty { tokens.append(SentenceToken(word: word.lowercased())) }
        return tokens
    }
}
