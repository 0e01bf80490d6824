/// Codes of Twilio's that people must know the meaning of.
///
/// Source: Twilio, "Error and warning dictionary": 21610, 63016; read 2026-11-28.
public enum TwilioError {
    /// The code, and what it means where that says what to do.
    public static func words(_ code: String) -> String {
        switch code {
        case stopped: "\(code): the recipient has sent STOP"
        case "63016": "\(code): WhatsApp takes free words only for 24 hours after its reader wrote; set a template"
        default: code
        }
    }

    private static let stopped = "21610"

    /// Whether a reason, which may have more around the code, says that the recipient wants nothing any more.
    static func isStop(_ reason: String) -> Bool { reason.contains(words(stopped)) }
}
