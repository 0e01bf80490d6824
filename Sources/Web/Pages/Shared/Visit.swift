import Alerting
import Engine
import Foundation
import Hummingbird
import Storage

/// What a page's request carries besides its caller; filled by the middlewares.
struct PageState: Sendable {
    var user: UserRecord?
    var formToken = ""
    var form = Form()
    /// Uploaded ones as they came, by the names of their fields; an empty one: none was chosen.
    var files: [String: [UInt8]] = [:]
    var notice: Notice?
}

/// A signed-in person's request.
struct Visit: Sendable {
    let caller: Caller
    let user: UserRecord
    let query: Form
    let form: Form
    let moments: Moments
    let context: WebContext

    init(_ request: Request, _ context: WebContext, now: Timestamp) throws(Failure) {
        guard let caller = context.caller, let user = context.page.user else {
            throw Failure(.unauthenticated, "Nobody is signed in.")
        }
        self.caller = caller
        self.user = user
        self.context = context
        query = Form(urlEncoded: request.uri.query ?? "")
        form = context.page.form
        moments = Moments(zoneName: user.timeZone, now: now)
    }

    /// The id in the path.
    func id<Entity>(_ name: String = "id") throws(Failure) -> Identifier<Entity> {
        guard let text = context.parameters.get(name), let id = Identifier<Entity>(text) else {
            throw Failure(.notFound, "There is nothing at this address.")
        }
        return id
    }

    /// Answers alerts.
    var mayAnswer: Bool { caller.role >= .responder }
    /// Changes alert sources, policies and teams.
    var mayConfigure: Bool { caller.role >= .user }
    var isAdministrator: Bool { caller.role == .admin }
}

/// Where one page of a long list begins, and how to the ones beside it.
struct Pager {
    let summary: String
    let newer: String?
    let older: String?

    static let size = 50

    /// - Parameters:
    ///   - hasMore: whether there may be more than `total`.
    ///   - shown: how many stand on this page; counts where `hasMore`.
    ///   - number: 0-based.
    ///   - link: of the list with its filters; ends such that `page=…` can follow.
    init(total: Int, hasMore: Bool = false, shown: Int = Self.size, number: Int, link: (Int) -> String) {
        let first = number * Self.size
        let last = hasMore ? first + shown : min(total, first + Self.size)
        summary = total == 0 ? "" : "\(first + 1)–\(max(last, first + 1)) of \(total)\(hasMore ? " or more" : "")"
        newer = number > 0 ? link(number - 1) : nil
        older = (hasMore ? shown == Self.size : last < total) ? link(number + 1) : nil
    }

    /// The number in a query; 0 when it is missing.
    static func number(_ query: Form) -> Int {
        min(max(0, Int(query["page"]) ?? 0), 20_000)
    }
}

/// An entry of a list of choices.
struct Choice {
    let value: String
    let label: String
    let isChosen: Bool
    let hint: String?

    init(_ value: String, _ label: String, isChosen: Bool, hint: String? = nil) {
        self.value = value
        self.label = label
        self.isChosen = isChosen
        self.hint = hint
    }
}
