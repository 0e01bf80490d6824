public import Alerting
public import Storage

/// Status pages, as people see and change them.
public struct StatusPageAdministration: Sendable {
    /// One as somebody wants it to be.
    public struct Draft: Equatable, Sendable {
        public var slug: String
        public var name: String
        public var intro: String
        public var colour: String
        public var isPublic: Bool
        public var monitors: [Monitor.ID]

        public init(
            slug: String, name: String, intro: String = "",
            colour: String = DeliveryGroupAdministration.Draft.usualColour, isPublic: Bool = true,
            monitors: [Monitor.ID] = []
        ) {
            self.slug = slug
            self.name = name
            self.intro = intro
            self.colour = colour
            self.isPublic = isPublic
            self.monitors = monitors
        }

        /// - Throws: `Failure.invalid` that names the field.
        func checked() throws(Failure) -> Draft {
            var draft = self
            draft.name = try FieldRules.name(name)
            draft.slug = try RegionName.checked(slug, "slug")
            guard intro.utf8.count <= 2000 else { throw .invalid("intro", "may have at most 2000 bytes.") }
            draft.colour = try Colour.checked(colour)
            guard monitors.count <= 200 else { throw .invalid("monitors", "there may be at most 200.") }
            return draft
        }
    }

    private let configuration: Configuration

    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        configuration = Configuration(store: store, onChange: onChange)
    }

    /// By name.
    public func list(by caller: Caller) async throws -> [StatusPage] {
        try await configuration.read { try StatusPages.list(account: caller.account, in: $0) }
    }

    /// - Throws: `Failure.notFound` when there is none; so do all below.
    public func find(_ id: StatusPage.ID, by caller: Caller) async throws -> StatusPage {
        try await configuration.read { try Self.find(id, by: caller, in: $0) }
    }

    public func create(_ draft: Draft, by caller: Caller) async throws -> StatusPage {
        try caller.require(.admin, to: "publish status pages")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var page = StatusPage(
                id: try change.newID(), account: caller.account, slug: draft.slug, name: draft.name,
                colour: draft.colour, createdAt: change.now, updatedAt: change.now)
            try Self.apply(draft, to: &page, by: caller, in: change)
            try StatusPages.insert(page, in: change.transaction)
            try Self.audit("status_page.created", page, by: caller, in: change)
            return (page, .statusPage)
        }
    }

    public func update(_ id: StatusPage.ID, with draft: Draft, by caller: Caller) async throws -> StatusPage {
        try caller.require(.admin, to: "change status pages")
        let draft = try draft.checked()
        return try await configuration.change { change in
            var page = try Self.find(id, by: caller, in: change.transaction)
            try Self.apply(draft, to: &page, by: caller, in: change)
            page.updatedAt = change.now
            try StatusPages.update(page, in: change.transaction)
            try Self.audit("status_page.updated", page, by: caller, in: change)
            return (page, .statusPage)
        }
    }

    /// Its subscribers go with it.
    public func delete(_ id: StatusPage.ID, by caller: Caller) async throws {
        try caller.require(.admin, to: "delete status pages")
        try await configuration.change { change in
            let page = try Self.find(id, by: caller, in: change.transaction)
            try StatusPages.delete(id, in: change.transaction)
            try Self.audit("status_page.deleted", page, by: caller, in: change)
            return ((), .statusPage)
        }
    }

    private static func apply(
        _ draft: Draft, to page: inout StatusPage, by caller: Caller, in change: Change
    ) throws {
        if let other = try StatusPages.find(slug: draft.slug, in: change.transaction), other.id != page.id {
            throw Failure.invalid("slug", "this address is taken.")
        }
        for monitor in draft.monitors where !page.monitors.contains(monitor) {
            guard try Monitors.find(monitor, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("monitors", "there is no monitor \(monitor).")
            }
        }
        page.slug = draft.slug
        page.name = draft.name
        page.intro = draft.intro
        page.colour = draft.colour
        page.isPublic = draft.isPublic
        page.monitors = Set(draft.monitors).sorted()
    }

    private static func find(
        _ id: StatusPage.ID, by caller: Caller, in transaction: any Transaction
    ) throws -> StatusPage {
        guard let page = try StatusPages.find(id, account: caller.account, in: transaction) else {
            throw Failure(.notFound, "There is no status page \(id).")
        }
        return page
    }

    private static func audit(_ action: String, _ page: StatusPage, by caller: Caller, in change: Change) throws {
        try change.audit(
            action, account: caller.account, by: caller.user, target: "status_page", id: page.id.rawValue,
            details: "Status page “\(page.name)”")
    }
}

enum Colour {
    /// Such as `#3b6fd4`.
    ///
    /// - Throws: `Failure.invalid`.
    static func checked(_ text: String, _ field: String = "colour") throws(Failure) -> String {
        let digits = text.utf8.dropFirst()
        guard text.utf8.first == UInt8(ascii: "#"), digits.count == 6,
            digits.allSatisfy({ (48...57).contains($0) || (97...102).contains($0 | 0x20) })
        else { throw .invalid(field, "must be a colour such as #3b6fd4.") }
        return text
    }
}
