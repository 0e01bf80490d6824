public import Alerting
public import Engine
import Foundation

/// How Twilio is reached and who we are there.
public struct TwilioSettings: Sendable {
    public var accountSID: String
    public var authToken: String
    /// A phone number of the account, in E.164 form, or a messaging service (`MG…`).
    public var from: String
    /// The number that WhatsApp messages come from; `nil`: none are sent.
    public var whatsAppFrom: String?
    /// The content template (`HX…`) that WhatsApp messages are sent by, with the words as its variable `1`; `nil`: they
    /// are sent as they are, which WhatsApp allows for 24 hours after the reader has written.
    public var whatsAppTemplate: String?
    /// Without a slash at its end.
    public var baseURL: String
    /// Where Twilio reaches this server, without a slash at its end; `nil`: it cannot, so that nothing is reported back
    /// and keys in a call do nothing.
    public var callbackURL: String?

    public static let usualBaseURL = "https://api.twilio.com"

    public init(
        accountSID: String, authToken: String, from: String, whatsAppFrom: String? = nil,
        whatsAppTemplate: String? = nil, baseURL: String = usualBaseURL, callbackURL: String?
    ) {
        self.accountSID = accountSID
        self.authToken = authToken
        self.from = from
        self.whatsAppFrom = whatsAppFrom
        self.whatsAppTemplate = whatsAppTemplate
        self.baseURL = baseURL
        self.callbackURL = callbackURL
    }
}

/// SMS, WhatsApp messages and calls through Twilio.
///
/// Source: Twilio, "Messages resource", "Calls resource", "Error and warning dictionary", read 2026-11-27: 201 with a
/// `sid`; errors have a `code`; 429 with code 20429 for too many requests. A body has 1,600 characters; a content
/// template is named instead of one (errors 21617, 63016, read 2026-11-28).
public struct TwilioSender: Sender {
    public let channel: Channel
    public let name = "Twilio"
    public let places: Int
    private let settings: TwilioSettings
    private let client: GuardedHTTPClient

    /// - Parameter channel: `sms`, `whatsapp` or `voice`.
    public init(_ channel: Channel, settings: TwilioSettings, client: GuardedHTTPClient, places: Int = 16) {
        self.channel = channel
        self.settings = settings
        self.client = client
        self.places = places
    }

    public func send(_ message: OutgoingMessage) async -> DeliveryOutcome {
        let resource = channel == .voice ? "Calls" : "Messages"
        let path = "/2010-04-01/Accounts/\(FormText.encode(settings.accountSID))/\(resource).json"
        let credentials = Data("\(settings.accountSID):\(settings.authToken)".utf8).base64EncodedString()
        let request = GuardedRequest(
            url: settings.baseURL + path,
            headers: [
                ("Authorization", "Basic \(credentials)"), ("Content-Type", "application/x-www-form-urlencoded"),
                // The same for each attempt of one message: whoever keeps it can tell a repetition.
                ("I-Twilio-Idempotency-Token", "nightbell-\(message.id)"),
            ],
            body: Array(FormText.encode(fields(message)).utf8))
        switch await client.send(request) {
        case .failure(let failure): return failure.outcome
        case .success(let answer): return Self.outcome(answer)
        }
    }

    private func fields(_ message: OutgoingMessage) -> [(String, String)] {
        let callback = settings.callbackURL.flatMap { url in
            message.token.map { "\(url)/twilio/status/\($0)" }
        }
        switch channel {
        case .voice: return voiceFields(message, callback)
        case .whatsapp:
            let from = settings.whatsAppFrom ?? settings.from
            return [("To", "whatsapp:\(message.address)"), ("From", "whatsapp:\(from)")] + whatsAppWords(message)
                + (callback.map { [("StatusCallback", $0)] } ?? [])
        default:
            let from = settings.from.hasPrefix("MG") ? "MessagingServiceSid" : "From"
            return [("To", message.address), (from, settings.from), ("Body", Self.words(message))]
                + (callback.map { [("StatusCallback", $0)] } ?? [])
        }
    }

    private func whatsAppWords(_ message: OutgoingMessage) -> [(String, String)] {
        guard let template = settings.whatsAppTemplate else { return [("Body", Self.words(message))] }
        // WhatsApp takes no line breaks and no runs of blanks in a variable, and 1,024 characters with the template's.
        let words = message.brief.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let variables = JSONValue.object(["1": .string(Limits.cut(words, to: 900, of: .utf16))])
        return [("ContentSid", template), ("ContentVariables", variables.text)]
    }

    private static func words(_ message: OutgoingMessage) -> String {
        Limits.cut(message.brief, to: 1600, of: .utf16)
    }

    private func voiceFields(_ message: OutgoingMessage, _ callback: String?) -> [(String, String)] {
        let fields = [("To", message.address), ("From", settings.from), ("Timeout", "30")]
        guard let url = settings.callbackURL, let token = message.token, let callback else {
            let words = VoiceDesk.Words(
                text: "Nightbell. \(Limits.cut(message.subject, to: 600, of: .utf16))", takesKeys: false)
            return fields + [("Twiml", TwiML.call(words, keysGoTo: nil))]
        }
        return fields + [
            ("Url", "\(url)/twilio/voice/\(token)"), ("Method", "POST"), ("StatusCallback", callback),
            ("StatusCallbackEvent", "completed"),
        ]
    }

    private static func outcome(_ answer: GuardedResponse) -> DeliveryOutcome {
        // What is no JSON has no code, and its status decides alone.
        let body = try? JSONValue.parse(answer.body)
        switch answer.outcome {
        case .delivered: return .delivered(receipt: body?["sid"]?.string)
        case .rejected:
            let code = body?["code"]?.integer.map(String.init)
            let reason = code.map { "twilio \(TwilioError.words($0))" } ?? "http \(answer.status)"
            // Our credentials or our account are wrong, not the message: it goes by another provider, or later.
            if [401, 403].contains(answer.status) || code == "20003" { return .retry(after: nil, reason: reason) }
            return .rejected(reason: reason)
        case .retry(let wish, let reason): return .retry(after: wish, reason: reason)
        case .unknown(let reason): return .unknown(reason: reason)
        }
    }
}

/// Texts as a form's fields and a URL's parts have them.
enum FormText {
    private static let unreserved = CharacterSet(
        charactersIn: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")

    static func encode(_ text: String) -> String {
        text.addingPercentEncoding(withAllowedCharacters: unreserved) ?? ""
    }

    static func encode(_ fields: [(String, String)]) -> String {
        fields.map { encode($0.0) + "=" + encode($0.1) }.joined(separator: "&")
    }
}
