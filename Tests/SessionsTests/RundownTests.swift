import Foundation
import Testing

@testable import Sessions

@Suite struct RundownTests {
    private func read(_ text: String) -> RundownReader { RundownReader(Array(text.utf8), venues: Trail.venues) }

    private static let head = "session,number,department,limitMinutes\n"
    private static let gb18030 = String.Encoding(rawValue: 0x8000_0632)

    @Test func readsSessionsAndReports() throws {
        let rundown = try #require(read(Trail.csv).rundown)
        #expect(rundown.sessions.map(\.id) == ["S1", "S2"])
        #expect(rundown.sessions[0].reports.map(\.number) == [1, 2, 3])
        #expect(rundown.sessions[0].venues == nil && rundown.sessions[1].venues == ["jimo"])
        let first = rundown.sessions[0].reports[0]
        #expect(first == PlannedReport(number: 1, department: "市财政局", limitSeconds: 600, title: "预算", speaker: "张三"))
    }

    @Test func readsTheWholeDay() throws {
        let lines = (1...54).map { "S\(($0 - 1) / 14 + 1),\($0),部门\($0),10" }
        let rundown = try #require(read(Self.head + lines.joined(separator: "\r\n")).rundown)
        #expect(rundown.sessions.count == 4 && rundown.sessions.reduce(0) { $0 + $1.reports.count } == 54)
    }

    @Test func readsWhatPeopleWrite() throws {
        // A mark, capitals, other order, quotes, line breaks in quotes, full-width digits, blank lines, fractions.
        let text =
            "\u{FEFF}Number,SESSION,limitminutes,department\r\n１, S1 ,7.5,\"市“A”,\n\"\"B\"\"局\"\r\n,,,\r\n\r\n2,S1,10,C\r\n"
        let rundown = try #require(read(text).rundown)
        #expect(rundown.sessions[0].reports.map(\.department) == ["市“A”, \"B\"局", "C"])
        #expect(rundown.sessions[0].reports[0].limitSeconds == 450)
        let named = try #require(
            read(Self.head.replacing("\n", with: ",venues\n") + "S1,1,A,1,laixi；jimo分会场\nS1,2,B,1,").rundown)
        #expect(named.sessions[0].venues == ["jimo", "laixi"])
    }

    @Test func convertsWhatChineseExcelWrites() throws {
        let bytes = try #require(Trail.csv.data(using: Self.gb18030))
        #expect(String(data: bytes, encoding: .utf8) == nil)
        let reader = RundownReader(Array(bytes), venues: Trail.venues)
        #expect(reader.encoding == "GB18030" && reader.problems == [])
        #expect(reader.rundown == read(Trail.csv).rundown)
    }

    @Test func neverManglesText() throws {
        // A broken line in UTF-8, a line of UTF-8 in GB18030, half a character.
        var broken = Array((Self.head + "S1,1,市财政局,10\n").utf8)
        broken += Array("S1,2,".utf8) + [0xE5, 0xB8] + Array(",10\n".utf8)
        #expect(RundownReader(broken, venues: []).problems.map(\.line) == [3])

        var mixed = Array(
            try #require((Self.head + "S1,1,市财政局,10\nS1,2,市教育局,10\nS1,3,市局,1\n").data(using: Self.gb18030)))
        mixed += Array("S1,4,市公安局,10\n".utf8)
        #expect(RundownReader(mixed, venues: []).problems.map(\.line) == [5])

        let half =
            Array(try #require((Self.head + "S1,1,市财政局").data(using: Self.gb18030)).dropLast()) + Array(",10\n".utf8)
        #expect(RundownReader(half, venues: []).problems.map(\.line) == [2])
    }

    @Test func findsEveryProblemAtOnce() throws {
        let problems = read(
            """
            session,number,department,limitMinutes,venues
            S1,1,市财政局,10,
            S1,1,市教育局,0.0000001,
            ../etc,2,A,10,
            S1,zwei,,ten,atlantis
            S1,5,"B"x,10,
            S2,6,C,10,jimo
            s2,7,D,601,laixi
            S2,8,E,1,shinan
            S2,9,"F,10,
            """
        ).problems
        let places = problems.map { "\($0.line):\($0.field ?? "-")" }
        #expect(
            places == [
                "3:number", "3:limitMinutes", "4:session", "5:number", "5:department", "5:limitMinutes", "5:venues",
                "6:-",
                "8:session", "8:limitMinutes", "9:venues", "10:-",
            ])
        #expect(problems[0].column == 4 && problems[0].text.contains("line 2"))
        #expect(problems.first { $0.field == "venues" }?.text.contains("shinan, jimo, laixi") == true)
        #expect(problems.allSatisfy { $0.textZh.hasSuffix("。") && $0.text.hasSuffix(".") })
    }

    @Test(arguments: [
        ("session;number;department;limitMinutes\nS1;1;A;10", "commas"),
        ("session，number，department，limitMinutes\nS1，1，A，10", "commas"),
        ("session,nummer,department,limitMinutes\nS1,1,A,10", "nummer"),
        ("session,number,department\nS1,1,A", "limitMinutes"),
        ("session,number,number,department,limitMinutes\n", "twice"),
        (head, "no report"), ("", "no report"), (head + "S1,1,A,10,B\n", "more fields"),
        ("PK\u{3}\u{4}", "workbook"), ("a\u{0}b", "NUL"), (head + "S1,1,A\u{7},10", "control"),
    ])
    func saysWhatIsWrongWithTheFile(text: String, expected: String) {
        let reader = read(text)
        #expect(reader.rundown == nil)
        #expect(reader.problems.contains { $0.text.contains(expected) }, "\(reader.problems)")
    }

    @Test(arguments: ["", ".", "..", "a/b", "S 1", "场次", String(repeating: "S", count: 33), "S_1", "S1\n"])
    func takesNoPathForASession(id: String) {
        #expect(!RundownReader.isSessionID(id))
    }
}
