import Alerting
import Dispatch
import Engine
import HTTPTypes
import Integrations
import NIOCore
import NIOHTTP1

/// Takes events on the event loop of their connection: from the last byte of the request to the first of the answer
/// only the commit is waited for, and no task is made. What it does not take it hands on as it came.
///
/// A connection has its answers in the order of its requests: an event is taken when nothing before it is still being
/// answered, and while one is, what comes after it is held.
final class EventLane: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

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
        case reading(HTTPRequestHead, EventHead, body: ByteBuffer, since: UInt64)
        /// An event that is being committed.
        case committing(correlation: String?, since: UInt64)
        /// The answers wait for a sender that does not read them.
        case full

        var isFull: Bool {
            if case .full = self { true } else { false }
        }

        /// Whether what comes is held.
        var isHolding: Bool {
            switch self {
            case .ready, .passing, .reading: false
            case .committing, .full: true
            }
        }
    }

    private enum Held {
        case part(HTTPServerRequestPart)
        /// Such as the end of what the other side sends: who reads it may close the connection.
        case event(Any)
        case error(any Error)
    }

    private let taking: Taking
    /// Of the handler that writes answers' bytes: what is sent from there, it does not see.
    private let encoder: ChannelHandlerContext
    private var idleWatch: IdleWatch
    private var state = State.ready
    /// Requests that went on and are not answered yet.
    private var passed = 0
    /// What came and waits for its turn, and whether more was asked for since.
    private var held: [Held] = []
    private var wantsMore = false
    /// `nil`: the connection is gone.
    private var context: ChannelHandlerContext?

    /// - Parameters:
    ///   - encoder: the context of the handler that makes bytes of other answers.
    ///   - idleTimeout: until a connection on which nothing happens is closed; `nil`: never.
    init(_ taking: Taking, past encoder: ChannelHandlerContext, idleTimeout: TimeAmount?) {
        self.taking = taking
        self.encoder = encoder
        idleWatch = IdleWatch(after: idleTimeout)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        if context.channel.isActive { watch(context, from: context.eventLoop.now) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        held = []
        idleWatch.end()
    }

    func channelActive(context: ChannelHandlerContext) {
        watch(context, from: context.eventLoop.now)
        context.fireChannelActive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let part = unwrapInboundIn(data)
        idleWatch.latest = context.eventLoop.now
        if state.isHolding { return held.append(.part(part)) }
        read(part, context)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if state.isHolding, !(state.isFull && event is ChannelShouldQuiesceEvent) { return held.append(.event(event)) }
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
        if case .end = unwrapOutboundIn(data) {
            passed -= 1
            idleWatch.latest = context.eventLoop.now
        }
        context.write(data, promise: promise)
    }

    private func read(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch (state, part) {
        case (.ready, .head(let request)):
            if passed == 0, let head = EventHead(request) {
                state = .reading(request, head, body: ByteBuffer(), since: DispatchTime.now().uptimeNanoseconds)
            } else {
                pass(part, context)
            }
        case (.reading(let request, let head, var body, let since), .body(var bytes)):
            // Not copied while it is changed.
            state = .ready
            if body.readableBytes == 0 { swap(&body, &bytes) } else { body.writeBuffer(&bytes) }
            state = .reading(request, head, body: body, since: since)
        case (.reading(let request, let head, let body, let since), .end):
            take(head, body, since, context) {
                pass(.head(request), context)
                if body.readableBytes > 0 { pass(.body(body), context) }
                pass(part, context)
            }
        default: pass(part, context)
        }
    }

    private func pass(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head:
            passed += 1
            state = .passing
        case .body: break
        case .end: state = .ready
        }
        context.fireChannelRead(wrapInboundOut(part))
    }

    /// - Parameter passing: hands the request on when it is not taken.
    private func take(
        _ head: EventHead, _ body: ByteBuffer, _ since: UInt64, _ context: ChannelHandlerContext,
        orElse passing: () -> Void
    ) {
        let webhook = WebhookRequest(
            method: "POST", path: head.path, headers: head.headers, body: [UInt8](buffer: body))
        let (loop, lane) = (context.eventLoop, NIOLoopBound(self, eventLoop: context.eventLoop))
        state = .committing(correlation: head.correlation, since: since)
        let isTaken = taking.door.reception.receiveAtOnce(webhook, key: head.key) { result in
            loop.execute { lane.value.answer(result) }
        }
        if !isTaken { passing() }
    }

    private func answer(_ result: Result<IngestAnswer, Failure>) {
        guard let context, case .committing(let correlation, let since) = state else { return }
        let answer =
            switch result {
            case .success(let answer): taking.door.standardAnswer(answer, correlation: correlation)
            case .failure(let failure): taking.envelope.answer(failure, method: .post, route: taking.route)
            }
        encoder.writeAndFlush(NIOAny(IOData.byteBuffer(answer.written(HTTPDate.now()))), promise: nil)
        idleWatch.latest = context.eventLoop.now
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

    private func watch(_ context: ChannelHandlerContext, from start: NIODeadline) {
        let lane = NIOLoopBound(self, eventLoop: context.eventLoop)
        idleWatch.start(from: start, on: context.eventLoop) { lane.value.closeWhenIdle() }
    }

    private func closeWhenIdle() {
        guard let context else { return }
        let now = context.eventLoop.now
        if isAnswering {
            watch(context, from: now)
        } else if idleWatch.isOver(at: now) {
            context.close(promise: nil)
        } else {
            watch(context, from: idleWatch.latest)
        }
    }

    /// Whether it is not the sender's turn.
    private var isAnswering: Bool {
        switch state {
        case .committing: true
        case .ready: passed > 0
        case .passing, .reading, .full: false
        }
    }
}
