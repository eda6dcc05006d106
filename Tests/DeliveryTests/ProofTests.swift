import Foundation
import LinuxSystem
import Testing

@testable import Delivery

/// Checksums, as the reference tool of ASC MHL and `md5sum` read them.
@Suite struct ProofTests {
    @Test func referenceToolAcceptsTheHistory() async throws {
        let scratch = try Scratch()
        let names = ["clips/20121126_S1_01_市财政局.mov", "a & b.txt", "log/empty"]
        let files = try names.enumerated().map { index, name in
            let bytes = (0..<(index * 100_000)).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try scratch.write("D/\(name)", bytes)
            var hash = XXHash64()
            bytes.withUnsafeBytes { hash.update($0) }
            return DeliveredFile(path: name, bytes: bytes.count, xxh64: hash.text, md5: MD5Sums.hash(bytes))
        }
        try scratch.write("D/\(MD5Sums.file)", MD5Sums.bytes(files))
        try await Outside.run("md5sum --strict -c \(MD5Sums.file)", in: scratch.file("D"))
        try Files.remove(scratch.file("D/\(MD5Sums.file)"))
        let generation = MediaHashList.generation(
            name: "D", created: "2012-11-26T10:00:00Z", host: "main", tool: ("venuecast", "1"), comment: "三民 <1>",
            files: files)
        for (name, bytes) in generation { try scratch.write("D/ascmhl/\(name)", bytes) }
        #expect(generation.map(\.name) == ["0001_D_2012-11-26_100000Z.mhl", "ascmhl_chain.xml"])

        let tool = try Outside.tool("ascmhl-debug")
        try await Outside.run("\(tool) verify \(scratch.file("D"))")
        // It does look.
        try scratch.write("D/a & b.txt", [1])
        let wrong = try await Outside.run("\(tool) verify \(scratch.file("D"))", code: 11)
        #expect(wrong.contains("a & b.txt"))
    }

    @Test func c4IsThatOfTheStandard() {
        // Of nothing: the value that every implementation gives.
        #expect(
            C4.identifier(of: [])
                == "c459dsjfscH38cYeXXYogktxf4Cd9ibshE3BHUo6a58hBXmRQdZrAkZzsWcbWtDg5oQstpDuni4Hirj75GEmTc1sFT")
        #expect(C4.identifier(digest: [UInt8](repeating: 0, count: 64)) == "c4" + String(repeating: "1", count: 88))
    }
}
