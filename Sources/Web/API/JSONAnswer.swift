import Alerting
import HTTPTypes
import Hummingbird
import NIOCore

/// An answer with all of its bytes at hand, for whichever way it goes out.
struct FinishedAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: [UInt8]

    var response: Response {
        Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
    }
}

/// Answers in JSON.
enum JSONAnswer {
    /// Without a charset: a client in the field compares the whole value (ilert-rust 3.2, read 2026-11-23).
    static let contentType = "application/json"

    private static let typeField = HTTPField(name: .contentType, value: contentType)
    private static let sniffField = HTTPField(name: .xContentTypeOptions, value: "nosniff")

    static func response(
        _ value: JSONValue, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        response(value.bytes(), status: status, headers: headers)
    }

    /// - Parameters:
    ///   - json: finished JSON.
    ///   - headers: further ones than the type of the content.
    static func response(
        _ json: [UInt8], status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        finished(json, status: status, headers: headers).response
    }

    static func finished(
        _ json: [UInt8], status: HTTPResponse.Status, headers: HTTPFields = [:]
    ) -> FinishedAnswer {
        var headers = headers
        headers.append(typeField)
        headers.append(sniffField)
        return FinishedAnswer(status: status, headers: headers, body: json)
    }

    /// What a POST that made something answers.
    static func created(_ value: JSONValue, at location: String) -> Response {
        response(value, status: .created, headers: [.location: location])
    }

    static var deleted: Response {
        Response(status: .noContent, headers: [.xContentTypeOptions: "nosniff"])
    }
}

extension JSONValue {
    /// An object without the members that are `nil`.
    static func members(_ members: [String: JSONValue?]) -> JSONValue {
        .object(members.compactMapValues(\.self))
    }

    init<Entity>(_ id: Identifier<Entity>) { self = .integer(id.rawValue) }
    init(_ number: Int) { self = .integer(Int64(number)) }
    init(_ time: Timestamp) { self = .string(time.iso8601) }

    static func texts(_ texts: [String]) -> JSONValue { .array(texts.map(JSONValue.string)) }
}

extension Optional where Wrapped == String {
    /// `nil` stays `nil`.
    var json: JSONValue? { map(JSONValue.string) }
}

extension Optional where Wrapped == Timestamp {
    var json: JSONValue? { map { JSONValue($0) } }
}

extension Optional where Wrapped == Int {
    var json: JSONValue? { map { JSONValue($0) } }
}
