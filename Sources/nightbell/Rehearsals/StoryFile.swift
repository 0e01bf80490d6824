import Alerting
import Engine
import Foundation

/// A file of stories with what is expected of each, as `nightbell check` reads it.
struct StoryFile {
    struct Story {
        var name: String
        var at: StoryTime
        /// An alert source's name or id.
        var source: String
        var posts: [RehearsalStory.Post]
        var acceptAfter: Duration?
        var length: Duration
        var expectations: [Expectation]
    }

    /// The export to play on, seen from the file's folder; `nil`: the live configuration.
    var export: String?
    var stories: [Story]

    /// - Parameter folder: where the file is, to find others beside it.
    /// - Throws: `Failure.invalid` that names the field, such as `stories[2].at`.
    init(_ text: String, folder: String) throws(Failure) {
        let root = try Fields(YAMLTree.value(of: text), "", ["configuration", "stories"])
        export = try root.text("configuration").map { Self.path($0, folder) }
        guard let list = root["stories"]?.array, !list.isEmpty else {
            throw .invalid("stories", "there must be at least one.")
        }
        guard list.count <= Limits.rehearsalStories else {
            throw .invalid("stories", "there may be at most \(Limits.rehearsalStories).")
        }
        stories = []
        for (index, item) in list.enumerated() {
            stories.append(try Self.story(item, "stories[\(index)]", folder))
        }
    }

    private static let names: Set<String> = [
        "name", "at", "source", "payload", "payload-file", "content-type", "then", "silent", "accept-after", "expect",
    ]

    private static func story(_ item: JSONValue, _ place: String, _ folder: String) throws(Failure) -> Story {
        let fields = try Fields(item, place, names)
        var posts = [try post(fields, after: .zero, folder)]
        for (index, later) in (fields["then"]?.array ?? []).enumerated() {
            let fields = try Fields(
                later, "\(place).then[\(index)]", ["after", "payload", "payload-file", "content-type"])
            posts.append(try post(fields, after: fields.duration("after") ?? .zero, folder))
        }
        let acceptance = try fields.duration("accept-after")
        let length = try fields.duration("silent")
        let written = try fields.required("at")
        let at: StoryTime
        do throws(Failure) {
            at = try StoryTime(written)
        } catch {
            throw Failure(error.code, "\(place).\(error.message)")
        }
        var expectations: [Expectation] = []
        guard let expected = fields["expect"]?.array, !expected.isEmpty else {
            throw .invalid("\(place).expect", "must list what is expected.")
        }
        for (index, item) in expected.enumerated() {
            expectations += try Expectation.read(item, "\(place).expect[\(index)]")
        }
        return Story(
            name: try fields.text("name") ?? "Story \(place.filter(\.isNumber))", at: at,
            source: try fields.required("source"), posts: posts, acceptAfter: acceptance,
            length: length ?? max(.minutes(60), (acceptance ?? .zero) + .minutes(1)), expectations: expectations)
    }

    private static func post(
        _ fields: Fields, after: Duration, _ folder: String
    ) throws(Failure) -> RehearsalStory.Post {
        let body: [UInt8]
        switch (fields["payload"], try fields.text("payload-file")) {
        case (.string(let text)?, nil): body = Array(text.utf8)
        case (let tree?, nil): body = tree.bytes()
        case (nil, let file?): body = try InputFile.read(path(file, folder), limit: Limits.ingestBody)
        default: throw .invalid("\(fields.place).payload", "say either payload or payload-file.")
        }
        return .init(after: after, request: RehearsalStory.request(body, contentType: try fields.text("content-type")))
    }

    private static func path(_ name: String, _ folder: String) -> String {
        name.hasPrefix("/") ? name : folder + "/" + name
    }
}

/// One mapping of the file; a name that means nothing is a mistake, so that no expectation is lost by a typing error.
struct Fields {
    let place: String
    private let members: [String: JSONValue]

    init(_ value: JSONValue, _ place: String, _ names: Set<String>) throws(Failure) {
        guard let members = value.object else {
            throw .invalid(place.isEmpty ? "stories" : place, "must be a mapping of names to values.")
        }
        self.place = place
        self.members = members
        for name in members.keys.sorted() where !names.contains(name) {
            throw .invalid(at(name), "there is no such field; there are \(names.sorted().joined(separator: ", ")).")
        }
    }

    subscript(name: String) -> JSONValue? {
        guard let value = members[name], !value.isNull else { return nil }
        return value
    }

    func at(_ name: String) -> String { place.isEmpty ? name : "\(place).\(name)" }

    func text(_ name: String) throws(Failure) -> String? {
        guard let value = self[name] else { return nil }
        guard let text = value.scalarText else { throw .invalid(at(name), "must be a text.") }
        return text
    }

    func required(_ name: String) throws(Failure) -> String {
        guard let text = try text(name), !text.isEmpty else { throw .invalid(at(name), "is missing.") }
        return text
    }

    func duration(_ name: String) throws(Failure) -> Duration? {
        guard let text = try text(name) else { return nil }
        return try Duration(storyText: text, at(name))
    }

    func count(_ name: String) throws(Failure) -> Int? {
        guard let value = self[name] else { return nil }
        guard let number = value.integer, (0...100_000).contains(number) else {
            throw .invalid(at(name), "must be a whole number.")
        }
        return Int(number)
    }

    func isTrue(_ name: String) throws(Failure) -> Bool? {
        guard let value = self[name] else { return nil }
        guard let isTrue = value.bool else { throw .invalid(at(name), "must be true or false.") }
        return isTrue
    }
}
