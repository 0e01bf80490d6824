import CCurl

/// A URL as libcurl reads it, who is the one to connect: two readers of a URL must not find two hosts in it.
struct CurlURL: Equatable, Sendable {
    /// Without a fragment.
    var text: String
    /// In lower case.
    var scheme: String
    /// In lower case; an IPv6 address in brackets.
    var host: String
    var port: Int
    var hasUser: Bool

    /// - Parameter base: what `text` is relative to, if it is.
    /// - Returns: `nil` for what cannot be read or has no host.
    init?(_ text: String, relativeTo base: String? = nil) {
        guard let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        // Any scheme can be read, so that it can be named.
        let flags = UInt32(CURLU_URLENCODE | CURLU_NON_SUPPORT_SCHEME)
        for part in [base, text].compactMap(\.self) {
            guard curl_url_set(url, CURLUPART_URL, part, flags) == CURLUE_OK else { return nil }
        }
        curl_url_set(url, CURLUPART_FRAGMENT, nil, 0)
        func get(_ part: CURLUPart, _ flags: Int32 = 0) -> String? {
            var found: UnsafeMutablePointer<CChar>?
            guard curl_url_get(url, part, &found, UInt32(flags)) == CURLUE_OK, let found else { return nil }
            defer { curl_free(found) }
            return String(cString: found)
        }
        guard let text = get(CURLUPART_URL), let scheme = get(CURLUPART_SCHEME) else { return nil }
        self.text = text
        self.scheme = scheme.lowercased()
        host = (get(CURLUPART_HOST) ?? "").lowercased()
        port = get(CURLUPART_PORT, CURLU_DEFAULT_PORT).flatMap { Int($0) } ?? 0
        hasUser = get(CURLUPART_USER) != nil
    }

    /// The same with the user and the password of another; `nil` when that cannot be.
    func credited(as other: CurlURL) -> CurlURL? {
        guard let mark = other.text.firstRange(of: "://"), let own = text.firstRange(of: "://"),
            let end = other.text[mark.upperBound...].firstIndex(of: "@")
        else { return nil }
        let user = other.text[mark.upperBound...end]
        guard !user.contains("/") else { return nil }
        return CurlURL("\(text[..<own.upperBound])\(user)\(text[own.upperBound...])")
    }

    /// What it is called in a reason: no user, no password, no query.
    var words: String {
        let isUsual = port == (scheme == "https" ? 443 : 80)
        return "\(scheme)://\(host)\(isUsual ? "" : ":\(port)")"
    }

    /// Whether what was meant for that host may be sent to this: the same place, or its encrypted side.
    func isSamePlace(as other: CurlURL) -> Bool {
        guard host == other.host else { return false }
        let isUpgrade = other.scheme == "http" && other.port == 80 && scheme == "https" && port == 443
        return isUpgrade || scheme == other.scheme && port == other.port
    }
}
