import Alerting

/// What alert actions there are, and what each needs to know.
public struct ActionKind: Sendable {
    /// One setting.
    public struct Field: Sendable {
        /// As on the wire.
        public let name: String
        public let label: String
        public let isNeeded: Bool
        public let hint: String
        /// What can be chosen; empty: anything can be typed.
        public let options: [Option]

        init(
            _ name: String, _ label: String, isNeeded: Bool = false, hint: String = "", options: [Option] = []
        ) {
            self.name = name
            self.label = label
            self.isNeeded = isNeeded
            self.hint = hint
            self.options = options
        }

        /// One of the values of a setting.
        public struct Option: Sendable {
            /// As on the wire.
            public let value: String
            public let label: String

            init(_ value: String, _ label: String) {
                self.value = value
                self.label = label
            }
        }

        /// Not shown again once it is typed.
        public var isSecret: Bool { ActionKind.secretFields.contains(name) }
        public var isLong: Bool { name == "bodyTemplate" || name == "headers" }
        /// Services of the account, by their ids.
        public var isServices: Bool { name == "serviceIds" }
        /// Kept as a list of texts.
        public var isList: Bool { ["recipients", "labels", "atMobiles"].contains(name) }
    }

    /// As on the wire, such as `slack_webhook`.
    public let name: String
    public let title: String
    public let fields: [Field]
    /// Of the connector; empty: it needs none.
    public let connectorFields: [Field]

    public var needsConnector: Bool { !connectorFields.isEmpty }

    /// Names of settings that are never shown.
    public static let secretFields: Set<String> = ["apiKey", "secret", "password", "authorization"]

    private static let body = Field(
        "bodyTemplate", "Body template", hint: "Filled in with {{ alertSummary }}, {{ alert.details }} and so on")
    private static let site = Field("url", "Address", isNeeded: true, hint: "Such as https://example.atlassian.net")
    private static let token = Field("apiKey", "API key or token", isNeeded: true)
    private static let login = [
        site, Field("username", "User", isNeeded: true), Field("password", "Password", isNeeded: true),
    ]

    /// In the order of the page.
    public static let all: [ActionKind] = [
        ActionKind(
            name: "webhook", title: "Webhook",
            fields: [
                Field("webhookUrl", "URL", isNeeded: true), body,
                Field("headers", "Headers", hint: "One “Name: value” a line"),
                Field("secret", "Secret", hint: "With it, requests carry the header Nightbell-Signature"),
            ], connectorFields: []),
        ActionKind(
            name: "slack_webhook", title: "Slack (incoming webhook)",
            fields: [Field("url", "Webhook URL", isNeeded: true), body], connectorFields: []),
        ActionKind(
            name: "slack", title: "Slack (app with buttons)",
            fields: [
                Field("channelId", "Channel id", isNeeded: true, hint: "Such as C0123ABCD"),
                Field("channelName", "Channel name"), Field("teamId", "Workspace id"),
                Field("teamDomain", "Workspace domain"),
            ],
            connectorFields: [
                Field("apiKey", "Bot token", isNeeded: true, hint: "xoxb-…, with the scope chat:write"),
                Field(
                    "secret", "Signing secret", isNeeded: true, hint: "Of the app; button clicks are checked with it"),
                Field("url", "Address of the API", hint: "Usually empty"),
            ]),
        ActionKind(
            name: "microsoft_teams_webhook", title: "Microsoft Teams (workflow)",
            fields: [Field("url", "Workflow URL", isNeeded: true), body], connectorFields: []),
        ActionKind(
            name: "mattermost", title: "Mattermost",
            fields: [Field("url", "Incoming webhook URL", isNeeded: true), Field("channelName", "Channel"), body],
            connectorFields: []),
        ActionKind(
            name: "discord", title: "Discord", fields: [Field("url", "Webhook URL", isNeeded: true), body],
            connectorFields: []),
        ActionKind(
            name: "google_chat_webhook", title: "Google Chat",
            fields: [Field("url", "Webhook URL", isNeeded: true), body], connectorFields: []),
        ActionKind(
            name: "telegram", title: "Telegram channel",
            fields: [Field("channelId", "Chat id", isNeeded: true, hint: "Such as @ourchannel or -100123"), body],
            connectorFields: [
                Field("apiKey", "Bot token", isNeeded: true), Field("url", "Address of the API", hint: "Usually empty"),
            ]),
        ActionKind(
            name: "dingtalk", title: "DingTalk",
            fields: [
                Field("isAtAll", "Mention everybody (true or false)"), Field("atMobiles", "Mention these numbers"),
                body,
            ],
            connectorFields: [Field("url", "Robot URL", isNeeded: true), Field("secret", "Signing secret")]),
        ActionKind(
            name: "dingtalk_action", title: "DingTalk (without connector)",
            fields: [
                Field("url", "Robot URL", isNeeded: true), Field("secret", "Signing secret"),
                Field("isAtAll", "Mention everybody (true or false)"), Field("atMobiles", "Mention these numbers"),
                body,
            ], connectorFields: []),
        ActionKind(
            name: "email", title: "Email",
            fields: [
                Field("recipients", "Recipients", isNeeded: true, hint: "Separated by commas"),
                Field("subject", "Subject"), body,
            ], connectorFields: []),
        ActionKind(
            name: "jira", title: "Jira",
            fields: [
                Field("project", "Project key", isNeeded: true), Field("issueType", "Issue type", hint: "Usually Task"),
                Field(
                    "transition", "Transition at the end", hint: "Name or number, such as Done; empty: a remark only"),
                body,
            ],
            connectorFields: [
                site, Field("email", "Email", isNeeded: true), Field("password", "API token", isNeeded: true),
            ]),
        ActionKind(
            name: "servicenow", title: "ServiceNow",
            fields: [
                Field("callerId", "Caller"), Field("impact", "Impact"), Field("urgency", "Urgency"),
                Field("assignmentGroup", "Assignment group"), Field("ownerGroup", "Owner group"),
                Field("service", "Service"), Field("serviceOffering", "Service offering"),
                Field("contactType", "Contact type"), Field("closeCode", "Close code"), body,
            ], connectorFields: login),
        ActionKind(
            name: "zendesk", title: "Zendesk", fields: [Field("priority", "Priority"), body],
            connectorFields: [site, Field("email", "Email", isNeeded: true), token]),
        ActionKind(
            name: "github", title: "GitHub issue",
            fields: [
                Field("owner", "Owner", isNeeded: true), Field("repository", "Repository", isNeeded: true),
                Field("labels", "Labels", hint: "Separated by commas"), body,
            ], connectorFields: [token, Field("url", "Address of the API", hint: "Usually empty")]),
        ActionKind(
            name: "zammad", title: "Zammad",
            fields: [
                Field("email", "Customer's email", isNeeded: true), Field("group", "Group", hint: "Usually Users"),
                body,
            ],
            connectorFields: [site, token]),
        ActionKind(
            name: "topdesk", title: "TOPdesk",
            fields: [Field("status", "Status", hint: "firstLine or secondLine"), body],
            connectorFields: login),
        ActionKind(
            name: "zapier", title: "Zapier", fields: [Field("webhookUrl", "Hook URL", isNeeded: true), body],
            connectorFields: []),
        ActionKind(
            name: "reroute", title: "Other escalation policy",
            fields: [Field("escalationPolicyId", "Escalation policy (number)", isNeeded: true)], connectorFields: []),
        ActionKind(
            name: ServiceAutomation.kind, title: "Status of services",
            fields: [
                Field(
                    "alertType", "When an alert", isNeeded: true,
                    options: [.init("CREATED", "is raised"), .init("ACCEPTED", "is accepted")]),
                Field(
                    "serviceStatus", "The services are, while it is open", isNeeded: true,
                    options: ServiceStatus.allCases.reversed().map { .init($0.rawValue.uppercased(), $0.words) }),
                Field(
                    "serviceIds", "Services", isNeeded: true,
                    hint: "Of several alerts the worst counts; after the last, what people said of the service."),
                Field(
                    "sendNotification", "Tell subscribers",
                    options: [.init("", "No"), .init("true", "Yes, and when it is over")]),
            ], connectorFields: []),
    ]

    /// `nil` for a kind that there is nothing behind.
    public static func named(_ name: String) -> ActionKind? { byName[name] }

    private static let byName = Dictionary(uniqueKeysWithValues: all.map { ($0.name, $0) })
}
