public import Alerting

/// Where one alert source's payloads say what: set by its owner when the reader does not find it by itself.
///
/// A field is a path with dots (`monitor.uuid`) or the last part of one; a word is compared without case.
public struct PayloadMapping: Equatable, Sendable {
    public var stateField: String?
    public var keyField: String?
    public var summaryField: String?
    public var linkField: String?
    /// These come before the words known anyway.
    public var failingWords: [String]
    public var passingWords: [String]
    /// Words that raise an alert of low priority.
    public var lowPriorityWords: [String]
    /// Words that mean that nothing is to be done.
    public var ignoredWords: [String]

    public static let maximumWords = 50
    /// Characters.
    public static let maximumWord = 100

    public init(
        stateField: String? = nil, keyField: String? = nil, summaryField: String? = nil, linkField: String? = nil,
        failingWords: [String] = [], passingWords: [String] = [], lowPriorityWords: [String] = [],
        ignoredWords: [String] = []
    ) {
        self.stateField = stateField
        self.keyField = keyField
        self.summaryField = summaryField
        self.linkField = linkField
        self.failingWords = failingWords
        self.passingWords = passingWords
        self.lowPriorityWords = lowPriorityWords
        self.ignoredWords = ignoredWords
    }

    public var isEmpty: Bool { self == PayloadMapping() }
}

extension PayloadMapping {
    /// Reads the form that `json` gives; members that are missing, null or empty mean "not set".
    ///
    /// Throws `invalid` with a sentence that names the member.
    public init(json: JSONValue) throws(Failure) {
        guard case .object = json else { throw Failure(.invalid, "The mapping must be a JSON object.") }
        self.init(
            stateField: try Self.field("stateField", in: json), keyField: try Self.field("keyField", in: json),
            summaryField: try Self.field("summaryField", in: json), linkField: try Self.field("linkField", in: json),
            failingWords: try Self.words("failingWords", in: json),
            passingWords: try Self.words("passingWords", in: json),
            lowPriorityWords: try Self.words("lowPriorityWords", in: json),
            ignoredWords: try Self.words("ignoredWords", in: json))
        try checkThatNoWordMeansTwoThings()
    }

    /// Members that are not set are left out.
    public var json: JSONValue {
        var members: [String: JSONValue] = [:]
        members["stateField"] = stateField.map(JSONValue.string)
        members["keyField"] = keyField.map(JSONValue.string)
        members["summaryField"] = summaryField.map(JSONValue.string)
        members["linkField"] = linkField.map(JSONValue.string)
        for (name, words) in lists where !words.isEmpty {
            members[name] = .array(words.map(JSONValue.string))
        }
        return .object(members)
    }

    private var lists: [(name: String, words: [String])] {
        [
            ("failingWords", failingWords), ("passingWords", passingWords), ("lowPriorityWords", lowPriorityWords),
            ("ignoredWords", ignoredWords),
        ]
    }

    private static func field(_ name: String, in json: JSONValue) throws(Failure) -> String? {
        guard let value = json[name], value != .null else { return nil }
        guard let text = value.string else { throw Failure(.invalid, "\(name) must be a text.") }
        guard text.utf8.count <= Limits.payloadPath else {
            throw Failure(.invalid, "\(name) is longer than \(Limits.payloadPath) bytes.")
        }
        return text.nonEmpty
    }

    private static func words(_ name: String, in json: JSONValue) throws(Failure) -> [String] {
        guard let value = json[name], value != .null else { return [] }
        guard let items = value.array else { throw Failure(.invalid, "\(name) must be a list of texts.") }
        guard items.count <= maximumWords else {
            throw Failure(.invalid, "\(name) has more than \(maximumWords) words.")
        }
        var words: [String] = []
        for item in items {
            guard let text = item.scalarText else { throw Failure(.invalid, "\(name) must be a list of texts.") }
            guard text.utf8.count <= maximumWord * 4, text.count <= maximumWord else {
                throw Failure(.invalid, "A word of \(name) is longer than \(maximumWord) characters.")
            }
            if let word = text.nonEmpty, !words.contains(word) { words.append(word) }
        }
        return words
    }

    private func checkThatNoWordMeansTwoThings() throws(Failure) {
        var owners: [String: String] = [:]
        for (name, words) in lists {
            for word in words {
                if let other = owners.updateValue(name, forKey: StateWords.normalized(word)), other != name {
                    throw Failure(.invalid, "The word \"\(word)\" is in \(other) and in \(name).")
                }
            }
        }
    }
}
