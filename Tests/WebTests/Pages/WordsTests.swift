import Alerting
import Engine
import Testing

@testable import Web

struct WordsTests {
    @Test func `given a form's text, then names and values are decoded and odd ones survive`() {
        let form = Form(urlEncoded: "a=1+2&b=%C3%A4%26&a=3&c&=x&%zz=%zz&d=")

        #expect(form["a"] == "1 2" && form.all("a") == ["1 2", "3"])
        #expect(form["b"] == "ä&" && form["c"] == "" && form.has("c") && form["%zz"] == "%zz")
        #expect(form.optional("d") == nil && form["none"] == "")
        #expect(Form(urlEncoded: String(form.query.dropFirst())) == form)
    }

    @Test func `given a reader in Berlin, then times are in their zone, summer and winter`() {
        let now = Timestamp(milliseconds: 1_767_225_600_000)
        let moments = Moments(zoneName: "Europe/Berlin", now: now)

        #expect(moments.moment(now).text == "1 Jan 2026, 01:00:00")
        #expect(moments.moment(now).iso == "2026-01-01T00:00:00.000Z")
        #expect(moments.moment(now + .days(181)).text == "1 Jul 2026, 02:00:00")
        #expect(Moments(zoneName: "No/Where", now: now).moment(now).text == "1 Jan 2026, 00:00:00")
    }

    @Test(arguments: [
        (0, "just now"), (9, "just now"), (59, "59 s ago"), (60, "1 min ago"), (3600, "1 h ago"),
        (172_799, "47 h ago"), (172_800, "2 d ago"), (-61, "in 1 min"),
    ])
    func `given a time, then its age is one rounded number`(seconds: Int, words: String) {
        let now = Timestamp(milliseconds: 1_767_225_600_000)

        #expect(Moments(zoneName: "UTC", now: now).moment(now - .seconds(seconds)).age == words)
    }

    @Test(arguments: [
        ("https://a.example/x", true), ("http://a.example", true), ("mailto:a@b.example", true),
        ("HTTPS://A", true), ("javascript:alert(1)", false), ("data:text/html,x", false), ("//a.example", false),
        ("https://a b", false), (" https://a", false),
    ])
    func `given somebody else's link, then only harmless kinds are followed`(link: String, isSafe: Bool) {
        #expect((Links.outside(link) != nil) == isSafe)
    }

    @Test func `given a failure about a field, then its name becomes words`() {
        #expect(Failure.invalid("firstName", "enter one.").sentence == "First name: enter one.")
        #expect(Failure(.invalid, "There is none.").sentence == "There is none.")
        #expect(Failure(.invalid, "Level 2: choose one.").sentence == "Level 2: choose one.")
    }

    @Test func `given a notice, then a cookie carries it there and back`() {
        let notice = Notice.problem("“Läden”; 100 % = weg")

        #expect(Notice(encoded: notice.encoded) == notice)
        #expect(Notice(encoded: "x") == nil && Notice(encoded: "%") == nil && Notice(encoded: "") == nil)
    }

    @Test func `given JSON, then it is shown with one member a line; other text as it came`() {
        let pretty = "{\n  \"a\": [\n    1,\n    {}\n  ],\n  \"b\": null\n}"

        #expect(PrettyJSON.text(ofBody: Array(#"{"b":null,"a":[1,{}]}"#.utf8)) == pretty)
        #expect(PrettyJSON.text(ofBody: Array("no json".utf8)) == "no json")
    }

    @Test(arguments: [
        ("RapidSpike", "RS"), ("Events API", "EA"), ("Zabbix", "ZA"), ("x", "X"), ("Site24x7", "S2"),
    ])
    func `given an integration's name, then two letters stand for it`(name: String, letters: String) {
        #expect(Monogram.text(for: name) == letters)
    }
}
