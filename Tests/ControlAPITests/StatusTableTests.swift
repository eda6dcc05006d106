import Foundation
import Testing
import VenuecastModel

@testable import VenuectlKit

@Suite struct StatusTableTests {
    static let zone = TimeZone(secondsFromGMT: 8 * 3600)!

    private func render(
        _ status: ActivityStatus = .sample(), width: Int, _ language: Language, colour: Bool = false,
        height: Int? = nil
    ) -> [String] {
        StatusTable.render(
            status, width: width, colour: colour, language: language, zone: Self.zone, height: height)
    }

    @Test(arguments: Language.allCases)
    func isAsItWasAgreedOn(language: Language) throws {
        for width in [80, 120] {
            let golden = Self.golden["\(language.rawValue) \(width)"]
            let expected = try #require(golden)
            #expect(
                render(width: width, language)
                    == expected.split(separator: "\n", omittingEmptySubsequences: false).map(String.init))
        }
    }

    @Test(arguments: Language.allCases)
    func fitsAnyTerminal(language: Language) {
        for width in 20...160 {
            for line in render(width: width, language) {
                #expect(DisplayWidth.of(line) <= width, "\(width): \(line)")
            }
        }
        for height in 2...40 {
            #expect(render(width: 80, language, height: height).count <= height)
        }
    }

    @Test(arguments: Language.allCases)
    func showsTwelveVenuesAndTheirReasonsOn80By24(language: Language) {
        let lines = render(width: 80, language, height: 24)
        #expect(lines.count <= 24)
        for (_, name) in ActivityStatus.districts {
            #expect(lines.contains { $0.contains("\(name)") })
        }
        #expect(lines.contains { $0.contains("jiaonan") })
        #expect(lines.last?.contains("venuectl status") == false)
    }

    @Test func saysWhatTheVenuesSeeAndHear() {
        var status = ActivityStatus.sample()
        var content = ContentStatus()
        (content.picture.framesPerSecond, content.picture.luma) = (25, 90)
        content.sound.shortTermLufs = -23.4
        content.stream = StreamContentStatus()
        status.program.confidence = content
        status.inputs[0].content = content
        #expect(
            render(status, width: 100, .en)[2...3] == [
                "Venues get picture  25.0 fps  -23.4 LUFS  no errors",
                "Inputs    ✓ camera (on air) -23 LUFS  ✗ standby",
            ])
        #expect(render(status, width: 100, .zh)[2] == "会场收到 有画面  25.0 帧/秒  -23.4 LUFS  无错误")
        content.picture.blackSeconds = 12.3
        content.sound.silentSeconds = 20
        content.stream?.errors = ["PAT_error": 2, "CRC_error": 1]
        status.program.confidence = content
        #expect(render(status, width: 100, .en)[2] == "Venues get black for 12 s  25.0 fps  silent for 20 s  3 errors")
        #expect(render(status, width: 100, .zh)[2] == "会场收到 黑屏 12 秒  25.0 帧/秒  静音 20 秒  错误 3")
    }

    private static func inSession(_ edit: (inout ActivityStatus) -> Void = { _ in }) -> ActivityStatus {
        var status = ActivityStatus.sample()
        status.session = SessionRouteTests.status
        status.recording = RecordingStatus(health: .ok, state: .recording, session: "S1")
        status.recording.bytesWritten = 1_400_000_000
        status.recording.segments = 3
        status.recording.hoursLeft = 3.1
        status.recording.hoursNeeded = 0.3
        edit(&status)
        return status
    }

    @Test func showsTheReportItsTimeAndTheRecording() {
        let en = render(Self.inSession(), width: 120, .en)
        #expect(en[3] == "Session   S1  1/2  1 市财政局  9:57 left  next: 2 市教育局")
        #expect(en[4] == "Recording ✓ recording  1.4 GB  3 segments closed  room for 3.1 h  needed: 0.3 h")
        let zh = render(Self.inSession(), width: 120, .zh)
        #expect(zh[3] == "场次 S1  1/2  1 市财政局  剩余 9:57  下一个：2 市教育局")
        #expect(zh[4] == "录制 ✓ 录制中  1.4 GB  已完成分段 3  可录 3.1 小时  尚需 0.3 小时")
        for (phase, left, text) in [
            (CountdownPhase.twoMinutes, 119.0, "剩余 1:59（不足 2 分钟）"), (.timeUp, -2, "时间到"), (.overrun, -75, "超时 1:15"),
        ] {
            let line = render(
                Self.inSession {
                    $0.session?.report?.countdown = phase
                    $0.session?.report?.remainingSeconds = left
                }, width: 120, .zh)[3]
            #expect(line.contains(text), "\(line)")
        }
        let pause = render(Self.inSession { $0.session?.report = nil }, width: 120, .zh)[3]
        #expect(pause.contains("无汇报进行"))
    }

    @Test(arguments: Language.allCases)
    func fitsAnyTerminalInASession(language: Language) {
        for width in 20...160 {
            for line in render(Self.inSession(), width: width, language) {
                #expect(DisplayWidth.of(line) <= width, "\(width): \(line)")
            }
        }
        for height in 2...40 {
            #expect(render(Self.inSession(), width: 80, language, height: height).count <= height)
        }
    }

    @Test func saysWhatIsWrongWithTheRecording() {
        let lines = render(
            Self.inSession {
                $0.recording.health = .failed
                $0.recording.state = .full
                $0.recording.reasons = [Reason(code: "disk-full", text: "The disk is full.", textZh: "磁盘已满。")]
            }, width: 100, .zh)
        #expect(lines.contains("✗ 录制：磁盘已满。"))
    }

    @Test func namesTheAlarmsAndWhoLooksAfterThem() {
        var status = ActivityStatus.sample()
        status.alarms = (1...8).map { number in
            AlarmStatus(
                id: "A\(number)", severity: number == 1 ? .critical : .warning, subject: "venue/v\(number)",
                code: "lost",
                cause: "c", causeZh: "因", action: "a", actionZh: "措", raisedAt: status.time,
                acknowledgedBy: number == 2 ? "王工" : nil)
        }
        #expect(
            render(status, width: 160, .en)[3]
                == "Alarms    ✗ A1 venue/v1  ! A2 venue/v2 (王工)  ! A3 venue/v3  ! A4 venue/v4  ! A5 venue/v5  "
                + "! A6 venue/v6  2 more: venuectl alarm list")
        #expect(render(status, width: 160, .zh)[3].hasPrefix("告警 ✗ A1 venue/v1  ! A2 venue/v2（王工）"))
        for width in 20...160 {
            #expect(render(status, width: width, .en).allSatisfy { DisplayWidth.of($0) <= width })
        }
    }

    @Test func countsWhatDoesNotFit() {
        let all = render(width: 80, .en).filter { !$0.isEmpty }
        let some = render(width: 80, .en, height: 18)
        #expect(some.count == 18)
        #expect(some.last == "… \(all.count - 17) more lines: venuectl status")
    }

    @Test func coloursOnlyWhenAskedTo() {
        let coloured = render(width: 80, .zh, colour: true)
        #expect(coloured.contains { $0.contains("\u{1B}[32m✓\u{1B}[0m") })
        let bare = coloured.map { $0.replacing(#/\u{1B}\[[0-9;]*m/#, with: "") }
        #expect(bare == render(width: 80, .zh))
        #expect(!render(width: 80, .zh).joined().contains("\u{1B}"))
    }

    @Test func saysWhatWasTakenByHand() {
        var status = ActivityStatus.sample()
        status.program.mode = "manual"
        status.program.taken = "standby"
        status.program.audio.muted = true
        status.program.audio.peakDbfs = nil
        let english = render(status, width: 120, .en)[1]
        #expect(
            english == "Programme ✓ on air: camera  by hand (standby taken)  25.0 fps  6104 kbit/s  MUTED"
                + "  [????????] – dBFS")
        #expect(render(status, width: 120, .zh)[1].contains("手动（已切 standby）"))
        status.program = ProgramStatus(health: .failed)
        #expect(render(status, width: 120, .en)[1].hasPrefix("Programme ✗ nothing on air  auto  – fps  – kbit/s"))
    }

    @Test func letsNoNameSteerTheTerminal() {
        var status = ActivityStatus.sample()
        status.activity = "a\u{1B}[2Jb\u{7}"
        status.venues[0].name = "x\u{9B}31my\r\n"
        status.venues[7].reasons[0].text = "see\u{1B}]0;title\u{7} this"
        let text = render(status, width: 120, .en).joined()
        #expect(!text.unicodeScalars.contains { $0.properties.generalCategory == .control })
    }

    @Test(arguments: [
        ("abc", 3), ("市南", 4), ("a市b", 4), ("（）", 4), ("✓!✗–", 4), ("e\u{301}", 1), ("“三民”", 6), ("", 0), ("한국", 4),
    ])
    func knowsHowWideATextIs(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }

    @Test func cutsBetweenCharacters() {
        #expect(DisplayWidth.truncate("市南区分会场", to: 12) == "市南区分会场")
        #expect(DisplayWidth.truncate("市南区分会场", to: 11) == "市南区分会…")
        #expect(DisplayWidth.truncate("市南区分会场", to: 10) == "市南区分…")
        #expect(DisplayWidth.wrap("one two  three", to: 7) == ["one two", "three"])
        #expect(DisplayWidth.wrap("没有应答。请检查", to: 10) == ["没有应答。", "请检查"])
        #expect(DisplayWidth.wrap("没有应答。请检查", to: 9) == ["没有应", "答。请检", "查"])
        #expect(DisplayWidth.wrap("unbreakable", to: 4) == ["unbreakable"])
    }

    @Test(arguments: [
        (["LC_ALL": "zh_CN.UTF-8", "LANG": "C"], Language.zh), (["LANG": "zh_CN.UTF-8"], .zh),
        (["LC_ALL": "C", "LANG": "zh_CN.UTF-8"], .en), ([:], .en), (["LC_ALL": "", "LANG": "zh"], .zh),
    ])
    func speaksAsTheEnvironmentAsks(environment: [String: String], language: Language) {
        #expect(Language(environment: environment) == language)
    }

    @Test func drawsALevel() {
        #expect(Figure.levelBar(-60).text == "[        ]")
        #expect(Figure.levelBar(-30).text == "[====    ]")
        #expect(Figure.levelBar(0).text == "[========]")
        #expect(Figure.levelBar(-200).text == "[        ]")
        #expect(Figure.levelBar(3).style == .red)
        #expect(Figure.bytes(2_700_000_000) == "2.7 GB")
        #expect(Figure.bytes(14_200_000) == "14 MB")
        #expect(Figure.bytes(999) == "999 B")
    }
}
