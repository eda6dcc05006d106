import Testing

@testable import MediaWorker

/// Why a venue gets nothing is said, and told apart.
@Suite(.timeLimit(.minutes(3)))
struct LinkReasonTests {
    @Test(arguments: [nil, "quite-another-secret"])
    func aCallerWithAnotherPassphraseIsNamed(_ wrong: String?) async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            _ = try await stage.program()
            let job = try await stage.link(
                "srt://127.0.0.1:\(port)?mode=listener", passphrase: LinkStage.passphrase)
            try await eventually("listening") { job.report().isReady }
            let suffix = wrong.map { "&passphrase=\($0)" } ?? ""
            let stranger = try stage.receiver("srt://127.0.0.1:\(port)?mode=caller\(suffix)")
            try await eventually("refused") { job.has("passphrase-rejected") }
            #expect(job.link.connection == .waiting)
            #expect(stranger.bytes.isEmpty)
            #expect(!"\(job.report())".contains(LinkStage.passphrase))

            let friend = try stage.receiver(
                "srt://127.0.0.1:\(port)?mode=caller&passphrase=\(LinkStage.passphrase)")
            try await eventually("pictures") { friend.inspect().videoAccessUnits > 30 }
            try await eventually("forgotten") { !job.has("passphrase-rejected") }
            #expect(friend.inspect().continuityErrors == 0)
        }
    }

    @Test func aFarSideWithAnotherPassphraseIsNamed() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            _ = try await stage.program()
            _ = try stage.receiver("srt://127.0.0.1:\(port)?mode=listener&passphrase=quite-another_secret")
            let job = try await stage.link("srt://127.0.0.1:\(port)", passphrase: LinkStage.passphrase)
            try await eventually("refused") { job.has("passphrase-rejected") }
            #expect(job.link.connection == .retrying)
            #expect(job.link.lastError != nil)
            #expect(job.report().lastErrors.count == 1)
        }
    }

    @Test func aNameThatDoesNotResolveIsNamed() async throws {
        try await LinkStage.run { stage in
            let job = try await stage.link("srt://no-such-venue.invalid:9000")
            try await eventually("unresolved", within: .seconds(60)) { job.has("unresolved") }
            #expect(job.link.connection == .retrying)
        }
    }

    @Test func aPortThatIsTakenIsNamedAndTakenWhenFree() async throws {
        try await LinkStage.run { stage in
            let port = try stage.freePort()
            let first = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("listening") { first.report().isReady }
            let second = try await stage.link("srt://127.0.0.1:\(port)?mode=listener")
            try await eventually("in use") { second.has("port-in-use") }
            #expect(!second.report().isReady)
            await first.stop()
            try await eventually("listening") { second.report().isReady && second.has("no-caller") }
        }
    }

    @Test func whatCanNeverWorkIsSaidAtOnce() async throws {
        try await LinkStage.run { stage in
            for (url, word) in [
                ("rtmp://host/live", "srt://"), ("srt://host", "port"), ("srt://:9000?mode=caller", "host"),
                ("srt://host:1?mode=server", "mode"), ("srt://host:1?passphrase=abcdefghijkl", "passphraseFile"),
            ] {
                let error = await #expect(throws: PipelineFile.Failure.self) { _ = try await stage.link(url) }
                #expect(error?.description.contains(word) == true)
            }
            await #expect(throws: PipelineFile.Failure.self) {
                _ = try await stage.link("srt://127.0.0.1:9000", passphrase: "short")
            }
        }
    }
}
