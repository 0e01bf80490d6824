/// An organisation; everything belongs to one.
public enum Account {
    public typealias ID = Identifier<Account>
}

public enum User {
    public typealias ID = Identifier<User>

    /// What a user may do, weakest first.
    public enum Role: String, Sendable, CaseIterable, Comparable {
        /// Sees what concerns them.
        case stakeholder, guest, viewer
        /// Answers alerts.
        case responder
        /// Also changes alert sources, policies and the like.
        case user
        /// Also changes users, teams and the account.
        case admin

        public static func < (left: Self, right: Self) -> Bool {
            left.rank < right.rank
        }

        private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
    }
}

public enum Team {
    public typealias ID = Identifier<Team>

    public enum Visibility: String, Sendable, CaseIterable {
        /// Everybody in the account sees what belongs to it.
        case open = "public"
        /// Only its members and administrators do.
        case closed = "private"
    }
}

/// A way to reach one person.
public struct Contact: Equatable, Sendable {
    public typealias ID = Identifier<Contact>

    public var id: ID
    public var user: User.ID
    public var channels: Set<Channel>
    /// An email address, a phone number in E.164 form.
    public var target: String
    /// Whether its owner has shown that it is theirs; others are never paged.
    public var isVerified: Bool

    public init(id: ID, user: User.ID, channels: Set<Channel>, target: String, isVerified: Bool) {
        self.id = id
        self.user = user
        self.channels = channels
        self.target = target
        self.isVerified = isVerified
    }
}

/// Where events come from.
public enum AlertSource {
    public typealias ID = Identifier<AlertSource>
}
