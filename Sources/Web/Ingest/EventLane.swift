import Alerting
import Dispatch
import Engine
import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Takes events on the event loop of their connection: from the last byte of the request to the first of the answer
/// only the commit is waited for, and no task is made. What it does not take it hands on as it came.
///
/// A connection has its answers in the order of its requests: an event is taken when nothing before it is still being
/// answered, and while one is, nothing after it is read.
final class EventLane: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// What all connections share.
    struct Taking: Sendable {
        var door: IngestDoor
        var metrics: RequestMetrics
        var envelope: EnvelopeMiddleware
        /// For metrics and the log.
        var route: String
    }

    private enum State {
        /// Between two requests.
        case ready
        /// The request that is being read goes on.
        case passing
        /// An event whose end is not there yet.
        case reading(HTTPRequest, key: String, body: ByteBuffer, since: UInt64)
        /// An event that is being committed.
        case committing(HTTPRequest, since: UInt64)
        /// The answers wait for a sender that does not read them.
        case full

        /// Whether nothing more is read.
        var isHolding: Bool {
            switch self {
            case .ready, .passing, .reading: false
            case .committing, .full: true
            }
        }
    }

    private enum Held {
        case part(HTTPRequestPart)
        /// Such as the end of what the other side sends: who reads it may close the connection.
        case event(Any)
        case error(any Error)
    }

    private let taking: Taking
    private var state = State.ready
    /// Requests that went on and are not answered yet.
    private var passed = 0
    /// What came while nothing was read, and whether more was asked for since.
    private var held: [Held] = []
    private var wantsMore = false
    /// `nil`: the connection is gone.
    private var context: ChannelHandlerContext?

    init(_ taking: Taking) { self.taking = taking }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        held = []
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        if state.isHolding { return held.append(.part(part)) }
        read(part, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if state.isHolding { return held.append(.event(event)) }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if state.isHolding { return held.append(.error(error)) }
        context.fireErrorCaught(error)
    }

    /// While nothing is held reading goes on: whoever waits for an answer sends nothing, and to stop watching a
    /// connection and to begin again costs more than the answer. So what is held is one reading's bytes at most.
    func read(context: ChannelHandlerContext) {
        if state.isHolding, !held.isEmpty {
            wantsMore = true
        } else {
            context.read()
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if case .full = state, context.channel.isWritable {
            state = .ready
            goOn(context)
        }
        context.fireChannelWritabilityChanged()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { passed -= 1 }
        context.write(data, promise: promise)
    }

    private func read(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.ready, .head(let request)):
            if passed == 0, let key = Self.key(of: request) {
                state = .reading(request, key: key, body: ByteBuffer(), since: DispatchTime.now().uptimeNanoseconds)
            } else {
                pass(part, context)
            }
        case (.reading(let request, let key, var body, let since), .body(var bytes)):
            // Not copied while it is changed.
            state = .ready
            if body.readableBytes == 0 { swap(&body, &bytes) } else { body.writeBuffer(&bytes) }
            state = .reading(request, key: key, body: body, since: since)
        case (.reading(let request, let key, let body, let since), .end):
            take(request, key, body, part, since, context)
        default: pass(part, context)
        }
    }

    /// `nil`: it is no event, or none for here.
    private static func key(of request: HTTPRequest) -> String? {
        guard request.method == .post, let path = request.path, let key = WebResponder.integrationKey(in: path),
            !key.utf8.contains(UInt8(ascii: "?")), IngestDoor.isPlain(request.headerFields)
        else { return nil }
        return key
    }

    private func pass(_ part: HTTPRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head:
            passed += 1
            state = .passing
        case .body: break
        case .end: state = .ready
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    private func take(
        _ request: HTTPRequest, _ key: String, _ body: ByteBuffer, _ end: HTTPRequestPart, _ since: UInt64,
        _ context: ChannelHandlerContext
    ) {
        let webhook = IngestDoor.webhook(
            method: request.method, path: request.path ?? "", fields: request.headerFields, body: body)
        let (loop, lane) = (context.eventLoop, NIOLoopBound(self, eventLoop: context.eventLoop))
        state = .committing(request, since: since)
        let isTaken = taking.door.reception.receiveAtOnce(webhook, key: key) { result in
            loop.execute { lane.value.answer(result) }
        }
        if isTaken { return }
        pass(.head(request), context)
        if body.readableBytes > 0 { pass(.body(body), context) }
        pass(end, context)
    }

    private func answer(_ result: Result<IngestAnswer, Failure>) {
        guard let context, case .committing(let request, let since) = state else { return }
        let answer =
            switch result {
            case .success(let answer): taking.door.standardAnswer(answer, to: request.headerFields)
            case .failure(let failure): taking.envelope.answer(failure, method: request.method, route: taking.route)
            }
        context.write(wrapOutboundOut(.body(answer.written(HTTPDate.now()))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        taking.metrics.record(route: taking.route, status: answer.status, since: since)
        state = context.channel.isWritable ? .ready : .full
        if !state.isHolding { goOn(context) }
    }

    /// Reads what came meanwhile, up to the next event.
    private func goOn(_ context: ChannelHandlerContext) {
        var rest = held[...]
        held = []
        let hasParts = !rest.isEmpty
        while let next = rest.popFirst() {
            switch next {
            case .part(let part): read(part, context)
            case .event(let event): context.fireUserInboundEventTriggered(event)
            case .error(let error): context.fireErrorCaught(error)
            }
            if state.isHolding { break }
        }
        held = Array(rest)
        if hasParts, !state.isHolding { context.fireChannelReadComplete() }
        guard wantsMore, held.isEmpty else { return }
        wantsMore = false
        context.read()
    }
}
