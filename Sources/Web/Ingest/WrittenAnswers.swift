import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Lets answers pass that are written already, as bytes of HTTP/1.1: to take an answer apart and to have it put
/// together by three handlers costs more than all else that is done to say it.
///
/// Such an answer has no head: its bytes come as a body, and then its end.
final class WrittenAnswers: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Of the handler that writes answers' bytes: what is sent from there, it does not see.
    private let encoder: ChannelHandlerContext
    /// Whether the answer that is being sent has a head.
    private var hasHead = false

    init(past encoder: ChannelHandlerContext) { self.encoder = encoder }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head:
            hasHead = true
            context.write(data, promise: promise)
        case .body(let bytes) where !hasHead: encoder.write(NIOAny(IOData.byteBuffer(bytes)), promise: promise)
        case .body: context.write(data, promise: promise)
        case .end where !hasHead:
            guard promise != nil else { return }
            encoder.write(NIOAny(IOData.byteBuffer(ByteBuffer())), promise: promise)
        case .end:
            hasHead = false
            context.write(data, promise: promise)
        }
    }
}

extension FinishedAnswer {
    /// All of it in HTTP/1.1, for a connection that goes on.
    ///
    /// - Parameter date: as the field of that name has it.
    func written(_ date: String) -> ByteBuffer {
        var bytes = ByteBuffer()
        bytes.reserveCapacity(320 + body.count)
        bytes.writeStaticString("HTTP/1.1 ")
        bytes.writeString(String(status.code))
        bytes.writeStaticString(" ")
        bytes.writeString(status.reasonPhrase)
        for field in headers {
            bytes.writeStaticString("\r\n")
            bytes.writeString(field.name.rawName)
            bytes.writeStaticString(": ")
            bytes.writeString(field.value)
        }
        bytes.writeStaticString("\r\nContent-Length: ")
        bytes.writeString(String(body.count))
        bytes.writeStaticString("\r\nDate: ")
        bytes.writeString(date)
        bytes.writeStaticString("\r\n\r\n")
        bytes.writeBytes(body)
        return bytes
    }
}
