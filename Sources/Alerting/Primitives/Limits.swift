/// Every limit of the product in one place. Text longer than its limit is cut on ingest and refused on the API.
public enum Limits {
    /// Bytes of one ingest request's body; more is answered 413.
    public static let ingestBody = 512 * 1024
    /// Bytes of one API or form request's body.
    public static let apiBody = 1024 * 1024
    /// Characters.
    public static let summary = 255
    /// Characters.
    public static let details = 64 * 1024
    /// Characters; a longer key is cut and ends in a hash of the whole.
    public static let alertKey = 255
    public static let links = 50
    public static let images = 20
    public static let labels = 64
    public static let comments = 20
    /// Characters of a comment.
    public static let comment = 16 * 1024
    /// Characters of a name of anything.
    public static let name = 255
    public static let escalationLevels = 50
    public static let escalationTargets = 100
    /// Minutes that an alert may be snoozed for at a time: a week.
    public static let snoozeMinutes = 7 * 24 * 60
    /// Characters of an alert source's mapping.
    public static let mapping = 16 * 1024
    /// Bytes of the secret that a tool signs its requests with.
    public static let webhookSecret = 512
    /// Bytes of a mail that is let in, and how many of them, from its beginning, are kept and read.
    public static let mail = 10 * 1024 * 1024
    public static let mailRead = 512 * 1024
    /// Fields of a mail's header, bytes of one of them, and bytes of its text.
    public static let mailFields = 500
    public static let mailField = 16 * 1024
    public static let mailText = 256 * 1024
    /// Mails a minute to one address before further ones are put off.
    public static let mailsPerMinute = 120
    /// Servers that may have passed a mail on.
    public static let mailHops = 50
    /// Recipients of one mail, mails of one connection, connections at a time and of one client.
    public static let mailRecipients = 50
    public static let mailsPerConnection = 100
    public static let mailConnections = 256
    public static let mailConnectionsPerClient = 20
    /// Predicates of a filter for mails.
    public static let mailPredicates = 50
    /// Bytes of what a monitor checks, of what it sends, and of one of its conditions.
    public static let monitorTarget = 2048
    public static let monitorBody = 16 * 1024
    public static let monitorText = 512
    /// Bytes and results of what a probe in another place brings at a time.
    public static let probeResults = 8 * 1024 * 1024
    public static let probeResultCount = 500
    /// Bytes of one result of a probe, which is mostly its picture, and of all that wait in a probe.
    public static let probeResult = 3 * 1024 * 1024
    public static let probeBacklog = 64 * 1024 * 1024
    /// Redirects that a check follows.
    public static let monitorRedirects = 10
    /// Bytes of a picture of a page that failed.
    public static let monitorScreenshot = 2 * 1024 * 1024
    /// Bytes of a status page's logo.
    public static let statusPageLogo = 256 * 1024
    /// How deep JSON may nest.
    public static let jsonDepth = 128
    /// Alerts that one notification of a tool may carry.
    public static let eventsPerRequest = 1000
    /// Fields of a payload that are looked at, and bytes of one field's path.
    public static let payloadFields = 2000
    public static let payloadPath = 512
    /// Requests waiting for a commit before further ones are answered 503.
    public static let ingestQueue = 20_000
    /// Requests that share one transaction.
    public static let ingestBatch = 256
    /// Headers kept of a request, and characters of each.
    public static let storedHeaders = 40
    public static let storedHeader = 1000
    /// Attempts to hand one message over.
    public static let deliveryAttempts = 30
    /// Requests kept in an alert source's event explorer, and how many a search for a text looks at at a time.
    public static let eventsPerSource = 100_000
    public static let searchedEvents = 20_000
    /// Requests that a grouping preview replays, and bytes of their bodies in all.
    public static let replayedRequests = 5000
    public static let replayedBytes = 64 * 1024 * 1024

    /// Bytes of a service's description, and of its labels or links.
    public static let serviceDetails = 16 * 1024
    public static let serviceFields = 16 * 1024
    /// Exceptions of one set of support hours.
    public static let supportExceptions = 1000
    /// Alert sources and services of one maintenance window.
    public static let maintenanceTargets = 50
    /// Bytes of an iCalendar file, characters of one of its properties, and events that are read of it.
    public static let calendarFile = 2 * 1024 * 1024
    public static let calendarProperty = 16 * 1024
    public static let calendarEvents = 10_000

    /// Of an on-call schedule; people and times of duty of a layer, entered shifts, overrides that are not over.
    public static let scheduleLayers = 50
    public static let layerUsers = 100
    public static let layerRestrictions = 50
    public static let enteredShifts = 2000
    public static let overrides = 500
    /// Shifts of a schedule that people offer at the same time.
    public static let shiftOffers = 100
    /// How far apart the two ends of a question about shifts may be, and the longest of entered shifts and overrides.
    public static let shiftRange = Duration.days(732)
    /// Bytes of a regular expression, its instructions, and instructions times characters of the text.
    public static let pattern = 1000
    public static let patternProgram = 2000
    public static let patternSteps = 4_000_000
    /// Bytes and words of a condition, and how deep it may nest.
    public static let condition = 16 * 1024
    public static let conditionWords = 2000
    public static let conditionDepth = 64
    /// Bytes and pieces of a template, its steps when it is filled in, and bytes of what comes out.
    public static let template = 16 * 1024
    public static let templatePieces = 1000
    public static let templateSteps = 20_000
    public static let templateOutput = 64 * 1024
    /// Words of a summary that are compared, and open alerts of a source that it is compared with.
    public static let similarWords = 64
    public static let similarAlerts = 200
    /// How deep blocks may nest, and names of a path or functions of a place.
    public static let languageDepth = 16
    /// Requests of one rehearsal, its stops, rehearsals that are played at a time, and stories of one file.
    public static let rehearsalPosts = 20
    public static let rehearsalStops = 20_000
    public static let rehearsalsAtOnce = 2
    public static let rehearsalStories = 500
    /// Rows of a table that are copied for a rehearsal; bytes and nodes of a file with an export or with stories.
    public static let copiedRows = 100_000
    public static let exportFile = 64 * 1024 * 1024
    public static let storyFile = 1024 * 1024
    public static let storyNodes = 100_000

    /// Of an event flow: nodes, levels, branches that a node defines, rules of a node, bytes of a value that a rule
    /// writes, and how long an event may wait.
    public static let flowNodes = 200
    public static let flowDepth = 25
    public static let flowBranches = 50
    public static let flowRules = 50
    public static let flowValue = 64 * 1024
    public static let flowWaits: ClosedRange<Duration> = .seconds(1) ... .days(31)
    /// Requests kept of an event flow, and events that wait in it.
    public static let eventsPerFlow = 10_000
    public static let waitsPerFlow = 50_000
    public static let flowKeys = 50

    /// `text` cut to `limit` characters, the last an ellipsis when something was cut.
    public static func cut(_ text: String, to limit: Int) -> String {
        // The byte count bounds the character count, so the common case counts nothing.
        guard text.utf8.count > limit, text.count > limit else { return text }
        return String(text.prefix(limit - 1)) + "…"
    }
}
