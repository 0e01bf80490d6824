import Alerting
import Engine
import HTTPTypes
import Hummingbird
import Mustache
import NIOCore
import Storage

/// A page: finished strings and booleans, rendered by one template.
protocol HTMLPage {
    static var template: String { get }
    var frame: Frame { get }
}

/// What all pages share: the engine's doors, the templates and the assets.
struct Site: Sendable {
    let services: WebServices

    init(_ services: WebServices) {
        self.services = services
    }

    var assets: Assets { .shared }

    var engine: Engine { services.engine }

    /// Renders a page.
    ///
    /// - Parameter mayBeKept: whether the browser's way back shows it as it was left, with what was typed.
    func response(
        _ page: some HTMLPage, status: HTTPResponse.Status = .ok, mayBeKept: Bool = false
    ) -> Response {
        let html = TemplateList.library.render(page, withTemplate: type(of: page).template) ?? ""
        return Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8",
                .cacheControl: mayBeKept ? "private, no-cache" : "no-store",
            ],
            body: .init(byteBuffer: ByteBuffer(string: html)))
    }

    /// Sends the browser on to another page, which shows `notice`.
    func seeOther(_ link: String, _ notice: Notice? = nil) -> Response {
        var response = Response(status: .seeOther, headers: [.location: link, .cacheControl: "no-store"])
        if let notice { response.setCookie(cookie(PageCookies.notice, notice.encoded, seconds: 60)) }
        return response
    }

    /// Does what a form asks for; what does not work is told on the page that it goes back to.
    func act(back link: String, done: String, _ action: () async throws -> Void) async throws -> Response {
        do {
            try await action()
            return seeOther(link, .done(done))
        } catch let failure as Failure where failure.isForTheForm {
            return seeOther(link, .problem(failure.sentence))
        }
    }

    /// - Parameter seconds: `nil`: until the browser ends; 0 removes it.
    func cookie(_ name: String, _ value: String, seconds: Int?) -> Cookie {
        Cookie(
            name: name, value: value, maxAge: seconds, path: "/", secure: isSecure, httpOnly: true, sameSite: .lax)
    }

    var isSecure: Bool { services.settings.publicURL.hasPrefix("https://") }

    func frame(
        _ title: String, _ section: Section, crumbs: [Frame.Crumb] = [], isLive: Bool = false, _ context: WebContext
    ) -> Frame {
        let caller = context.caller
        let entries = caller == nil ? [] : Section.allCases.filter { !$0.isForAdministrators || caller?.role == .admin }
        return Frame(
            title: title, section: section.rawValue, crumbs: crumbs,
            navigation: Self.navigation(entries, current: section),
            reader: caller.map { caller in
                Frame.Reader(
                    name: caller.name, initials: Self.initials(caller.name), link: Links.profile,
                    role: caller.role.words, zone: context.page.user?.timeZone ?? "UTC")
            },
            formToken: context.page.formToken, notice: context.page.notice,
            banner: JournalWords.banner(about: services.engine.journal), styleLink: assets.style,
            scriptLink: assets.script, iconLink: assets.icon, version: services.settings.version,
            isLive: isLive && caller != nil)
    }

    private static func navigation(_ entries: [Section], current: Section) -> [Frame.Group] {
        Section.Group.allCases.compactMap { group in
            let items = entries.filter { $0.group == group }.compactMap { entry in
                entry.item.map {
                    Frame.Item(label: $0.label, link: $0.link, isCurrent: entry == current, symbol: $0.symbol)
                }
            }
            return items.isEmpty ? nil : Frame.Group(label: group.rawValue, items: items)
        }
    }

    private static func initials(_ name: String) -> String {
        let words = name.split(separator: " ")
        return [words.first, words.count > 1 ? words.last : nil].compactMap { $0?.first.map(String.init) }.joined()
            .uppercased()
    }
}

extension User.Role {
    var words: String {
        switch self {
        case .stakeholder: "Stakeholder"
        case .guest: "Guest"
        case .viewer: "Viewer"
        case .responder: "Responder"
        case .user: "User"
        case .admin: "Administrator"
        }
    }
}

extension Failure {
    /// Whether the person can put it right in the form that they came from.
    var isForTheForm: Bool {
        switch code {
        case .invalid, .conflict: true
        case .notFound, .unauthenticated, .forbidden, .unavailable, .tooLarge, .internal: false
        }
    }

    /// The message for a person: a field's name on the wire, such as `firstName: `, becomes words.
    var sentence: String {
        guard let colon = message.firstRange(of: ": ") else { return message }
        let name = message[..<colon.lowerBound]
        guard !name.isEmpty, name.utf8.count <= 60, !name.contains(" ") else { return message }
        let spaced = name.map { $0.isUppercase ? " \($0.lowercased())" : $0 == "." ? ", " : String($0) }.joined()
        return spaced.prefix(1).uppercased() + spaced.dropFirst() + ": " + message[colon.upperBound...]
    }
}
