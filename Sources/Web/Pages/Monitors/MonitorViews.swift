import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// Several monitors at a time: a website, the wallboard, certificates; and pictures.
extension MonitorPages {
    @Sendable func showSite(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let host = (context.parameters.get("host") ?? "").removingPercentEncoding?.lowercased() ?? ""
        let all = try await monitors.list(page: Page(limit: Self.shown), by: visit.caller)
        let found = all.filter { $0.subject.site.host == host }
        guard !found.isEmpty else {
            throw Failure(.notFound, "There is no monitor of “\(Limits.cut(host, to: 100))”.")
        }
        let now = visit.moments.now
        let pages = found.filter { $0.subject.kind == .http }
        let drawn = pages.first { !$0.isFailing } ?? pages.first ?? found.first
        let history = SitePage.History(
            hours: try await monitors.hours(of: found, from: now - .days(8)),
            days: try await monitors.days(of: found, from: now - .days(91)),
            events: try await monitors.events(of: found, from: now - .days(90)),
            results: try await drawn.asyncMap { try await monitors.results(of: $0, from: now - .days(1)) } ?? [])
        let frame = site.frame(host, .monitors, crumbs: Self.crumbs(), isLive: true, context)
        return site.response(SitePage(host, found, drawn: drawn, history, visit: visit, frame: frame))
    }

    @Sendable func wallboard(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let found = try await monitors.list(page: Page(limit: Self.shown), by: visit.caller)
        let hours = try await monitors.hours(of: found, from: visit.moments.now - .hours(25))
        let frame = site.frame("Wallboard", .wallboard, isLive: true, context)
        return site.response(WallboardPage(found, hours, visit: visit, frame: frame))
    }

    @Sendable func certificates(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let found = try await monitors.list(page: Page(limit: Self.shown), by: visit.caller)
        let frame = site.frame("Certificates", .monitors, crumbs: Self.crumbs(), context)
        return site.response(CertificatesPage(found, visit: visit, frame: frame))
    }

    @Sendable func screenshot(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        guard let time = context.parameters.get("time").flatMap({ Int64($0) }) else {
            throw Failure(.notFound, "There is no such picture.")
        }
        let image = try await monitors.screenshot(
            of: visit.id(), at: Timestamp(milliseconds: time), by: visit.caller)
        return Response(
            status: .ok, headers: [.contentType: "image/png", .cacheControl: "private, max-age=86400"],
            body: .init(byteBuffer: ByteBuffer(bytes: image)))
    }
}

extension Optional {
    fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async rethrows -> Result? {
        guard let self else { return nil }
        return try await body(self)
    }
}
