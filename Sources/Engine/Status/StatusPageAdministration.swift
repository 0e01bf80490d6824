public import Alerting
public import Storage

/// Status pages, as people see and change them; with one its subscribers are deleted.
public typealias StatusPageAdministration = RecordAdministration<StatusPage, StatusPageDraft>

/// A status page as somebody wants it to be.
public struct StatusPageDraft: Equatable, Sendable {
    public var slug: String
    public var name: String
    public var intro: String
    public var colour: String
    public var isPublic: Bool
    public var monitors: [Monitor.ID]
    public var services: [ServiceRecord.ID]
    /// Whether the public reads the summaries of alerts that hold its services.
    public var showsAlerts: Bool

    public init(
        slug: String, name: String, intro: String = "", colour: String = DeliveryGroupDraft.usualColour,
        isPublic: Bool = true, monitors: [Monitor.ID] = [], services: [ServiceRecord.ID] = [],
        showsAlerts: Bool = false
    ) {
        self.slug = slug
        self.name = name
        self.intro = intro
        self.colour = colour
        self.isPublic = isPublic
        self.monitors = monitors
        self.services = services
        self.showsAlerts = showsAlerts
    }

    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> StatusPageDraft {
        var draft = self
        draft.name = try FieldRules.name(name)
        draft.slug = try RegionName.checked(slug, "slug")
        guard intro.utf8.count <= 2000 else { throw .invalid("intro", "may have at most 2000 bytes.") }
        draft.colour = try Colour.checked(colour)
        guard monitors.count <= 200 else { throw .invalid("monitors", "there may be at most 200.") }
        guard services.count <= 200 else { throw .invalid("services", "there may be at most 200.") }
        return draft
    }

    func apply(to page: inout StatusPage, by caller: Caller, in change: Change) throws {
        if let other = try StatusPages.find(slug: slug, in: change.transaction), other.id != page.id {
            throw Failure.invalid("slug", "this address is taken.")
        }
        try change.requireMonitors(monitors, besides: page.monitors, for: caller)
        for service in services where !page.services.contains(service) {
            guard try Services.find(service, scope: caller.reach, in: change.transaction) != nil else {
                throw Failure.invalid("services", "there is no service \(service).")
            }
        }
        page.services = Set(services).sorted()
        page.showsAlerts = showsAlerts
        page.slug = slug
        page.name = name
        page.intro = intro
        page.colour = colour
        page.isPublic = isPublic
        page.monitors = Set(monitors).sorted()
        page.updatedAt = change.now
    }
}

extension RecordAdministration where Record == StatusPage, Wish == StatusPageDraft {
    /// - Parameter onChange: told after each commit.
    public init(store: Store, onChange: @escaping @Sendable (ConfigurationChange) -> Void = { _ in }) {
        let steps = Steps(
            noun: "status page", code: "status_page", making: "publish", role: .admin,
            check: { draft throws(Failure) in try draft.checked() },
            make: { id, account, draft, now in
                StatusPage(
                    id: id, account: account, slug: draft.slug, name: draft.name, colour: draft.colour,
                    createdAt: now, updatedAt: now)
            }, apply: { try $0.apply(to: &$1, by: $2, in: $3) }, id: { $0.id }, name: { $0.name },
            list: { try StatusPages.list(account: $0, in: $1) },
            find: { try StatusPages.find($0, account: $1, in: $2) },
            insert: { try StatusPages.insert($0, in: $1) }, update: { try StatusPages.update($0, in: $1) },
            delete: { try StatusPages.delete($0, in: $1) }, change: { _ in .statusPage })
        self.init(steps, store: store, onChange: onChange)
    }

    /// Gives a page another logo.
    ///
    /// - Parameter image: a PNG, JPEG, GIF or WebP; `nil`: none any more.
    public func setLogo(_ image: [UInt8]?, of id: ID, by caller: Caller) async throws {
        try caller.require(.admin, to: "change status pages")
        let logo = try image.map { image throws(Failure) in
            guard image.count <= Limits.statusPageLogo else {
                throw .invalid("logo", "may have at most \(Limits.statusPageLogo / 1024) KiB.")
            }
            guard let kind = PictureKind(image) else {
                throw .invalid("logo", "must be a PNG, JPEG, GIF or WebP picture; SVG is not taken.")
            }
            return StatusPageLogo(mediaType: kind.rawValue, image: image)
        }
        let tag = image.map { String(Tokens.sha256($0).prefix(16)) }
        try await configuration.change { change in
            let page = try find(id, by: caller, in: change.transaction)
            try StatusPageLogos.set(logo, tag: tag, of: id, in: change.transaction)
            try change.audit(
                "status_page.logo", account: caller.account, by: caller.user, target: "status_page", id: id.rawValue,
                details: "Status page “\(page.name)”: \(logo.map { "logo, \($0.image.count) bytes" } ?? "no logo")")
            return ((), .statusPage)
        }
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
