import Foundation
import Glibc
import LinuxSystem
import class Rig.Port
import Testing
import WorkerProtocol

@testable import MediaWorker

extension InputTests {
    /// SRT, as listener and as caller, against ffmpeg and srt-live-transmit.
    @Suite struct SRT {
        private static let passphrase = "a-well-kept-secret"

        private func listener(_ port: Port) -> [String: PlaceholderValue] {
            ["url": .text("srt://127.0.0.1:\(port.number)?mode=listener"), "latencyMs": .integer(120)]
        }

        private func caller(_ port: Port) -> [String: PlaceholderValue] {
            ["url": .text("srt://127.0.0.1:\(port.number)"), "latencyMs": .integer(120)]
        }

        private func expectInSync(
            _ input: TestInput, atLeast count: Int, within limit: Double = 5, firstOfItsLife first: Int? = nil,
            location: SourceLocation = #_sourceLocation
        ) {
            let seen = input.flashToBeepMs
            #expect(seen.count >= count, sourceLocation: location)
            for (index, error) in seen.enumerated() {
                // In its first second a source is still finding its place on the house's grid: half a frame, and a little.
                #expect(abs(error) < (index == first ? 25 : limit), "\(seen)", sourceLocation: location)
            }
        }

        @Test(arguments: [nil, passphrase]) func aSenderThatLeavesAndComesBackIsMet(_ passphrase: String?) async throws
        {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.flashStream()
                let input = try await stage.input("input-srt", listener(port), stage.role(passphrase: passphrase))
                try await input.waitForReason("no-caller")
                #expect(input.report.reasons.first?.text.contains("127.0.0.1:\(port.number)") == true)
                let key = passphrase.map { "&passphrase=\($0)&pbkeylen=16" } ?? ""
                let address = "srt://127.0.0.1:\(port.number)?mode=caller\(key)"
                let sender = try stage.send(path, to: address)
                try await input.picture.waitForMore(60)
                #expect(input.report.reasons.isEmpty)
                input.picture.expectPicturesWithoutGap()
                input.sound.expectSoundWithoutGap(within: 5)

                sender.signal(SIGTERM)
                try await eventually("both feeds are closed") { !input.picture.isConnected && !input.sound.isConnected }
                try await input.waitForReason("no-caller")
                // Another encoder: other PIDs, another clock, another coding.
                _ = try stage.play(
                    path, to: address,
                    options: "-c:v mpeg2video -b:v 2M -g 12 -c:a ac3 -mpegts_start_pid 0x300 -output_ts_offset 5000")
                try await input.picture.waitForMore(75)
                #expect(input.picture.connections == 2 && input.sound.connections == 2)
                #expect(input.report.reasons.isEmpty)
                input.picture.expectPicturesWithoutGap()
                // MPEG-2 counts as interlaced, and a field is half a frame.
                expectInSync(input, atLeast: 4, within: 30)
            }
        }

        @Test(arguments: [nil, passphrase]) func callsASender(_ passphrase: String?) async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.flashStream()
                let input = try await stage.input("input-srt", caller(port), stage.role(passphrase: passphrase))
                let key = passphrase.map { "&passphrase=\($0)&pbkeylen=16" } ?? ""
                let address = "srt://127.0.0.1:\(port.number)?mode=listener\(key)"
                let sender = try stage.play(path, to: address)
                try await input.picture.waitForMore(75)
                expectInSync(input, atLeast: 2)

                sender.signal(SIGTERM)
                try await eventually("both feeds are closed") { !input.picture.isConnected && !input.sound.isConnected }
                try await eventually("said") { input.has("lost") || input.has("absent") }
                let before = input.flashToBeepMs.count
                _ = try stage.send(path, to: address)
                try await input.picture.waitForMore(60)
                #expect(input.report.reasons.isEmpty)
                expectInSync(input, atLeast: 3, firstOfItsLife: before)
            }
        }

        @Test func aSenderThatIsNotThereIsNamed() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let input = try await stage.input("input-srt", caller(port))
                try await input.waitForReason("absent")
                #expect(input.report.reasons.first?.text.contains("127.0.0.1:\(port.number)") == true)
                #expect(input.job.report().isReady)
            }
        }

        @Test(arguments: [nil, "quite-another-secret"])
        func aSenderWithAnotherPassphraseIsNamed(_ wrong: String?) async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.flashStream(seconds: 10)
                let input = try await stage.input("input-srt", listener(port), stage.role(passphrase: Self.passphrase))
                try await input.waitForReason("no-caller")
                let key = wrong.map { "&passphrase=\($0)" } ?? ""
                let stranger = try stage.send(path, to: "srt://127.0.0.1:\(port.number)?mode=caller\(key)")
                try await input.waitForReason("passphrase-rejected")
                #expect(input.picture.count == 0)
                #expect(!"\(input.job.report())".contains(Self.passphrase))
                stranger.signal(SIGKILL)
                _ = try stage.send(
                    path, to: "srt://127.0.0.1:\(port.number)?mode=caller&passphrase=\(Self.passphrase)")
                try await input.picture.waitForMore(10)
                #expect(input.report.reasons.isEmpty)
            }
        }

        @Test func aSenderThatRefusesOurPassphraseIsNamed() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.flashStream(seconds: 10)
                _ = try stage.play(
                    path, to: "srt://127.0.0.1:\(port.number)?mode=listener&passphrase=quite-another-secret")
                let input = try await stage.input("input-srt", caller(port), stage.role(passphrase: Self.passphrase))
                try await input.waitForReason("passphrase-rejected")
                // Not in a hot loop.
                #expect(input.job.report().lastErrors.count <= 2)
            }
        }

        @Test func aSecondSenderIsTurnedAwayAndMetWhenTheFirstHasGone() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.flashStream()
                let input = try await stage.input("input-srt", listener(port))
                try await input.waitForReason("no-caller")
                let address = "srt://127.0.0.1:\(port.number)?mode=caller"
                let first = try stage.send(path, to: address)
                try await input.picture.waitForMore(25)
                // It calls again and again.
                _ = try stage.workspace.shell(
                    "while :; do ffmpeg -v error -re -i '\(path)' -c copy -f mpegts '\(address)'; sleep 0.2; done",
                    log: "second.log")
                try await eventually("turned away") {
                    input.job.report().lastErrors.contains { $0.contains("turned away") }
                }
                try await input.picture.waitForMore(25)
                #expect(input.report.reasons.isEmpty)
                #expect(input.picture.connections == 1)
                first.signal(SIGTERM)
                try await eventually("the second one") { input.picture.connections == 2 }
                try await input.picture.waitForMore(25)
                #expect(input.report.reasons.isEmpty)
            }
        }

        @Test func aPortThatIsTakenIsNamed() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let first = try await stage.input("input-srt", listener(port))
                try await first.waitForReason("no-caller")
                let second = try await stage.input("input-srt", listener(port))
                try await second.waitForReason("port-in-use")
                await first.job.stop()
                try await second.waitForReason("no-caller")
            }
        }

        @Test func aNameThatDoesNotResolveIsNamed() async throws {
            try await InputStage.run { stage in
                let input = try await stage.input("input-srt", ["url": .text("srt://no-such-camera.invalid:9000")])
                try await input.waitForReason("unresolved", within: .seconds(60))
                #expect(input.report.reasons.first?.text.contains("no-such-camera.invalid") == true)
            }
        }

        @Test func aPassphraseThatCannotBeReadIsNamed() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let input = try await stage.input("input-srt", listener(port), stage.role(passphrase: "short"))
                try await input.waitForReason("passphrase-unusable")
                #expect(input.report.reasons.first?.text.contains("10 to 79") == true)
                // It is read again.
                try stage.workspace.write("passphrase", Self.passphrase)
                try await input.waitForReason("no-caller")
            }
        }

        /// A track that stops, never comes, or comes back.
        @Test(arguments: [
            (#"-af "aselect='not(between(t,1,4))'""#, ""),
            ("", #"-vf "select='not(between(t,1,4))'" -fps_mode passthrough"#),
        ])
        func oneTrackGoesOnWithoutTheOther(_ soundFilter: String, _ pictureFilter: String) async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.make(
                    "hole.ts",
                    "-f lavfi -i testsrc2=size=320x180:rate=25:duration=6 -f lavfi -i sine=1000:duration=6:sample_rate=48000 "
                        + "\(pictureFilter) \(soundFilter) -c:v libx264 -preset ultrafast -g 10 -bf 0 -c:a aac "
                        + "-muxrate \(InputStage.muxRate) -max_interleave_delta 500000")
                let input = try await stage.input("input-srt", listener(port))
                try await input.waitForReason("no-caller")
                _ = try stage.send(path, to: "srt://127.0.0.1:\(port.number)?mode=caller")
                let (lost, kept) = pictureFilter.isEmpty ? ("no-sound", input.picture) : ("no-picture", input.sound)
                try await input.waitForReason(lost)
                try await eventually("both are back") { input.report.reasons.isEmpty }
                try await eventually("it has ended") { !input.picture.isConnected && !input.sound.isConnected }
                if pictureFilter.isEmpty {
                    kept.expectPicturesWithoutGap()
                    #expect(kept.count > 140)
                    #expect(input.sound.count < 47 * 4)
                } else {
                    kept.expectSoundWithoutGap(within: 5)
                    #expect(kept.count > 47 * 5)
                    #expect(input.picture.count < 100)
                }
                #expect(kept.connections == 1)
            }
        }

        /// The table of the stream promises sound, and none ever comes.
        @Test func aPromisedTrackThatNeverComesHoldsUpNothing() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let path = try await stage.flashStream(seconds: 6)
                var stream = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
                for at in stride(from: 0, to: stream.count, by: 188) {
                    let pid = UInt16(stream[at + 1] & 0x1F) << 8 | UInt16(stream[at + 2])
                    // ffmpeg puts the sound on 0x101.
                    if pid == 0x101 { (stream[at + 1], stream[at + 2]) = (0x1F, 0xFF) }
                }
                let mute = stage.workspace.file("mute.ts")
                try Data(stream).write(to: URL(fileURLWithPath: mute))
                let input = try await stage.input("input-srt", listener(port))
                try await input.waitForReason("no-caller")
                _ = try stage.send(mute, to: "srt://127.0.0.1:\(port.number)?mode=caller")
                try await input.picture.waitForMore(75)
                #expect(input.has("no-sound") && !input.has("no-picture"))
                input.picture.expectPicturesWithoutGap()
            }
        }

        /// Encoders send the picture long before its time, and the sound shortly before its own.
        @Test func aPictureThatIsSentFarAheadHoldsUpNoSound() async throws {
            try await InputStage.run { stage in
                let port = try Port.reserve()
                let flash = try await stage.flashAndBeep("flash.mp4", seconds: 10)
                // The sound lies 1.2 s behind the picture in the stream.
                let path = try await stage.make(
                    "ahead.ts",
                    "-i '\(flash)' -itsoffset 1.2 -i '\(flash)' -map 0:v -map 1:a -c copy -muxrate \(InputStage.muxRate) -muxdelay 2 -muxpreload 2"
                )
                let input = try await stage.input("input-srt", listener(port))
                try await input.waitForReason("no-caller")
                _ = try stage.send(path, to: "srt://127.0.0.1:\(port.number)?mode=caller")
                try await input.sound.waitForMore(150)
                input.picture.expectPicturesWithoutGap()
                input.sound.expectSoundWithoutGap(within: 5)
                // A picture that held it up would make it late by 0.7 s.
                let lateness = input.sound.lateness.max() ?? 0
                #expect(lateness < 400, "\(lateness) ms")
            }
        }
    }
}
