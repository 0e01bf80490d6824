import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTP1
import NIOHTTPTypes
import NIOHTTPTypesHTTP1
import Testing

@testable import Web

/// Answers that are bytes already, among others of the same connection.
struct WrittenAnswersTests {
    private let channel = EmbeddedChannel()

    init() throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(HTTPResponseEncoder())
        try pipeline.addHandler(HTTP1ToHTTPServerCodec(secure: false))
        try pipeline.addHandler(WrittenAnswers(past: pipeline.context(handlerType: HTTPResponseEncoder.self)))
    }

    private func send(_ parts: HTTPResponsePart...) throws {
        for part in parts { try channel.writeOutbound(part) }
    }

    private func sent() throws -> String {
        var text = ""
        while let bytes = try channel.readOutbound(as: ByteBuffer.self) { text += String(buffer: bytes) }
        return text
    }

    @Test func `given answers of both kinds, then each is sent as it is meant, and in its order`() throws {
        let page = HTTPResponse(status: .ok, headerFields: [.contentType: "text/plain"])
        let pageBytes = """
            HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n
            """
        let answer = FinishedAnswer(status: .accepted, headers: [.retryAfter: "5"], body: Array("{}".utf8))
        let answerBytes = "HTTP/1.1 202 Accepted\r\nRetry-After: 5\r\nContent-Length: 2\r\nDate: today\r\n\r\n{}"

        try send(.body(answer.written("today")), .end(nil))
        try send(.head(page), .body(ByteBuffer(string: "hi")), .end(nil))
        try send(.body(answer.written("today")), .end(nil))
        try send(.body(answer.written("today")), .end(nil))
        try send(.head(page), .body(ByteBuffer(string: "hi")), .end(nil))

        #expect(try sent() == answerBytes + pageBytes + answerBytes + answerBytes + pageBytes)
    }

    @Test func `given somebody who waits until an answer is sent, then that is told`() throws {
        let answer = FinishedAnswer(status: .accepted, headers: [:], body: [])
        let told = channel.eventLoop.makePromise(of: Void.self)
        channel.pipeline.write(HTTPResponsePart.body(answer.written("today")), promise: nil)
        channel.pipeline.writeAndFlush(HTTPResponsePart.end(nil), promise: told)
        try told.futureResult.wait()
        #expect(try sent().hasPrefix("HTTP/1.1 202"))
    }
}
