import HTTPTypes
import NIOCore
import Testing

@testable import Web

struct WrittenAnswerTests {
    @Test func `given an answer, when it is written, then it is as HTTP has it`() {
        let answer = FinishedAnswer(status: .accepted, headers: [.retryAfter: "5"], body: Array("{}".utf8))
        let bytes = String(buffer: answer.written("today"))
        #expect(bytes == "HTTP/1.1 202 Accepted\r\nRetry-After: 5\r\nContent-Length: 2\r\nDate: today\r\n\r\n{}")
    }

    @Test func `given an answer without a body, then its length says so`() {
        let answer = FinishedAnswer(status: .serviceUnavailable, headers: [:], body: [])
        let bytes = String(buffer: answer.written("today"))
        #expect(bytes == "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nDate: today\r\n\r\n")
    }
}
