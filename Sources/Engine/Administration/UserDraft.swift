public import Alerting
public import Storage

/// A user as somebody wants them to be.
public struct UserDraft: Equatable, Sendable {
    public var email: String
    /// `nil`: made of the email address on creation, else as it is.
    public var username: String?
    public var firstName: String
    public var lastName: String
    public var role: User.Role
    /// An IANA name such as `Europe/Berlin`.
    public var timeZone: String
    /// `en` or `de`.
    public var language: String
    /// A country's two letters.
    public var region: String
    public var position: String
    public var department: String
    public var shiftColor: String?
    public var mutedUntil: Timestamp?

    public init(
        email: String, username: String? = nil, firstName: String, lastName: String, role: User.Role = .user,
        timeZone: String = "Europe/Berlin", language: String = "en", region: String = "DE", position: String = "",
        department: String = "", shiftColor: String? = nil, mutedUntil: Timestamp? = nil
    ) {
        self.email = email
        self.username = username
        self.firstName = firstName
        self.lastName = lastName
        self.role = role
        self.timeZone = timeZone
        self.language = language
        self.region = region
        self.position = position
        self.department = department
        self.shiftColor = shiftColor
        self.mutedUntil = mutedUntil
    }

    /// The user as they are, to change a part of it.
    public init(_ user: UserRecord) {
        self.init(
            email: user.email, username: user.username, firstName: user.firstName, lastName: user.lastName,
            role: user.role, timeZone: user.timeZone, language: user.language, region: user.region,
            position: user.position, department: user.department, shiftColor: user.shiftColor,
            mutedUntil: user.mutedUntil)
    }

    /// The draft as it is kept.
    ///
    /// - Throws: `Failure.invalid` that names the field.
    func checked() throws(Failure) -> UserDraft {
        var draft = self
        draft.email = try FieldRules.email(email)
        if let username { draft.username = try Usernames.checked(username) }
        draft.firstName = try FieldRules.name(firstName, "firstName")
        draft.lastName = try FieldRules.name(lastName, "lastName")
        draft.timeZone = try FieldRules.timeZone(timeZone)
        draft.language = try FieldRules.language(language)
        draft.region = try FieldRules.region(region)
        draft.position = try FieldRules.words(position, "position", limit: Limits.name)
        draft.department = try FieldRules.words(department, "department", limit: Limits.name)
        let color = try FieldRules.words(shiftColor ?? "", "shiftColor", limit: 30)
        draft.shiftColor = color.isEmpty ? nil : color
        return draft
    }

    /// Writes what this says over `user`.
    func write(to user: inout UserRecord) {
        user.email = email
        user.username = username ?? user.username
        user.firstName = firstName
        user.lastName = lastName
        user.role = role
        user.timeZone = timeZone
        user.language = language
        user.region = region
        user.position = position
        user.department = department
        user.shiftColor = shiftColor
        user.mutedUntil = mutedUntil
    }
}
