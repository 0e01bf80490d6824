import Engine
import HTTPTypes
import Hummingbird
import NIOCore
import ServiceLifecycle

/// Tells a page, for as long as it is open, that it may have changed: server-sent events without content.
struct ChangesPage: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.get("/changes", use: stream)
    }

    /// The first change is told at once, what follows within this time together; ages are freshened, and a lost
    /// connection is noticed, at every beat.
    private static let pause = Duration.seconds(1)
    private static let beat = Duration.seconds(20)

    @Sendable private func stream(_ request: Request, _ context: WebContext) async throws -> Response {
        let signal = site.engine.wakeups.pages
        let headers: HTTPFields = [.contentType: "text/event-stream", .cacheControl: "no-store"]
        let body = ResponseBody { writer in
            let (changes, told) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await Self.tell(told, of: signal) }
                defer { group.cancelAll() }
                try await writer.write(ByteBuffer(string: "retry: 2000\n\n"))
                for await _ in changes.cancelOnGracefulShutdown() {
                    try await writer.write(ByteBuffer(string: "event: change\ndata: \n\n"))
                    try await Task.sleep(for: Self.pause)
                }
            }
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: headers, body: body)
    }

    private static func tell(_ told: AsyncStream<Void>.Continuation, of signal: ChangeSignal) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask {
                for await _ in signal.changes() { told.yield() }
            }
            group.addTask {
                while !Task.isCancelled {
                    do { try await Task.sleep(for: beat) } catch { return }
                    told.yield()
                }
            }
            await group.next()
            group.cancelAll()
        }
        told.finish()
    }
}
