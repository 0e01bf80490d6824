public import Engine

extension GuardedHTTPClient: Fetcher {
    public func fetch(_ url: String) async -> FetchedPage? {
        guard case .success(let answer) = await send(GuardedRequest(method: "GET", url: url)), answer.cut == nil else {
            return nil
        }
        return FetchedPage(status: answer.status, body: answer.body)
    }
}
