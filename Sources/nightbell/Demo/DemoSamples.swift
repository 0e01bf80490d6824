/// What RapidSpike may send: its webhook's body is nowhere published, so the form is our guess, built from the words
/// of RapidSpike's own API (2026).
enum DemoSamples {
    static func rapidSpike(_ state: String) -> String {
        """
        {
          "status": "\(state)",
          "message": "Shop - Home is \(state)",
          "monitor": {
            "uuid": "67f71e26-6d76-4d6b-9b6b-944c28e32c9d",
            "type": "http",
            "label": "Home",
            "target": "/"
          },
          "website": {
            "uuid": "30031b9b-5df8-4b19-8dfe-17bf5bac7654",
            "label": "Shop",
            "domain_name": "https://shop.example.com"
          }
        }
        """
    }
}
