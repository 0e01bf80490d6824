import Alerting
import Engine
import Storage

/// The people of the account, by name.
struct UserListPage: HTMLPage {
    static let template = "user-list"
    let frame: Frame
    let rows: [Row]
    let isAdministrator: Bool
    let pager: Pager

    struct Row {
        let link: String
        let name: String
        let email: String
        let role: String
        let zone: String
        let isYou: Bool
        let maySignIn: Bool
        /// Paused their pages until then.
        let mutedUntil: Moment?
    }
}

struct NewUserPage: HTMLPage {
    static let template = "user-new"
    let frame: Frame
    let problem: String?
    let firstName: String
    let lastName: String
    let email: String
    let roles: [Choice]
    let zones: [Choice]
}

/// The top of one person's pages.
struct UserHead {
    let name: String
    let role: String
    let isYou: Bool
    let tabs: [Tab]
    let hasTabs: Bool

    struct Tab {
        let label: String
        let link: String
        let isCurrent: Bool
    }

    enum Place { case profile, notifications, security }

    init(_ user: UserRecord, at place: Place, _ visit: Visit) {
        let isYou = user.id == visit.caller.user
        name = user.fullName
        role = user.role.words
        self.isYou = isYou
        var tabs = [Tab(label: "Profile", link: Links.user(user.id), isCurrent: place == .profile)]
        if isYou || visit.isAdministrator {
            tabs.append(
                Tab(
                    label: "Contacts and notifications", link: Links.user(user.id) + "/notifications",
                    isCurrent: place == .notifications))
        }
        if isYou {
            tabs.append(
                Tab(label: "Security and API keys", link: "/profile/security", isCurrent: place == .security))
        }
        self.tabs = tabs
        hasTabs = tabs.count > 1
    }
}

/// One person's facts, as a form for those who may change them.
struct UserPage: HTMLPage {
    static let template = "user"
    let frame: Frame
    let head: UserHead
    let problem: String?
    let link: String
    let firstName: String
    let lastName: String
    let email: String
    let position: String
    let department: String
    let role: String
    let roles: [Choice]
    let zones: [Choice]
    let zone: String
    let mayChange: Bool
    let isAdministrator: Bool
    let mayDelete: Bool
    let maySignIn: Bool
    let teams: [TeamLink]
    let hasTeams: Bool

    struct TeamLink {
        let name: String
        let link: String
    }
}
