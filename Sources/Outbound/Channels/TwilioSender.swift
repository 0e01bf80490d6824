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
    /// Without a slash at its end.
    public var baseURL: String
    /// Where Twilio reaches this server, without a slash at its end; `nil`: it cannot, so that nothing is reported back
    /// and keys in a call do nothing.
    public var callbackURL: String?

    public static let usualBaseURL = "https://api.twilio.com"

    public init(
        accountSID: String, authToken: String, from: String, whatsAppFrom: String? = nil,
        baseURL: String = usualBaseURL, callbackURL: String?
    ) {
        self.accountSID = accountSID
        self.authToken = authToken
        self.from = from
        self.whatsAppFrom = whatsAppFrom
        self.baseURL = baseURL
        self.callbackURL = callbackURL
    }
}

/// SMS, WhatsApp messages and calls through Twilio.
///
/// Source: Twilio, "Messages resource", "Calls resource", "Error and warning dictionary", read 2026-11-27: 201 with a
/// `sid`; errors have a `code`; 429 with code 20429 for too many requests.
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
            return [("To", "whatsapp:\(message.address)"), ("From", "whatsapp:\(from)"), ("Body", message.brief)]
                + (callback.map { [("StatusCallback", $0)] } ?? [])
        default:
            let from = settings.from.hasPrefix("MG") ? "MessagingServiceSid" : "From"
            return [("To", message.address), (from, settings.from), ("Body", message.brief)]
                + (callback.map { [("StatusCallback", $0)] } ?? [])
        }
    }

    private func voiceFields(_ message: OutgoingMessage, _ callback: String?) -> [(String, String)] {
        let fields = [("To", message.address), ("From", settings.from), ("Timeout", "30")]
        guard let url = settings.callbackURL, let token = message.token, let callback else {
            let words = VoiceDesk.Words(text: "Nightbell. \(message.subject)", takesKeys: false)
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
            let code = body?["code"]?.integer.map { "twilio \($0)" } ?? "http \(answer.status)"
            // Our credentials or our account are wrong, not the message: it goes by another provider, or later.
            if [401, 403].contains(answer.status) || code == "twilio 20003" { return .retry(after: nil, reason: code) }
            return .rejected(reason: code)
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
