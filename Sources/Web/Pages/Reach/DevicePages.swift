import Alerting
import Engine
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import Storage

/// How a phone becomes somebody's contact: a link and its QR code on the profile, and the page that it leads to.
struct DevicePages: Sendable {
    let site: Site

    func add(to group: RouterGroup<WebContext>) {
        group.post("/users/:id/devices", use: link)
    }

    /// For a phone on which nobody is signed in: the address itself is the secret.
    func addPublic(to group: RouterGroup<WebContext>) {
        group.get("/push/:token", use: show)
        group.post("/push/changed", use: move)
        group.post("/push/:token", use: subscribe)
        group.get("/push/:token/manifest.webmanifest", use: ownManifest)
    }

    /// What a browser needs to take push messages and to be installed.
    static func addFiles(to group: RouterGroup<WebContext>) {
        group.get("/service-worker.js") { _, _ in
            file(PackageResources.service_worker_js, "text/javascript; charset=utf-8", keeps: false)
        }
        group.get("/icon.svg") { _, _ in file(PackageResources.icon_svg, "image/svg+xml", keeps: true) }
        group.get("/manifest.webmanifest") { _, _ in
            file(Array(manifest(start: Links.alerts).text.utf8), "application/manifest+json", keeps: true)
        }
    }

    /// An iPhone takes push messages only in what was added to its home screen: that opens where the person was, with
    /// the link that says who they are.
    @Sendable private func ownManifest(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        _ = try await site.services.administration.contacts.owner(ofLink: token, kind: .push)
        return Self.file(
            Array(Self.manifest(start: "/push/\(token)?from=home").text.utf8), "application/manifest+json",
            keeps: false)
    }

    /// Source: W3C, "Web Application Manifest".
    private static func manifest(start: String) -> JSONValue {
        .object([
            "name": .string("Nightbell"), "short_name": .string("Nightbell"), "id": .string("/"),
            "start_url": .string(start), "scope": .string("/"), "display": .string("standalone"),
            "background_color": .string("#0e1430"), "theme_color": .string("#0e1430"),
            "icons": .array([
                .object([
                    "src": .string("/icon.svg"), "type": .string("image/svg+xml"), "sizes": .string("any"),
                    "purpose": .string("any"),
                ])
            ]),
        ])
    }

    private static func file(_ bytes: [UInt8], _ type: String, keeps: Bool) -> Response {
        Response(
            status: .ok,
            headers: [
                .contentType: type, .cacheControl: keeps ? "public, max-age=3600" : "no-cache",
                .contentLength: "\(bytes.count)",
            ], body: .init(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    @Sendable private func link(_ request: Request, _ context: WebContext) async throws -> Response {
        let visit = try site.visit(request, context)
        let id: User.ID = try visit.id()
        let user = try await site.services.administration.users.find(id, by: visit.caller)
        let isTelegram = visit.form["kind"] == "telegram"
        let contacts = site.services.administration.contacts
        let token = try await contacts.link(isTelegram ? .telegram : .push, of: id, by: visit.caller)
        let bot = site.services.settings.telegramBotName
        let address =
            isTelegram
            ? bot.map { "https://t.me/\(Form.encode($0))?start=\(token)" }
            : "\(site.services.settings.publicURL)/push/\(token)"
        let crumbs = [Frame.Crumb(label: user.fullName, link: Links.user(id) + "/notifications")]
        return site.response(
            DeviceLinkPage(
                frame: site.frame(isTelegram ? "Set up Telegram" : "Set up a phone", .users, crumbs: crumbs, context),
                isTelegram: isTelegram, address: address, command: isTelegram ? "/start \(token)" : nil,
                picture: address.flatMap { QRCode($0) }.map { code in
                    "data:image/svg+xml;base64,\(Data(code.svg.utf8).base64EncodedString())"
                }, back: Links.user(id) + "/notifications", isEncrypted: site.isSecure))
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        let token = try context.parameters.require("token")
        let owner: String
        do {
            owner = try await site.services.administration.contacts.owner(ofLink: token, kind: .push)
        } catch let failure as Failure where failure.code == .notFound {
            // Opened from the home screen long after it was set up.
            guard request.uri.query?.contains("from=home") == true else { throw failure }
            return site.seeOther(Links.alerts)
        }
        var frame = site.frame("Push messages", .none, context)
        frame.manifestLink = "/push/\(token)/manifest.webmanifest"
        return site.response(
            PushPage(
                frame: frame, owner: owner,
                key: site.services.settings.pushKey ?? "", pushScript: site.assets.pushScript))
    }

    @Sendable private func subscribe(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.page.form
        let subscription = try PushSubscription(
            endpoint: form["endpoint"], publicKey: form["p256dh"], authSecret: form["auth"])
        try await site.services.administration.contacts.subscribe(
            subscription, label: form["label"], link: try context.parameters.require("token"))
        return Response(status: .noContent)
    }

    /// The browser has changed a subscription by itself, with no page open: its service worker says so.
    @Sendable private func move(_ request: Request, _ context: WebContext) async throws -> Response {
        let form = context.page.form
        let subscription = try PushSubscription(
            endpoint: form["endpoint"], publicKey: form["p256dh"], authSecret: form["auth"])
        try await site.services.administration.contacts.move(
            from: form["oldEndpoint"], authSecret: form["oldAuth"], to: subscription)
        return Response(status: .noContent)
    }
}

struct DeviceLinkPage: HTMLPage {
    static let template = "device-link"
    let frame: Frame
    let isTelegram: Bool
    /// `nil`: the bot's name is not known to us.
    let address: String?
    let command: String?
    let picture: String?
    let back: String
    let isEncrypted: Bool
}

struct PushPage: HTMLPage {
    static let template = "push"
    let frame: Frame
    let owner: String
    let key: String
    let pushScript: String
}
